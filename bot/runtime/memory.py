"""Memory of the process: garbage collection where nobody waits, freed memory given back."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEVER = 1 << 30


_OFTEN = (10_000, 20, 20)
"""Objects between two collections, and collections of the young between two of the older.

Python's own 700 are a few messages of a push: it would look ten times as often for next to nothing,
since what messages leave behind is seldom in circles.
"""


_ARENA_MAX = -8
"""M_ARENA_MAX in glibc's malloc.h."""


def share_one_arena() -> None:
    """Memory allocator: let threads begun from here on share one malloc arena; glibc alone can.

    Each thread that reads or computes would get an arena of its own, and what it frees there
    serves no other: reading a month of arXiv took 293 to 379 MB, and takes 231. That no two
    threads allocate at once costs nothing where they run on one core.
    https://man7.org/linux/man-pages/man3/mallopt.3.html
    """
    ask = getattr(ctypes.CDLL(None), "mallopt", None)
    if ask is not None:
        ask(_ARENA_MAX, 1)


def freeze() -> None:
    """Let the garbage collector look no more through what is there at the start and stays.

    And let it look for other garbage less often.

    A full collection stops every thread, the event loop's as well, while it looks through all
    objects: 0.1 s for modules alone, which no collection frees.
    https://docs.python.org/3/library/gc.html#gc.freeze
    """
    gc.freeze()
    gc.set_threshold(*_OFTEN)


@contextmanager
def without_full_collections() -> Iterator[None]:
    """Collect young garbage only, while many objects are made that all go when the block ends."""
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)


def release() -> None:
    """Collect what a block without full collections left, and give freed memory back.

    A feed of 2,000 papers is a tree of tens of megabytes for a moment, and glibc keeps its place
    where anything that lasts lies behind it. Elsewhere nothing is given back.
    https://man7.org/linux/man-pages/man3/malloc_trim.3.html
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)

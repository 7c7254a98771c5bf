"""Garbage collection where nobody waits, and what the process gives back of its memory."""

import ctypes
import gc
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runtime import memory

MEGABYTE = 1 << 20
STATM = Path("/proc/self/statm")


def resident() -> float:
    """Return the memory that this process has, in megabytes."""
    return int(STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / MEGABYTE


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="only glibc can be asked for it"
)
def test_memory_between_what_lasts_goes_back_to_the_system() -> None:
    pieces = [b"x" * (MEGABYTE // 16 + n) for n in range(1600)]
    lasting = pieces[::50]
    full = resident()
    del pieces
    memory.release()
    assert full - resident() > 80
    assert len(lasting) == 32


def test_where_nothing_can_be_given_back_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    memory.release()
    memory.share_one_arena()


_COUNT_ARENAS = """
import ctypes, sys, threading
from bot.runtime.memory import share_one_arena

if sys.argv[1] == "shared":
    share_one_arena()
at_once = threading.Barrier(4)
kept = []

def allocate():
    at_once.wait()
    kept.append([bytes(2_000) for _each in range(1_000)])
    at_once.wait()

threads = [threading.Thread(target=allocate) for _each in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
glibc = ctypes.CDLL(None)
glibc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(glibc.fopen(sys.argv[2].encode(), b"w"))
glibc.malloc_info(0, file)
glibc.fclose(file)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="only glibc tells")
@pytest.mark.parametrize("asked", ["shared", "as it is"])
def test_threads_share_one_arena_where_that_is_asked_for(asked: str, tmp_path: Path) -> None:
    told = tmp_path / "arenas.xml"
    command = [sys.executable, "-c", _COUNT_ARENAS, asked, str(told)]
    subprocess.run(command, check=True)  # noqa: S603 - our own words
    arenas = told.read_text("ascii").count("<heap nr=")
    assert arenas == 1 if asked == "shared" else arenas > 1


@pytest.fixture
def usual_thresholds() -> Iterator[None]:
    """Collect as often as Python does by itself; the tests as a whole do so more rarely."""
    of_tests = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*of_tests)


def full_collections() -> int:
    return int(gc.get_stats()[2]["collections"])


def make_many() -> list[list[int]]:
    """Make as many objects that stay as let full collections come several times."""
    return [[number] for number in range(500_000)]


@pytest.mark.usefixtures("usual_thresholds")
def test_no_full_collection_stops_anybody_while_many_objects_are_made() -> None:
    before = full_collections()
    with memory.without_full_collections():
        kept = make_many()
    assert full_collections() == before
    assert kept
    del kept
    assert make_many()
    assert full_collections() > before, "afterwards they come as before"


def test_full_collections_come_again_after_a_failure() -> None:
    usual = gc.get_threshold()
    with pytest.raises(ValueError, match="no feed"), memory.without_full_collections():
        raise ValueError("no feed")  # noqa: EM101, TRY003 - the test's own
    assert gc.get_threshold() == usual


def test_garbage_of_a_block_without_full_collections_goes_with_the_release() -> None:
    with memory.without_full_collections():
        ring: list[object] = []
        ring.append(ring)
        gc.collect(1)  # so that only a full collection looks at it again
        del ring
    before = full_collections()
    memory.release()
    assert full_collections() == before + 1


def test_what_lasts_is_looked_through_no_more() -> None:
    lasting = make_many()
    memory.freeze()
    try:
        assert gc.get_freeze_count() > len(lasting)
    finally:
        gc.unfreeze()

"""Hashed cache: what a function returned, kept by the hash of its arguments and not by these.

For functions of long texts: `functools.lru_cache` would keep the texts as well. Hashes are of 64
bits, and those of texts keyed by a secret of the process: that two of thousands are equal is not to
be feared.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., object])


def hashed_cache(most: int) -> Callable[[Function], Function]:
    """Let a function remember what it returned to its last so many different arguments."""

    def remembering(function: Function) -> Function:
        known: OrderedDict[int, object] = OrderedDict()
        lock = Lock()

        @wraps(function)
        def remembered(*given: Hashable) -> object:
            key = hash(given)
            with lock:
                if key in known:
                    known.move_to_end(key)
                    return known[key]
            made = function(*given)
            with lock:
                known[key] = made
                if len(known) > most:
                    known.popitem(last=False)
            return made

        return cast("Function", remembered)

    return remembering

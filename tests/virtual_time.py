"""Virtual time: an event loop in which waiting takes no time, and every moment is exact.

For what only waits, such as the rate limiter. Nothing that runs in it may speak to a server, a
file or a thread: time would not stand still for them.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")


class _NoWaiting(selectors.DefaultSelector):
    """Instead of waiting, it says for how long the loop would have waited."""

    def __init__(self, skip: Callable[[float], None]) -> None:
        super().__init__()
        self._skip = skip

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None:
            self._skip(timeout)
        found: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        return found


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Time passes only while everybody sleeps, and then at once."""

    def __init__(self) -> None:
        self._now = 1000.0
        super().__init__(_NoWaiting(self._pass))

    def time(self) -> float:
        return self._now

    def _pass(self, seconds: float) -> None:
        self._now += max(0.0, seconds)


def now() -> float:
    """Return the loop's time: what a clock says in it."""
    return asyncio.get_running_loop().time()


def in_virtual_time(work: Coroutine[Any, Any, _T]) -> _T:
    """Run something to its end in a loop of its own."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(work)

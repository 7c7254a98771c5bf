"""Backoff with a limit: what could not be translated is tried again later, and not for ever."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.engines.engine import Cause, EngineError

Failures = dict[str, EngineError | Rejected]
"""By engine, why it gave no translation."""

_LONGEST_WAIT = 86_400.0
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Failed:
    rejected: int = 0
    again_at: float = 0.0


class Backoff:
    """Remembers what failed since the program's start, and when it may be tried again.

    What no engine answered for waits a fixed time: that is the engines' trouble. What an engine
    answered for in a way that can't be used waits twice as long each time, up to a day, and is
    given up after `limit` such answers.
    """

    def __init__(self, *, wait_seconds: float, limit: int, clock: Callable[[], float]) -> None:
        self._wait_seconds = wait_seconds
        self._limit = limit
        self._clock = clock
        self._failed: dict[Hashable, _Failed] = {}

    def waits(self, key: Hashable) -> bool:
        """Tell whether it failed, and is not to be tried again yet."""
        failed = self._failed.get(key)
        return failed is not None and self._clock() < failed.again_at

    def failed(self, key: Hashable, failures: Failures) -> None:
        """Note that all engines failed."""
        if all(_is_resting(failure) for failure in failures.values()):
            return
        failed = self._failed.pop(key, _Failed())
        wait = self._wait_seconds
        if any(_is_answer(failure) for failure in failures.values()):
            failed.rejected += 1
            wait = min(wait * 2 ** (failed.rejected - 1), _LONGEST_WAIT)
        given_up = failed.rejected >= self._limit
        failed.again_at = float("inf") if given_up else self._clock() + wait
        self._failed[key] = failed
        if len(self._failed) > _MOST_REMEMBERED:
            del self._failed[next(iter(self._failed))]

    def succeeded(self, key: Hashable) -> None:
        """Forget it."""
        self._failed.pop(key, None)


def _is_resting(failure: EngineError | Rejected) -> bool:
    return isinstance(failure, EngineError) and failure.cause is Cause.RESTING


def _is_answer(failure: EngineError | Rejected) -> bool:
    if isinstance(failure, EngineError):
        return failure.cause is Cause.FILTERED
    return failure.reason is not Reject.NOTICE

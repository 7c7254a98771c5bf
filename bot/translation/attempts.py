"""What could not be translated is tried again later, and not for ever."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from bot.translation.checks import Reject, Rejected
from bot.translation.engine import Cause, EngineError

Failures = dict[str, EngineError | Rejected]
"""By engine, why it gave no translation."""

_LONGEST_WAIT = 86_400.0
_MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class _Attempt:
    failures: Failures
    rejected: int = 0
    again_at: float = field(default=0.0)


class Attempts:
    """Remembers what failed, since the program's start.

    What no engine answered for waits a fixed time: that is the engines' trouble. What an engine
    answered for in a way that can't be used waits twice as long each time, up to a day, and is
    given up after `limit` such answers.
    """

    def __init__(self, *, wait_seconds: float, limit: int, clock: Callable[[], float]) -> None:
        self._wait_seconds = wait_seconds
        self._limit = limit
        self._clock = clock
        self._attempts: dict[Hashable, _Attempt] = {}

    def refused(self, key: Hashable) -> Failures | None:
        """Return why it failed the last time, where it is not to be tried again now."""
        attempt = self._attempts.get(key)
        if attempt is None or self._clock() >= attempt.again_at:
            return None
        return attempt.failures

    def failed(self, key: Hashable, failures: Failures) -> None:
        """Note that all engines failed."""
        if all(_is_resting(failure) for failure in failures.values()):
            return
        attempt = self._attempts.pop(key, _Attempt(failures))
        attempt.failures = failures
        wait = self._wait_seconds
        if any(_is_answer(failure) for failure in failures.values()):
            attempt.rejected += 1
            wait = min(wait * 2 ** (attempt.rejected - 1), _LONGEST_WAIT)
        given_up = attempt.rejected >= self._limit
        attempt.again_at = float("inf") if given_up else self._clock() + wait
        self._attempts[key] = attempt
        if len(self._attempts) > _MOST_REMEMBERED:
            del self._attempts[next(iter(self._attempts))]

    def succeeded(self, key: Hashable) -> None:
        """Forget it."""
        self._attempts.pop(key, None)


def _is_resting(failure: EngineError | Rejected) -> bool:
    return isinstance(failure, EngineError) and failure.cause is Cause.RESTING


def _is_answer(failure: EngineError | Rejected) -> bool:
    return isinstance(failure, Rejected) and failure.reason is not Reject.NOTICE

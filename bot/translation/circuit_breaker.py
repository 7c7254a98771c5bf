"""Circuit breaker: a dead engine is left alone for a while."""

from collections.abc import Callable


class CircuitBreaker:
    """Open after some failures in a row, half-open after a rest, closed by an answer.

    Half-open, one more failure opens it again at once; a success forgets them all.
    """

    def __init__(self, *, failures: int, rest_seconds: float, clock: Callable[[], float]) -> None:
        self._limit = failures
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._failures = 0
        self._closes_at = float("-inf")

    @property
    def is_open(self) -> bool:
        """Whether it is open: to ask is pointless now."""
        return self.rests_seconds > 0

    @property
    def is_down(self) -> bool:
        """Whether it failed too often and has not answered since, resting or not."""
        return self._failures >= self._limit

    @property
    def rests_seconds(self) -> float:
        """How long it will be left alone."""
        return max(0.0, self._closes_at - self._clock())

    def succeeded(self) -> None:
        """Note an answer."""
        self._failures = 0
        self._closes_at = float("-inf")

    def failed(self, *, at_once: bool = False, rest_seconds: float | None = None) -> None:
        """Note a failure; `at_once`: the engine asked to be left alone, for `rest_seconds`."""
        self._failures = max(self._failures + 1, self._limit if at_once else 0)
        if self._failures >= self._limit:
            self._closes_at = self._clock() + min(
                self._rest_seconds if rest_seconds is None else rest_seconds, self._rest_seconds
            )

"""arXiv on a bad day, on demand."""

import random
from dataclasses import dataclass, field
from enum import StrEnum


class ArxivFault(StrEnum):
    """What happens to a request."""

    TOO_MANY_REQUESTS = "HTTP 429"
    UNAVAILABLE = "HTTP 503"
    BROKEN = "HTTP 500"
    HANG = "no answer until the client gives up"
    SLOW = "the answer drips, a byte every tenth of a second"
    RESET = "the connection breaks before the answer"
    CUT_OFF = "the connection breaks within the answer"
    TRUNCATED = "half of the XML, as if it were all"
    HTML = "a page for people, HTTP 200"
    ERROR_ENTRY = "the error entry, HTTP 200"
    NOTHING = "a whole feed that says: no results"
    EMPTY_PAGE = "a whole feed with its total, but no entries"
    SHORT_PAGE = "a whole feed with its total, but half of the entries"
    REPEATED_PAGE = "a whole feed whose last entry is its first once more"
    BAD_ENTRY = "the first entry has no date"
    ILL_FORMED_ENTRY = "the first entry has a stray `<` in its title"


@dataclass(slots=True)
class _PlannedFault:
    fault: ArxivFault
    left: int | None
    probability: float
    retry_after: str | None
    after: int = 0
    """How many requests it still spares."""


@dataclass(slots=True)
class ArxivFaults:
    """What is planned to go wrong; the same seed gives the same bad luck."""

    seed: int = 0
    _plans: list[_PlannedFault] = field(default_factory=list)
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311 - no secret

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def next(
        self,
        fault: ArxivFault,
        *,
        times: int = 1,
        after: int = 0,
        retry_after: str | None = None,
    ) -> None:
        """Let the next requests fail, once `after` requests went well.

        retry_after: the header's text, for 429 and 503.
        """
        self._plans.append(_PlannedFault(fault, times, 1.0, retry_after, after))

    def sometimes(
        self, fault: ArxivFault, *, probability: float, retry_after: str | None = None
    ) -> None:
        """Let requests fail with this probability until `clear`."""
        self._plans.append(_PlannedFault(fault, None, probability, retry_after))

    def always(self, fault: ArxivFault, *, retry_after: str | None = None) -> None:
        """Let every request fail until `clear`."""
        self._plans.append(_PlannedFault(fault, None, 1.0, retry_after))

    def clear(self) -> None:
        """End what was planned."""
        self._plans.clear()

    def strike(self) -> tuple[ArxivFault | None, str | None]:
        """Return what happens to this request, None: nothing; and the Retry-After to send."""
        for plan in self._plans:
            if plan.after:
                plan.after -= 1
                continue
            if plan.probability < 1.0 and self._random.random() >= plan.probability:
                continue
            if plan.left is not None:
                plan.left -= 1
                if plan.left <= 0:
                    self._plans.remove(plan)
            return plan.fault, plan.retry_after
        return None, None

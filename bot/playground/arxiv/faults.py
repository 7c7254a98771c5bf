"""Faults of the fake arXiv: a bad day, on demand."""

from enum import StrEnum

from bot.playground.fault_plan import FaultPlan


class ArxivFault(StrEnum):
    """What happens to a request."""

    TOO_MANY_REQUESTS = "HTTP 429"
    NOT_ACCEPTABLE = "HTTP 406, a page for people: throttled as well"
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


_Planned = tuple[ArxivFault, str | None]


class ArxivFaults:
    """What is planned to go wrong; `retry_after` is the header's text, for 429 and 503."""

    def __init__(self, seed: int = 0) -> None:
        self._plan: FaultPlan[_Planned] = FaultPlan(seed)
        self.clear = self._plan.clear

    def next(
        self, fault: ArxivFault, *, times: int = 1, after: int = 0, retry_after: str | None = None
    ) -> None:
        """Let the next requests fail, once `after` requests went well."""
        self._plan.add((fault, retry_after), times=times, after=after)

    def sometimes(
        self, fault: ArxivFault, *, probability: float, retry_after: str | None = None
    ) -> None:
        """Let requests fail with this probability until `clear`."""
        self._plan.add((fault, retry_after), probability=probability)

    def always(self, fault: ArxivFault, *, retry_after: str | None = None) -> None:
        """Let every request fail until `clear`."""
        self._plan.add((fault, retry_after))

    def strike(self) -> tuple[ArxivFault | None, str | None]:
        """Return what happens to this request, None: nothing; and the Retry-After to send."""
        return self._plan.strike() or (None, None)

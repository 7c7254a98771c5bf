"""Calendar of the fake arXiv: https://info.arxiv.org/help/availability.html."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
_CUT_OFF = time(14, 0)
_ANNOUNCEMENT = time(20, 0)
_READY_AFTER = timedelta(hours=2, minutes=30)
"""OAI-PMH has the records at about 22:30."""
_DAY = timedelta(days=1)
_FRIDAY, _SATURDAY = 4, 5


@lru_cache(maxsize=100_000)
def announced_at(submitted: datetime) -> datetime:
    """Return when a submission is announced, in UTC; holidays are not known here.

    What comes until 14:00 US Eastern on a weekday is announced at 20:00, on Friday's eve on
    Sunday; so nothing is on Friday and Saturday.
    """
    local = submitted.astimezone(EASTERN)
    day = local.date() + (_DAY if local.time() >= _CUT_OFF else timedelta())
    while day.weekday() >= _SATURDAY:
        day += _DAY
    if day.weekday() == _FRIDAY:
        day += 2 * _DAY
    return datetime.combine(day, _ANNOUNCEMENT, tzinfo=EASTERN).astimezone(UTC)


def ready_at(submitted: datetime) -> datetime:
    """Return when OAI-PMH has the record of a submission, in UTC."""
    return announced_at(submitted) + _READY_AFTER

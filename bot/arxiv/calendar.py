"""Calendar of arXiv's announcements: Sunday to Thursday at 20:00 US Eastern.

In between there are none: https://info.arxiv.org/help/availability.html. arXiv's holidays are a
list that is made anew each year; they are not known here.
"""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

_EASTERN = ZoneInfo("America/New_York")
_HOUR = time(20, 0)
_DEADLINE = time(14, 0)
"""What is submitted until then is announced on the same day."""
_THURSDAY = 3
_QUIET_DAYS = {4, 5}
"""Friday and Saturday, as datetime.weekday() counts."""

_DAY = timedelta(days=1)


def next_announcement(now: datetime) -> datetime:
    """Return when arXiv announces next, in the time zone of `now`."""
    return _announcement(now, step=_DAY).astimezone(now.tzinfo)


def last_announcement(now: datetime) -> datetime:
    """Return when arXiv announced last, in the time zone of `now`."""
    return _announcement(now, step=-_DAY).astimezone(now.tzinfo)


def is_quiet(now: datetime) -> bool:
    """Tell whether it is the weekend, by arXiv's clock: an evening without news has passed."""
    last = last_announcement(now).astimezone(_EASTERN)
    return now.astimezone(_EASTERN).replace(tzinfo=None) - last.replace(tzinfo=None) > _DAY


def announced_weeks(now: datetime, *, count: int) -> list[tuple[datetime, datetime]]:
    """Return when the papers of arXiv's last whole weeks were submitted, the newest week first.

    A week's announcements end on Thursday, with what came in until 14:00 on that day. So on Friday
    a week is whole, wherever a reader is (https://info.arxiv.org/help/availability.html).
    """
    last = last_announcement(now).astimezone(_EASTERN)
    thursday = last.date() - timedelta(days=(last.weekday() - _THURSDAY) % 7)
    ends = [
        datetime.combine(thursday - timedelta(weeks=ago), _DEADLINE, tzinfo=_EASTERN)
        for ago in range(count + 1)
    ]
    return [(start.astimezone(UTC), end.astimezone(UTC)) for end, start in pairwise(ends)]


def _announcement(now: datetime, *, step: timedelta) -> datetime:
    """Return the announcement nearest to a moment: the next one, or by a step back the last one."""
    moment = datetime.combine(now.astimezone(_EASTERN).date(), _HOUR, tzinfo=_EASTERN)
    while moment.weekday() in _QUIET_DAYS or (
        moment <= now if step > timedelta() else moment > now
    ):
        moment += step
    return moment

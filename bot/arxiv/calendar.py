"""Calendar of arXiv's announcements: Sunday to Thursday at 20:00 US Eastern.

In between there are none: https://info.arxiv.org/help/availability.html. arXiv's holidays are a
list that is made anew each year; they are not known here.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_EASTERN = ZoneInfo("America/New_York")
_HOUR = time(20, 0)
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


def _announcement(now: datetime, *, step: timedelta) -> datetime:
    """Return the announcement nearest to a moment: the next one, or by a step back the last one."""
    moment = datetime.combine(now.astimezone(_EASTERN).date(), _HOUR, tzinfo=_EASTERN)
    while moment.weekday() in _QUIET_DAYS or (
        moment <= now if step > timedelta() else moment > now
    ):
        moment += step
    return moment

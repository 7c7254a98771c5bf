"""Push times: when the next push of a chat is by its clock and its weekdays."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.models import EVERY_DAY, Chat, ChatState

FURTHEST_DAYS = 14
"""So many days a push may be put off."""


def next_push_at(
    *,
    after: datetime,
    timezone: str,
    push_time: time,
    weekdays: int = EVERY_DAY,
    last_push_on: date | None = None,
) -> datetime:
    """Return the first moment after `after` that is the push time on one of the chat's weekdays.

    Never on `last_push_on` again, whatever was changed since. A local time that the clocks skip
    in spring is taken as far after midnight as it stands; one that they repeat in autumn is taken
    the first time.
    """
    zone = ZoneInfo(timezone)
    today = after.astimezone(zone).date()
    # A zone west of the last push's may still be on an earlier date, so start there.
    for days in range(-1, 16):
        day = today + timedelta(days=days)
        moment = datetime.combine(day, push_time, tzinfo=zone)
        if (
            weekdays >> day.weekday() & 1
            and moment > after
            and (last_push_on is None or day > last_push_on)
        ):
            return moment.astimezone(after.tzinfo)
    return after + timedelta(days=1)


def put_off(chat: Chat, *, now: datetime, days: int) -> None:
    """Plan the chat's next push for after some days; until then it gets nothing.

    At most 14, and fewer where its weekdays would make more of them: a push further ahead counts
    as planned by a clock that was wrong.
    """
    chat.state, chat.state_reason = ChatState.ACTIVE, None
    for ahead in range(min(days, FURTHEST_DAYS), 0, -1):
        chat.next_push_at = next_push_at(
            after=now + timedelta(days=ahead),
            timezone=chat.timezone,
            push_time=chat.push_time,
            weekdays=chat.weekdays,
        )
        if chat.next_push_at <= now + timedelta(days=FURTHEST_DAYS + 1):
            return

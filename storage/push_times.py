"""Push times: when the next push of a chat is by its clock and its weekdays."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.models import EVERY_DAY, Chat


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


def plan_push(chat: Chat, *, now: datetime) -> None:
    """Plan the chat's next push by its settings: from now on, or from when it is back."""
    if chat.paused_until is not None and chat.paused_until > now:
        pause_until(chat, chat.paused_until.astimezone(ZoneInfo(chat.timezone)).date())
    else:
        chat.paused_until = None
        _plan(chat, after=now)


def pause_until(chat: Chat, back: date) -> None:
    """Let the chat get nothing before a day by its own clock; then it goes on by itself."""
    midnight = datetime.combine(back, time(), tzinfo=ZoneInfo(chat.timezone)).astimezone(UTC)
    _plan(chat, after=midnight - timedelta.resolution)
    chat.paused_until = chat.next_push_at


def _plan(chat: Chat, *, after: datetime) -> None:
    chat.next_push_at = next_push_at(
        after=after,
        timezone=chat.timezone,
        push_time=chat.push_time,
        weekdays=chat.weekdays,
        last_push_on=chat.last_push_on,
    )

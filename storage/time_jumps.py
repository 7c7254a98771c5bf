"""Times to come reckoned anew, after the machine's clock was wrong for a while.

A minute a year ahead plans everybody's next push for a year ahead, and lets a sweep say that it has
looked at what has not come yet. No other moment is that far ahead, so it is found by that alone.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from storage.admin_models import Notice
from storage.columns import table_of
from storage.models import Chat, Delivery, Sweep
from storage.push_times import next_push_at
from storage.week_models import WeekNote

SLACK = timedelta(hours=1)
"""Moments of the past may be so far ahead: clocks are set by a little all the time."""

FURTHEST_PUSH = timedelta(days=15)
FURTHEST_WEEK = timedelta(days=9)
FURTHEST_TRY = timedelta(days=2)
AT_ONCE = 500


_CHAT, _SWEEP = table_of(Chat), table_of(Sweep)
_FAR = (
    select(_CHAT.c.id, _CHAT.c.timezone, _CHAT.c.push_time, _CHAT.c.weekdays, _CHAT.c.last_push_on)
    .where(
        or_(
            _CHAT.c.next_push_at > bindparam("furthest"),
            _CHAT.c.pushing_since > bindparam("present"),
            _CHAT.c.last_push_on > bindparam("tomorrow"),
        )
    )
    .limit(AT_ONCE)
)
_PLANNED = (
    update(_CHAT)
    .where(_CHAT.c.id == bindparam("chat_id"))
    .values(
        next_push_at=bindparam("planned"),
        last_push_on=bindparam("pushed_on"),
        pushing_since=None,
    )
)


def reckon_pushes_anew(connection: Connection, *, now: datetime) -> int:
    """Plan the pushes of some chats that have them too far ahead; return how many were."""
    tomorrow = (now + timedelta(days=1)).date()
    far = connection.execute(
        _FAR, {"furthest": now + FURTHEST_PUSH, "present": now + SLACK, "tomorrow": tomorrow}
    ).all()
    rows = []
    for chat in far:
        last = chat.last_push_on if chat.last_push_on and chat.last_push_on <= tomorrow else None
        planned = next_push_at(
            after=now,
            timezone=chat.timezone,
            push_time=chat.push_time,
            weekdays=chat.weekdays,
            last_push_on=last,
        )
        rows.append({"chat_id": chat.id, "planned": planned, "pushed_on": last})
    if rows:
        connection.execute(_PLANNED, rows)
    return len(rows)


def reckon_rest_anew(connection: Connection, *, now: datetime) -> int:
    """Bring back what else is ahead: retries, claims, sweeps of times to come; return how many."""
    changed = 0
    for table in (table_of(Delivery), table_of(Notice), table_of(WeekNote)):
        for column, furthest in (("next_try_at", FURTHEST_TRY), ("claimed_at", SLACK)):
            ahead = table.c[column] > now + furthest
            changed += connection.execute(update(table).where(ahead).values({column: now})).rowcount
    far = _CHAT.c.next_week_at > now + FURTHEST_WEEK
    changed += connection.execute(update(_CHAT).where(far).values(next_week_at=None)).rowcount
    ahead = _SWEEP.c.window_to > now + SLACK
    return changed + connection.execute(delete(_SWEEP).where(ahead)).rowcount

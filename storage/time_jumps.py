"""Times to come reckoned anew, after the machine's clock was wrong for a while.

A minute a year ahead plans everybody's next push for a year ahead, and lets a sweep say that it has
looked at what has not come yet. No other moment is that far ahead, so it is found by that alone.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    literal_column,
    or_,
    select,
    update,
)

from storage.admin_models import Notice
from storage.chats import PUSH_LEASE
from storage.columns import table_of
from storage.models import Chat, Delivery, Sweep
from storage.push_times import next_push_at
from storage.week_models import WeekNote

SLACK = timedelta(hours=1)
"""Moments of the past may be so far ahead: clocks are set by a little all the time."""

FURTHEST_PUSH = timedelta(days=15)
FURTHEST_WEEK = timedelta(days=9)
FURTHEST_TRY = timedelta(days=2)
DAY = timedelta(days=1)
AT_ONCE = 500

_IS_PENDING: ColumnElement[bool] = literal_column("state = 'pending'")
"""Spelt out, as the partial index has it."""

_CHAT, _SWEEP = table_of(Chat), table_of(Sweep)
_IS_NOBODY_S_WISH = or_(
    _CHAT.c.paused_until.is_(None), _CHAT.c.paused_until != _CHAT.c.next_push_at
)
"""Who pauses until a day wants the push that is planned for it, however far ahead."""
_FAR = (
    select(
        *(_CHAT.c.id, _CHAT.c.timezone, _CHAT.c.push_time, _CHAT.c.weekdays),
        *(_CHAT.c.last_push_on, _CHAT.c.pushing_since, _CHAT.c.paused_until),
    )
    .where(
        or_(
            and_(_CHAT.c.next_push_at > bindparam("furthest"), _IS_NOBODY_S_WISH),
            _CHAT.c.pushing_since > bindparam("present"),
            _CHAT.c.last_push_on > bindparam("tomorrow"),
        ),
        _CHAT.c.id > bindparam("after"),
    )
    .order_by(_CHAT.c.id)
    .limit(AT_ONCE)
)
_PLANNED = (
    update(_CHAT)
    .where(_CHAT.c.id == bindparam("chat_id"))
    .values(
        next_push_at=bindparam("planned"),
        last_push_on=bindparam("pushed_on"),
        pushing_since=bindparam("since"),
    )
)


def reckon_pushes_anew(
    connection: Connection, *, now: datetime, back: timedelta = timedelta(0), after: int = 0
) -> list[int]:
    """Plan the pushes of some chats that have them too far ahead; return the chats' ids.

    Those of ids above `after`: fewer than AT_ONCE were the last. A push under way goes on.
    back: so far the clock just went back. What is planned further ahead than that was planned
    before. Who pauses until a day is not disturbed.
    """
    tomorrow = (now + DAY).date()
    bounds = {
        "furthest": now + (min(back, FURTHEST_PUSH) if back >= DAY else FURTHEST_PUSH),
        "present": now if back else now + SLACK,
    }
    far = connection.execute(_FAR, {**bounds, "tomorrow": tomorrow, "after": after}).all()
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
        planned = max(planned, chat.paused_until or planned)
        row = {"chat_id": chat.id, "planned": planned, "pushed_on": last, "since": None}
        if chat.pushing_since is not None:
            row |= {"planned": now + PUSH_LEASE, "since": min(chat.pushing_since, now)}
        rows.append(row)
    if rows:
        connection.execute(_PLANNED, rows)
    return [chat.id for chat in far]


def reckon_rest_anew(
    connection: Connection, *, now: datetime, back: timedelta = timedelta(0)
) -> int:
    """Bring back what else is ahead: retries, claims, sweeps of times to come; return how many."""
    changed = 0
    for table in (table_of(Delivery), table_of(Notice), table_of(WeekNote)):
        tries, claims = table.c.next_try_at, table.c.claimed_at
        late_try = and_(_IS_PENDING, tries > (now if back else now + FURTHEST_TRY))
        late_claim = claims > (now if back else now + SLACK)
        for column, ahead in ((tries, late_try), (claims, late_claim)):
            changed += connection.execute(update(table).where(ahead).values({column: now})).rowcount
    far = _CHAT.c.next_week_at > now + (min(back, FURTHEST_WEEK) or FURTHEST_WEEK)
    changed += connection.execute(update(_CHAT).where(far).values(next_week_at=None)).rowcount
    ahead = _SWEEP.c.window_to > now + SLACK
    return changed + connection.execute(delete(_SWEEP).where(ahead)).rowcount

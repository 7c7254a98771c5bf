"""Inbox: updates that Telegram need not keep any more, until they are handled."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from storage.columns import table_of
from storage.inbox_models import Inbox

KEPT = timedelta(hours=24)
"""As long as Telegram keeps them, https://core.telegram.org/bots/api#getting-updates."""

MOST_TRIES = 10
"""What was begun so often and never came to its end may be what ends the process: that is so many
restarts, and a command that takes seconds survives as many crashes of another cause."""

MOST_AT_ONCE = 2
"""What was begun so often, and no more often, is begun together with all that waits: after a crash
all goes on at once. Whatever is cut short even then may be the cause, or only have stood beside it,
which shows where each is begun, and counted, by itself."""

RUN = -1
"""Stands for a run, until it ends by itself; no update has this number."""

_TABLE = table_of(Inbox)
_ARE_UPDATES = _TABLE.c.update_id > RUN
_KNOWN = select(_TABLE.c.update_id).where(
    _TABLE.c.update_id.in_(bindparam("numbers", expanding=True))
)
_DONE = delete(_TABLE).where(_TABLE.c.update_id.in_(bindparam("numbers", expanding=True)))
_TOLD_TRIES = 3
"""So often its owner is told, in case telling is what ends the process."""

_DROPPED = delete(_TABLE).where(
    _ARE_UPDATES,
    (_TABLE.c.tries >= MOST_TRIES + _TOLD_TRIES) | (_TABLE.c.received_at < bindparam("oldest")),
)
_SPARED = (
    update(_TABLE)
    .where(_TABLE.c.update_id.in_(bindparam("numbers", expanding=True)))
    .values(tries=0)
)
_WAITING = (
    select(_TABLE.c.update_id, _TABLE.c.body, _TABLE.c.tries)
    .where(_ARE_UPDATES)
    .order_by(_TABLE.c.update_id)
)
_TRIED = update(_TABLE).values(tries=_TABLE.c.tries + 1)
_ALL_TRIED = _TRIED.where(
    _ARE_UPDATES, (_TABLE.c.tries < MOST_AT_ONCE) | (_TABLE.c.tries >= MOST_TRIES)
)
_ONE_TRIED = _TRIED.where(_TABLE.c.update_id == bindparam("number"))


class Waiting(NamedTuple):
    """What an earlier run left behind."""

    updates: Mapping[int, str]
    """To be begun again, by number, oldest first."""
    suspects: Mapping[int, int]
    """Those of them that may be what ends the process, and how often each was tried: to be begun
    one by one, with `count_try`, the least tried first. So what only stood beside the cause is done
    before it."""
    given_up: Mapping[int, str]
    """Begun too often: their owners are to be told, and they are done then."""
    dropped: int
    """How many are gone: too old, or their owners could not be told either."""
    after_crash: bool
    """Whether that run did not end by itself."""


def keep(connection: Connection, updates: Mapping[int, str], *, now: datetime) -> None:
    """Keep updates, as JSON by their numbers; those that are kept already stay as they are."""
    known = set(connection.scalars(_KNOWN, {"numbers": list(updates)}))
    rows = [
        {"update_id": number, "body": body, "tries": 0, "received_at": now}
        for number, body in updates.items()
        if number not in known
    ]
    if rows:
        connection.execute(_TABLE.insert(), rows)


def done(connection: Connection, numbers: Collection[int]) -> None:
    """Forget updates that are handled."""
    connection.execute(_DONE, {"numbers": list(numbers)})


def spare(connection: Connection, numbers: Collection[int]) -> None:
    """Count no try of updates that a stop cut short: they ended no process."""
    connection.execute(_SPARED, {"numbers": list(numbers)})


def take_up(connection: Connection, *, now: datetime) -> Waiting:
    """Return what is to be begun again, and count that it is, but for the suspects.

    A run begins by this, and ends well once RUN is `done`.
    """
    after_crash = connection.execute(_DONE, {"numbers": [RUN]}).rowcount > 0
    keep(connection, {RUN: ""}, now=now)
    dropped = connection.execute(_DROPPED, {"oldest": now - KEPT}).rowcount
    waiting: dict[int, str] = {}
    given_up: dict[int, str] = {}
    suspects: dict[int, int] = {}
    for number, body, tries in connection.execute(_WAITING):
        (waiting if tries < MOST_TRIES else given_up)[number] = body
        if MOST_AT_ONCE <= tries < MOST_TRIES:
            suspects[number] = tries
    if waiting or given_up:
        connection.execute(_ALL_TRIED)
    in_line = sorted(suspects.items(), key=itemgetter(1))
    return Waiting(waiting, dict(in_line), given_up, dropped, after_crash)


def count_try(connection: Connection, number: int) -> None:
    """Count that an update is begun by itself."""
    connection.execute(_ONE_TRIED, {"number": number})

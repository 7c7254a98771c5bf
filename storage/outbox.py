"""Outbox: pending deliveries of each chat, claimed under a lease, retried or marked dead."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Update,
    and_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    true,
    union_all,
    update,
)
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.admin_models import Notice
from storage.batches import batches
from storage.columns import table_of
from storage.models import (
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    Paper,
    PaperOrder,
)
from storage.objects import within
from storage.pairs import execute_with_pairs
from storage.pending import IS_PENDING, PENDING, PendingDelivery, pending_by_chat
from storage.upsert import driver_value
from storage.week_models import WeekNote

CLAIM_LEASE = timedelta(minutes=5)
"""How long a claimed delivery may hang in the air.

Sending it takes no longer (see `bot.push.worker`), so what was claimed before that was claimed
by a copy that died. A restarted copy waits as well: it can't know whether another one lives.
"""

MAY_HAVE_ARRIVED = "it may have arrived"
"""Why a message that comes at most once was given up."""

OutboxTable = type[Delivery] | type[Notice] | type[WeekNote]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the outbox that one message to a chat settles, all or none."""

    table: OutboxTable
    """Papers, broadcasts, or looks back at a week: claimed, retried and settled alike."""
    chat_id: int
    items: tuple[str, ...] | tuple[int, ...]
    """The papers, or the broadcast, or the week."""

    @property
    def waits_for_unblock(self) -> bool:
        """Papers wait for a chat that can't be reached; a broadcast is no news any more by then."""
        return self.table is Delivery

    @property
    def chosen(self) -> ColumnElement[bool]:
        """The condition that names these rows."""
        item = table_of(self.table).columns[_ITEM[self.table]]
        return and_(col(self.table.chat_id) == self.chat_id, item.in_(self.items))


class DeadLetter(NamedTuple):
    """A delivery that was given up, and its paper."""

    delivery: Delivery
    paper: Paper


def waiting_for(connection: Connection, *, paper_ids: Iterable[str]) -> list[int]:
    """Return the pending deliveries of papers by id, whoever waits for them.

    All that are pending are looked through, because no index knows them by paper: read, not write.
    """
    return [
        delivery_id
        for some in batches(list(paper_ids))
        for delivery_id in connection.scalars(
            select(Delivery.id).where(IS_PENDING, col(Delivery.paper_id).in_(some))
        )
    ]


def drop(connection: Connection, *, delivery_ids: Sequence[int], reason: str) -> int:
    """Stop owing what is news no more, where it is still pending; return how many."""
    dropped = 0
    for some in batches(delivery_ids):
        dropped += connection.execute(
            update(Delivery)
            .where(col(Delivery.id).in_(some), IS_PENDING)
            .values(state=DeliveryState.EXPIRED, reason=reason)
        ).rowcount
    return dropped


async def pending(
    *, session: AsyncSession, chat_id: int, now: datetime, limit: int | None = None
) -> list[PendingDelivery]:
    """Return what may be sent to a chat now, newest papers first.

    What it no longer follows is left out, and what it follows under paused topics only.
    """
    return await within(
        session, lambda core: pending_by_chat(core, {chat_id: limit}, now=now)[chat_id]
    )


async def pending_count(*, session: AsyncSession, chat_id: int) -> int:
    """Return how many papers a chat is still owed, also those that wait for another try."""
    query = select(func.count()).select_from(Delivery).where(_pending(chat_id))
    return (await session.exec(query)).one()


def unfinished_until(
    connection: Connection, chat_ids: Iterable[int], *, now: datetime
) -> dict[int, datetime]:
    """Return when the pushes of chats have something to go on with; without those that have not.

    That is what waits for another try, and what a copy claimed that may have died.
    """
    found: dict[int, datetime] = {}
    asked = {"chat_ids": list(chat_ids), "now": now}
    for chat_id, since, is_claimed in connection.execute(_UNFINISHED, asked):
        if since is not None:
            until = since + CLAIM_LEASE if is_claimed else since
            found[chat_id] = min(until, found.get(chat_id, until))
    return found


async def chats_with_pending(
    *,
    session: AsyncSession,
    telegram_id: int | None = None,
    order: PaperOrder | None = None,
) -> Sequence[Chat]:
    """Return the active chats that are owed anything: all, or of one id, or with one order."""
    waiting = exists().where(col(Delivery.chat_id) == col(Chat.id), IS_PENDING)
    query = select(Chat).where(Chat.state == ChatState.ACTIVE, waiting)
    if telegram_id is not None:
        query = query.where(Chat.telegram_id == telegram_id)
    if order is not None:
        query = query.where(Chat.paper_order == order)
    return (await session.exec(query)).all()


async def any_since(*, session: AsyncSession, moment: datetime) -> bool:
    """Tell whether anything is owed since then."""
    query = select(Delivery.id).where(
        Delivery.state == DeliveryState.PENDING, Delivery.created_at >= moment
    )
    return (await session.exec(query.limit(1))).first() is not None


def claim(connection: Connection, rows: Sequence[Rows], *, now: datetime) -> list[tuple[int, ...]]:
    """Claim pending rows of many messages under a lease, in one statement a table.

    Return for each message the ids of those that are its own to send.
    """
    mine: dict[tuple[OutboxTable, int, object], int] = {}
    for table in {one.table for one in rows if one.items}:
        # In one order, so that copies which claim the same wait for each other only one way.
        pairs = sorted({(one.chat_id, i) for one in rows if one.table is table for i in one.items})
        moment = driver_value(connection, table, "claimed_at", now)
        claim, lock = _CLAIM[table], "" if connection.dialect.name == "sqlite" else _LOCK
        taken = execute_with_pairs(connection, claim.format(lock=lock), pairs, moment)
        mine |= {(table, chat_id, item): row_id for row_id, chat_id, item in taken}
    return [
        tuple(
            row_id
            for item in one.items
            if (row_id := mine.pop((one.table, one.chat_id, item), None)) is not None
        )
        for one in rows
    ]


def mark_claimed_sent(
    connection: Connection,
    table: OutboxTable,
    sent: Iterable[tuple[Iterable[int], int]],
    *,
    now: datetime,
) -> None:
    """Note that Telegram accepted messages: the ids of each one's rows, and its own id."""
    marks = sorted((row_id, message_id) for ids, message_id in sent for row_id in ids)
    moment = [driver_value(connection, table, "sent_at", now)] if table is Delivery else []
    for some in batches(marks):
        execute_with_pairs(
            connection, _MARK_SENT[table], some, *moment, table="sent(row_id, message)"
        )


def retry_later(
    connection: Connection,
    rows: Rows,
    *,
    reason: str,
    next_try_at: datetime,
    tried: bool = True,
    ids: Collection[int] | None = None,
) -> None:
    """Release claimed rows for another try; `tried`: this one counts. `ids`: only these of them."""
    connection.execute(
        _claimed(rows, ids).values(
            state=DeliveryState.PENDING,
            claimed_at=None,
            reason=reason,
            next_try_at=next_try_at,
            attempts=rows.table.attempts + (1 if tried else 0),
        )
    )


def mark_dead(connection: Connection, rows: Rows, *, reason: str) -> None:
    """Make claimed rows dead letters."""
    connection.execute(
        _claimed(rows).values(state=DeliveryState.DEAD, claimed_at=None, reason=reason)
    )


async def release_stale(
    *, session: AsyncSession, now: datetime, table: OutboxTable = Delivery
) -> int:
    """Do the same over a session."""
    return await within(session, lambda core: release_claims(core, now=now, table=table))


def release_claims(connection: Connection, *, now: datetime, table: OutboxTable = Delivery) -> int:
    """Release what a copy claimed and then died with, once its lease is over; return how many."""
    released = connection.execute(
        _stale(table, now).values(
            state=DeliveryState.PENDING,
            claimed_at=None,
            reason="claim expired",
            # A push under way did not see it, and so has something to go on with.
            next_try_at=now,
        )
    )
    return released.rowcount


def give_up_claims(connection: Connection, *, now: datetime, table: OutboxTable) -> int:
    """Make dead letters of what a copy claimed and then died with: it may have sent them."""
    given_up = connection.execute(
        _stale(table, now).values(
            state=DeliveryState.DEAD, claimed_at=None, reason=MAY_HAVE_ARRIVED
        )
    )
    return given_up.rowcount


async def dead_letters(*, session: AsyncSession, limit: int) -> list[DeadLetter]:
    """Return what was given up, with its reason, the newest first."""
    query = (
        select(Delivery, Paper)
        .join(Paper, col(Paper.id) == col(Delivery.paper_id))
        .where(Delivery.state == DeliveryState.DEAD)
        .order_by(col(Delivery.id).desc())
        .limit(limit)
    )
    return [DeadLetter(*row) for row in (await session.exec(query)).all()]


async def release_dead(
    *, session: AsyncSession, now: datetime, delivery_ids: Iterable[int] | None = None
) -> int:
    """Owe again what was given up, all of it or some, as if it had never been tried."""
    chosen = [] if delivery_ids is None else [col(Delivery.id).in_(list(delivery_ids))]
    released = await session.exec(
        update(Delivery)
        .where(col(Delivery.state) == DeliveryState.DEAD, *chosen)
        .values(state=DeliveryState.PENDING, reason=None, attempts=0, next_try_at=now)
        .execution_options(synchronize_session=False)
    )
    return released.rowcount


def expire(connection: Connection, *, now: datetime, age: timedelta, limit: int) -> int:
    """Stop owing what has been over the cap for this long, at most so many; return how many."""
    due = (
        select(Delivery.id)
        .where(
            col(Delivery.state) == DeliveryState.PENDING,
            col(Delivery.created_at) < now - age,
        )
        .limit(limit)
    )
    expired = connection.execute(
        update(Delivery)
        .where(col(Delivery.id).in_(due), col(Delivery.state) == DeliveryState.PENDING)
        .values(state=DeliveryState.EXPIRED, reason="over the cap for too long")
    )
    return expired.rowcount


def _pending(chat_id: int) -> ColumnElement[bool]:
    return and_(col(Delivery.chat_id) == chat_id, *PENDING)


def _stale(table: OutboxTable, now: datetime) -> Update:
    return (
        update(table)
        .where(
            col(table.state) == DeliveryState.SENDING,
            col(table.claimed_at) < now - CLAIM_LEASE,
        )
        .execution_options(synchronize_session=False)
    )


def _claimed(rows: Rows, ids: Collection[int] | None = None) -> Update:
    some = [] if ids is None else [col(rows.table.id).in_(ids)]
    return update(rows.table).where(
        rows.chosen, col(rows.table.state) == DeliveryState.SENDING, *some
    )


_ITEM: dict[OutboxTable, str] = {
    Delivery: "paper_id",
    Notice: "broadcast_id",
    WeekNote: "week",
}
"""What is owed, by table."""

_WANTED: dict[OutboxTable, str] = {
    # Whoever changed what a look back tells, or when, has no plan for one until that is made anew.
    WeekNote: " AND EXISTS (SELECT 1 FROM chat WHERE chat.id = owed.chat_id"
    " AND chat.next_week_at IS NOT NULL)"
}
"""What more must hold when a message is claimed."""

_CLAIM = {
    table: (
        f"UPDATE {table.__tablename__} SET state = 'sending', claimed_at = ?"  # noqa: S608 - ours
        f" WHERE id IN (SELECT owed.id FROM pair CROSS JOIN {table.__tablename__} AS owed"
        f" WHERE owed.chat_id = pair.chat_id AND owed.{item} = pair.item"
        f" AND owed.state = 'pending'{_WANTED.get(table, '')}{{lock}}) AND state = 'pending'"
        f" RETURNING id, chat_id, {item}"
    )
    for table, item in _ITEM.items()
}
_LOCK = " ORDER BY owed.id FOR UPDATE"

_MARK_SENT = {
    table: (
        f"UPDATE {table.__tablename__} SET state = 'sent', claimed_at = NULL, reason = NULL{more}"  # noqa: S608
        f" FROM sent WHERE id = sent.row_id AND state <> 'sent'"
    )
    for table, more in (
        (Delivery, ", message_id = sent.message, sent_at = ?"),
        (Notice, ""),
        (WeekNote, ""),
    )
}

_OF_CHATS = col(Delivery.chat_id).in_(bindparam("chat_ids", expanding=True))
_UNFINISHED: CompoundSelect[Any] = union_all(
    select_any(col(Delivery.chat_id), func.min(col(Delivery.claimed_at)), true())
    .where(_OF_CHATS, col(Delivery.state) == literal_column("'sending'"))
    .group_by(col(Delivery.chat_id)),
    select_any(col(Delivery.chat_id), func.min(col(Delivery.next_try_at)), false())
    .where(_OF_CHATS, col(Delivery.next_try_at) > bindparam("now"), *PENDING)
    .group_by(col(Delivery.chat_id)),
)

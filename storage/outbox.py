"""Outbox: pending deliveries of each chat, claimed under a lease, retried or marked dead."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Update, and_, case, exists, func, literal, or_, update
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.admin_models import Notice
from storage.batches import batches
from storage.fan_out import insert_deliveries
from storage.models import (
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    PaperOrder,
    Subscription,
)

CLAIM_LEASE = timedelta(minutes=5)
"""How long a claimed delivery may hang in the air.

Sending it takes no longer (see `bot.push.worker`), so what was claimed before that was claimed
by a copy that died. A restarted copy waits as well: it can't know whether another one lives.
"""

OutboxTable = type[Delivery] | type[Notice]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the outbox that one message to a chat settles, all or none."""

    table: OutboxTable
    """Deliveries of papers, or notices of broadcasts: claimed, retried and settled alike."""
    chat_id: int
    items: tuple[str, ...] | tuple[int, ...]
    """The papers, or the broadcast."""

    @property
    def waits_for_unblock(self) -> bool:
        """Papers wait for a chat that can't be reached; a broadcast is no news any more by then."""
        return self.table is Delivery

    @property
    def chosen(self) -> ColumnElement[bool]:
        """The condition that names these rows."""
        item = Delivery.paper_id if self.table is Delivery else Notice.broadcast_id
        return and_(col(self.table.chat_id) == self.chat_id, col(item).in_(self.items))


class PendingDelivery(NamedTuple):
    """A delivery and its paper."""

    delivery: Delivery
    paper: Paper


async def drop(*, session: AsyncSession, paper_ids: Iterable[str], reason: str) -> int:
    """Stop owing papers that are news no more, whoever waits for them; return how many."""
    dropped = 0
    for some in batches(list(paper_ids)):
        ended = await session.exec(
            update(Delivery)
            .where(
                col(Delivery.paper_id).in_(some),
                col(Delivery.state) == DeliveryState.PENDING,
            )
            .values(state=DeliveryState.EXPIRED, reason=reason)
            .execution_options(synchronize_session=False)
        )
        dropped += ended.rowcount
    return dropped


async def pending(
    *, session: AsyncSession, chat_id: int, now: datetime, limit: int | None = None
) -> list[PendingDelivery]:
    """Return what may be sent to a chat now, newest papers first.

    What it no longer follows is left out, and what it follows under paused topics only.
    """
    found = await pending_by_chat(session=session, limits={chat_id: limit}, now=now)
    return found[chat_id]


async def pending_by_chat(
    *, session: AsyncSession, limits: Mapping[int, int | None], now: datetime
) -> dict[int, list[PendingDelivery]]:
    """Return the same for several chats at once, with a limit for each."""
    newest_first = (col(Paper.published_at).desc(), col(Paper.id).desc())
    rank = func.row_number().over(partition_by=col(Delivery.chat_id), order_by=newest_first)
    ranked = (
        select_any(col(Delivery.id).label("id"), rank.label("rank"))
        .join(Paper, col(Paper.id) == col(Delivery.paper_id))
        .where(
            col(Delivery.chat_id).in_(list(limits)),
            col(Delivery.next_try_at) <= now,
            *PENDING,
        )
        .subquery()
    )
    query = (
        select(Delivery, Paper)
        .join(ranked, ranked.c.id == col(Delivery.id))
        .join(Paper, col(Paper.id) == col(Delivery.paper_id))
        .order_by(col(Delivery.chat_id), ranked.c.rank)
    )
    given = [limit for limit in limits.values() if limit is not None]
    if len(given) == len(limits):
        query = query.where(ranked.c.rank <= max(given, default=0))
    found: dict[int, list[PendingDelivery]] = {chat_id: [] for chat_id in limits}
    for row in (await session.exec(query)).all():
        entry = PendingDelivery(*row)
        limit, theirs = limits[entry.delivery.chat_id], found[entry.delivery.chat_id]
        if limit is None or len(theirs) < limit:
            theirs.append(entry)
    return found


async def pending_count(*, session: AsyncSession, chat_id: int) -> int:
    """Return how many papers a chat is still owed, also those that wait for another try."""
    query = select(func.count()).select_from(Delivery).where(_pending(chat_id))
    return (await session.exec(query)).one()


async def unfinished_until(
    *, session: AsyncSession, chat_id: int, now: datetime
) -> datetime | None:
    """Return when a push has something to go on with; None where it has not.

    That is what waits for another try, and what a copy claimed that may have died.
    """
    query = select(
        func.min(case((col(Delivery.state) == DeliveryState.SENDING, Delivery.claimed_at))),
        func.min(case((col(Delivery.state) == DeliveryState.PENDING, Delivery.next_try_at))),
    ).where(
        col(Delivery.chat_id) == chat_id,
        or_(
            col(Delivery.state) == DeliveryState.SENDING,
            and_(_pending(chat_id), col(Delivery.next_try_at) > now),
        ),
    )
    claimed_at, next_try_at = (await session.exec(query)).one()
    ends = [claimed_at + CLAIM_LEASE] if claimed_at else []
    return min([*ends, *([next_try_at] if next_try_at else [])], default=None)


async def chats_with_pending(
    *,
    session: AsyncSession,
    telegram_id: int | None = None,
    order: PaperOrder | None = None,
) -> Sequence[Chat]:
    """Return the active chats that are owed anything: all, or of one id, or with one order."""
    waiting = exists().where(
        col(Delivery.chat_id) == col(Chat.id), col(Delivery.state) == DeliveryState.PENDING
    )
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


async def claim(*, session: AsyncSession, rows: Rows, now: datetime) -> list[int]:
    """Claim pending rows under a lease; return the ids of those that are this copy's to send."""
    taken = await session.exec(
        update(rows.table)
        .where(rows.chosen, col(rows.table.state) == DeliveryState.PENDING)
        .values(state=DeliveryState.SENDING, claimed_at=now)
        .returning(col(rows.table.id))
        .execution_options(synchronize_session=False)
    )
    return list(taken.scalars())


async def mark_sent(*, session: AsyncSession, rows: Rows, message_id: int, now: datetime) -> None:
    """Note that Telegram accepted these rows; papers that were not owed yet count as owed."""
    sent = {"sent_at": now, "message_id": message_id} if rows.table is Delivery else {}
    noted = (
        update(rows.table)
        .where(rows.chosen, col(rows.table.state) != DeliveryState.SENT)
        .values(state=DeliveryState.SENT, claimed_at=None, reason=None, **sent)
        .execution_options(synchronize_session=False)
    )
    if (await session.exec(noted)).rowcount < len(rows.items) and rows.table is Delivery:
        known: Select[*tuple[Any, ...]] = select_any(
            literal(rows.chat_id).label("chat_id"), col(Paper.id).label("paper_id")
        )
        missing = known.where(col(Paper.id).in_(rows.items))
        if await insert_deliveries(session=session, chosen=missing):
            await session.exec(noted)


async def retry_later(
    *,
    session: AsyncSession,
    rows: Rows,
    reason: str,
    next_try_at: datetime,
    tried: bool = True,
    ids: Collection[int] | None = None,
) -> None:
    """Release claimed rows for another try; `tried`: this one counts. `ids`: only these of them."""
    await session.exec(
        _claimed(rows, ids)
        .values(
            state=DeliveryState.PENDING,
            claimed_at=None,
            reason=reason,
            next_try_at=next_try_at,
            attempts=rows.table.attempts + (1 if tried else 0),
        )
        .execution_options(synchronize_session=False)
    )


async def mark_dead(*, session: AsyncSession, rows: Rows, reason: str) -> None:
    """Make claimed rows dead letters."""
    await session.exec(
        _claimed(rows)
        .values(state=DeliveryState.DEAD, claimed_at=None, reason=reason)
        .execution_options(synchronize_session=False)
    )


async def release_stale(
    *, session: AsyncSession, now: datetime, table: OutboxTable = Delivery
) -> int:
    """Release what a copy claimed and then died with, once its lease is over; return how many."""
    released = await session.exec(
        update(table)
        .where(
            col(table.state) == DeliveryState.SENDING,
            col(table.claimed_at) < now - CLAIM_LEASE,
        )
        .values(
            state=DeliveryState.PENDING,
            claimed_at=None,
            reason="claim expired",
            # A push under way did not see it, and so has something to go on with.
            next_try_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    return released.rowcount


async def dead_letters(*, session: AsyncSession, limit: int) -> list[PendingDelivery]:
    """Return what was given up, with its reason, the newest first."""
    query = (
        select(Delivery, Paper)
        .join(Paper, col(Paper.id) == col(Delivery.paper_id))
        .where(Delivery.state == DeliveryState.DEAD)
        .order_by(col(Delivery.id).desc())
        .limit(limit)
    )
    return [PendingDelivery(*row) for row in (await session.exec(query)).all()]


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


async def expire(*, session: AsyncSession, now: datetime, age: timedelta, limit: int) -> int:
    """Stop owing what has been over the cap for this long, at most so many; return how many."""
    due = (
        select(Delivery.id)
        .where(
            col(Delivery.state) == DeliveryState.PENDING,
            col(Delivery.created_at) < now - age,
        )
        .limit(limit)
    )
    expired = await session.exec(
        update(Delivery)
        .where(col(Delivery.id).in_(due), col(Delivery.state) == DeliveryState.PENDING)
        .values(state=DeliveryState.EXPIRED, reason="over the cap for too long")
        .execution_options(synchronize_session=False)
    )
    return expired.rowcount


async def sent_count(*, session: AsyncSession, chat_id: int, since: datetime) -> int:
    """Return how many papers a chat got since then."""
    query = (
        select(func.count())
        .select_from(Delivery)
        .where(
            Delivery.chat_id == chat_id,
            Delivery.state == DeliveryState.SENT,
            col(Delivery.sent_at) >= since,
        )
    )
    return (await session.exec(query)).one()


async def sent_since(*, session: AsyncSession, chat_id: int, since: datetime) -> Sequence[str]:
    """Return the ids of the papers that a chat got since then, in the order of their sending."""
    query = (
        select(Delivery.paper_id)
        .where(
            Delivery.chat_id == chat_id,
            Delivery.state == DeliveryState.SENT,
            col(Delivery.sent_at) >= since,
        )
        .order_by(col(Delivery.sent_at), col(Delivery.id))
    )
    return (await session.exec(query)).all()


async def count(*, session: AsyncSession) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state."""
    query = select(Delivery.state, func.count()).group_by(Delivery.state)
    return {DeliveryState(state): n for state, n in (await session.exec(query)).all()}


PENDING = (
    col(Delivery.state) == DeliveryState.PENDING,
    # What the chat no longer follows is not owed any more, and what it paused not now.
    select(Match.paper_id)
    .join(Subscription, col(Subscription.topic_id) == col(Match.topic_id))
    .where(
        col(Subscription.chat_id) == col(Delivery.chat_id),
        col(Match.paper_id) == col(Delivery.paper_id),
        col(Subscription.paused).is_(False),
    )
    .exists(),
)


def _pending(chat_id: int) -> ColumnElement[bool]:
    return and_(col(Delivery.chat_id) == chat_id, *PENDING)


def _claimed(rows: Rows, ids: Collection[int] | None = None) -> Update:
    some = [] if ids is None else [col(rows.table.id).in_(ids)]
    return update(rows.table).where(
        rows.chosen, col(rows.table.state) == DeliveryState.SENDING, *some
    )

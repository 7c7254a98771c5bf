"""Administration: broadcasts, the allow-list of chats, and active alerts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, literal, update
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.admin_models import Alarm, AllowedChat, Broadcast, Notice
from storage.models import Chat, ChatKind, ChatState, DeliveryState
from storage.outbox import CLAIM_LEASE
from storage.upsert import insert_from_select_or_ignore, insert_or_ignore


class Due(NamedTuple):
    """A notice that is to be sent, its chat, and what it says."""

    notice: Notice
    chat: Chat
    html: str


async def draft(*, session: AsyncSession, html: str) -> Broadcast:
    """Keep a text that is to be looked at before anybody gets it."""
    made = Broadcast(html=html)
    session.add(made)
    await session.flush()
    return made


async def get(*, session: AsyncSession, broadcast_id: int) -> Broadcast | None:
    """Return a broadcast."""
    return await session.get(Broadcast, broadcast_id)


async def newest(*, session: AsyncSession, at_least: int) -> Broadcast | None:
    """Return the newest broadcast that went to so many chats or more."""
    size = select(func.count()).where(Notice.broadcast_id == Broadcast.id).scalar_subquery()
    query = (
        select(Broadcast)
        .where(col(Broadcast.started_at).is_not(None), size >= at_least)
        .order_by(col(Broadcast.id).desc())
    )
    return (await session.exec(query.limit(1))).first()


async def discard(*, session: AsyncSession, broadcast_id: int) -> None:
    """Forget a draft; what was started stays."""
    await session.exec(
        delete(Broadcast).where(
            col(Broadcast.id) == broadcast_id, col(Broadcast.started_at).is_(None)
        )
    )


async def reach(*, session: AsyncSession) -> int:
    """Return how many chats a broadcast would go to: all but those that can't be reached."""
    query = select(func.count()).select_from(Chat).where(Chat.state != ChatState.BLOCKED)
    return (await session.exec(query)).one()


async def operators(*, session: AsyncSession, telegram_ids: Collection[int]) -> Sequence[Chat]:
    """Return the private chats of these people, as far as they ever wrote to the bot."""
    query = select(Chat).where(
        col(Chat.telegram_id).in_(list(telegram_ids)),
        Chat.kind == ChatKind.PRIVATE,
        Chat.state != ChatState.BLOCKED,
    )
    return (await session.exec(query)).all()


async def start(
    *,
    session: AsyncSession,
    broadcast_id: int,
    now: datetime,
    chat_ids: Collection[int] | None = None,
) -> int:
    """Owe a draft to these chats, or to all that can be reached; return how many.

    A second start adds nobody: 0.
    """
    taken = await session.exec(
        update(Broadcast)
        .where(col(Broadcast.id) == broadcast_id, col(Broadcast.started_at).is_(None))
        .values(started_at=now)
    )
    if not taken.rowcount:
        return 0
    chosen: Select[*tuple[Any, ...]] = select_any(
        literal(broadcast_id).label("broadcast_id"), col(Chat.id).label("chat_id")
    ).where(col(Chat.state) != ChatState.BLOCKED)
    if chat_ids is not None:
        chosen = chosen.where(col(Chat.id).in_(list(chat_ids)))
    values = {"state": DeliveryState.PENDING, "attempts": 0, "next_try_at": now}
    added = await session.exec(
        insert_from_select_or_ignore(session, Notice, chosen, values).execution_options(
            preserve_rowcount=True
        )
    )
    return int(added.rowcount)


async def claim(*, session: AsyncSession, now: datetime, limit: int) -> list[Due]:
    """Take notices that are due for this copy, the oldest first."""
    query = (
        select(Notice)
        .where(Notice.state == DeliveryState.PENDING, Notice.next_try_at <= now)
        .order_by(col(Notice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    mine = {notice.id: notice for notice in (await session.exec(query)).all()}
    for notice in mine.values():
        notice.state, notice.claimed_at = DeliveryState.SENDING, now
    await session.flush()
    rows = (
        select(Notice, Chat, Broadcast.html)
        .join(Chat, col(Chat.id) == col(Notice.chat_id))
        .join(Broadcast, col(Broadcast.id) == col(Notice.broadcast_id))
        .where(col(Notice.id).in_(list(mine)))
        .order_by(col(Notice.id))
    )
    return [Due(*row) for row in (await session.exec(rows)).all()]


async def settle(
    *,
    session: AsyncSession,
    notice_id: int,
    state: DeliveryState,
    reason: str | None = None,
    next_try_at: datetime | None = None,
    tried: bool = True,
) -> None:
    """Write down what became of a claimed notice; `tried`: it says something about the notice."""
    notice = await session.get(Notice, notice_id)
    if notice is None or notice.state is not DeliveryState.SENDING:
        return
    notice.state, notice.reason, notice.claimed_at = state, reason, None
    if next_try_at is not None:
        notice.next_try_at = next_try_at
        notice.attempts += 1 if tried else 0


async def release_stale(*, session: AsyncSession, now: datetime) -> int:
    """Take back what a copy claimed and then died with; return how many."""
    released = await session.exec(
        update(Notice)
        .where(
            col(Notice.state) == DeliveryState.SENDING,
            col(Notice.claimed_at) < now - CLAIM_LEASE,
        )
        .values(state=DeliveryState.PENDING, claimed_at=None)
        .execution_options(synchronize_session=False)
    )
    return released.rowcount


async def count(*, session: AsyncSession, broadcast_id: int) -> dict[DeliveryState, int]:
    """Return how far a broadcast is: notices in each state."""
    query = (
        select(Notice.state, func.count())
        .where(Notice.broadcast_id == broadcast_id)
        .group_by(Notice.state)
    )
    return {DeliveryState(state): n for state, n in (await session.exec(query)).all()}


async def raise_alert(*, session: AsyncSession, kind: str) -> bool:
    """Note that something is wrong; return whether that is news."""
    added = await session.exec(
        insert_or_ignore(session, Alarm, [{"kind": kind}]).execution_options(preserve_rowcount=True)
    )
    return bool(added.rowcount > 0)


async def clear_alert(*, session: AsyncSession, kind: str) -> bool:
    """Note that it is well again; return whether that is news."""
    ended = await session.exec(delete(Alarm).where(col(Alarm.kind) == kind))
    return ended.rowcount > 0


async def active_alerts(*, session: AsyncSession) -> Mapping[str, datetime]:
    """Return what is wrong, and since when."""
    return {alarm.kind: alarm.since for alarm in (await session.exec(select(Alarm))).all()}


async def allow(*, session: AsyncSession, telegram_id: int) -> None:
    """Let a chat or person in; nothing happens where it is in already."""
    await session.exec(insert_or_ignore(session, AllowedChat, [{"telegram_id": telegram_id}]))


async def disallow(*, session: AsyncSession, telegram_id: int) -> bool:
    """Take that back; return whether it had been let in."""
    gone = await session.exec(
        delete(AllowedChat).where(col(AllowedChat.telegram_id) == telegram_id)
    )
    return gone.rowcount > 0


async def is_allowed(*, session: AsyncSession, telegram_ids: Iterable[int]) -> bool:
    """Say whether any of these was let in."""
    query = select(AllowedChat.telegram_id).where(
        col(AllowedChat.telegram_id).in_(list(telegram_ids))
    )
    return (await session.exec(query.limit(1))).first() is not None


async def allowed_chats(*, session: AsyncSession) -> Sequence[int]:
    """Return all who were let in, by their Telegram ids."""
    query = select(AllowedChat.telegram_id).order_by(col(AllowedChat.added_at))
    return (await session.exec(query)).all()

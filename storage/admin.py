"""Administration: broadcasts, the allow-list of chats, and active alerts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, func, literal, update
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.admin_models import Alarm, AllowedChat, Broadcast, Notice
from storage.models import Chat, ChatKind, ChatState, DeliveryState, Manager
from storage.upsert import insert_from_select, insert_or_ignore


class Due(NamedTuple):
    """A notice that is to be sent, and what it says."""

    notice: Notice
    html: str
    telegram_id: int
    """Of the chat that it goes to."""


async def draft(*, session: AsyncSession, html: str) -> Broadcast:
    """Keep a text that is to be looked at before anybody gets it."""
    made = Broadcast(html=html)
    session.add(made)
    await session.flush()
    return made


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
    return await insert_from_select(session, Notice, chosen, values)


async def due(*, session: AsyncSession, now: datetime, limit: int) -> list[Due]:
    """Return notices whose time has come, the oldest first."""
    query = (
        select(Notice, Broadcast.html, Chat.telegram_id)
        .join(Broadcast, col(Broadcast.id) == col(Notice.broadcast_id))
        .join(Chat, col(Chat.id) == col(Notice.chat_id))
        .where(Notice.state == DeliveryState.PENDING, Notice.next_try_at <= now)
        .order_by(col(Notice.id))
        .limit(limit)
    )
    return [Due(*row) for row in (await session.exec(query)).all()]


async def raise_alert(*, session: AsyncSession, kind: str) -> bool:
    """Note that something is wrong; return whether that is news."""
    return bool(await insert_or_ignore(session, Alarm, [{"kind": kind}]))


async def clear_alert(*, session: AsyncSession, kind: str) -> bool:
    """Note that it is well again; return whether that is news."""
    ended = await session.exec(delete(Alarm).where(col(Alarm.kind) == kind))
    return ended.rowcount > 0


async def active_alerts(*, session: AsyncSession) -> Mapping[str, datetime]:
    """Return what is wrong, and since when."""
    return {alarm.kind: alarm.since for alarm in (await session.exec(select(Alarm))).all()}


async def allow(*, session: AsyncSession, telegram_id: int) -> None:
    """Let a chat or person in; nothing happens where it is in already."""
    await insert_or_ignore(session, AllowedChat, [{"telegram_id": telegram_id}])


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


def let_in_by(telegram_id: int) -> str:
    """Return what a chat's `state_reason` says where a person who is let in uses the bot."""
    return f"let in by {telegram_id}"


async def shut_out(*, session: AsyncSession, allowed: Collection[int]) -> int:
    """Stop everything to chats that nobody let in; return how many: they came before that counted.

    In are those named in `allowed` or at run time, where one of these people used the bot since,
    and the channels that one of them manages. What the others follow stays, should they be let in.
    """
    guests = (await session.exec(select(AllowedChat.telegram_id))).all()
    known = {*allowed, *guests}
    manages = (
        select_any(col(Manager.channel_id))
        .join(Chat, col(Chat.id) == col(Manager.chat_id))
        .where(col(Chat.telegram_id).in_(known))
    )
    reasons = [let_in_by(telegram_id) for telegram_id in known]
    out = await session.exec(
        update(Chat)
        .where(
            col(Chat.state) != ChatState.BLOCKED,
            col(Chat.telegram_id).not_in(known),
            func.coalesce(col(Chat.state_reason), "").not_in(reasons),
            col(Chat.id).not_in(manages),
        )
        .values(state=ChatState.BLOCKED, state_reason="not allowed", pushing_since=None)
        .execution_options(synchronize_session=False)
    )
    return out.rowcount


async def allowed_chats(*, session: AsyncSession) -> Sequence[int]:
    """Return all who were let in, by their Telegram ids."""
    query = select(AllowedChat.telegram_id).order_by(col(AllowedChat.added_at))
    return (await session.exec(query)).all()

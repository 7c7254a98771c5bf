"""Who is let in at run time, beside the settings."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.operating import AllowedChat
from storage.upsert import insert_or_ignore


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

"""Channel mode: which channels a private chat manages."""

from collections.abc import Sequence

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Chat, ChatState, Manager
from storage.upsert import insert_or_ignore


async def start_managing(*, session: AsyncSession, chat_id: int, channel_id: int) -> None:
    """Note that a channel may be managed from a private chat; whether it still may is asked."""
    await insert_or_ignore(session, Manager, [{"chat_id": chat_id, "channel_id": channel_id}])


async def managed_by(*, session: AsyncSession, chat_id: int) -> Sequence[Chat]:
    """Return the channels that were managed from a chat and that the bot is still in."""
    query = (
        select(Chat)
        .join(Manager, col(Manager.channel_id) == col(Chat.id))
        .where(Manager.chat_id == chat_id, Chat.state != ChatState.BLOCKED)
        .order_by(col(Chat.id))
    )
    return (await session.exec(query)).all()


async def stop_managing(*, session: AsyncSession, chat_id: int, channel_id: int) -> None:
    """Note that a channel is not managed from a private chat any more."""
    await session.exec(
        delete(Manager).where(
            col(Manager.chat_id) == chat_id, col(Manager.channel_id) == channel_id
        )
    )
    chat = await session.get(Chat, chat_id)
    if chat is not None and chat.managing_id == channel_id:
        chat.managing_id = None

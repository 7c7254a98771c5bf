"""Channel mode: which channels are managed from which private chat."""

from storage import channels, chats
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind


async def registered(database: Database, telegram_id: int, kind: ChatKind) -> Chat:
    async with database.transaction() as session:
        return await chats.register(
            session=session, telegram_id=telegram_id, thread_id=0, kind=kind, now=utc_now()
        )


async def managed(database: Database, chat: Chat) -> list[int]:
    async with database.reading() as session:
        found = await channels.managed_by(session=session, chat_id=chat.id)
    return [channel.telegram_id for channel in found]


async def test_a_channel_is_remembered_once_and_only_while_it_can_be_reached(
    database: Database,
) -> None:
    ada = await registered(database, 1, ChatKind.PRIVATE)
    news = await registered(database, -1002, ChatKind.CHANNEL)
    for _time in range(2):
        async with database.transaction() as session:
            await channels.start_managing(session=session, chat_id=ada.id, channel_id=news.id)
    assert await managed(database, ada) == [-1002]
    async with database.transaction() as session:
        await chats.block(session=session, chat_id=news.id, reason="kicked")
    assert await managed(database, ada) == []


async def test_a_channel_that_is_forgotten_is_managed_no_more(database: Database) -> None:
    ada = await registered(database, 1, ChatKind.PRIVATE)
    news = await registered(database, -1002, ChatKind.CHANNEL)
    async with database.transaction() as session:
        await channels.start_managing(session=session, chat_id=ada.id, channel_id=news.id)
        stored = await chats.get(session=session, chat_id=ada.id)
        assert stored is not None
        stored.managing_id = news.id
    async with database.transaction() as session:
        await channels.stop_managing(session=session, chat_id=ada.id, channel_id=news.id)
    async with database.reading() as session:
        stored = await chats.get(session=session, chat_id=ada.id)
    assert stored is not None
    assert stored.managing_id is None
    assert await managed(database, ada) == []


async def test_a_channel_that_is_deleted_leaves_nobody_managing_it(database: Database) -> None:
    ada = await registered(database, 1, ChatKind.PRIVATE)
    news = await registered(database, -1002, ChatKind.CHANNEL)
    async with database.transaction() as session:
        await channels.start_managing(session=session, chat_id=ada.id, channel_id=news.id)
        stored = await chats.get(session=session, chat_id=ada.id)
        assert stored is not None
        stored.managing_id = news.id
    async with database.transaction() as session:
        await session.delete(await chats.get(session=session, chat_id=news.id))
    async with database.reading() as session:
        stored = await chats.get(session=session, chat_id=ada.id)
    assert stored is not None
    assert stored.managing_id is None

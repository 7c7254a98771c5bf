"""Votes: the last word counts, and what is kept is liked."""

from datetime import timedelta

from storage import chats, opinions, papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, Paper, SavedPaper, Vote

NOW = utc_now()
MINUTE = timedelta(minutes=1)


async def reader(database: Database) -> int:
    """Return a chat's id, with papers `0001.00001` to `0001.00003` in the database."""
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=NOW
        )
        await papers.store(
            session=session,
            papers=[
                Paper(id=f"0001.0000{n}", title="T", abstract="A", published_at=NOW, updated_at=NOW)
                for n in (1, 2, 3)
            ],
        )
        return chat.id


async def cast(database: Database, chat: int, number: int, *, liked: bool, after: int = 0) -> None:
    async with database.transaction() as session:
        await opinions.cast_vote(
            session=session,
            chat_id=chat,
            paper_id=f"0001.0000{number}",
            liked=liked,
            now=NOW + after * MINUTE,
        )


async def thought(database: Database, chat: int, limit: int = 10) -> list[tuple[str, bool]]:
    async with database.reading() as session:
        found = await opinions.newest_opinions(session=session, chat_id=chat, limit=limit)
    return [(opinion.paper.id[-1], opinion.liked) for opinion in found]


async def test_the_last_word_on_a_paper_counts(database: Database) -> None:
    chat = await reader(database)
    await cast(database, chat, 1, liked=True)
    await cast(database, chat, 2, liked=False, after=1)
    await cast(database, chat, 1, liked=False, after=2)
    assert await thought(database, chat) == [("1", False), ("2", False)]
    async with database.reading() as session:
        found = await opinions.find_votes(
            session=session, chat_id=chat, paper_ids=["0001.00001", "0001.00003"]
        )
    assert found == {"0001.00001": False}


async def test_a_vote_can_be_taken_back_once(database: Database) -> None:
    chat = await reader(database)
    await cast(database, chat, 1, liked=False)
    async with database.transaction() as session:
        taken = [
            await opinions.take_back_vote(session=session, chat_id=chat, paper_id="0001.00001")
            for _each in range(2)
        ]
    assert taken == [True, False]
    assert await thought(database, chat) == []


async def test_a_paper_that_is_kept_is_liked_and_the_newest_opinions_come_first(
    database: Database,
) -> None:
    chat = await reader(database)
    await cast(database, chat, 1, liked=False)
    await cast(database, chat, 2, liked=False, after=1)
    async with database.transaction() as session:
        for number, after in ((1, 3), (3, 2)):
            kept = SavedPaper(
                chat_id=chat, paper_id=f"0001.0000{number}", saved_at=NOW + after * MINUTE
            )
            session.add(kept)
    assert await thought(database, chat) == [("1", True), ("3", True), ("2", False)]
    assert await thought(database, chat, limit=2) == [("1", True), ("3", True)]


async def test_votes_go_with_their_chat(database: Database) -> None:
    chat = await reader(database)
    await cast(database, chat, 1, liked=False)
    async with database.transaction() as session:
        row = await session.get(Chat, chat)
        await session.delete(row)
    async with database.reading() as session:
        assert await session.get(Vote, (chat, "0001.00001")) is None

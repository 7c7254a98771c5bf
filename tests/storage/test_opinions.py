"""Opinions: papers are kept once, with notes that come and go; a chat's last vote counts."""

from datetime import timedelta

from sqlalchemy import Connection

from storage import chats, opinions, papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, Paper, SavedPaper, Vote
from tests.on_connection import on_connection

NOW = utc_now()
MINUTE = timedelta(minutes=1)


async def readers(database: Database) -> tuple[int, int]:
    """Return two chats' ids, with papers `0001.00001` to `0001.00003` in the database."""
    async with database.transaction() as session:
        await papers.store(
            session=session,
            papers=[
                Paper(
                    id=f"0001.0000{number}",
                    title=title,
                    abstract=f"All of 100% {title}.",
                    published_at=NOW,
                    updated_at=NOW,
                )
                for number, title in enumerate(("Splatting", "Radiance", "Pose"), 1)
            ],
        )
        both = [
            await chats.register(
                session=session, telegram_id=number, thread_id=0, kind=ChatKind.PRIVATE, now=NOW
            )
            for number in (1, 2)
        ]
        return both[0].id, both[1].id


async def keep(database: Database, chat: int, *numbers: int, note: str | None = None) -> None:
    for number in numbers:
        async with database.transaction() as session:
            await on_connection(
                session,
                opinions.save,
                chat_id=chat,
                paper_id=f"0001.0000{number}",
                now=NOW + number * MINUTE,
                note=note,
            )


async def cast(database: Database, chat: int, number: int, *, liked: bool, after: int = 0) -> None:
    async with database.transaction() as session:
        await on_connection(
            session,
            opinions.cast_vote,
            chat_id=chat,
            paper_id=f"0001.0000{number}",
            liked=liked,
            now=NOW + after * MINUTE,
        )


async def thought(database: Database, chat: int, limit: int = 10) -> list[tuple[str, bool]]:
    async with database.reading() as session:
        found = await opinions.newest_opinions(session=session, chat_id=chat, limit=limit)
    return [(opinion.paper.id[-1], opinion.liked) for opinion in found]


async def test_what_is_kept_is_found_newest_first_by_title_abstract_and_note(
    database: Database,
) -> None:
    ada, lin = await readers(database)
    await keep(database, ada, 1, 2, 3)
    await keep(database, lin, 1, note="for the Seminar")
    await keep(database, lin, 1, note="not this: it is kept already")

    async def found(chat: int, *words: str, limit: int = 10, offset: int = 0) -> str:
        def read(connection: Connection) -> list[opinions.Kept]:
            kept = opinions.find_saved(
                connection, chat_id=chat, words=words, limit=limit, offset=offset
            )
            if limit == 10 and not offset:
                count = opinions.count_saved(connection, chat_id=chat, words=words)
                assert count == len(kept)
            return kept

        kept = await database.read(read)
        return "".join(one.paper.id[-1] for one in kept)

    assert await found(ada) == "321"
    assert await found(ada, limit=1, offset=1) == "2"
    assert await found(ada, "SPLAT") == "1"
    assert await found(ada, "100%", "radi") == "2"
    assert await found(ada, "1_0") == "", "a letter of LIKE is a letter"
    assert (await found(lin, "seminar"), await found(ada, "seminar")) == ("1", "")


async def test_a_note_comes_and_goes_and_the_paper_stays(database: Database) -> None:
    ada, lin = await readers(database)
    await keep(database, ada, 1)

    async def annotate(chat: int, note: str | None) -> bool:
        async with database.transaction() as session:
            return await on_connection(
                session, opinions.annotate, chat_id=chat, paper_id="0001.00001", note=note
            )

    async def notes() -> dict[str, str | None]:
        async with database.reading() as session:
            return await opinions.saved_of(
                session=session, chat_id=ada, paper_ids=["0001.00001", "0001.00002"]
            )

    assert await annotate(ada, "read this")
    assert not await annotate(lin, "not hers to note on")
    assert await notes() == {"0001.00001": "read this"}
    assert await annotate(ada, None)
    assert await notes() == {"0001.00001": None}
    async with database.transaction() as session:
        gone = await on_connection(session, opinions.unsave, chat_id=ada, paper_id="0001.00001")
        assert gone is not None
        assert (
            await on_connection(session, opinions.unsave, chat_id=ada, paper_id="0001.00001")
            is None
        )
    assert await notes() == {}


async def test_the_last_word_on_a_paper_counts(database: Database) -> None:
    chat, _other = await readers(database)
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
    chat, _other = await readers(database)
    await cast(database, chat, 1, liked=False)
    async with database.transaction() as session:
        taken = [
            await on_connection(
                session, opinions.take_back_vote, chat_id=chat, paper_id="0001.00001"
            )
            for _each in range(2)
        ]
    assert taken == [True, False]
    assert await thought(database, chat) == []


async def test_a_paper_that_is_kept_is_liked_and_the_newest_opinions_come_first(
    database: Database,
) -> None:
    chat, _other = await readers(database)
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
    chat, _other = await readers(database)
    await cast(database, chat, 1, liked=False)
    async with database.transaction() as session:
        row = await session.get(Chat, chat)
        await session.delete(row)
    async with database.reading() as session:
        assert await session.get(Vote, (chat, "0001.00001")) is None


async def test_a_reading_list_is_kept_at_once_and_what_is_kept_already_stays(
    database: Database,
) -> None:
    chat, other = await readers(database)
    await keep(database, chat, 2, note="mine")
    at = {f"0001.0000{number}": NOW - number * MINUTE for number in (1, 2)}

    def save(connection: Connection) -> set[str]:
        opinions.save_many(connection, chat_id=chat, saved_at=at)
        opinions.save_many(connection, chat_id=chat, saved_at={})
        return opinions.saved_among(connection, chat_id=chat, paper_ids=[*at, "0001.00003"])

    assert await database.write(save) == set(at)
    kept = await database.read(lambda connection: opinions.find_saved(connection, chat_id=chat))
    assert [(one.paper.id, one.note) for one in kept] == [
        ("0001.00002", "mine"),
        ("0001.00001", None),
    ]
    nobody = await database.read(
        lambda connection: opinions.saved_among(connection, chat_id=other, paper_ids=at)
    )
    assert nobody == set()


async def test_titles_tell_more_than_notes_and_notes_more_than_abstracts(
    database: Database,
) -> None:
    """Of equals what was saved last comes first; so it does where nothing is looked for."""
    ada, _lin = await readers(database)
    await keep(database, ada, 1)
    await keep(database, ada, 2, note="like splatting")
    await keep(database, ada, 3)

    async def ranked(*words: str) -> list[str]:
        kept = await database.read(
            lambda connection: opinions.find_saved(
                connection, chat_id=ada, words=words, ranked=True
            )
        )
        return [one.paper.title for one in kept]

    assert await ranked("SPLATTING") == ["Splatting", "Radiance"]
    assert await ranked("all") == ["Pose", "Radiance", "Splatting"]
    assert await ranked() == ["Pose", "Radiance", "Splatting"]

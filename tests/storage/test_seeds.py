"""Seeds: what a chat gave, bounded in number and size, apart from what it saved."""

from datetime import timedelta
from functools import partial

from bot.runtime.retention import delete_old_papers, delete_untouched_papers
from storage import chats, papers, seeds
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Paper

NOW = utc_now()
OLD = NOW - timedelta(days=900)


async def chat_with_paper(database: Database, telegram_id: int = 1) -> int:
    async with database.transaction() as session:
        known = Paper(id="0001.00001", title="Nets", abstract="", published_at=OLD, updated_at=OLD)
        await papers.store(session=session, papers=[known])
        chat = await chats.register(
            session=session, telegram_id=telegram_id, thread_id=0, kind=ChatKind.GROUP, now=NOW
        )
        return chat.id


async def given(database: Database, chat_id: int) -> list[str]:
    found = await database.read(partial(seeds.given, chat_id=chat_id))
    return sorted(paper.title for paper in found)


async def test_a_hundred_are_kept_those_that_were_given_last(database: Database) -> None:
    chat_id = await chat_with_paper(database)
    for day in range(3):
        some = [seeds.of_words(chat_id, f"Title {day} {n}", "x" * 9_000) for n in range(60)]
        moment = NOW + timedelta(days=day)
        give = partial(seeds.give, chat_id=chat_id, seeds=some, now=moment)
        assert await database.write(give) == min(100, 60 * (day + 1))
        assert await database.write(give) == min(100, 60 * (day + 1)), "twice is once"
    kept = await given(database, chat_id)
    assert sum(title.startswith("Title 2") for title in kept) == 60
    assert not any(title.startswith("Title 0") for title in kept)
    stored = await database.read(partial(seeds.given, chat_id=chat_id))
    assert {len(paper.abstract) for paper in stored} == {2_000}


async def test_they_are_forgotten_at_once_and_go_with_the_chat(database: Database) -> None:
    one, two = await chat_with_paper(database), await chat_with_paper(database, 2)
    for chat_id in (one, two):
        some = [seeds.of_paper(chat_id, "0001.00001"), seeds.of_words(chat_id, "Only words \0")]
        await database.write(partial(seeds.give, chat_id=chat_id, seeds=some, now=NOW))
    take_back = partial(seeds.take_back, chat_id=one, keys=["0001.00001"])
    assert await database.write(take_back) == 1
    assert await database.write(partial(seeds.take_back, chat_id=one)) == 0
    assert await given(database, one) == []
    assert await given(database, two) == ["Nets", "Only words "]
    async with database.transaction() as session:
        await chats.forget(session=session, chat_id=two)
    assert await given(database, two) == []


async def test_a_paper_that_was_given_stays_and_moves_with_its_group(database: Database) -> None:
    chat_id = await chat_with_paper(database)
    there = await chat_with_paper(database, -100)
    some = [seeds.of_paper(chat_id, "0001.00001")]
    await database.write(partial(seeds.give, chat_id=chat_id, seeds=some, now=NOW))
    await delete_old_papers(database=database, now=NOW, age=timedelta(days=365))
    await delete_untouched_papers(database=database, now=NOW)
    async with database.transaction() as session:
        await chats.migrate(session=session, telegram_id=1, new_telegram_id=-100)
    assert await given(database, there) == []
    assert await given(database, chat_id) == ["Nets"]

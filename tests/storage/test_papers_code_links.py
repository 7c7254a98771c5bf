from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import chats, matches, papers, topics
from storage.database import Database
from storage.models import ChatKind, Paper

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def paper(number: int, *, age: timedelta = DAY, **more: Any) -> Paper:
    return Paper(
        id=f"2611.{number:05}",
        title=f"Paper {number}",
        abstract="We study things.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=NOW - age,
        updated_at=NOW - age,
        **more,
    )


async def followed(database: Database, found: Sequence[Paper], *, by_anybody: bool = True) -> None:
    """Store papers that a topic matched."""
    async with database.transaction() as session:
        await papers.store(session=session, papers=found)
        topic = await topics.register(session=session, query=f"topic-{by_anybody}")
        await matches.record_matches(session=session, matches={topic.id: found})
        if by_anybody:
            for number in (1, 2):
                chat = await chats.register(
                    session=session,
                    telegram_id=number,
                    thread_id=0,
                    kind=ChatKind.PRIVATE,
                    now=NOW,
                )
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label="topic"
                )


async def unknown(database: Database, *, now: datetime = NOW, limit: int = 10) -> list[str]:
    async with database.reading() as session:
        return await papers.without_code_link(
            session=session, now=now, again_after=7 * DAY, while_new=30 * DAY, limit=limit
        )


async def record(
    database: Database, paper_id: str, url: str | None, *, now: datetime = NOW
) -> Paper:
    async with database.transaction() as session:
        await papers.record_code_link(session=session, paper_id=paper_id, code_url=url, now=now)
    async with database.reading() as session:
        return (await papers.get_many(session=session, paper_ids=[paper_id]))[paper_id]


async def test_papers_are_asked_about_newest_first_and_once_each(database: Database) -> None:
    """Two chats follow the topic; that is no reason to ask twice."""
    await followed(database, [paper(1, age=3 * DAY), paper(2, age=DAY), paper(3, age=2 * DAY)])
    assert await unknown(database) == ["2611.00002", "2611.00003", "2611.00001"]
    assert await unknown(database, limit=1) == ["2611.00002"]


async def test_only_papers_of_followed_topics_without_a_link_are_asked_about(
    database: Database,
) -> None:
    named = paper(1, code_url="https://github.com/ada/engine")
    withdrawn = paper(2, withdrawn=True)
    await followed(database, [named, withdrawn])
    await followed(database, [paper(3)], by_anybody=False)
    async with database.transaction() as session:
        await papers.store(session=session, papers=[paper(4)])
    assert await unknown(database) == []


@pytest.mark.parametrize(
    ("published", "asked", "again"),
    [
        (1 * DAY, None, True),
        (1 * DAY, 1 * DAY, False),
        (10 * DAY, 6.9 * DAY, False),
        (10 * DAY, 7.1 * DAY, True),
        (29 * DAY, 8 * DAY, True),
        (31 * DAY, 8 * DAY, False),
        (31 * DAY, None, True),
        (3000 * DAY, 900 * DAY, False),
    ],
)
async def test_a_paper_is_asked_about_once_and_some_days_later_while_it_is_new(
    database: Database, published: timedelta, asked: timedelta | None, *, again: bool
) -> None:
    await followed(database, [paper(1, age=published)])
    if asked is not None:
        await record(database, "2611.00001", None, now=NOW - asked)
    assert bool(await unknown(database)) is again


async def test_what_the_index_said_is_remembered(database: Database) -> None:
    await followed(database, [paper(1), paper(2)])
    known = await record(database, "2611.00001", "https://github.com/ada/engine")
    assert (known.code_url, known.code_checked_at) == ("https://github.com/ada/engine", NOW)
    nothing = await record(database, "2611.00002", None)
    assert (nothing.code_url, nothing.code_checked_at) == (None, NOW)


async def test_the_authors_own_link_is_never_overwritten(database: Database) -> None:
    """It came while the index was being asked."""
    own = "https://github.com/ada/own"
    await followed(database, [paper(1, code_url=own)])
    for said in ("https://github.com/hub/guess", None):
        assert (await record(database, "2611.00001", said)).code_url == own

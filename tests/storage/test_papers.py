"""Papers: stored once by however many, found by words of their titles, asked about for code."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from storage import chats, papers, topics
from storage.database import Database
from storage.models import ChatKind, Paper
from tests.on_connection import record_matches

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def paper(
    number: int, title: str = "A paper", *, age: timedelta = timedelta(0), **more: Any
) -> Paper:
    published = NOW + number * MINUTE - age
    return Paper(
        id=f"2611.{number:05}",
        title=title,
        abstract="We study things.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=published,
        updated_at=published + (more.get("version", 1) - 1) * DAY,
        **more,
    )


async def stored(database: Database, number: int) -> Paper:
    async with database.reading() as session:
        paper_id = f"2611.{number:05}"
        return (await papers.get_many(session=session, paper_ids=[paper_id]))[paper_id]


async def newest(database: Database, *, limit: int = 10) -> list[str]:
    async with database.reading() as session:
        found = await papers.newest(session=session, limit=limit)
    return [one.title for one in found]


async def test_the_newest_come_first_without_those_that_were_withdrawn(database: Database) -> None:
    told = [paper(1, "Old"), paper(2, "New"), paper(3, "Newest", withdrawn=True)]
    async with database.transaction() as session:
        await papers.store(session=session, papers=told)
    assert await newest(database) == ["New", "Old"]
    assert await newest(database, limit=1) == ["New"]


async def test_two_who_store_the_same_at_once_both_succeed(database: Database) -> None:
    """A sweep and a search, each with its own order of the same papers."""
    count = 300

    async def store(version: int, *, backwards: bool) -> int:
        told = [paper(number, f"v{version}", version=version) for number in range(count)]
        if backwards:
            told.reverse()
        async with database.transaction() as session:
            added = await papers.store(session=session, papers=told)
            await asyncio.sleep(0.05)
            return added

    added = await asyncio.gather(
        store(1, backwards=False), store(2, backwards=True), store(2, backwards=False)
    )
    assert sum(added) == count
    assert await newest(database, limit=count) == ["v2"] * count


async def test_a_new_version_refreshes_a_paper_and_an_older_one_does_not(
    database: Database,
) -> None:
    for told in (paper(1), paper(1, "Better", version=2), paper(1, "Old again")):
        async with database.transaction() as session:
            await papers.store(session=session, papers=[told])
    now = await stored(database, 1)
    assert (now.title, now.version) == ("Better", 2)
    assert now.published_at == paper(1).published_at


async def test_a_paper_from_a_search_is_new_to_the_next_sweep_and_known_to_later_ones(
    database: Database,
) -> None:
    found = [paper(1), paper(2)]

    def seen(connection: Connection) -> None:
        papers.store_slice(connection, found[:1], {})
        ids = {one.id for one in found}
        assert papers.news(connection, found) == (ids, {})
        papers.store_slice(connection, found, {})
        papers.mark_swept(connection, dict.fromkeys(ids, NOW))
        assert papers.news(connection, found) == (set(), {})
        other = paper(1, "Better", version=2)
        assert papers.news(connection, [other]) == (set(), {other.id: NOW})
        # Until it is matched it is new again, so that a crash before that loses nothing.
        papers.store_slice(connection, [other], {}, to_be_swept={other.id})
        assert papers.news(connection, [*found, other]) == ({other.id}, {})

    await database.write(seen)


async def followed(database: Database, found: Sequence[Paper], *, by_anybody: bool = True) -> None:
    """Store papers that a topic matched."""
    async with database.transaction() as session:
        await papers.store(session=session, papers=found)
        topic = await topics.register(session=session, query=f"topic-{by_anybody}")
        await record_matches(session=session, matches={topic.id: found})
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
    return await stored(database, int(paper_id[-1]))


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


async def test_a_licence_stays_where_a_later_answer_does_not_tell_it(database: Database) -> None:
    licence = "http://creativecommons.org/licenses/by/4.0/"
    for told in (None, licence, None):
        async with database.transaction() as session:
            await papers.store(session=session, papers=[paper(1, licence=told)])
    assert (await stored(database, 1)).licence == licence
    async with database.transaction() as session:
        newer = paper(1, version=2, licence="http://arxiv.org/licenses/nonexclusive-distrib/1.0/")
        await papers.store(session=session, papers=[newer])
    assert (await stored(database, 1)).licence == newer.licence


async def test_papers_are_found_by_their_doi_in_any_letters(database: Database) -> None:
    async with database.transaction() as session:
        known = [paper(1, doi="10.1109/CVPR.2016.90"), paper(2, doi=None)]
        await papers.store(session=session, papers=known)
    wanted = ["10.1109/cvpr.2016.90", "10.1/unknown"]
    found = await database.read(lambda connection: papers.ids_of_dois(connection, dois=wanted))
    assert found == {"10.1109/cvpr.2016.90": "2611.00001"}

"""Matches: the newest papers of a topic and of a chat, how many, and under which labels."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from storage import chats, matches, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Paper, Sweep
from tests.on_connection import record_matches

DAY = timedelta(days=1)
NOW = utc_now()


def paper(number: int, *, days_ago: float) -> Paper:
    published = NOW - days_ago * DAY
    return Paper(
        id=f"2611.{number:05}",
        title="T",
        abstract="A.",
        published_at=published,
        updated_at=published,
    )


@pytest.fixture
async def followed(database: Database) -> tuple[int, int, int]:
    """A chat that follows two topics, of which one paper is on both; their ids."""
    old, both, new = paper(1, days_ago=2), paper(2, days_ago=1), paper(3, days_ago=0)
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=NOW
        )
        one, two = [await topics.register(session=session, query=name) for name in ("one", "two")]
        for topic in (one, two):
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=topic.query
            )
        await papers.store(session=session, papers=[old, both, new])
        added = await record_matches(
            session=session, matches={one.id: [old, both], two.id: [both, new]}
        )
        assert added == {(one.id, old.id), (one.id, both.id), (two.id, both.id), (two.id, new.id)}
    return chat.id, one.id, two.id


async def test_matches_are_new_only_once(
    database: Database, followed: tuple[int, int, int]
) -> None:
    _chat, one, _two = followed
    async with database.transaction() as session:
        again = await record_matches(session=session, matches={one: [paper(2, days_ago=1)]})
    assert again == set()


async def test_newest_papers_of_topics_come_newest_first(
    database: Database, followed: tuple[int, int, int]
) -> None:
    chat, one, two = followed
    period = (NOW - 3 * DAY, NOW - 1.5 * DAY)

    async def ids(*topic_ids: int, limit: int, **options: Any) -> dict[int, list[str]]:
        found = await database.read(
            lambda connection: matches.newest_found(
                connection, topic_ids=topic_ids, limit=limit, **options
            )
        )
        return {topic_id: [one.paper_id for one in some] for topic_id, some in found.items()}

    of_each, of_all = await ids(two, one, limit=1), await ids(two, one, limit=9)
    old_ids = await ids(one, limit=9, period=period)
    of_chat = await database.read(
        lambda connection: matches.newest_for_chat(connection, chat_id=chat, limit=2)
    )
    assert of_each == {two: ["2611.00003"], one: ["2611.00002"]}
    assert of_all == {
        two: ["2611.00003", "2611.00002"],
        one: ["2611.00002", "2611.00001"],
    }
    assert old_ids == {one: ["2611.00001"]}
    assert [p.id for p in of_chat] == ["2611.00003", "2611.00002"]


async def test_papers_of_a_topic_are_counted_by_their_dates(
    database: Database, followed: tuple[int, int, int]
) -> None:
    _chat, one, _two = followed
    since = NOW - 1.5 * DAY
    between = await database.read(
        lambda connection: matches.published_between(
            connection, topic_ids=[one], start=since, end=NOW + DAY
        )
    )
    assert between == {one: 1}


async def test_categories_of_a_topic_s_papers_come_newest_first(
    database: Database, followed: tuple[int, int, int]
) -> None:
    _chat, one, _two = followed
    async with database.transaction() as session:
        known = await papers.get_many(session=session, paper_ids=["2611.00002"])
        known["2611.00002"].categories = ["cs.RO", "cs.CV"]
    found = await database.read(
        lambda connection: matches.newest_categories(connection, topic_id=one, limit=2)
    )
    assert found == [["cs.RO", "cs.CV"], []]


async def test_a_sweep_s_news_on_two_topics_of_a_chat_counts_once(
    database: Database, followed: tuple[int, int, int]
) -> None:
    """What was swept before, or never, is no news of its, whenever it came onto a topic."""
    chat, _one, _two = followed
    sweep = Sweep(
        window_from=NOW - 7 * DAY,
        window_to=NOW,
        started_at=NOW - DAY,
        finished_at=NOW - DAY / 2,
    )

    async def counted() -> int:
        async with database.reading() as session:
            return await matches.new_on_topics(session=session, chat_id=chat, sweep=sweep)

    assert await counted() == 0
    for paper_id, swept_at in (("2611.00001", NOW - 2 * DAY), ("2611.00002", NOW - DAY)):
        await database.write(partial(papers.mark_swept, swept={paper_id: swept_at}))
    assert await counted() == 1


async def test_labels_are_the_chat_s_in_its_own_order(
    database: Database, followed: tuple[int, int, int]
) -> None:
    chat, _one, two = followed
    async with database.transaction() as session:
        await topics.move(session=session, chat_id=chat, topic_id=two, by=-1)
    labels = await database.read(
        partial(matches.labels, chat_id=chat, paper_ids=["2611.00001", "2611.00002"])
    )
    assert labels == {"2611.00001": ("one",), "2611.00002": ("two", "one")}

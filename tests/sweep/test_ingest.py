"""Ingest: whoever registers a topic while papers are being stored misses none of them."""

import asyncio
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from bot.search.own_store import match_topic
from bot.sweep import ingest as ingest_module
from bot.sweep.ingest import ingest
from bot.sweep.window import horizon
from storage import chats, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Match, Paper
from storage.slices import Slices

PAPERS, TOPICS, MOST = 100, 15, 60


def paper(number: int) -> Paper:
    moment = utc_now() - timedelta(days=1, minutes=number)
    return Paper(
        id=f"2611.{number:05}",
        title=f"A NeRF of garden {number}",
        abstract="We study radiance fields and report what was found in experiments.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


async def follow(database: Database, query: str) -> int:
    """Follow a topic and match it against the store, as a tap does and what comes after it."""
    async with database.transaction() as session:
        topic = await topics.register(session=session, query=query)
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=5, thread_id=0, kind=ChatKind.PRIVATE, now=utc_now()
        )
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="Gardens")
    await match_topic(database=database, topic_id=topic.id)
    return topic.id


async def test_a_topic_that_comes_while_papers_are_stored_misses_none_of_them(
    database: Database,
) -> None:
    now = utc_now()
    async with database.transaction() as session:
        await chats.register(
            session=session, telegram_id=5, thread_id=0, kind=ChatKind.PRIVATE, now=now
        )
    storing = asyncio.create_task(
        ingest(
            database=database,
            found=[paper(number) for number in range(PAPERS)],
            entry=None,
            late=now - timedelta(days=7),
            horizon=horizon(now=now),
        )
    )
    came: list[asyncio.Task[int]] = []
    before_the_end = 0
    while len(came) < (TOPICS if storing.done() else MOST):
        came.append(asyncio.create_task(follow(database, f"nerf -w{len(came)}")))
        before_the_end += not storing.done()
        await asyncio.sleep(0.01)
    await storing
    ids = await asyncio.gather(*came)
    assert before_the_end > 1, "nothing happened at the same time"
    async with database.reading() as session:
        rows = (await session.exec(select(Match.topic_id))).all()
    assert Counter(rows) == dict.fromkeys(ids, PAPERS)


async def ingested(database: Database, *numbers: int) -> int:
    now = utc_now()
    done = await ingest(
        database=database,
        found=[paper(number) for number in numbers],
        entry=None,
        late=now - timedelta(days=7),
        horizon=horizon(now=now),
    )
    return done.matched


async def test_what_nobody_follows_costs_a_sweep_nothing_and_misses_nothing(
    database: Database,
) -> None:
    async with database.transaction() as session:
        for number in range(500):
            await topics.register(session=session, query=f"nerf -w{number}")
    assert await ingested(database, 1, 2) == 0
    topic_id = await follow(database, "nerf -w7")
    assert await ingested(database, 3) == 1
    # Whoever comes back after everybody has left finds what came meanwhile.
    async with database.transaction() as session:
        [chat] = await chats.of_telegram(session=session, telegram_id=5)
        await topics.unsubscribe(session=session, chat_id=chat.id, topic_id=topic_id)
    assert await ingested(database, 4) == 0
    await follow(database, "nerf -w7")
    async with database.reading() as session:
        rows = (await session.exec(select(Match.paper_id))).all()
    assert sorted(rows) == [paper(number).id for number in (1, 2, 3, 4)]


async def test_wide_topics_keep_their_newest_and_cost_others_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is stored at once each topic has its fair share."""
    monkeypatch.setattr(ingest_module, "MATCHES", 30)
    monkeypatch.setattr(ingest_module, "MATCHES_A_TOPIC", 5)
    monkeypatch.setattr(ingest_module, "_CHARACTERS_AT_ONCE", 40)  # several parts
    narrow = [await follow(database, f"garden-{number}") for number in range(3)]
    wide = [await follow(database, f"we OR nerf OR field{number}") for number in range(3)]
    assert await ingested(database, *range(100)) == 30
    async with database.reading() as session:
        rows = (await session.exec(select(Match.topic_id, Match.paper_id))).all()
    by_topic: dict[int, list[str]] = {}
    for topic_id, paper_id in sorted(rows):
        by_topic.setdefault(topic_id, []).append(paper_id)
    assert [by_topic[one] for one in narrow] == [[paper(number).id] for number in range(3)]
    # The lower its number, the newer is a paper.
    newest = [paper(number).id for number in range(9)]
    assert [by_topic[one] for one in wide] == [newest, newest, newest]


@pytest.mark.parametrize(("topics", "most"), [(1, 200_000), (2_000, 200_000), (10_000, 1_000_000)])
def test_so_many_matches_are_stored_at_once(topics: int, most: int) -> None:
    assert ingest_module.most_matches(topics) == most


async def test_a_topic_that_is_half_forgotten_while_it_is_recorded_costs_the_sweep_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Retry: what was noted for it is noted again, and its matches are stored after all."""
    topic_id = await follow(database, "nerf")
    other = await follow(database, "garden")
    assert await ingested(database, 1, 2) == 4
    forgotten = list[int | None]()

    async def forget() -> None:
        async with database.transaction() as session:
            [chat] = await chats.of_telegram(session=session, telegram_id=5)
            await topics.unsubscribe(session=session, chat_id=chat.id, topic_id=topic_id)
        gone = partial(topics.remove_left_slice, topic_ids=[topic_id], most=2)
        forgotten.append(await database.write(gone))

    record = Slices.write

    async def write(slices: Slices, where: Database, work: partial[int]) -> int:
        if work.func is ingest_module._record_slice and not forgotten:
            await forget()
        return await record(slices, where, work)

    monkeypatch.setattr(Slices, "write", write)
    changed = [paper(1), paper(2), paper(3)]
    for one in changed:
        one.abstract += " And in gardens."
        one.version = 2
    now = utc_now()
    await ingest(
        database=database,
        found=changed,
        entry=None,
        late=now - timedelta(days=7),
        horizon=horizon(now=now),
    )
    assert forgotten == [0], "it lost two matches and is still there"
    async with database.reading() as session:
        rows = (await session.exec(select(Match.topic_id, Match.paper_id))).all()
    every = {paper(number).id for number in (1, 2, 3)}
    assert {found for topic, found in rows if topic == other} == every
    assert {found for topic, found in rows if topic == topic_id} == every
    assert await ingested(database, 1, 2, 3) == 0

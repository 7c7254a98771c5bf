"""Ingest: whoever registers a topic while papers are being stored misses none of them."""

import asyncio
from collections import Counter
from datetime import timedelta

from sqlmodel import select

from bot.search.own_store import match_topic
from bot.sweep.ingest import ingest
from bot.sweep.window import horizon
from storage import topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Match, Paper

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


async def look_at(database: Database, query: str) -> int:
    """Register a topic and match it against the store, as its preview does."""
    async with database.transaction() as session:
        topic = await topics.register(session=session, query=query)
    await match_topic(database=database, topic_id=topic.id)
    return topic.id


async def test_a_topic_that_comes_while_papers_are_stored_misses_none_of_them(
    database: Database,
) -> None:
    now = utc_now()
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
        came.append(asyncio.create_task(look_at(database, f"nerf -w{len(came)}")))
        before_the_end += not storing.done()
        await asyncio.sleep(0.01)
    await storing
    ids = await asyncio.gather(*came)
    assert before_the_end > 1, "nothing happened at the same time"
    async with database.reading() as session:
        rows = (await session.exec(select(Match.topic_id))).all()
    assert Counter(rows) == dict.fromkeys(ids, PAPERS)

"""Backfill: a new topic's past, asked of arXiv's own search once."""

import asyncio

import structlog

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import SourceError
from bot.query.arxiv_syntax import to_arxiv
from bot.query.matcher import matching
from bot.query.parser import parse
from bot.search.index_words import words_of
from bot.sweep.window import WINDOW
from storage import fan_out, matches, outbox, papers, topics
from storage.columns import utc_now
from storage.database import Database

BACKFILL_PAPERS = 200
"""How many of a new topic's newest papers are asked for."""

OWED_AT_BACKFILL = 10
"""How many of them are owed to those who followed before arXiv answered."""

_log = structlog.get_logger(__name__)


async def backfill(*, database: Database, source: ArxivSource, topic_id: int) -> int:
    """Backfill a new topic's newest papers from arXiv, once; return how many the topic has.

    Raises:
        SourceError: arXiv gave no answer that can be trusted; the topic stays to be asked for.

    """
    async with database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
    if topic is None or topic.backfilled_at is not None:
        return 0
    query = parse(topic.query)
    found = await source.search(to_arxiv(query), limit=BACKFILL_PAPERS)
    # What our own matcher would not find in a sweep has no place here either.
    ids = (await asyncio.to_thread(matching, found, {topic_id: query}))[topic_id]
    wanted = set(ids)
    kept = [paper for paper in found if paper.id in wanted]
    words = await asyncio.to_thread(words_of, kept)
    async with database.transaction() as session:
        stored = await topics.get(session=session, topic_id=topic_id)
        if stored is None:
            return 0
        await papers.store(session=session, papers=kept, words=words)
        await matches.record_matches(session=session, matches={topic_id: kept})
        await outbox.drop(
            session=session,
            paper_ids=[paper.id for paper in kept if paper.withdrawn],
            reason="withdrawn",
        )
        # Whoever did not want to wait for this search gets the week's papers now.
        recent = [paper for paper in kept if paper.published_at >= utc_now() - WINDOW]
        recent.sort(key=lambda paper: paper.published_at, reverse=True)
        await fan_out.fan_out_now(
            session=session, matches=[(topic_id, paper.id) for paper in recent[:OWED_AT_BACKFILL]]
        )
        stored.backfilled_at = utc_now()
    _log.info("backfilled", topic=topic_id, found=len(found), matched=len(kept))
    return len(kept)


async def backfill_waiting(*, database: Database, source: ArxivSource) -> None:
    """Retry backfills that failed; another failure leaves the rest for the next time."""
    async with database.reading() as session:
        waiting = await topics.unbackfilled(session=session)
    for topic in waiting:
        try:
            await backfill(database=database, source=source, topic_id=topic.id)
        except SourceError as error:
            _log.warning("backfill failed", topic=topic.id, error=str(error))
            return

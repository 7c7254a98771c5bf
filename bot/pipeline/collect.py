"""Sweep arXiv, match what is new against all topics, and owe it to the chats that follow them."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot.papers.match import matching
from bot.papers.query import Query, QuerySyntaxError, categories, parse, to_arxiv
from bot.papers.source import ArxivSource, SourceError
from storage import outbox, papers, sweeps, topics
from storage.database import Database
from storage.models import Sweep, SweepState, Topic, utc_now

__all__ = ["BACKFILL_PAPERS", "WINDOW", "backfill", "backfill_waiting", "sweep"]

WINDOW = timedelta(days=7)
"""arXiv announces late, on weekdays only, and holds papers back: a week is always looked at."""

LONGEST_GAP = timedelta(days=60)
"""After a longer downtime than this the older papers are left to each topic's own search."""

BACKFILL_PAPERS = 200
"""How many of a new topic's newest papers are asked for."""

FIRST_PAPERS = 10
"""How many of them are owed to those who followed before arXiv answered."""

_log = structlog.get_logger(__name__)


async def sweep(
    *,
    database: Database,
    source: ArxivSource,
    now: datetime | None = None,
    window: timedelta = WINDOW,
) -> Sweep | None:
    """Look at arXiv once for all topics; return the diary's entry, None where nobody follows any.

    Papers, matches, deliveries and the cursor are stored together. A sweep that fails changes
    nothing but the diary, and the next good one covers the gap.

    Raises:
        SourceError: arXiv gave no answer that can be trusted.

    """
    started = now or utc_now()
    async with database.reading() as session:
        followed = await topics.followed(session=session)
        good = await sweeps.last_good(session=session)
    if not followed:
        return None
    queries = _parsed(followed)
    reached = max(good.window_to, started - LONGEST_GAP) if good else started
    entry = Sweep(window_from=min(reached, started) - window, window_to=started, started_at=started)
    try:
        found = await source.window(
            entry.window_from, entry.window_to, categories=_union(list(queries.values()))
        )
    except SourceError as error:
        entry.state = SweepState.FAILED
        entry.error = str(error)
        entry.finished_at = utc_now()
        async with database.transaction() as session:
            await sweeps.add(session=session, sweep=entry)
        raise
    async with database.reading() as session:
        new_ids = await papers.unswept(session=session, paper_ids=[paper.id for paper in found])
    new = [paper for paper in found if paper.id in new_ids]
    matched = await asyncio.to_thread(matching, new, queries)
    by_id = {paper.id: paper for paper in new}
    async with database.transaction() as session:
        await papers.store(session=session, papers=found)
        added = await topics.record_matches(
            session=session,
            matches={topic: [by_id[i] for i in ids] for topic, ids in matched.items()},
        )
        entry.owed = await outbox.owe(session=session, matches=added)
        await papers.mark_swept(session=session, paper_ids=new_ids, now=started)
        entry.found, entry.new, entry.matched = len(found), len(new), len(added)
        entry.finished_at = utc_now()
        await sweeps.add(session=session, sweep=entry)
    _log.info("swept", found=entry.found, new=entry.new, matched=entry.matched, owed=entry.owed)
    return entry


async def backfill(*, database: Database, source: ArxivSource, topic_id: int) -> int:
    """Ask arXiv for a new topic's newest papers, once; return how many the topic has.

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
    async with database.transaction() as session:
        stored = await topics.get(session=session, topic_id=topic_id)
        if stored is None:
            return 0
        await papers.store(session=session, papers=kept)
        await topics.record_matches(session=session, matches={topic_id: kept})
        # Whoever did not want to wait for this search gets the week's papers now.
        recent = [paper for paper in kept if paper.published_at >= utc_now() - WINDOW]
        recent.sort(key=lambda paper: paper.published_at, reverse=True)
        await outbox.owe(
            session=session, matches=[(topic_id, paper.id) for paper in recent[:FIRST_PAPERS]]
        )
        stored.backfilled_at = utc_now()
    _log.info("backfilled", topic=topic_id, found=len(found), matched=len(kept))
    return len(kept)


async def backfill_waiting(*, database: Database, source: ArxivSource) -> None:
    """Ask again for topics whose own search failed; a failure leaves the rest for the next time."""
    async with database.reading() as session:
        waiting = await topics.unbackfilled(session=session)
    for topic in waiting:
        try:
            await backfill(database=database, source=source, topic_id=topic.id)
        except SourceError as error:
            _log.warning("backfill failed", topic=topic.id, error=str(error))
            return


def _parsed(followed: Sequence[Topic]) -> dict[int, Query]:
    queries: dict[int, Query] = {}
    for topic in followed:
        try:
            queries[topic.id] = parse(topic.query)
        except QuerySyntaxError as error:
            # One bad topic harms nothing but itself.
            _log.error("topic does not parse", topic=topic.id, reason=error.reason)
    return queries


def _union(queries: Sequence[Query]) -> frozenset[str] | None:
    confined = [categories(query) for query in queries]
    named = [names for names in confined if names is not None]
    if not queries or len(named) < len(confined):
        return None
    return frozenset().union(*named)

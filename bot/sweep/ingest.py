"""Ingest: papers matched against all topics, and stored with all that follows from them at once."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.query.ast import Query
from bot.query.matcher import matching
from bot.query.parser import QuerySyntaxError, parse_stored
from bot.search.index_words import words_of
from bot.sweep.window import WINDOW, Horizon
from storage import fan_out, matches, outbox, papers, sweeps, topics
from storage.columns import utc_now
from storage.database import Database
from storage.index_lookup import Words
from storage.models import Paper, Sweep

_ROUNDS = 3
"""So often topics that came meanwhile are matched while others may write; then nobody may."""

_log = structlog.get_logger(__name__)


class Ingested(NamedTuple):
    """What became of the papers that were found."""

    new: int
    """How many no sweep had matched before."""
    matched: int


async def ingest(
    *,
    database: Database,
    found: Sequence[Paper],
    entry: Sweep | None,
    late: datetime,
    horizon: Horizon,
) -> Ingested:
    """Match what is new or reads differently now, and store all that follows from it at once.

    A paper that was matched before and finds another topic now, by a cross-list or a new version,
    is owed to those who never got it. entry: what the log is to say of it, in the same transaction;
    None: nothing yet.
    """
    async with database.reading(long=True) as session:
        news = await papers.news(session=session, papers=found)
        # One that somebody looks at may be followed in a minute.
        queries = await topics.known(session=session)
    fresh = [paper for paper in found if paper.id in news.new or paper.id in news.changed]
    words = await asyncio.to_thread(words_of, fresh)
    matched = await asyncio.to_thread(_matching, fresh, queries)
    rounds = 0
    while True:
        async with database.transaction() as session:
            # Whoever registers a topic from here on finds these papers in the store.
            await topics.freeze(session=session)
            queries = await topics.known(session=session)
            come = {topic: query for topic, query in queries.items() if topic not in matched}
            if not come or rounds == _ROUNDS:
                matched |= await asyncio.to_thread(_matching, fresh, come)
                left = {topic: ids for topic, ids in matched.items() if topic in queries}
                stored = _Fresh(fresh, words, news, left, late, horizon)
                return await _store(session, stored, entry)
        matched |= await asyncio.to_thread(_matching, fresh, come)
        rounds += 1


class _Fresh(NamedTuple):
    """What is to be stored."""

    found: Sequence[Paper]
    words: Mapping[str, Words]
    news: papers.News
    matched: Mapping[int, Sequence[str]]
    """The papers that each topic found."""
    late: datetime
    horizon: Horizon


async def _store(session: AsyncSession, fresh: _Fresh, entry: Sweep | None) -> Ingested:
    by_id = {paper.id: paper for paper in fresh.found}
    by_topic = {topic: [by_id[one] for one in ids] for topic, ids in fresh.matched.items()}
    kept = fresh.news.changed.union(*fresh.matched.values())
    kept |= {paper.id for paper in fresh.found if paper.published_at >= fresh.horizon.held}
    those = [by_id[paper_id] for paper_id in sorted(kept)]
    await papers.store(session=session, papers=those, words=fresh.words)
    added = await matches.record_matches(session=session, matches=by_topic)
    await _announce(session, added, by_id, late=fresh.late, news_since=fresh.horizon.news)
    withdrawn = [paper.id for paper in fresh.found if paper.withdrawn]
    await outbox.drop(session=session, paper_ids=withdrawn, reason="withdrawn")
    await papers.mark_swept(session=session, paper_ids=fresh.news.new & kept, now=utc_now())
    done = Ingested(len(fresh.news.new), len(added))
    if entry is not None:
        entry.new, entry.matched, entry.finished_at = *done, utc_now()
        await sweeps.add(session=session, sweep=entry)
    return done


async def _announce(
    session: AsyncSession,
    found: Iterable[tuple[int, str]],
    by_id: Mapping[str, Paper],
    *,
    late: datetime,
    news_since: datetime,
) -> None:
    """Note what is news, to be owed to those who follow it.

    A paper that is found late is owed to those only who followed within a week of its submission:
    to others it is not late but old.
    """
    soon = []
    by_day = defaultdict(list)
    for topic_id, paper_id in found:
        published = by_id[paper_id].published_at
        if published >= max(late, news_since):
            soon.append((topic_id, paper_id))
        elif published >= news_since:
            by_day[published.date()].append((topic_id, paper_id))
    await fan_out.record_fresh(session=session, matches=soon)
    for day in by_day.values():
        submitted = min(by_id[paper_id].published_at for _topic, paper_id in day)
        before = submitted + WINDOW
        await fan_out.record_fresh(session=session, matches=day, followed_before=before)


def _matching(found: Sequence[Paper], texts: Mapping[int, str]) -> dict[int, list[str]]:
    """Return what each topic finds; nothing for one that does not parse."""
    none: dict[int, list[str]] = {topic: [] for topic in texts}
    return none | matching(found, _parsed(texts)) if found and texts else none


def _parsed(texts: Mapping[int, str]) -> dict[int, Query]:
    queries: dict[int, Query] = {}
    for topic_id, text in texts.items():
        try:
            queries[topic_id] = parse_stored(text)
        except QuerySyntaxError as error:
            # One bad topic harms nothing but itself.
            _log.error("topic does not parse", topic=topic_id, reason=error.reason)
    return queries

"""Sweep: fetch what is new on arXiv, match it against all topics, store, and fan out."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import RateLimitedError, SourceError, UnreachableError
from bot.query.arxiv_syntax import to_arxiv
from bot.query.ast import Query
from bot.query.matcher import matching
from bot.query.parser import QuerySyntaxError, categories, parse
from bot.sweep.fan_out import fan_out_new_matches
from bot.sweep.window import DEEP_EVERY, WINDOW, Stretch, deep_look, stretches
from storage import fan_out, matches, outbox, papers, sweeps, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper, Sweep, SweepFault, SweepState

NEWS = timedelta(days=60)
"""What is older when it is found, after a long downtime, is in the digest but is not pushed."""

BACKFILL_PAPERS = 200
"""How many of a new topic's newest papers are asked for."""

OWED_AT_BACKFILL = 10
"""How many of them are owed to those who followed before arXiv answered."""

_log = structlog.get_logger(__name__)


async def sweep(
    *,
    database: Database,
    source: ArxivSource,
    now: datetime | None = None,
    window: timedelta = WINDOW,
) -> Sweep | None:
    """Sweep arXiv once for all topics; return the log entry, None where nobody follows any.

    Papers, matches, what is to be owed for them and the cursor are stored together; deliveries are
    made of that at once, a slice at a time. A sweep that fails changes nothing but the diary, and
    the next good one covers the gap, in steps where it is long. Once a week a second, deeper look
    follows, whose failure is only noted.

    Raises:
        SourceError: arXiv gave no answer that can be trusted.

    """
    started = now or utc_now()
    async with database.reading() as session:
        if not await topics.any_followed(session=session):
            return None
        good = await sweeps.last_good(session=session)
        beginning = await sweeps.beginning(session=session)
        recent = await sweeps.good_since(session=session, moment=started - DEEP_EVERY)
    due = stretches(now=started, since=good.window_to if good else None, window=window)
    news_since = started - max(NEWS, window)
    for stretch in due:
        entry = await _look(database, source, stretch, news_since=news_since)
    deep = deep_look(now=started, beginning=beginning, recent=recent)
    if deep and deep[-1].start < due[0].start:
        try:
            for stretch in deep:
                await _look(database, source, stretch, news_since=news_since, thoroughly=True)
        except SourceError as error:
            _log.warning("deep look failed", error=str(error))
    return entry


async def _look(
    database: Database,
    source: ArxivSource,
    stretch: Stretch,
    *,
    news_since: datetime,
    thoroughly: bool = False,
) -> Sweep:
    """Look at one stretch of time; what was matched before is left out unless `thoroughly`."""
    started_at = utc_now()
    try:
        async with database.reading() as session:
            followed = await topics.followed(session=session)
        queries = await asyncio.to_thread(_parsed, {topic.id: topic.query for topic in followed})
        union = _union(list(queries.values()))
        known: set[str] = set() if thoroughly else await _known(database, stretch, union)
        found = await source.window(stretch.start, stretch.end, categories=union, known=known)
        entry = Sweep(
            window_from=stretch.start,
            window_to=stretch.end,
            started_at=started_at,
            found=len(known.union(paper.id for paper in found)),
        )
        await _take_in(database, found, queries, entry, late=stretch.late, news_since=news_since)
    except Exception as error:
        entry = Sweep(
            state=SweepState.FAILED,
            window_from=stretch.start,
            window_to=stretch.end,
            started_at=started_at,
            finished_at=utc_now(),
            fault=_fault(error),
            # What is not arXiv's may quote anything.
            error=str(error) if isinstance(error, SourceError) else type(error).__name__,
        )
        async with database.transaction() as session:
            await sweeps.add(session=session, sweep=entry)
        raise
    entry.owed = await fan_out_new_matches(database)
    async with database.transaction() as session:
        await sweeps.note_owed(session=session, sweep_id=entry.id, owed=entry.owed)
    _log.info("swept", found=entry.found, new=entry.new, matched=entry.matched, owed=entry.owed)
    return entry


async def _known(database: Database, stretch: Stretch, union: frozenset[str] | None) -> set[str]:
    """Return which papers of a stretch, and of these categories, need no second look."""
    async with database.reading() as session:
        # arXiv, too, takes the whole minute in which a stretch begins.
        swept = await papers.swept(
            session=session,
            start=stretch.start.replace(second=0, microsecond=0),
            end=stretch.end,
        )
    if union is None:
        return set(swept)
    patterns = [pattern.lower() for pattern in union]
    return {
        paper_id
        for paper_id, names in swept.items()
        if any(fnmatchcase(name.lower(), pattern) for name in names for pattern in patterns)
    }


async def _take_in(
    database: Database,
    found: Sequence[Paper],
    queries: Mapping[int, Query],
    entry: Sweep,
    *,
    late: datetime,
    news_since: datetime,
) -> None:
    """Match what is new or reads differently now, and store all that follows from it at once.

    A paper that was matched before and finds another topic now, by a cross-list or a new version,
    is owed to those who never got it.
    """
    async with database.reading() as session:
        new, changed = await papers.news(session=session, papers=found)
        # A topic that came while arXiv was asked is not told of these papers by any later sweep,
        # and one that somebody looks at may be followed in a minute.
        known = await topics.known(session=session)
    added_queries = {topic: query for topic, query in known.items() if topic not in queries}
    everything = {**queries, **await asyncio.to_thread(_parsed, added_queries)}
    fresh = {paper.id: paper for paper in found if paper.id in new or paper.id in changed}
    matched = await asyncio.to_thread(matching, list(fresh.values()), everything)
    async with database.transaction() as session:
        left = await topics.known(session=session)
        await papers.store(session=session, papers=list(fresh.values()))
        added = await matches.record_matches(
            session=session,
            matches={
                topic: [fresh[paper_id] for paper_id in ids]
                for topic, ids in matched.items()
                if topic in left
            },
        )
        await _announce(session, added, fresh, late=late, news_since=news_since)
        withdrawn = [paper.id for paper in fresh.values() if paper.withdrawn]
        await outbox.drop(session=session, paper_ids=withdrawn, reason="withdrawn")
        await papers.mark_swept(session=session, paper_ids=new, now=entry.started_at)
        entry.new, entry.matched, entry.finished_at = len(new), len(added), utc_now()
        await sweeps.add(session=session, sweep=entry)


async def _announce(
    session: AsyncSession,
    matches: Iterable[tuple[int, str]],
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
    for topic_id, paper_id in matches:
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
    async with database.transaction() as session:
        stored = await topics.get(session=session, topic_id=topic_id)
        if stored is None:
            return 0
        await papers.store(session=session, papers=kept)
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


def _fault(error: Exception) -> SweepFault:
    match error:
        case RateLimitedError():
            return SweepFault.BUSY
        case UnreachableError():
            return SweepFault.UNREACHABLE
        case SourceError():
            return SweepFault.BROKEN
        case _:
            return SweepFault.OWN


def _parsed(texts: Mapping[int, str]) -> dict[int, Query]:
    queries: dict[int, Query] = {}
    for topic_id, text in texts.items():
        try:
            queries[topic_id] = parse(text)
        except QuerySyntaxError as error:
            # One bad topic harms nothing but itself.
            _log.error("topic does not parse", topic=topic_id, reason=error.reason)
    return queries


def _union(queries: Sequence[Query]) -> frozenset[str] | None:
    confined = [categories(query) for query in queries]
    named = [names for names in confined if names is not None]
    if not queries or len(named) < len(confined):
        return None
    return frozenset().union(*named)

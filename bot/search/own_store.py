"""Own store: full-text search over the papers that the database holds, verified by the matcher.

The index gives candidates, and where it can't tell for sure our matcher decides, so that a query
means the same here as in a sweep. arXiv is not asked.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.query.ast import Query
from bot.query.matcher import matching
from bot.query.parser import QuerySyntaxError, parse_stored
from bot.search.index_query import Asked, keys_of, lookup
from bot.search.index_words import words_of
from storage import matches, paper_index, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper, Topic
from storage.objects import within
from storage.paper_index import Hit

RANKED = 5_000
"""So many of the newest papers are held against each other: every paper may have a word."""

_VERIFIED_AT_ONCE = 200
_RECORDED_AT_ONCE = 500
_INDEXED_AT_ONCE = 100
"""Papers in one go: so few that whoever taps a button meanwhile does not notice."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds in the store."""

    count: int
    """How many papers there are since the moment that was asked for."""
    papers: Sequence[Paper]
    """The newest of them."""


async def find(
    *, database: Database, query: Query, since: datetime | None = None, most: int
) -> Found:
    """Return how many papers published since then a query finds, and the newest `most` of them."""
    found = await database.read(
        lambda connection: _found_at_once(connection, query, since, most, counted=True)
    )
    if found is not None:
        return found
    async with database.reading() as session:
        asked = await within(session, partial(_asked, query=query))
        sure = await within(session, partial(_certain, asked=asked, since=since, most=most))
        count = await within(
            session, partial(_count, asked=asked, since=since, sure=sure, most=most)
        )
        others = [hit async for some in _verified(session, asked, query, since) for hit in some]
        hits = _newest_first(sure, others)[:most]
        by_id = await papers.get_many(session=session, paper_ids=[hit.paper_id for hit in hits])
    return Found(count + len(others), [by_id[hit.paper_id] for hit in hits])


async def newest(*, database: Database, query: Query, most: int) -> Sequence[Paper]:
    """Return the newest papers that a query finds; how many there are is not counted."""
    found = await database.read(
        lambda connection: _found_at_once(connection, query, None, most, counted=False)
    )
    if found is not None:
        return found.papers
    async with database.reading() as session:
        hits = await _found(session, query, None, most)
        by_id = await papers.get_many(session=session, paper_ids=[hit.paper_id for hit in hits])
    return [by_id[hit.paper_id] for hit in hits]


async def most_relevant(*, database: Database, query: Query, most: int) -> Sequence[Paper]:
    """Return the papers of the newest RANKED that are most about a query; of equals the newer."""
    async with database.reading() as session:
        hits = await _found(session, query, None, RANKED)
        if not hits:
            return []
        scores = await within(session, partial(_scores, query=query, lowest=hits[-1].number))
        best = sorted(hits, key=lambda hit: (scores.get(hit.number, 0.0), hit.number))[::-1][:most]
        by_id = await papers.get_many(session=session, paper_ids=[hit.paper_id for hit in best])
    return [by_id[hit.paper_id] for hit in best]


def _found_at_once(
    connection: Connection, query: Query, since: datetime | None, most: int, *, counted: bool
) -> Found | None:
    """Return what the index alone finds; None where the matcher has to decide, for long maybe."""
    asked = _asked(connection, query)
    if not asked.exact:
        return None
    hits = _certain(connection, asked, since, most)
    count = _count(connection, asked, since, hits, most) if counted else len(hits)
    by_id = papers.read_many(connection, paper_ids=[hit.paper_id for hit in hits])
    return Found(count, [by_id[hit.paper_id] for hit in hits])


def _scores(connection: Connection, query: Query, lowest: int) -> dict[int, float]:
    asked = _asked(connection, query)
    return paper_index.scores(connection, lookup=asked.lookup, lowest=lowest)


async def match_topic(*, database: Database, topic_id: int) -> None:
    """Record as matches all papers of the store that a topic finds, the newest first.

    What a crash interrupts begins anew with the next call, and adds nothing twice.
    """
    async with database.reading(long=True) as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        query = _unmatched(topic)
        if query is None:
            return
        found = await _found(session, query, None, None)
    for start in range(0, max(len(found), 1), _RECORDED_AT_ONCE):
        some = found[start : start + _RECORDED_AT_ONCE]
        async with database.transaction() as session:
            stored = await topics.get(session=session, topic_id=topic_id)
            if stored is None:
                return
            await matches.record_found(
                session=session,
                topic_id=topic_id,
                found=[(hit.paper_id, hit.published_at) for hit in some],
            )
            is_last = start + _RECORDED_AT_ONCE >= len(found)
            # What is still to be indexed may be on the topic as well.
            if is_last and await paper_index.unindexed_until(session=session) is None:
                stored.matched_at = utc_now()
    _log.info("topic matched", topic=topic_id, matched=len(found))


async def match_newest(*, database: Database, topic_id: int, since: datetime, most: int) -> None:
    """Record the newest of the papers since then that a topic finds, at most so many.

    Whoever follows it in the next moment is owed them; `match_topic` records all others.
    """
    async with database.reading() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        query = _unmatched(topic)
        if query is None:
            return
        found = await _found(session, query, since, most)
    async with database.transaction() as session:
        if await topics.get(session=session, topic_id=topic_id) is not None:
            await matches.record_found(
                session=session,
                topic_id=topic_id,
                found=[(hit.paper_id, hit.published_at) for hit in found],
            )


async def match_waiting(*, database: Database) -> None:
    """Match the topics that were not matched yet: after an upgrade, or a crash."""
    async with database.reading(long=True) as session:
        waiting = await topics.unmatched(session=session)
    for topic_id in waiting:
        try:
            await match_topic(database=database, topic_id=topic_id)
        except SQLAlchemyError:
            raise
        except Exception:  # noqa: BLE001 - one bad topic harms nothing but itself
            _log.exception("a topic can't be matched", topic=topic_id)


async def index_missing(*, database: Database) -> int:
    """Index the papers that are not in the index yet, the newest first; return how many."""
    indexed = 0
    while True:
        async with database.reading() as session:
            some = await paper_index.unindexed(session=session, limit=_INDEXED_AT_ONCE)
        if not some:
            return indexed
        words = await asyncio.to_thread(words_of, some)
        await database.write(partial(paper_index.write, words=words))
        indexed += len(some)


def _unmatched(topic: Topic | None) -> Query | None:
    """Return what a topic looks for that is still to be matched, None where none is."""
    if topic is None or topic.matched_at is not None:
        return None
    try:
        return parse_stored(topic.query)
    except QuerySyntaxError as error:
        # One bad topic harms nothing but itself.
        _log.error("topic does not parse", topic=topic.id, reason=error.reason)
        return None


def _asked(connection: Connection, query: Query) -> Asked:
    return lookup(query, paper_index.forms(connection, keys=keys_of(query)))


async def _found(
    session: AsyncSession, query: Query, since: datetime | None, most: int | None
) -> list[Hit]:
    """Return what a query finds, newest first, at most so many."""
    asked = await within(session, partial(_asked, query=query))
    others: list[Hit] = []
    async for some in _verified(session, asked, query, since):
        others += some
        if most is not None and len(others) >= most:
            break
    sure = await within(session, partial(_certain, asked=asked, since=since, most=most))
    return _newest_first(sure, others)[:most]


def _newest_first(some: list[Hit], others: list[Hit]) -> list[Hit]:
    return sorted([*some, *others], key=lambda hit: hit.number, reverse=True) if others else some


def _certain(
    connection: Connection, asked: Asked, since: datetime | None, most: int | None
) -> list[Hit]:
    """Return the newest of what needs no matcher."""
    if asked.certain is None:
        return []
    return paper_index.find(connection, lookup=asked.certain, since=since, limit=most)


def _count(
    connection: Connection, asked: Asked, since: datetime | None, sure: Sequence[Hit], most: int
) -> int:
    """Return how many need no matcher, of which the newest are known."""
    if asked.certain is None or len(sure) < most:
        return len(sure)
    return paper_index.count(connection, lookup=asked.certain, since=since)


async def _verified(
    session: AsyncSession, asked: Asked, query: Query, since: datetime | None
) -> AsyncIterator[list[Hit]]:
    """Yield what else a query finds, as the matcher decides, some at a time, newest first."""
    before = None
    while not asked.exact:
        find = partial(
            paper_index.find,
            lookup=asked.doubtful,
            since=since,
            before=before,
            limit=_VERIFIED_AT_ONCE,
        )
        hits = await within(session, find)
        if not hits:
            return
        before = hits[-1].number
        by_id = await papers.get_many(session=session, paper_ids=[hit.paper_id for hit in hits])
        found = await asyncio.to_thread(matching, list(by_id.values()), {"": query})
        session.expunge_all()
        wanted = set(found[""])
        yield [hit for hit in hits if hit.paper_id in wanted]

"""Ingest: papers stored, matched against all topics, and noted to be owed, a slice at a time.

A slice is one short transaction, so that nobody who writes meanwhile waits for a sweep. What makes
it whole is the order. Papers are stored first, and count as new until the end. Then the topics are
read: whoever registers one later finds all the papers in the store. Then come the matches, each
with the note that it is to be owed, and at last the papers count as swept. A crash leaves them new,
so that the next sweep matches them again, and what is there by then is not added twice.

How many matches one ingest stores is bounded, whatever the topics are: thousands of wide ones, of
which each finds nearly all papers, would keep everybody's papers waiting for minutes.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from bot.query.ast import Query
from bot.query.fair_share import trim
from bot.query.parser import QuerySyntaxError, parse_stored
from bot.search.index_words import words_of
from bot.sweep.sparing import matching_sparing
from bot.sweep.window import WINDOW, Horizon
from storage import fan_out, matches, outbox, papers, sweeps, topics
from storage.batches import batches
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper, Sweep
from storage.slices import Slices

MATCHES, MATCHES_A_TOPIC = 200_000, 100
"""So many matches are stored at once, or so many a topic on the average, whichever is more: some
seconds' work. Of 10,000 usual topics each finds 20 of a day's papers, and 70 of a week's. Where
there would be more, the topics that find the most keep their newest."""

_CHARACTERS_AT_ONCE = 500_000
"""Of queries that are matched at once, 20,000 topics as a rule: a parsed one takes twenty bytes for
each."""

_MARKED_AT_ONCE = 500
_WORDS_AT_ONCE = 500
"""Papers of which the index's words are in memory: of 3,000 they take 20 MB."""

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
    """Match what is new or reads differently now, and store all that follows from it, in slices.

    A paper that was matched before and finds another topic now, by a cross-list or a new version,
    is owed to those who never got it. entry: what the log is to say of it, stored last of all;
    None: nothing yet.
    """
    news = await database.read(partial(papers.news, papers=found), long=True)
    fresh = [paper for paper in found if paper.id in news.new or paper.id in news.changed]
    fresh.sort(key=lambda paper: (paper.published_at, paper.id), reverse=True)
    matched: dict[int, list[str]] = {}
    stored: set[str] = set()
    while True:
        queries = await database.write(topics.to_be_matched)
        come = {topic: query for topic, query in queries.items() if topic not in matched}
        most = most_matches(len(queries))
        matched |= await asyncio.to_thread(_matching, fresh, come, 2 * most)
        if (share := trim(matched.values(), most)) is not None:
            _log.warning("topics find too many papers, some keep their newest", a_topic=share)
        more = _kept(fresh, news, matched, horizon) - stored
        if not more:
            # Nothing was stored since the topics were read.
            break
        some = [paper for paper in fresh if paper.id in more]
        await store(database, some, to_be_swept=news.changed)
        stored |= more
    kinds = _kinds(fresh, late=late, news_since=horizon.news)
    done = Ingested(len(news.new), await _record(database, matched, kinds))
    await _finish(database, fresh, news, stored)
    if entry is not None:
        entry.new, entry.matched, entry.finished_at = *done, utc_now()
        async with database.transaction() as session:
            await sweeps.add(session=session, sweep=entry)
    return done


def most_matches(topics: int) -> int:
    """Return how many matches are stored at once for so many topics."""
    return max(MATCHES, MATCHES_A_TOPIC * topics)


def _kept(
    fresh: Sequence[Paper],
    news: papers.News,
    matched: Mapping[int, Sequence[str]],
    horizon: Horizon,
) -> set[str]:
    """Return which papers are to be stored: those of the last weeks, and what a topic finds."""
    recent = {paper.id for paper in fresh if paper.published_at >= horizon.held}
    return recent.union(news.changed, *matched.values())


async def store(
    database: Database, some: Sequence[Paper], *, to_be_swept: Collection[str] = ()
) -> None:
    """Store papers in slices; to_be_swept: those that count as new from now on."""
    slices = Slices(first=10, least=5, most=100)
    # In one order everywhere: two that wait for each other would be a deadlock.
    for batch in batches(sorted(some, key=lambda paper: paper.id), _WORDS_AT_ONCE):
        words, rest = await asyncio.to_thread(words_of, batch), batch
        while rest:
            part, rest = rest[: slices.size], rest[slices.size :]
            work = partial(
                papers.store_slice,
                papers=part,
                words={paper.id: words[paper.id] for paper in part},
                to_be_swept=to_be_swept,
            )
            await slices.write(database, work)


class _Kind(NamedTuple):
    """Matches that are to be owed alike, and are all recorded at one moment of their own."""

    matched_at: datetime
    followed_before: datetime | None = None
    """Owed only to those who followed the topic before this; None: to all."""
    news: bool = True
    """Whether they are owed to anybody."""


class _Kinds(NamedTuple):
    """What kind of match each paper makes."""

    of: Mapping[str, _Kind]
    published_at: Mapping[str, datetime]


def _kinds(fresh: Sequence[Paper], *, late: datetime, news_since: datetime) -> _Kinds:
    """Tell which papers are news, and to whom.

    A paper that is found late is owed to those only who followed within a week of its submission:
    to others it is not late but old.
    """
    now = utc_now()
    soon, old = _Kind(now), _Kind(now + timedelta(microseconds=1), news=False)
    of: dict[str, _Kind] = {}
    by_day: dict[object, list[Paper]] = {}
    for paper in fresh:
        if paper.published_at >= max(late, news_since):
            of[paper.id] = soon
        elif paper.published_at >= news_since:
            by_day.setdefault(paper.published_at.date(), []).append(paper)
        else:
            of[paper.id] = old
    for number, day in enumerate(by_day.values(), 2):
        submitted = min(paper.published_at for paper in day)
        kind = _Kind(now + timedelta(microseconds=number), submitted + WINDOW)
        of |= {paper.id: kind for paper in day}
    return _Kinds(of, {paper.id: paper.published_at for paper in fresh})


async def _record(database: Database, matched: Mapping[int, Sequence[str]], kinds: _Kinds) -> int:
    """Record matches with the note of what is to be owed; return how many are new."""
    dates = {
        paper_id: (kinds.published_at[paper_id], kind.matched_at)
        for paper_id, kind in kinds.of.items()
    }
    moments = await database.read(partial(matches.moments, dates=dates), long=True)
    await _note_topics(database, matched)
    slices = Slices(first=1_000, least=1_000, most=20_000)
    new, rest = 0, sorted(topic_id for topic_id, ids in matched.items() if ids)
    while rest:
        part = list(_until(rest, matched, slices.size))
        rest = rest[len(part) :]
        found = {topic_id: matched[topic_id] for topic_id in part}
        work = partial(_record_slice, found=found, moments=moments, kinds=kinds.of)
        try:
            new += await slices.write(database, work)
        except IntegrityError:
            # Nobody followed one of these topics, and it was forgotten, some of it, meanwhile.
            await _note_topics(database, found)
            new += await slices.write(database, work)
    return new


async def _note_topics(database: Database, matched: Mapping[int, Sequence[str]]) -> None:
    """Note by paper which topics found it, in the order in which they are kept."""
    by_paper = await asyncio.to_thread(_by_paper, matched)
    slices, pairs = Slices(first=1_000, least=1_000, most=20_000), list[tuple[str, int]]()
    for paper_id in sorted(by_paper):
        pairs += [(paper_id, topic_id) for topic_id in by_paper[paper_id]]
        while len(pairs) >= slices.size:
            some, pairs = pairs[: slices.size], pairs[slices.size :]
            await slices.write(database, partial(matches.note_topics, pairs=some))
    await slices.write(database, partial(matches.note_topics, pairs=pairs))


def _by_paper(matched: Mapping[int, Sequence[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for topic_id in sorted(matched):
        for paper_id in matched[topic_id]:
            found.setdefault(paper_id, []).append(topic_id)
    return found


def _until(
    topic_ids: Sequence[int], matched: Mapping[int, Sequence[str]], most: int
) -> Iterator[int]:
    """Yield topics until they have so many matches."""
    reckoned = 0
    for topic_id in topic_ids:
        yield topic_id
        reckoned += len(matched[topic_id])
        if reckoned >= most:
            return


def _record_slice(
    connection: Connection,
    found: Mapping[int, Sequence[str]],
    moments: Mapping[str, matches.Moments],
    kinds: Mapping[str, _Kind],
) -> int:
    done = matches.record(connection, found, moments)
    noted = {
        (topic_id, kind.matched_at, kind.followed_before)
        for topic_id in done.topics
        for kind in {kinds[paper_id] for paper_id in found[topic_id]}
        if kind.news
    }
    fan_out.note(connection, noted)
    return done.new


async def _finish(
    database: Database, fresh: Sequence[Paper], news: papers.News, stored: set[str]
) -> None:
    """Stop owing what was withdrawn; then all that is stored counts as swept."""
    await drop_withdrawn(database, fresh)
    now = utc_now()
    swept = {paper_id: news.changed.get(paper_id, now) for paper_id in stored}
    for some in batches(sorted(stored), _MARKED_AT_ONCE):
        marks = {paper_id: swept[paper_id] for paper_id in some}
        await database.write(partial(papers.mark_swept, swept=marks))


async def drop_withdrawn(database: Database, some: Sequence[Paper]) -> None:
    """Stop owing those of these papers that their authors took back."""
    withdrawn = [paper.id for paper in some if paper.withdrawn]
    if not withdrawn:
        return
    waiting = await database.read(partial(outbox.waiting_for, paper_ids=withdrawn), long=True)
    for ids in batches(waiting, _MARKED_AT_ONCE):
        await database.write(partial(outbox.drop, delivery_ids=ids, reason="withdrawn"))


def _matching(found: Sequence[Paper], texts: Mapping[int, str], most: int) -> dict[int, list[str]]:
    """Return what each topic finds, at most so much in all; nothing for one that does not parse."""
    matched: dict[int, list[str]] = {topic: [] for topic in texts}
    if found:
        for some in _parts(texts):
            matched |= matching_sparing(found, _parsed(some), most=most)
            trim(matched.values(), most)
    return matched


def _parts(texts: Mapping[int, str]) -> Iterator[dict[int, str]]:
    """Cut topics into parts that are matched at once."""
    part: dict[int, str] = {}
    characters = 0
    for topic_id, text in texts.items():
        part[topic_id] = text
        characters += len(text)
        if characters >= _CHARACTERS_AT_ONCE:
            yield part
            part, characters = {}, 0
    if part:
        yield part


def _parsed(texts: Mapping[int, str]) -> dict[int, Query]:
    queries: dict[int, Query] = {}
    for topic_id, text in texts.items():
        try:
            queries[topic_id] = parse_stored(text)
        except QuerySyntaxError as error:
            # One bad topic harms nothing but itself.
            _log.error("topic does not parse", topic=topic_id, reason=error.reason)
    return queries

"""Matches: which papers each topic found, and the labels that a chat knows them by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter

from sqlalchemy import ColumnElement, distinct, func, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.columns import utc_now
from storage.models import Match, Paper, Subscription, Sweep
from storage.upsert import insert_or_ignore

_TOPICS = 100
"""Topics a statement: databases limit the parts of one."""

_ROWS = 10_000
"""Matches that are in memory as rows at once: a sweep may find a million."""

_LATE = timedelta(days=60)
"""What a sweep finds is hardly ever this much older than its window."""


async def record_matches(
    *, session: AsyncSession, matches: Mapping[int, Iterable[Paper]]
) -> set[tuple[int, str]]:
    """Store which papers each topic (by id) matched; return the (topic, paper) ids that are new."""
    now = utc_now()
    rows = (
        {
            "topic_id": topic_id,
            "paper_id": paper.id,
            "published_at": paper.published_at,
            "created_at": now,
        }
        for topic_id, papers in matches.items()
        for paper in papers
    )
    added: set[tuple[int, str]] = set()
    while some := list(islice(rows, _ROWS)):
        new = await insert_or_ignore(session, Match, some)
        added.update((topic_id, paper_id) for topic_id, paper_id in new)
    return added


async def record_found(
    *, session: AsyncSession, topic_id: int, found: Iterable[tuple[str, datetime]]
) -> None:
    """Store that a topic matched papers, of which the id and the date of publication are given.

    A paper that has gone meanwhile is left out.
    """
    dates = dict(found)
    for ids in batches(sorted(dates)):
        mine = select(Paper.id).where(col(Paper.id).in_(ids)).with_for_update(read=True)
        left = (await session.exec(mine)).all()
        moments = {"created_at": utc_now()}
        rows = [
            {"topic_id": topic_id, "paper_id": one, "published_at": dates[one], **moments}
            for one in left
        ]
        await insert_or_ignore(session, Match, rows)


async def newest(
    *,
    session: AsyncSession,
    topic_id: int,
    limit: int,
    period: tuple[datetime, datetime] | None = None,
) -> Sequence[Paper]:
    """Return a topic's newest papers, or those published in this time, newest first."""
    query = (
        select(Paper)
        .join(Match, col(Match.paper_id) == col(Paper.id))
        .where(Match.topic_id == topic_id, *_within(period))
        .order_by(col(Match.published_at).desc(), col(Match.paper_id).desc())
        .limit(limit)
    )
    return (await session.exec(query)).all()


async def newest_ids(
    *,
    session: AsyncSession,
    topic_ids: Iterable[int],
    limit: int,
    period: tuple[datetime, datetime] | None = None,
) -> dict[int, list[str]]:
    """Return by topic the ids of what `newest` returns of each: one statement for a digest."""
    found: dict[int, list[str]] = {topic_id: [] for topic_id in topic_ids}
    for some in batches(list(found), _TOPICS):
        parts = (
            select(Match.topic_id, Match.paper_id, Match.published_at)
            .where(Match.topic_id == topic_id, *_within(period))
            .order_by(col(Match.published_at).desc(), col(Match.paper_id).desc())
            .limit(limit)
            .subquery()
            for topic_id in some
        )
        every = union_all(*(part.select() for part in parts)).subquery()
        query = select(every.c.topic_id, every.c.paper_id, every.c.published_at)
        rows = (await session.exec(query)).all()
        for topic_id, paper_id, _published in sorted(rows, key=itemgetter(2, 1), reverse=True):
            found[topic_id].append(paper_id)
    return found


def _within(period: tuple[datetime, datetime] | None) -> list[ColumnElement[bool]]:
    if period is None:
        return []
    return [col(Match.published_at) >= period[0], col(Match.published_at) <= period[1]]


async def newest_for_chat(*, session: AsyncSession, chat_id: int, limit: int) -> Sequence[Paper]:
    """Return the newest papers on everything a chat follows, each once, newest first.

    Of each topic only its own newest are read, so that rare topics cost no more than others.
    """
    mine = select(Subscription.topic_id).where(Subscription.chat_id == chat_id)
    topic_ids = (await session.exec(mine)).all()
    by_topic = await newest_ids(session=session, topic_ids=topic_ids, limit=limit)
    ids = list({paper_id for ids in by_topic.values() for paper_id in ids})
    newest: list[tuple[datetime, str]] = []
    for some in batches(ids):
        query = select(Paper.published_at, Paper.id).where(col(Paper.id).in_(some))
        newest += (await session.exec(query)).all()
    chosen = [paper_id for _published, paper_id in sorted(newest, reverse=True)[:limit]]
    found = (await session.exec(select(Paper).where(col(Paper.id).in_(chosen)))).all()
    by_id = {paper.id: paper for paper in found}
    return [by_id[paper_id] for paper_id in chosen if paper_id in by_id]


async def published_since(*, session: AsyncSession, topic_id: int, since: datetime) -> int:
    """Return how many of a topic's papers were published since then."""
    query = (
        select(func.count())
        .select_from(Match)
        .where(Match.topic_id == topic_id, Match.published_at >= since)
    )
    return (await session.exec(query)).one()


async def published_between(
    *, session: AsyncSession, topic_ids: Iterable[int], start: datetime, end: datetime
) -> dict[int, int]:
    """Return by topic how many of its papers were published from `start` to before `end`."""
    counts: dict[int, int] = {}
    for some in batches(list(topic_ids), _TOPICS):
        query = (
            select(Match.topic_id, func.count())
            .where(
                col(Match.topic_id).in_(some),
                Match.published_at >= start,
                Match.published_at < end,
            )
            .group_by(col(Match.topic_id))
        )
        counts.update((await session.exec(query)).all())
    return counts


async def new_on_topics(*, session: AsyncSession, chat_id: int, sweep: Sweep) -> int:
    """Return how many of the papers that were new to a sweep are on a chat's topics.

    Whether they came to be there by the sweep or because somebody followed a topic after it.
    """
    query = (
        select(func.count(distinct(col(Match.paper_id))))
        .join(Subscription, col(Subscription.topic_id) == col(Match.topic_id))
        .join(Paper, col(Paper.id) == col(Match.paper_id))
        .where(
            Subscription.chat_id == chat_id,
            Match.published_at >= sweep.window_from - _LATE,
            col(Paper.swept_at) >= sweep.started_at,
            col(Paper.swept_at) <= (sweep.finished_at or sweep.started_at),
        )
    )
    return (await session.exec(query)).one()


async def labels(
    *, session: AsyncSession, chat_id: int, paper_ids: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the chat's labels of the topics that each paper matched, in the chat's own order."""
    found = (await on_papers_of(session=session, paper_ids={chat_id: paper_ids}))[chat_id]
    return {
        paper_id: tuple(entry.label for entry in entries) for paper_id, entries in found.items()
    }


async def on_papers_of(
    *, session: AsyncSession, paper_ids: Mapping[int, Iterable[str]]
) -> dict[int, dict[str, list[Subscription]]]:
    """Return by chat its subscriptions to the topics that each of these papers matched.

    In the chat's own order.
    """
    wanted = {chat_id: set(ids) for chat_id, ids in paper_ids.items()}
    query = (
        select(Match.paper_id, Subscription)
        .join(Subscription, col(Subscription.topic_id) == col(Match.topic_id))
        .where(
            col(Subscription.chat_id).in_(list(wanted)),
            col(Match.paper_id).in_(list(set().union(*wanted.values()))),
        )
        .order_by(col(Subscription.position), col(Subscription.id))
    )
    found: dict[int, dict[str, list[Subscription]]] = {chat_id: {} for chat_id in wanted}
    for paper_id, entry in (await session.exec(query)).all():
        if paper_id in wanted[entry.chat_id]:
            found[entry.chat_id].setdefault(paper_id, []).append(entry)
    return found

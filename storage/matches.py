"""Matches: which papers each topic found, and the labels that a chat knows them by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, bindparam, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import papers
from storage.batches import batches
from storage.columns import UtcDateTime, UtcMicroseconds, utc_now
from storage.match_models import PaperTopic
from storage.models import Match, Paper, Subscription, Sweep, Topic
from storage.objects import within
from storage.upsert import driver_value, insert_or_ignore, insert_rows

_TOPICS = 100
"""Topics a statement: databases limit the parts of one."""

_COLUMNS = ("topic_id", "paper_id", "published_at", "created_at")


class Moments(NamedTuple):
    """What of a paper stands in all of its matches, as the driver takes it."""

    published_at: Any
    matched_at: Any


def moments(
    connection: Connection, dates: Mapping[str, tuple[datetime, datetime]]
) -> dict[str, Moments]:
    """Return by paper what `record` takes, given when it was published and when it is matched."""
    names = ("published_at", "created_at")
    return {
        paper_id: Moments(
            *(
                driver_value(connection, Match, name, value)
                for name, value in zip(names, both, strict=True)
            )
        )
        for paper_id, both in dates.items()
    }


class Recorded(NamedTuple):
    """What became of a slice."""

    topics: Sequence[int]
    """Those that are still there."""
    new: int
    """How many matches are new."""


def note_topics(connection: Connection, pairs: list[tuple[str, int]]) -> None:
    """Note by paper which topics found it, before `record` stores the matches."""
    insert_rows(connection, PaperTopic, ("paper_id", "topic_id"), pairs)


def record(
    connection: Connection, found: Mapping[int, Sequence[str]], moments: Mapping[str, Moments]
) -> Recorded:
    """Store which papers topics found; a second time that changes nothing."""
    # Against being deleted alone: whoever updates one of them meanwhile may.
    there = select(Topic.id).where(col(Topic.id).in_(list(found)))
    there = there.with_for_update(read=True, key_share=True)
    left = sorted(connection.scalars(there))
    rows = [
        (topic_id, paper_id, *moments[paper_id])
        for topic_id in left
        for paper_id in sorted(found[topic_id])
    ]
    return Recorded(left, insert_rows(connection, Match, _COLUMNS, rows))


async def record_found(
    *, session: AsyncSession, topic_id: int, found: Iterable[tuple[str, datetime]]
) -> None:
    """Store that a topic matched papers, of which the id and the date of publication are given.

    A paper that has gone meanwhile is left out.
    """
    dates = dict(found)
    for ids in batches(sorted(dates)):
        mine = select(Paper.id).where(col(Paper.id).in_(ids))
        mine = mine.with_for_update(read=True, key_share=True)
        # In one order everywhere: two that wait for each other would be a deadlock.
        left = sorted((await session.exec(mine)).all())
        moments = {"created_at": utc_now()}
        rows = [
            {"topic_id": topic_id, "paper_id": one, "published_at": dates[one], **moments}
            for one in left
        ]
        await _note_topics(session, rows)
        await insert_or_ignore(session, Match, rows)


async def _note_topics(session: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    pairs = sorted((row["paper_id"], row["topic_id"]) for row in rows)
    named = [{"paper_id": paper_id, "topic_id": topic_id} for paper_id, topic_id in pairs]
    await insert_or_ignore(session, PaperTopic, named)


class Found(NamedTuple):
    """A paper that a topic found."""

    paper_id: str
    published_at: datetime


def newest_found(
    connection: Connection,
    *,
    topic_ids: Iterable[int],
    limit: int,
    period: tuple[datetime, datetime] | None = None,
) -> dict[int, list[Found]]:
    """Return by topic its newest papers, or those published in this time, newest first."""
    start, end = period or (None, None)
    statement = _NEWEST if period is None else _NEWEST_WITHIN
    found: dict[int, list[Found]] = {}
    for topic_id in topic_ids:
        asked = {"topic_id": topic_id, "most": limit, "start": start, "end": end}
        found[topic_id] = [Found(*row) for row in connection.execute(statement, asked)]
    return found


_NEWEST = (
    select(Match.paper_id, Match.published_at)
    .where(col(Match.topic_id) == bindparam("topic_id"))
    .order_by(col(Match.published_at).desc(), col(Match.paper_id).desc())
    .limit(bindparam("most", type_=Integer()))
)
_NEWEST_WITHIN = _NEWEST.where(
    col(Match.published_at) >= bindparam("start", type_=UtcMicroseconds()),
    col(Match.published_at) <= bindparam("end", type_=UtcMicroseconds()),
)


def newest_for_chat(connection: Connection, *, chat_id: int, limit: int) -> list[Paper]:
    """Return the newest papers on everything a chat follows, each once, newest first.

    Of each topic only its own newest are read, so that rare topics cost no more than others.
    """
    topic_ids = connection.execute(_TOPICS_OF, {"chat_id": chat_id}).scalars().all()
    by_topic = newest_found(connection, topic_ids=topic_ids, limit=limit)
    every = {(at, paper_id) for found in by_topic.values() for paper_id, at in found}
    chosen = [paper_id for _at, paper_id in sorted(every, reverse=True)[:limit]]
    by_id = papers.read_many(connection, paper_ids=chosen)
    return [by_id[paper_id] for paper_id in chosen]


_TOPICS_OF = select(Subscription.topic_id).where(col(Subscription.chat_id) == bindparam("chat_id"))


def published_between(
    connection: Connection, *, topic_ids: Iterable[int], start: datetime, end: datetime
) -> dict[int, int]:
    """Return by topic how many of its papers were published from `start` to before `end`."""
    counts: dict[int, int] = {}
    for some in batches(list(topic_ids), _TOPICS):
        period = {"topic_ids": some, "start": start, "end": end}
        counts.update((topic, n) for topic, n in connection.execute(_PUBLISHED_BETWEEN, period))
    return counts


_PUBLISHED_BETWEEN = (
    select(Match.topic_id, func.count())
    .where(
        col(Match.topic_id).in_(bindparam("topic_ids", expanding=True)),
        col(Match.published_at) >= bindparam("start", type_=UtcMicroseconds()),
        col(Match.published_at) < bindparam("end", type_=UtcMicroseconds()),
    )
    .group_by(col(Match.topic_id))
)


def newest_categories(connection: Connection, *, topic_id: int, limit: int) -> list[list[str]]:
    """Return the categories of a topic's newest papers, newest first."""
    found = connection.execute(_CATEGORIES, {"topic_id": topic_id, "most": limit})
    return list(found.scalars())


_CATEGORIES = (
    select(Paper.categories)
    .join(Match, col(Match.paper_id) == col(Paper.id))
    .where(col(Match.topic_id) == bindparam("topic_id"))
    .order_by(col(Match.published_at).desc(), col(Match.paper_id).desc())
    .limit(bindparam("most", type_=Integer()))
)


async def new_on_topics(*, session: AsyncSession, chat_id: int, sweep: Sweep) -> int:
    """Return how many of the papers that were new to a sweep are on a chat's topics.

    Whether they came to be there by the sweep or because somebody followed a topic after it.
    """
    return await within(
        session, lambda connection: new_to(connection, chat_id=chat_id, sweep=sweep)
    )


def new_to(connection: Connection, *, chat_id: int, sweep: Sweep) -> int:
    """Return the same within work in a thread."""
    asked = {
        "chat_id": chat_id,
        "started": sweep.started_at,
        "finished": sweep.finished_at or sweep.started_at,
    }
    return connection.execute(_NEW_TO, asked).scalar_one()


_NEW_TO = (
    select(func.count())
    .select_from(Paper)
    .where(
        col(Paper.swept_at) >= bindparam("started", type_=UtcDateTime()),
        col(Paper.swept_at) <= bindparam("finished", type_=UtcDateTime()),
        # From the papers to the topics, of which the largest have more than a sweep brings: one
        # look for a paper, and not one for each topic, which the sum forbids.
        select(PaperTopic.paper_id)
        .where(
            col(PaperTopic.paper_id) == col(Paper.id),
            (col(PaperTopic.topic_id) + 0).in_(_TOPICS_OF),
        )
        .exists(),
    )
)


def labels(
    connection: Connection, *, chat_id: int, paper_ids: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the chat's labels of the topics that each paper matched, in the chat's own order."""
    found: dict[str, tuple[str, ...]] = {}
    asked = {"chat_id": chat_id, "paper_ids": list(paper_ids)}
    for paper_id, label in connection.execute(_LABELS, asked):
        found[paper_id] = (*found.get(paper_id, ()), label)
    return found


_LABELS = (
    select(Match.paper_id, Subscription.label)
    .join(Subscription, col(Subscription.topic_id) == col(Match.topic_id))
    .where(
        col(Subscription.chat_id) == bindparam("chat_id"),
        col(Match.paper_id).in_(bindparam("paper_ids", expanding=True)),
    )
    .order_by(col(Subscription.position), col(Subscription.id))
)

"""Topics and subscriptions: queries stored once, and the chats that follow them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, exists, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from storage.columns import table_of
from storage.match_models import PaperTopic
from storage.models import Match, Subscription, Topic
from storage.objects import loaded
from storage.upsert import insert_or_ignore

_IS_FOLLOWED = exists().where(col(Subscription.topic_id) == col(Topic.id))


class Followed(NamedTuple):
    """A topic as one chat sees it."""

    subscription: Subscription
    topic: Topic


async def register(*, session: AsyncSession, query: str) -> Topic:
    """Return the topic of a normalised query, made where it is new."""
    await insert_or_ignore(session, Topic, [{"query": query}])
    return (await session.exec(select(Topic).where(Topic.query == query))).one()


class Known(NamedTuple):
    """A topic, and whether a chat follows it."""

    topic: Topic
    followed: bool


def known_to(connection: Connection, *, query: str, chat_id: int) -> Known | None:
    """Return the topic of a normalised query as a chat sees it, within work in a thread."""
    row = connection.execute(_KNOWN_TO, {"query": query, "chat_id": chat_id}).first()
    return None if row is None else Known(loaded(Topic, row[:-1]), row[-1])


_KNOWN_TO = select(
    Topic,
    exists().where(
        col(Subscription.topic_id) == col(Topic.id),
        col(Subscription.chat_id) == bindparam("chat_id"),
    ),
).where(col(Topic.query) == bindparam("query"))


async def get(*, session: AsyncSession, topic_id: int) -> Topic | None:
    """Return the topic by its id."""
    return await session.get(Topic, topic_id)


async def followed(*, session: AsyncSession) -> Sequence[Topic]:
    """Return every topic that at least one chat follows."""
    return (await session.exec(select(Topic).where(_IS_FOLLOWED))).all()


def to_be_matched(connection: Connection) -> dict[int, str]:
    """Return the queries that papers are matched against, by topic: those that somebody follows.

    The others are matched against the store when somebody does, so they count as unmatched from
    here on: what nobody follows costs a sweep nothing.
    """
    connection.execute(_LAPSE)
    return dict(connection.execute(_TO_BE_MATCHED).all())


_LAPSE = (
    update(Topic).where(col(Topic.matched_at).is_not(None), ~_IS_FOLLOWED).values(matched_at=None)
)
_TO_BE_MATCHED = select(Topic.id, Topic.query).where(_IS_FOLLOWED)


async def unbackfilled(*, session: AsyncSession, limit: int) -> Sequence[Topic]:
    """Return followed topics whose own search arXiv has not answered yet, the newest first."""
    query = (
        select(Topic)
        .where(col(Topic.backfilled_at).is_(None), _IS_FOLLOWED)
        .order_by(col(Topic.id).desc())
        .limit(limit)
    )
    return (await session.exec(query)).all()


async def note_backfilled(*, session: AsyncSession, topic_id: int, now: datetime) -> None:
    """Note that arXiv has told a topic's past; one that is gone meanwhile stays gone."""
    topic = await session.get(Topic, topic_id)
    if topic is not None:
        topic.backfilled_at = now


async def unmatched(*, session: AsyncSession) -> Sequence[int]:
    """Return the followed topics (ids) that were not matched against the whole store yet."""
    query = select(Topic.id).where(col(Topic.matched_at).is_(None), _IS_FOLLOWED)
    return (await session.exec(query)).all()


async def subscribe(
    *, session: AsyncSession, chat_id: int, topic_id: int, label: str, **choices: Any
) -> Subscription:
    """Let a chat follow a topic, last of all; one that it follows already is left as it is.

    `choices`: `position`, `cap`, `muted` and `paused`, where they are known.
    """
    last = func.coalesce(func.max(Subscription.position) + 1, 0)
    position = (await session.exec(select(last).where(Subscription.chat_id == chat_id))).one()
    values = {"chat_id": chat_id, "topic_id": topic_id, "label": label, "position": position}
    await insert_or_ignore(session, Subscription, [values | choices])
    return (await session.exec(_subscription(chat_id, topic_id))).one()


async def subscription(
    *, session: AsyncSession, chat_id: int, topic_id: int
) -> Subscription | None:
    """Return a chat's subscription to a topic, if it has one."""
    return (await session.exec(_subscription(chat_id, topic_id))).first()


def _subscription(chat_id: int, topic_id: int) -> SelectOfScalar[Subscription]:
    return select(Subscription).where(
        Subscription.chat_id == chat_id, Subscription.topic_id == topic_id
    )


async def unsubscribe(*, session: AsyncSession, chat_id: int, topic_id: int) -> Subscription | None:
    """End a chat's subscription and return it; None where there was none."""
    found = await subscription(session=session, chat_id=chat_id, topic_id=topic_id)
    if found is not None:
        await session.delete(found)
    return found


async def move(*, session: AsyncSession, chat_id: int, topic_id: int, by: int) -> None:
    """Move one of a chat's topics down by so many places, up where `by` is negative."""
    order = await subscriptions(session=session, chat_id=chat_id)
    places = [entry.topic.id for entry in order]
    if topic_id not in places:
        return
    old = places.index(topic_id)
    order.insert(max(0, old + by), order.pop(old))
    for place, entry in enumerate(order):
        entry.subscription.position = place


async def subscriptions(*, session: AsyncSession, chat_id: int) -> list[Followed]:
    """Return what a chat follows, in its own order."""
    rows = await session.exec(_FOLLOWED, params={"chat_id": chat_id})
    return [Followed(*row) for row in rows.all()]


def followed_by(connection: Connection, *, chat_id: int) -> list[Followed]:
    """Return the same within work in a thread."""
    mine = len(table_of(Subscription).columns)
    return [
        Followed(loaded(Subscription, row[:mine]), loaded(Topic, row[mine:]))
        for row in connection.execute(_FOLLOWED, {"chat_id": chat_id})
    ]


_FOLLOWED = (
    select(Subscription, Topic)
    .join(Topic, col(Topic.id) == col(Subscription.topic_id))
    .where(col(Subscription.chat_id) == bindparam("chat_id"))
    .order_by(col(Subscription.position), col(Subscription.id))
)


def change_subscription(
    connection: Connection, *, chat_id: int, topic_id: int, values: Mapping[str, Any]
) -> None:
    """Change what a chat chose for a topic; nothing happens where it does not follow it."""
    connection.execute(
        update(Subscription)
        .where(col(Subscription.chat_id) == chat_id, col(Subscription.topic_id) == topic_id)
        .values(values)
    )


def remove_unfollowed_slice(
    connection: Connection, *, now: datetime, age: timedelta, most: int
) -> int | None:
    """Forget topics that were looked at but that nobody follows; return how many, None at the end.

    It stops where about `most` matches went with them. A topic that loses only some of its matches
    counts as never matched: whoever follows it in the next moment has all of them found again.
    """
    return _remove_slice(connection, col(Topic.created_at) < now - age, most)


def remove_left_slice(
    connection: Connection, *, topic_ids: Collection[int], most: int
) -> int | None:
    """Forget those of these topics that nobody follows, however new, in the same way."""
    return _remove_slice(connection, col(Topic.id).in_(topic_ids), most)


def _remove_slice(connection: Connection, rule: ColumnElement[bool], most: int) -> int | None:
    removed = 0
    while most > 0:
        due = select(Topic.id).where(rule, ~_IS_FOLLOWED)
        topic_id = connection.scalar(due.order_by(col(Topic.id)).limit(1).with_for_update())
        if topic_id is None:
            return removed or None
        this = col(Topic.id) == topic_id
        connection.execute(update(Topic).where(this).values(matched_at=None, backfilled_at=None))
        some = select(Match.paper_id).where(Match.topic_id == topic_id).limit(most)
        gone = connection.execute(
            # And with these the matches.
            delete(PaperTopic).where(
                col(PaperTopic.topic_id) == topic_id, col(PaperTopic.paper_id).in_(some)
            )
        ).rowcount
        if gone < most:
            connection.execute(delete(Topic).where(this))
            removed += 1
        most -= gone + 1
    return removed

"""Fan-out: new matches become deliveries to the chats that follow the topic, in slices."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, Select, bindparam, func, literal, text, true
from sqlalchemy import select as select_any
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.columns import UtcMicroseconds, table_of, utc_now
from storage.dialect_insert import insert_of
from storage.match_models import DeliveredPaper, FreshBatch
from storage.models import (
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    Subscription,
)
from storage.shielded import execute
from storage.upsert import driver_value, insert_from_select, insert_rows

FIRST_WEEK = timedelta(days=7)
"""A new subscription starts with what came in this time."""

FIRST_PUSHES = 30
"""As much of it as so many pushes bring: what a push leaves is owed for thirty days."""


class Place(NamedTuple):
    """How far the fan-out is: all subscriptions up to this one, by chat, have been looked at."""

    chat_id: int
    topic_id: int


START = Place(-(1 << 62), 0)


class Batch(NamedTuple):
    """A topic's matches of one moment that are still to be owed."""

    topic_id: int
    matched_at: datetime
    matches: int


def note(
    connection: Connection, batches: Collection[tuple[int, datetime, datetime | None]]
) -> None:
    """Note batches of matches: topic, when they were recorded, and who is owed them.

    The last is the moment before which one must have followed the topic; None: all are owed them.
    """
    names = ("topic_id", "matched_at", "followed_before")
    rows = [
        (
            topic_id,
            driver_value(connection, FreshBatch, "matched_at", matched_at),
            driver_value(connection, FreshBatch, "followed_before", followed_before),
        )
        for topic_id, matched_at, followed_before in sorted(batches, key=itemgetter(0))
    ]
    insert_rows(connection, FreshBatch, names, rows)


def fresh_batches(connection: Connection) -> list[Batch]:
    """Return what was noted and is still to be owed."""
    return [Batch(*row) for row in connection.execute(_BATCHES)]


def papers_to_be_owed(connection: Connection) -> list[str]:
    """Return the papers of what was noted, where anybody follows the topic."""
    return list(connection.scalars(_PAPERS))


def note_delivered(connection: Connection, paper_ids: Collection[str]) -> None:
    """Note that there are, or soon will be, deliveries of these papers."""
    for some in batches(sorted(paper_ids)):
        connection.execute(_delivered(connection.dialect.name), {"paper_ids": some})


def following(connection: Connection, *, after: Place, limit: int) -> Sequence[tuple[int, int]]:
    """Return the next subscriptions to topics with new matches, by chat and topic: many Places."""
    bounds = {"chat": after.chat_id, "topic": after.topic_id, "limit": limit}
    return connection.execute(_FOLLOWING, bounds).all()


def fan_out_slice(connection: Connection, *, after: Place, last: Place) -> int:
    """Make deliveries of what was noted to these subscriptions; return how many are new.

    A chat that was owed a paper before, for whatever topic, is not owed it again; a chat that
    Telegram calls unreachable is owed nothing; a withdrawn paper is owed to nobody.
    """
    bounds = {"chat": after.chat_id, "topic": after.topic_id}
    bounds |= {"last_chat": last.chat_id, "last_topic": last.topic_id}
    made = connection.execute(_FAN_OUT, {**bounds, "now": utc_now()})
    return made.rowcount


def forget(connection: Connection, batches: Sequence[Batch]) -> None:
    """Forget what was noted: all who follow have been owed it."""
    keys = [{"topic": one.topic_id, "moment": one.matched_at} for one in batches]
    if keys:
        connection.execute(_FORGET, keys)


@cache
def _delivered(dialect: str) -> Any:
    there = select_any(col(Paper.id)).where(
        col(Paper.id).in_(bindparam("paper_ids", expanding=True))
    )
    return (
        insert_of(dialect)(table_of(DeliveredPaper))
        .from_select(["paper_id"], there.with_for_update(read=True, key_share=True))
        .on_conflict_do_nothing()
    )


_BATCHES = (
    select_any(
        col(FreshBatch.topic_id), col(FreshBatch.matched_at), func.count(col(Match.paper_id))
    )
    .outerjoin(
        Match,
        (col(Match.topic_id) == col(FreshBatch.topic_id))
        & (col(Match.created_at) == col(FreshBatch.matched_at)),
    )
    .group_by(col(FreshBatch.topic_id), col(FreshBatch.matched_at))
)
_PAPERS = text(
    "SELECT DISTINCT match.paper_id FROM fresh_batch CROSS JOIN match"
    " WHERE match.topic_id = fresh_batch.topic_id AND match.created_at = fresh_batch.matched_at"
    " AND EXISTS (SELECT 1 FROM subscription WHERE subscription.topic_id = fresh_batch.topic_id)"
)
_FOLLOWING = text(
    "SELECT chat_id, topic_id FROM subscription WHERE (chat_id, topic_id) > (:chat, :topic)"
    # Behind IN, SQLite would begin with the topics, and sort all subscriptions for each page.
    " AND EXISTS (SELECT 1 FROM fresh_batch WHERE fresh_batch.topic_id = subscription.topic_id)"
    " ORDER BY chat_id, topic_id LIMIT :limit"
).columns(chat_id=Integer(), topic_id=Integer())
# CROSS JOIN: SQLite takes the tables in this order, and so the chats one after the other.
# https://sqlite.org/optoverview.html#manual_control_of_query_plans_using_cross_join
_FAN_OUT = (
    text(
        "INSERT INTO delivery (chat_id, paper_id, state, attempts, next_try_at, created_at)"
        " SELECT subscription.chat_id, match.paper_id, 'pending', 0, :now, :now"
        " FROM subscription CROSS JOIN fresh_batch CROSS JOIN match"
        " CROSS JOIN chat CROSS JOIN paper"
        " WHERE (subscription.chat_id, subscription.topic_id) > (:chat, :topic)"
        " AND (subscription.chat_id, subscription.topic_id) <= (:last_chat, :last_topic)"
        " AND fresh_batch.topic_id = subscription.topic_id"
        " AND (fresh_batch.followed_before IS NULL"
        " OR subscription.created_at < fresh_batch.followed_before)"
        " AND match.topic_id = fresh_batch.topic_id AND match.created_at = fresh_batch.matched_at"
        " AND chat.id = subscription.chat_id AND chat.state != 'blocked'"
        " AND paper.id = match.paper_id AND NOT paper.withdrawn ON CONFLICT DO NOTHING"
    )
    .bindparams(bindparam("now", type_=UtcMicroseconds()))
    .execution_options(preserve_rowcount=True)
)
_FORGET = text(
    "DELETE FROM fresh_batch WHERE topic_id = :topic AND matched_at = :moment"
).bindparams(bindparam("moment", type_=UtcMicroseconds()))


class Followers(NamedTuple):
    """Some of the chats that follow a topic, by the ids of their subscriptions."""

    after: int
    last: int


async def next_followers(
    *, session: AsyncSession, topic_id: int, after: int, most: int
) -> Followers | None:
    """Return so many followers of a topic behind those that had their turn; None: no more."""
    some = (
        select_any(col(Subscription.id))
        .where(col(Subscription.topic_id) == topic_id, col(Subscription.id) > after)
        .order_by(col(Subscription.id))
        .limit(most)
        .subquery()
    )
    last = (await execute(session, select_any(func.max(some.c.id)))).scalar_one()
    return None if last is None else Followers(after, last)


async def fan_out_now(
    *,
    session: AsyncSession,
    matches: Iterable[tuple[int, str]],
    followers: Followers | None = None,
) -> int:
    """Owe matches at once, new or not; return how many deliveries were added.

    followers: to these alone; None: to all, where there can be few.
    """
    by_topic: dict[int, list[str]] = {}
    for topic_id, paper_id in sorted(matches):
        by_topic.setdefault(topic_id, []).append(paper_id)
    added = 0
    for topic_id, paper_ids in by_topic.items():
        for some in batches(paper_ids):
            chosen = _followers(topic_id, some)
            if followers is not None:
                these = col(Subscription.id).between(followers.after + 1, followers.last)
                chosen = chosen.where(these)
            added += await insert_deliveries(session=session, chosen=chosen)
    return added


async def fan_out_newest(
    *, session: AsyncSession, chat_id: int, topic_id: int, since: datetime, limit: int
) -> int:
    """Owe a chat the newest papers of a topic that it now follows; return how many were added."""
    return await insert_deliveries(
        session=session,
        chosen=select_any(literal(chat_id).label("chat_id"), col(Match.paper_id))
        .join(Paper, col(Paper.id) == col(Match.paper_id))
        .where(
            col(Match.topic_id) == topic_id,
            col(Match.published_at) >= since,
            col(Paper.withdrawn).is_(False),
        )
        .order_by(col(Match.published_at).desc(), col(Match.paper_id).desc())
        .limit(limit),
    )


def first_papers(chat: Chat) -> int:
    """Return how many papers a chat is owed at most when it begins to follow a topic."""
    return FIRST_PUSHES * chat.papers_per_push


async def fan_out_first_week(
    *, session: AsyncSession, chat: Chat, topic_id: int, now: datetime
) -> int:
    """Owe a chat the last week of a topic that it now follows; return how many were added."""
    return await fan_out_newest(
        session=session,
        chat_id=chat.id,
        topic_id=topic_id,
        since=now - FIRST_WEEK,
        limit=first_papers(chat),
    )


async def insert_deliveries(*, session: AsyncSession, chosen: Select[*tuple[Any, ...]]) -> int:
    """Owe what a query names, `chat_id` and `paper_id`; return how many deliveries were added."""
    some = chosen.subquery()
    # With a WHERE, for SQLite's sake, which takes an ON behind a FROM for a join's.
    papers = select_any(some.c.paper_id).distinct().where(true())
    await insert_from_select(session, DeliveredPaper, papers, {})
    values = {"state": DeliveryState.PENDING, "attempts": 0}
    moments = {"next_try_at": utc_now(), "created_at": utc_now()}
    return await insert_from_select(session, Delivery, chosen, {**values, **moments})


_CAN_BE_OWED = (col(Chat.state) != ChatState.BLOCKED, col(Paper.withdrawn).is_(False))


def _followers(topic_id: int, paper_ids: Sequence[str]) -> Select[*tuple[Any, ...]]:
    """Return who is to be owed which of these papers of a topic."""
    return (
        select_any(col(Subscription.chat_id), col(Match.paper_id))
        .join(Match, col(Match.topic_id) == col(Subscription.topic_id))
        .join(Chat, col(Chat.id) == col(Subscription.chat_id))
        .join(Paper, col(Paper.id) == col(Match.paper_id))
        .where(
            col(Subscription.topic_id) == topic_id,
            col(Match.paper_id).in_(paper_ids),
            *_CAN_BE_OWED,
        )
    )

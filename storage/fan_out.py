"""Fan-out: new matches become deliveries to the chats that follow the topic, in slices."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Delete, Select, Update, delete, func, literal, or_, tuple_, update
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.columns import utc_now
from storage.models import (
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    FreshMatch,
    Match,
    Paper,
    Subscription,
)
from storage.upsert import insert_from_select, insert_or_ignore

FIRST_WEEK = timedelta(days=7)
"""A new subscription starts with what came in this time."""

FIRST_PUSHES = 30
"""As much of it as so many pushes bring: what a push leaves is owed for thirty days."""

_ROWS = 10_000
"""Matches that are in memory as rows at once: a sweep may find a million."""

_MATCHES = 500
"""Matches that are owed together."""


async def record_fresh(
    *,
    session: AsyncSession,
    matches: Iterable[tuple[int, str]],
    followed_before: datetime | None = None,
) -> None:
    """Note new matches (topic and paper); `fan_out_slice` makes deliveries of them.

    followed_before: only for those who followed the topic before this; None: for all.
    """
    for some in batches(sorted(matches), _ROWS):
        rows = [
            {"topic_id": topic_id, "paper_id": paper_id, "followed_before": followed_before}
            for topic_id, paper_id in some
        ]
        await insert_or_ignore(session, FreshMatch, rows)


async def fan_out_slice(*, session: AsyncSession, most: int) -> int | None:
    """Make up to about `most` deliveries of what was announced; return how many are new.

    None where nothing is left. A chat that was owed a paper before, for whatever topic, is not owed
    it again; a chat that Telegram calls unreachable is owed nothing; a withdrawn paper is owed to
    nobody.
    """
    query = (
        select(FreshMatch)
        .order_by(col(FreshMatch.topic_id), col(FreshMatch.paper_id))
        .limit(_MATCHES)
        .with_for_update(skip_locked=True)
    )
    waiting = (await session.exec(query)).all()
    session.expunge_all()
    if not waiting:
        return None
    topic_ids, used = [], 0
    followers = await _followers_of(session, {one.topic_id for one in waiting})
    for topic_id, alike in groupby(waiting, attrgetter("topic_id")):
        some = list(alike)
        used += followers.get(topic_id, 0) * len(some)
        if used > most or any(one.after_chat_id for one in some):
            break
        topic_ids.append(topic_id)
    if topic_ids:
        # Whatever is of one topic and did not fit into the slice comes with the next one.
        chosen = [one for one in waiting if one.topic_id in set(topic_ids)]
        return await _fan_out_whole(session, chosen)
    kind = _kind(waiting[0])
    return await _fan_out_part(session, [one for one in waiting if _kind(one) == kind], most)


async def _followers_of(session: AsyncSession, topic_ids: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in batches(sorted(topic_ids)):
        query = (
            select(Subscription.topic_id, func.count())
            .where(col(Subscription.topic_id).in_(some))
            .group_by(col(Subscription.topic_id))
        )
        found.update((await session.exec(query)).all())
    return found


async def _fan_out_whole(session: AsyncSession, fresh: Sequence[FreshMatch]) -> int:
    """Owe matches of topics with few followers to all of them, many topics at once."""
    place = tuple_(col(FreshMatch.topic_id), col(FreshMatch.paper_id))
    # By name: what another process notes meanwhile is not owed here, and so must stay.
    these = place.in_([(one.topic_id, one.paper_id) for one in fresh])
    due = (
        select_any(col(Subscription.chat_id), col(FreshMatch.paper_id))
        .join(Subscription, col(Subscription.topic_id) == col(FreshMatch.topic_id))
        .join(Chat, col(Chat.id) == col(Subscription.chat_id))
        .join(Paper, col(Paper.id) == col(FreshMatch.paper_id))
        .where(
            these,
            or_(
                col(FreshMatch.followed_before).is_(None),
                col(Subscription.created_at) < col(FreshMatch.followed_before),
            ),
            *_CAN_BE_OWED,
        )
        .distinct()
    )
    added = await insert_deliveries(session=session, chosen=due)
    await session.exec(delete(FreshMatch).where(these).execution_options(synchronize_session=False))
    return added


async def _fan_out_part(session: AsyncSession, alike: Sequence[FreshMatch], most: int) -> int:
    """Owe matches of one topic to the next of its many followers."""
    room = max(1, most // len(alike))
    chats, last = await _next_chats(session, alike[0], room)
    added = 0
    if last is not None:
        added = await insert_deliveries(session=session, chosen=_due_to(alike, last))
    these = (
        col(FreshMatch.topic_id) == alike[0].topic_id,
        col(FreshMatch.paper_id).in_([one.paper_id for one in alike]),
    )
    if last is None or chats < room:
        change: Delete | Update = delete(FreshMatch).where(*these)
    else:
        change = update(FreshMatch).where(*these).values(after_chat_id=last)
    await session.exec(change.execution_options(synchronize_session=False))
    return added


async def fan_out_now(*, session: AsyncSession, matches: Iterable[tuple[int, str]]) -> int:
    """Owe matches at once, where few can be concerned; return how many deliveries were added."""
    by_topic: dict[int, list[str]] = {}
    for topic_id, paper_id in sorted(matches):
        by_topic.setdefault(topic_id, []).append(paper_id)
    added = 0
    for topic_id, paper_ids in by_topic.items():
        for some in batches(paper_ids):
            added += await insert_deliveries(session=session, chosen=_followers(topic_id, some))
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
    values = {"state": DeliveryState.PENDING, "attempts": 0}
    moments = {"next_try_at": utc_now(), "created_at": utc_now()}
    return await insert_from_select(session, Delivery, chosen, {**values, **moments})


_CAN_BE_OWED = (col(Chat.state) != ChatState.BLOCKED, col(Paper.withdrawn).is_(False))


def _kind(fresh: FreshMatch) -> tuple[int, datetime | None, int]:
    return fresh.topic_id, fresh.followed_before, fresh.after_chat_id


async def _next_chats(
    session: AsyncSession, fresh: FreshMatch, most: int
) -> tuple[int, int | None]:
    """Return how many of the next `most` chats that follow a topic there are, and the last."""
    chats = (
        select(Subscription.chat_id)
        .where(Subscription.topic_id == fresh.topic_id)
        .where(Subscription.chat_id > fresh.after_chat_id)
        .order_by(col(Subscription.chat_id))
        .limit(most)
        .subquery()
    )
    return (await session.exec(select(func.count(), func.max(chats.c.chat_id)))).one()


def _due_to(fresh: Sequence[FreshMatch], last: int) -> Select[*tuple[Any, ...]]:
    topic_id, before, after = _kind(fresh[0])
    chosen = _followers(topic_id, [one.paper_id for one in fresh]).where(
        col(Subscription.chat_id) > after, col(Subscription.chat_id) <= last
    )
    return chosen if before is None else chosen.where(col(Subscription.created_at) < before)


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

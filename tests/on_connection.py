"""Calls storage's synchronous functions within a session, as its other functions are called."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import matches, outbox, statistics, topics
from storage.admin_models import Notice
from storage.matches import record_found
from storage.models import DeliveryState, Match, Paper
from storage.objects import within
from storage.shown import note_shown

__all__ = [
    "claimed",
    "found_by",
    "mark_sent",
    "on_connection",
    "record_matches",
    "remove_unfollowed",
    "states",
    "unfinished",
]

Result = TypeVar("Result")


async def on_connection(
    session: AsyncSession, work: Callable[..., Result], *values: Any, **named: Any
) -> Result:
    """Flush the session and call a function with its connection."""
    await session.flush()
    return await within(session, lambda connection: work(connection, *values, **named))


async def claimed(session: AsyncSession, rows: outbox.Rows, *, now: datetime) -> list[int]:
    """Claim the rows of one message; return the ids of those that were to be had."""
    [ids] = await on_connection(session, outbox.claim, [rows], now=now)
    return list(ids)


async def unfinished(session: AsyncSession, chat_id: int, *, now: datetime) -> datetime | None:
    """Return when the push of one chat has something to go on with."""
    return (await on_connection(session, outbox.unfinished_until, [chat_id], now=now)).get(chat_id)


async def mark_sent(
    session: AsyncSession, rows: outbox.Rows, *, message_id: int, now: datetime
) -> None:
    """Mark the rows of one message as sent, whether they were owed before or not."""
    if rows.table is Notice:
        ids = await claimed(session, rows, now=now)
        done = [(ids, message_id)]
        await on_connection(session, outbox.mark_claimed_sent, Notice, done, now=now)
        return
    papers = [str(item) for item in rows.items]
    shown = {"chat_id": rows.chat_id, "paper_ids": papers, "message_id": message_id, "now": now}
    await on_connection(session, note_shown, **shown)


async def record_matches(
    *, session: AsyncSession, matches: Mapping[int, Iterable[Paper]]
) -> set[tuple[int, str]]:
    """Record which papers topics (by id) matched; return the (topic, paper) ids that are new."""
    known = select(Match.topic_id, Match.paper_id).where(col(Match.topic_id).in_(list(matches)))
    before = {(topic_id, paper_id) for topic_id, paper_id in await session.exec(known)}
    every = {topic_id: {one.id: one for one in some} for topic_id, some in matches.items()}
    for topic_id, some in every.items():
        found = [(one.id, one.published_at) for one in some.values()]
        await record_found(session=session, topic_id=topic_id, found=found)
    return {(topic_id, paper_id) for topic_id, some in every.items() for paper_id in some} - before


async def found_by(session: AsyncSession, topic_id: int) -> list[str]:
    """Return the ids of the papers that a topic found, newest first."""
    asked = {"topic_ids": [topic_id], "limit": 2_000}
    found = await on_connection(session, matches.newest_found, **asked)
    return [one.paper_id for one in found[topic_id]]


async def states(session: AsyncSession) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state."""
    return (await on_connection(session, statistics.totals)).deliveries


async def remove_unfollowed(session: AsyncSession, *, now: datetime, age: timedelta) -> int | None:
    """Forget all topics that nobody follows; return how many."""
    return await on_connection(
        session, topics.remove_unfollowed_slice, now=now, age=age, most=1_000
    )

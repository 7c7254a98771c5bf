"""Own papers: a query's topic, and the time of which the bot's own store has all papers."""

from datetime import timedelta
from typing import NamedTuple

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.conversation.context import Context
from bot.render.counts import MONTH, Span, known_span
from storage import paper_index, sweeps, topics
from storage.columns import utc_now
from storage.models import Topic


class Registered(NamedTuple):
    """A query's topic as one chat sees it."""

    topic: Topic
    followed: bool
    span: Span | None
    """How much of the last month the store has all papers of."""


async def registered(context: Context, query: str) -> Registered:
    """Return a normalised query's topic, made where it is new."""
    database, chat_id = context.services.database, context.chat.id
    followed = None
    async with database.reading() as session:
        topic = await topics.find(session=session, query=query)
        span = await _span(session, MONTH)
        if topic is not None:
            followed = await topics.subscription(
                session=session, chat_id=chat_id, topic_id=topic.id
            )
    if topic is None:
        async with database.transaction() as session:
            topic = await topics.register(session=session, query=query)
    return Registered(topic, followed is not None, span)


async def span_of(context: Context, most: timedelta = MONTH) -> Span | None:
    """Return how much of the last month, or of `most`, the store has all papers of."""
    async with context.services.database.reading() as session:
        return await _span(session, most)


async def _span(session: AsyncSession, most: timedelta) -> Span | None:
    now = utc_now()
    since = await sweeps.known_since(session=session, now=now)
    last = await sweeps.last_good(session=session)
    # After an upgrade the index takes its time to fill, from the newest papers back.
    missing = await paper_index.unindexed_until(session=session)
    if since is not None and missing is not None:
        since = max(since, missing + timedelta(seconds=1))
    return known_span(since, read_at=last.window_to if last else None, now=now, most=most)

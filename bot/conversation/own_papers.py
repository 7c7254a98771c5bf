"""Own papers: what the bot's own store has on a query, and of which time it has everything."""

from datetime import timedelta

from bot.conversation.context import Context
from bot.render.counts import MONTH, Span, known_span
from storage import paper_index, sweeps, topics
from storage.columns import utc_now
from storage.models import Topic


async def registered(context: Context, query: str) -> Topic:
    """Return a normalised query's topic, made where it is new."""
    database = context.services.database
    async with database.reading() as session:
        topic = await topics.find(session=session, query=query)
    if topic is None:
        async with database.transaction() as session:
            topic = await topics.register(session=session, query=query)
    return topic


async def span_of(context: Context, most: timedelta = MONTH) -> Span | None:
    """Return how much of the last month, or of `most`, the store has all papers of."""
    now = utc_now()
    async with context.services.database.reading() as session:
        since = await sweeps.known_since(session=session, now=now)
        last = await sweeps.last_good(session=session)
        # After an upgrade the index takes its time to fill, from the newest papers back.
        missing = await paper_index.unindexed_until(session=session)
    if since is not None and missing is not None:
        since = max(since, missing + timedelta(seconds=1))
    return known_span(since, read_at=last.window_to if last else None, now=now, most=most)

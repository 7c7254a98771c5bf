"""Own papers: a query's topic, and the time of which the bot's own store has all papers."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from bot.conversation.context import Context
from bot.render.counts import MONTH, Span, known_span
from storage import paper_index, sweeps, topics
from storage.columns import utc_now
from storage.models import Topic
from storage.topics import Known


class Registered(NamedTuple):
    """A query's topic as one chat sees it."""

    topic: Topic
    followed: bool
    span: Span | None
    """How much of the last month the store has all papers of."""


async def registered(context: Context, query: str) -> Registered:
    """Return a normalised query's topic, made where it is new."""
    database, chat_id = context.services.database, context.chat.id

    def look_up(connection: Connection) -> tuple[Known | None, Span | None]:
        known = topics.known_to(connection, query=query, chat_id=chat_id)
        return known, known_span_of(connection, MONTH)

    known, span = await database.read(look_up)
    if known is not None:
        return Registered(known.topic, known.followed, span)
    async with database.transaction() as session:
        topic = await topics.register(session=session, query=query)
    return Registered(topic, followed=False, span=span)


async def span_of(context: Context, most: timedelta = MONTH) -> Span | None:
    """Return how much of the last month, or of `most`, the store has all papers of."""
    return await context.services.database.read(lambda connection: known_span_of(connection, most))


def known_span_of(connection: Connection, most: timedelta) -> Span | None:
    """Return the same within work in a thread."""
    now = utc_now()
    since, until = sweeps.known_window(connection, now=now)
    # After an upgrade the index takes its time to fill, from the newest papers back.
    missing = paper_index.newest_unindexed(connection)
    if since is not None and missing is not None:
        since = max(since, missing + timedelta(seconds=1))
    return known_span(since, read_at=until, now=now, most=most)

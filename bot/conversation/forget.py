"""Forget: a chat is deleted with all that hangs on it, its topics' queries as well."""

from functools import partial

from storage import chats, topics
from storage.batches import batches
from storage.database import Database
from storage.slices import Slices


async def forget_chat(*, database: Database, chat_id: int) -> None:
    """Delete a chat, and then the topics that nobody else follows: their queries are its words.

    Their matches may be thousands, so that they go in slices; what a crash leaves goes with the
    next housekeeping.
    """
    async with database.transaction() as session:
        followed = await topics.subscriptions(session=session, chat_id=chat_id)
        await chats.forget(session=session, chat_id=chat_id)
    slices = Slices(first=200, least=50, most=5_000)
    for some in batches([entry.topic.id for entry in followed]):
        left: int | None = 0
        while left is not None:
            work = partial(topics.remove_left_slice, topic_ids=some, most=slices.size)
            left = await slices.write(database, work)

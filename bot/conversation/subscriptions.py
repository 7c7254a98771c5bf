"""Subscriptions of the chat that a conversation is about, and what is said of one that is gone."""

from telegram import Update

from bot.conversation.context import Context
from bot.telegram.replies import refuse
from bot.telegram.topic_mark import TopicMark
from storage import topics
from storage.topics import Followed


async def followed(context: Context) -> list[Followed]:
    """Return what the chat follows, in its own order."""
    return await context.services.database.read(
        lambda connection: topics.followed_by(connection, chat_id=context.chat.id)
    )


async def find_followed(update: Update, context: Context, topic_id: int) -> Followed | None:
    """Return one topic that the chat follows; where it does not, say so."""
    found = next((one for one in await followed(context) if one.topic.id == topic_id), None)
    if found is None:
        await refuse_unfollowed(update, context)
    return found


async def find_meant(update: Update, context: Context, meant: TopicMark) -> int | None:
    """Return the id of the topic that a button meant; where it is stored no more, say so."""
    async with context.services.database.reading() as session:
        topic = await topics.get(session=session, topic_id=meant.topic_id)
    if meant.means(topic):
        return meant.topic_id
    await refuse_forgotten(update, context)
    return None


async def refuse_unfollowed(update: Update, context: Context) -> None:
    """Say that the topic is followed no more."""
    await refuse(update, context.texts.plain("You don't follow this topic any more."))


async def refuse_forgotten(update: Update, context: Context) -> None:
    """Say that a topic that was looked at is stored no more."""
    said = context.texts.plain("That has expired. Please send the topic again.")
    await refuse(update, said)

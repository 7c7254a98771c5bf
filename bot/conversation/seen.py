"""Seen papers: what a chat has been shown in full counts as sent, and is not pushed again."""

from collections.abc import Sequence

from sqlalchemy import Connection
from telegram import Message, Update
from telegram.error import NetworkError

from bot.conversation.context import Context
from bot.conversation.permissions import may_change
from storage.columns import utc_now
from storage.shown import note_shown

Shown = tuple[Message, Sequence[str]]
"""A message, and the papers (ids) in it."""


async def is_seen_by_chat(update: Update, context: Context) -> bool:
    """Say whether the chat itself sees what is shown here.

    A channel's admin sees it in private, and the channel does not. What a member of a group asks
    for the group has not seen either: its push brings it all the same.
    """
    return not context.title and await may_change(update, context)


async def note_seen(update: Update, context: Context, card: Message, paper_id: str) -> None:
    """Note that a card was shown, where that counts.

    It does not where Telegram fails to say who asked: a paper twice is better than one never.
    """
    try:
        counts = await is_seen_by_chat(update, context)
    except NetworkError:
        return
    if counts:
        await write_seen(context, [(card, [paper_id])])


async def write_seen(context: Context, shown: Sequence[Shown]) -> None:
    """Write down that the chat saw papers in messages."""
    chat_id, now = context.chat.id, utc_now()

    def write(connection: Connection) -> None:
        for message, paper_ids in shown:
            note_shown(
                connection,
                chat_id=chat_id,
                paper_ids=paper_ids,
                message_id=message.message_id,
                now=now,
            )

    if shown:
        await context.services.database.write(write)

"""Unsupported messages, neither command nor query: answered in private, so that nobody waits."""

from telegram import Update

from bot.conversation.context import Context
from bot.i18n import code
from bot.telegram.replies import message_of, show


async def edited(update: Update, context: Context) -> None:
    """Say that only new messages count."""
    if message_of(update).text:
        _ = context.texts
        await show(update, _("I can't see edits. Please send it as a new message."))


async def no_text(update: Update, context: Context) -> None:
    """Answer stickers, pictures, voices and files with what can be sent instead."""
    _, example = context.texts, code("gaussian splatting")
    understood = _(
        "I understand words, such as {example}, links to arXiv, and files of /export.",
        example=example,
    )
    await show(update, understood)

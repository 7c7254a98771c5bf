"""What is neither a command nor a query: answered in private, so that nobody waits in vain."""

from telegram import Update

from bot.conversation.context import Context
from bot.i18n import code


async def edited(update: Update, context: Context) -> None:
    """Say that only new messages count."""
    if update.edited_message is not None and update.edited_message.text:
        _ = context.texts
        await update.edited_message.reply_html(
            _("I don't see what you change in a message. Please send it anew.")
        )


async def no_text(update: Update, context: Context) -> None:
    """Answer stickers, pictures, voices and files with what can be sent instead."""
    if update.message is not None:
        _ = context.texts
        await update.message.reply_html(
            _(
                "I understand words, such as {example}, links to arXiv, and files of /export.",
                example=code("gaussian splatting"),
            )
        )

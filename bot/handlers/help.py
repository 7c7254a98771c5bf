"""/help, and a kind word for commands that do not exist."""

from telegram import Update
from telegram.ext import filters

from bot.conversation.context import Context
from bot.conversation.help_text import help_text
from bot.telegram.replies import show

LINK = filters.Regex(r"^/start(@\w+)?\s+usage$")
"""The /start that a digest's link to its usage sends."""


async def show_help(update: Update, context: Context) -> None:
    """Say what the bot can do, on one screen."""
    await show(update, help_text(context.texts))


async def unknown_command(update: Update, context: Context) -> None:
    """Point to /help."""
    _ = context.texts
    await show(update, _("Unknown command. /help shows what I can do."))

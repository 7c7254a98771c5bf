"""/latest: the newest papers on a chat's topics, right now."""

from telegram import Message, Update

from bot.conversation.background import start_once
from bot.conversation.context import Context
from bot.conversation.seen import Shown, is_seen_by_chat, write_seen
from bot.conversation.subscriptions import followed
from bot.i18n import code
from bot.render.push_message import numbers
from bot.telegram.keyboards import button
from bot.telegram.replies import NO_PREVIEW, hinting, message_of, send, show
from bot.telegram.routes import PICK
from storage.topics import Followed

MOST = 30


async def latest(update: Update, context: Context) -> None:
    """Take `/latest` or `/latest 5`; the work goes on while other commands are answered."""
    _ = context.texts
    limit = _number(context.args[0]) if context.args else context.chat.papers_per_push
    if limit is None:
        example = code("/latest 5")
        question = _("How many? A number from 1 to {most}: {example}", most=MOST, example=example)
        await show(update, question)
        return
    mine = await followed(context)
    if not mine:
        keyboard = [[button(_.plain("➕ Follow a topic"), PICK.data())]]
        await show(update, _("You don't follow anything yet."), keyboard)
        return
    counts = await is_seen_by_chat(update, context)
    work = _show(message_of(update), context, mine, limit, counts=counts)
    if not start_once(update, context, "latest", work):
        await show(update, _("On their way."))


async def _show(
    message: Message, context: Context, mine: list[Followed], limit: int, *, counts: bool
) -> None:
    _ = context.texts
    found = await hinting(message, context.services.latest(context.chat, mine, limit))
    if found and context.title:
        await send(message, context.headed("").strip())
    shown: list[Shown] = []
    try:
        for one in found:
            sent = await send(message, one.html, numbers(one, _), preview=NO_PREVIEW)
            shown.append((sent, one.paper_ids))
    finally:
        # All in one write; a command that a crash cuts short is begun anew, and shows all again.
        if counts:
            await write_seen(context, shown)
    if not found:
        nothing = _("No papers on your topics yet. New ones will come.")
        await send(message, nothing)


def _number(text: str) -> int | None:
    small = text.isdecimal() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST
    return int(text) if small else None

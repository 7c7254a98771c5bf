"""/latest: the newest papers on a chat's topics, right now."""

from contextlib import suppress

from telegram import InlineKeyboardMarkup, LinkPreviewOptions, Message, Update
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.conversation.context import Context
from bot.i18n import code
from bot.telegram.keyboards import button
from storage import outbox, topics
from storage.columns import utc_now
from storage.models import Delivery

MOST = 30


async def latest(update: Update, context: Context) -> None:
    """Take `/latest` or `/latest 5`; the work goes on while other commands are answered."""
    message = update.effective_message
    if message is None:
        return
    _ = context.texts
    limit = _number(context.args[0]) if context.args else context.chat.papers_per_push
    if limit is None:
        await message.reply_html(
            _(
                "How many? A number from 1 to {most}: {example}",
                most=MOST,
                example=code("/latest 5"),
            )
        )
        return
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=context.chat.id)
    if not followed:
        await message.reply_html(
            _("You don't follow anything yet."),
            reply_markup=InlineKeyboardMarkup([[button(_.plain("➕ Follow a topic"), "pick")]]),
        )
        return
    work = ("latest", context.chat.id)
    if work in context.bot_data.busy:
        await message.reply_html(_("They are on their way."))
        return
    context.bot_data.busy.add(work)
    context.application.create_task(_show(message, context, limit), update=update)


async def _show(message: Message, context: Context, limit: int) -> None:
    _ = context.texts
    try:
        with suppress(TelegramError):
            await message.reply_chat_action(ChatAction.TYPING)
        found = await context.services.latest(context.chat.id, limit)
        if found and context.title:
            await message.reply_html(context.headed("").strip())
        for html, paper_ids in found:
            shown = await message.reply_html(
                html, link_preview_options=LinkPreviewOptions(is_disabled=True)
            )
            if context.title:
                continue  # its admin has seen it, and the channel has not
            # What was shown here is not pushed again.
            async with context.services.database.transaction() as session:
                await outbox.mark_sent(
                    session=session,
                    rows=outbox.Rows(Delivery, context.chat.id, paper_ids),
                    message_id=shown.message_id,
                    now=utc_now(),
                )
        if not found:
            await message.reply_html(
                _("I have found no papers on your topics yet. New ones come with the next push.")
            )
    finally:
        context.bot_data.busy.discard(("latest", context.chat.id))


def _number(text: str) -> int | None:
    small = text.isdecimal() and len(text) <= len(str(MOST)) and 1 <= int(text) <= MOST
    return int(text) if small else None

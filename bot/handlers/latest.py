"""/latest: the newest papers on a chat's topics, right now."""

from telegram import LinkPreviewOptions, Update
from telegram.constants import ChatAction

from bot.context import Context
from bot.i18n import code
from storage import outbox
from storage.models import utc_now

__all__ = ["latest"]

MOST = 30


async def latest(update: Update, context: Context) -> None:
    """Take `/latest` or `/latest 5`; the work goes on while other commands are answered."""
    message = update.effective_message
    if message is None:
        return
    _ = context.texts
    limit = context.chat.papers_per_push
    if context.args:
        if not context.args[0].isdecimal() or not 1 <= int(context.args[0][:4]) <= MOST:
            await message.reply_html(
                _(
                    "How many? A number from 1 to {most}: {example}",
                    most=MOST,
                    example=code("/latest 5"),
                )
            )
            return
        limit = int(context.args[0])
    chat_id = context.chat.id
    work = ("latest", chat_id)
    if work in context.bot_data.busy:
        return

    async def show() -> None:
        try:
            await message.reply_chat_action(ChatAction.TYPING)
            messages = await context.services.latest(chat_id, limit)
            for html, paper_ids in messages:
                shown = await message.reply_html(
                    html, link_preview_options=LinkPreviewOptions(is_disabled=True)
                )
                # What was shown here is not pushed again.
                async with context.services.database.transaction() as session:
                    await outbox.mark_sent(
                        session=session,
                        chat_id=chat_id,
                        paper_ids=paper_ids,
                        message_id=shown.message_id,
                        now=utc_now(),
                    )
            if not messages:
                await message.reply_html(
                    _("Nothing here yet. Follow a topic with /subscribe and look again.")
                )
        finally:
            context.bot_data.busy.discard(work)

    context.bot_data.busy.add(work)
    context.application.create_task(show(), update=update)

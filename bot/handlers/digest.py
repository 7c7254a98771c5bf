"""/digest: everything a chat follows, as one Markdown document."""

import time
from contextlib import suppress

from telegram import InputFile, Message, Update
from telegram.constants import ChatAction, ParseMode
from telegram.error import TelegramError

from bot.context import Context
from storage import topics

__all__ = ["digest"]

PROGRESS_SECONDS = 2.0
"""A progress message is edited no more often than this."""


async def digest(update: Update, context: Context) -> None:
    """Answer with the document; what lacks a translation is translated first, visibly."""
    message = update.effective_message
    if message is None:
        return
    _ = context.texts
    chat_id = context.chat.id
    async with context.services.database.reading() as session:
        followed = await topics.subscriptions(session=session, chat_id=chat_id)
    if not followed:
        await message.reply_html(
            _("There is nothing to put into a digest yet. Follow a topic first: /subscribe")
        )
        return
    work = ("digest", chat_id)
    if work in context.bot_data.busy:
        await message.reply_html(_("Your digest is in the making already."))
        return
    context.bot_data.busy.add(work)
    context.application.create_task(_make(message, context, len(followed)), update=update)


async def _make(message: Message, context: Context, sections: int) -> None:
    _ = context.texts
    progress: Message | None = None
    shown_at = time.monotonic()

    async def show(done: int, total: int) -> None:
        nonlocal progress, shown_at
        text = _("⏳ Translating: {done} of {total}", done=done, total=total)
        if done < total and time.monotonic() - shown_at >= PROGRESS_SECONDS:
            shown_at = time.monotonic()
            # Nobody gets no digest because its progress could not be shown.
            with suppress(TelegramError):
                if progress is None:
                    progress = await message.reply_html(text)
                else:
                    await progress.edit_text(text, parse_mode=ParseMode.HTML)

    try:
        with suppress(TelegramError):
            await message.reply_chat_action(ChatAction.UPLOAD_DOCUMENT)
        document = await context.services.digest(context.chat.id, show)
        topics_text = _.plural("{n} topic", "{n} topics", sections)
        papers_text = _.plural("{n} paper", "{n} papers", document.papers)
        caption = f"📖 {topics_text} · {papers_text}"
        if document.untranslated:
            caption += "\n" + _.plural(
                "{n} abstract is in English: the translators did not answer.",
                "{n} abstracts are in English: the translators did not answer.",
                document.untranslated,
            )
        await message.reply_document(
            InputFile(document.content, filename=document.name),
            caption=caption,
            parse_mode=ParseMode.HTML,
        )
    finally:
        context.bot_data.busy.discard(("digest", context.chat.id))
        if progress is not None:
            with suppress(TelegramError):
                await progress.delete()

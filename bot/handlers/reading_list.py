"""Saving a reading list: in the background, some papers at a time, at arXiv's pace."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

from telegram import Message, Update
from telegram.error import TelegramError

from bot.arxiv.transport import SourceError
from bot.conversation.background import start_once
from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.reading_list import Offered, offer, offered, refusal
from bot.telegram.replies import acknowledge, edit, message_of, refuse
from bot.transfer.reading_list import ReadingListError
from storage import opinions
from storage.columns import utc_now

AT_ONCE = 50
"""Papers that arXiv is asked for in one request."""


@admins_only
async def take_list(update: Update, context: Context) -> None:
    """Take a reading list that is sent in private, without a command."""
    message = message_of(update)
    if message.document is not None:
        await offer(message, message.document, context)


@admins_only
async def keep(update: Update, context: Context, check: str) -> None:
    """Save the papers of the list that was shown."""
    _, shown = context.texts, message_of(update)
    document = shown.reply_to_message.document if shown.reply_to_message else None
    if document is None:
        await refuse(update, _.plain("The file is gone. Please send it again."))
        return
    try:
        found = await offered(document, context)
    except (ReadingListError, TelegramError) as error:
        await acknowledge(update)
        await edit(shown, refusal(error, _))
        return
    if found.check != check:
        await refuse(update, _.plain("The file has changed. Please send it again."))
        return
    await acknowledge(update)
    if not start_once(update, context, "reading list", _save(shown, context, found)):
        await edit(shown, _("I am saving another list. Please try again in a while."))


async def _save(shown: Message, context: Context, found: Offered) -> None:
    _, chat_id = context.texts, context.chat.id
    done, began = 0, utc_now()
    with suppress(TelegramError):
        await edit(shown, _("⏳ Saving: {done} of {total}", done=0, total=len(found.ids)))
    for start in range(0, len(found.ids), AT_ONCE):
        wanted = found.ids[start : start + AT_ONCE]
        try:
            known = await context.services.papers(wanted)
        except (SourceError, TimeoutError):
            sorry = _("arXiv isn't answering right now. Please try again in a while.")
            saved = _.plural("★ {n} paper saved", "★ {n} papers saved", done)
            await edit(shown, f"{saved}\n{sorry}")
            return
        # The first of the file is the newest in /saved.
        saved_at = {
            one: began - timedelta(seconds=place)
            for place, one in enumerate(wanted, start)
            if one in known
        }
        await context.services.database.write(
            partial(opinions.save_many, chat_id=chat_id, saved_at=saved_at)
        )
        done += len(saved_at)
        total = len(found.ids)
        with suppress(TelegramError):
            await edit(shown, _("⏳ Saving: {done} of {total}", done=done, total=total))
    lines = [_.plural("★ {n} paper saved", "★ {n} papers saved", done)]
    if done < len(found.ids):
        lines.append(
            _.plural(
                "arXiv does not know {n} of them.",
                "arXiv does not know {n} of them.",
                len(found.ids) - done,
            )
        )
    lines.append(_("/saved shows them, and a personal order learns from them: /settings"))
    await edit(shown, "\n".join(lines))

"""Replies: words are answered with a message, a tap with a change of the message that it was on."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
)
from telegram.constants import CallbackQueryLimit, ChatAction, ParseMode
from telegram.error import BadRequest, NetworkError, TelegramError

Keyboard = Sequence[Sequence[InlineKeyboardButton]]
"""Rows of buttons; empty ones are left out."""

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

HINT_SECONDS = 0.3
"""What takes less needs no hint, which would have to be at Telegram before the answer leaves."""

Result = TypeVar("Result")


class LostMessage(Message):
    """A message that Telegram no longer shows: what is known is its chat, and what was tapped.

    https://core.telegram.org/bots/api#inaccessiblemessage
    """

    __slots__ = ()


def message_of(update: Update) -> Message:
    """Return the message that was written, or whose button was tapped.

    Raises:
        LookupError: there is none; handlers of commands and taps are given no such update.

    """
    query = update.callback_query
    gone = query.message if query is not None else None
    if query is not None and gone is not None and not gone.is_accessible:
        lost = LostMessage(gone.message_id, gone.date, gone.chat)
        lost.set_bot(query.get_bot())
        return lost
    message = update.effective_message
    if message is None:
        raise LookupError
    return message


async def acknowledge(update: Update, text: str | None = None, *, alert: bool = False) -> None:
    """Stop the spinner of the button that was tapped, with a word to show if there is one.

    A tap that waited too long, over a restart say, can't be answered any more; what it asks for is
    done all the same.
    """
    query = update.callback_query
    if query is None:
        return
    if text is not None:
        text = text[: CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH]
    try:
        await query.answer(text, show_alert=alert)
    except NetworkError as error:
        if isinstance(error, BadRequest) and "query is too old" not in error.message.lower():
            raise


async def hint(message: Message, action: ChatAction = ChatAction.TYPING) -> None:
    """Show that the bot is at work; where that can't be shown the work is done all the same."""
    with suppress(TelegramError):
        await message.reply_chat_action(action)


async def hinting(message: Message, work: Coroutine[Any, Any, Result]) -> Result:
    """Return what work brings; where that takes a while, show that the bot is at work."""
    task = asyncio.create_task(work)
    try:
        done, _going_on = await asyncio.wait({task}, timeout=HINT_SECONDS)
        if not done:
            await hint(message)
        return await task
    finally:
        task.cancel()


async def refuse(update: Update, text: str) -> None:
    """Say in plain words why nothing is done: an alert for a tap, a message for words."""
    if update.callback_query is not None:
        await acknowledge(update, text, alert=True)
    elif update.effective_message is not None:
        await update.effective_message.reply_text(text)


async def show(
    update: Update,
    text: str,
    keyboard: Keyboard = (),
    *,
    said: str | None = None,
    preview: LinkPreviewOptions | None = None,
) -> Message:
    """Answer with HTML: a message for words; for a tap `said`, and the tapped message changed."""
    message = message_of(update)
    if update.callback_query is None:
        return await send(message, text, keyboard, preview=preview)
    await acknowledge(update, said)
    return await edit(message, text, keyboard, preview=preview)


async def send(
    to: Message, text: str, keyboard: Keyboard = (), *, preview: LinkPreviewOptions | None = None
) -> Message:
    """Answer a message with HTML."""
    return await to.reply_html(text, reply_markup=_markup(keyboard), link_preview_options=preview)


async def edit(
    message: Message,
    text: str,
    keyboard: Keyboard = (),
    *,
    preview: LinkPreviewOptions | None = None,
) -> Message:
    """Let a message of ours say something else, in HTML.

    Where it is lost, or a picture that stays, a new one says it.
    """
    if isinstance(message, LostMessage) or message.photo:
        return await send(message, text, keyboard, preview=preview)
    changed = await message.edit_text(
        text,
        ParseMode.HTML,
        reply_markup=_markup(keyboard),
        link_preview_options=preview,
    )
    return changed if isinstance(changed, Message) else message


async def edit_buttons(message: Message, keyboard: Keyboard) -> None:
    """Let a message of ours have other buttons; one that is lost has none."""
    if not isinstance(message, LostMessage):
        await message.edit_reply_markup(_markup(keyboard))


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    rows = [row for row in keyboard if row]
    return InlineKeyboardMarkup(rows) if rows else None

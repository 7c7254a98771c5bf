"""Prompts: questions whose answer is a person's next words; the conversation state of a chat.

A conversation asks with `ask`, and says what the words will be `about`: a name, and what it needs
to go on, `rename:7` say. `bot.runtime.application` lists by these names which handler takes the
words; it finds the rest (`7`) in `context.about`, and the words in `update.message.text`. What is
asked is kept with the chat, so a restart forgets no question. It is over when it is answered, and
with any command or tap of the person who was asked; a handler that can't use the words may `ask`
again.

In a group only a reply to the question counts, and only from the person who was asked.
"""

from collections.abc import Mapping, Sequence

from telegram import ForceReply, InlineKeyboardButton, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from bot.conversation.context import Context
from bot.conversation.permissions import Handler
from bot.telegram.replies import acknowledge, message_of, send, show
from storage import chats


async def ask(
    update: Update,
    context: Context,
    question: str,
    *,
    about: str,
    back: InlineKeyboardButton,
    offers: Sequence[InlineKeyboardButton] = (),
) -> None:
    """Prompt: ask something (HTML) whose answer is the person's next words.

    `about` is `name` or `name:rest`, without spaces. `back` is the way out: in private a button
    below the question; groups get Telegram's own way to reply, and may send /cancel. `offers`:
    answers that need not be typed.
    """
    message, user = message_of(update), update.effective_user
    if user is None:
        return
    if message.chat.type != ChatType.PRIVATE:
        await acknowledge(update)
        if offers:  # no button fits below a question that is to be replied to
            _ = context.texts
            await send(message, _("Did you mean …?"), [[one] for one in offers])
        # Only who is named is shown the reply field.
        # https://core.telegram.org/bots/api#forcereply
        shown = await message.reply_html(
            f"{user.mention_html()}: {question}", reply_markup=ForceReply(selective=True)
        )
    else:
        shown = await show(update, question, [*([one] for one in offers), [back]])
    await _expect(context, f"{user.id} {shown.message_id} {about}")


def routed(handlers: Mapping[str, Handler]) -> Handler:
    """Return the handler of words or files: what answers a question goes where it belongs."""

    async def route(update: Update, context: Context) -> None:
        about = _answered(update, context)
        if about is None:
            return
        name, _colon, context.about = about.partition(":")
        handler = handlers.get(name)
        if handler is None and update.message is not None and update.message.document is not None:
            return  # words are waited for
        await _expect(context, None)
        # What an older version of the bot asked may be nothing that this one knows.
        if handler is not None:
            await handler(update, context)
            raise ApplicationHandlerStop

    return route


async def end_question(update: Update, context: Context) -> None:
    """Let a command or a tap end what was asked of the same person."""
    expecting, user = context.here.expecting, update.effective_user
    if expecting and user is not None and expecting.startswith(f"{user.id} "):
        await _expect(context, None)


async def cancel(update: Update, context: Context) -> None:
    """Take /cancel: nothing is asked any more."""
    _ = context.texts
    asked = context.here.expecting is not None
    await end_question(update, context)
    if asked and context.here.expecting is None:
        await show(update, _("OK, cancelled."))
    else:
        await show(update, _("Nothing to cancel."))
    raise ApplicationHandlerStop


def _answered(update: Update, context: Context) -> str | None:
    """Return what a message answers, None where it answers nothing."""
    message, expecting = update.message, context.here.expecting
    if message is None or expecting is None:
        return None
    user_id, question_id, about = expecting.split(" ", 2)
    if message.chat.type == ChatType.PRIVATE:
        return about
    replied = message.reply_to_message
    if replied is None or str(replied.message_id) != question_id:
        return None
    # An admin who stays anonymous taps under their own name, and writes in the group's.
    theirs = message.sender_chat == message.chat or (
        message.from_user is not None and str(message.from_user.id) == user_id
    )
    return about if theirs else None


async def _expect(context: Context, expecting: str | None) -> None:
    await context.services.database.write(
        lambda connection: chats.expect(connection, chat_id=context.here.id, expecting=expecting)
    )
    context.here.expecting = expecting

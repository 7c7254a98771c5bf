"""/stop and /forget: no more pushes, or nothing of the chat left at all."""

from telegram import Update
from telegram.constants import ChatType

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.telegram.keyboards import button
from bot.telegram.replies import message_of, show
from bot.telegram.routes import FORGET, KEEP, PUT
from storage import chats
from storage.models import ChatState


@admins_only
async def stop(update: Update, context: Context) -> None:
    """Pause all pushes, and say how they go on."""
    _ = context.texts
    # Who is shut out gets nothing anyway, and stays so.
    if context.chat.state is not ChatState.BLOCKED:
        await change_setting(context, "state", ChatState.PAUSED)
    text = (
        _("⏸ I stop writing. Papers are kept for you for 30 days."),
        _("To delete everything that I know of this chat: /forget"),
    )
    go_on = button(_.plain("▶️ Go on"), PUT.data("state", ChatState.ACTIVE))
    await show(update, "\n".join(text), [[go_on]])


@admins_only
async def ask_to_forget(update: Update, context: Context) -> None:
    """Say what will be gone, and ask once."""
    _ = context.texts
    if message_of(update).chat.type == ChatType.PRIVATE:
        what = _(
            "This deletes all that I know of this chat: your topics, settings, saved papers,"
            " notes and votes, and what you were sent."
        )
    else:
        what = _(
            "This deletes all that I know of this chat: its topics, settings, saved papers,"
            " notes and votes, and what it was sent."
        )
    warning = _("It can't be undone. /export keeps a copy of topics and settings.")
    keyboard = [
        [button(_.plain("🗑 Delete everything"), FORGET.data())],
        [button(_.plain("‹ Keep it"), KEEP.data())],
    ]
    await show(update, f"{what}\n\n{warning}", keyboard)


@admins_only
async def forget(update: Update, context: Context) -> None:
    """Delete the chat and all that hangs on it."""
    async with context.services.database.transaction() as session:
        await chats.forget(session=session, chat_id=context.chat.id)
    notes = context.bot_data.notes
    for place in [place for place in notes if place[0] == context.chat.id]:
        del notes[place]
    _ = context.texts
    done = _("Done: I know nothing of this chat any more. /start begins anew.")
    await show(update, done)


async def keep(update: Update, context: Context) -> None:
    """Delete nothing after all."""
    _ = context.texts
    await show(update, _("Nothing was deleted."))

"""/stop and /forget: no more pushes, or nothing of the chat left at all."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from telegram import InlineKeyboardButton, Update
from telegram.constants import ChatType

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.i18n import Texts
from bot.telegram.callback_data import SMALL_NUMBER, route
from bot.telegram.keyboards import button
from bot.telegram.replies import message_of, show
from bot.telegram.routes import FORGET, KEEP, PUT
from storage import chats
from storage.columns import utc_now
from storage.models import Chat, ChatState
from storage.objects import objects
from storage.push_times import put_off

AWAY = route("away", SMALL_NUMBER)
"""Days without papers."""

HOLIDAYS = (7, 14)


@admins_only
async def stop(update: Update, context: Context) -> None:
    """Pause all pushes, and say how they go on."""
    _ = context.texts
    # Who is shut out gets nothing anyway, and stays so.
    if context.chat.state is not ChatState.BLOCKED:
        await change_setting(context, "state", ChatState.PAUSED)
    text = (
        _("⏸ Paused. I'll hold new papers for up to 30 days."),
        _("To delete all data: /forget"),
    )
    now = datetime.now(ZoneInfo(context.chat.timezone))
    until = [
        button(_.plain("Until {date}", date=_.date(now + timedelta(days=days))), AWAY.data(days))
        for days in HOLIDAYS
    ]
    await show(update, "\n".join(text), [[_go_on(_)], until])


@admins_only
async def away(update: Update, context: Context, days: int) -> None:
    """Send nothing for some days, and go on without being asked."""
    _ = context.texts

    def postpone(connection: Connection) -> Chat | None:
        with objects(connection) as session:
            chat = session.get(Chat, context.chat.id)
            if chat is not None and chat.state is not ChatState.BLOCKED:
                put_off(chat, now=utc_now(), days=min(days, max(HOLIDAYS)))
            return chat

    chat = await context.services.database.write(postpone)
    if chat is None:
        return
    context.chat = chat
    back = chat.next_push_at.astimezone(ZoneInfo(chat.timezone))
    told = _("⏸ Paused. Papers come again on {date}, with what I held.", date=_.date(back))
    await show(update, told, [[_go_on(_)]])


def _go_on(_: Texts) -> InlineKeyboardButton:
    return button(_.plain("▶️ Resume"), PUT.data("state", ChatState.ACTIVE))


@admins_only
async def ask_to_forget(update: Update, context: Context) -> None:
    """Say what will be gone, and ask once."""
    _ = context.texts
    if message_of(update).chat.type == ChatType.PRIVATE:
        what = _(
            "This deletes everything about you: your topics, settings, saved papers, notes "
            "and votes, and what you were sent."
        )
    else:
        what = _(
            "This deletes everything about this chat: its topics, settings, saved papers, "
            "notes and votes, and what it was sent."
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
    done = _("Done, everything is deleted. /start starts over.")
    await show(update, done)


async def keep(update: Update, context: Context) -> None:
    """Delete nothing after all."""
    _ = context.texts
    await show(update, _("Nothing was deleted."))

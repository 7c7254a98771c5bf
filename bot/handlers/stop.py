"""/stop and /forget: no more pushes, or nothing of the chat left at all."""

from contextlib import suppress
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from telegram import InlineKeyboardButton, Update
from telegram.constants import ChatType

from bot.conversation.context import Context
from bot.conversation.forget import forget_chat
from bot.conversation.permissions import admins_only
from bot.conversation.preferences import change_setting
from bot.i18n import Texts, code
from bot.preferences.dates import dates
from bot.query.orders import Order, order_in
from bot.telegram.callback_data import SMALL_NUMBER, matching, route
from bot.telegram.keyboards import button, rows
from bot.telegram.replies import message_of, refuse, show
from bot.telegram.routes import FORGET, KEEP, PUT
from storage.columns import utc_now
from storage.models import Chat, ChatState
from storage.objects import objects
from storage.push_times import pause_until

AWAY = route("away", SMALL_NUMBER)
"""Days without papers, as older buttons say."""
BACK = route("back", matching(r"\d{4}-\d\d-\d\d"))
"""The day on which papers come again."""

HOLIDAYS = (7, 14, 30)
FURTHEST = timedelta(days=366)
"""A chat may be away for so long."""
HELD = timedelta(days=30)
"""Papers are kept for so long."""


@admins_only
async def stop(update: Update, context: Context) -> None:
    """Pause all pushes, and say how they go on; take `/stop until 10 Jan` as well."""
    if context.args:
        await _stop_until(update, context, " ".join(context.args))
    else:
        await _stop(update, context)


async def _stop(update: Update, context: Context) -> None:
    _ = context.texts
    # Who is shut out gets nothing anyway, and stays so.
    if context.chat.state is not ChatState.BLOCKED:
        await change_setting(context, "state", ChatState.PAUSED)
    text = (
        _("⏸ Paused. I'll hold new papers for up to 30 days."),
        _("To delete all data: /forget"),
    )
    until = [_until(_today(context) + timedelta(days=days), _) for days in HOLIDAYS]
    await show(update, "\n".join((*text, _another_day(_))), [[_go_on(_)], *rows(until, width=2)])


async def _stop_until(update: Update, context: Context, words: str) -> None:
    """Pause until the day that words mean; where they may mean several, ask."""
    _, today = context.texts, _today(context)
    meant = [day for day in dates(words, today) if day - today <= FURTHEST]
    if len(meant) == 1:
        await _pause(update, context, meant[0])
        return
    is_day = any(map(str.isdigit, words))
    if not meant and not is_day and order_in(f"stop {words}") is Order.STOP:
        await _stop(update, context)  # "/stop please"
        return
    pause = []
    if meant:
        question = _("Until which day?")
    else:
        unknown = _(
            "I don't know which day “{words}” is; it can be up to a year ahead.",
            words=words[:100],
        )
        question = f"{unknown}\n{_another_day(_)}"
        meant = [today + timedelta(days=days) for days in HOLIDAYS]
        pause = [button(_.plain("⏸ Pause"), PUT.data("state", ChatState.PAUSED))]
    await show(update, question, [pause, *rows((_until(day, _) for day in meant), width=2)])


@admins_only
async def away(update: Update, context: Context, days: int) -> None:
    """Send nothing for some days, and go on without being asked."""
    await _pause(update, context, _today(context) + timedelta(days=days))


@admins_only
async def until(update: Update, context: Context, day: str) -> None:
    """Send nothing before a day, and go on without being asked."""
    with suppress(ValueError):
        if _today(context) < (back := date.fromisoformat(day)) <= _today(context) + FURTHEST:
            await _pause(update, context, back)
            return
    await refuse(update, context.texts.plain("That's no longer available."))


async def _pause(update: Update, context: Context, back: date) -> None:
    _, now = context.texts, utc_now()

    def postpone(connection: Connection) -> Chat | None:
        with objects(connection) as session:
            chat = session.get(Chat, context.chat.id)
            if chat is not None and chat.state is not ChatState.BLOCKED:
                chat.state, chat.state_reason = ChatState.ACTIVE, None
                pause_until(chat, back)
            return chat

    chat = await context.services.database.write(postpone)
    if chat is None:
        return
    context.chat = chat
    comes = _.date(chat.next_push_at.astimezone(ZoneInfo(chat.timezone)))
    if chat.next_push_at - now > HELD:
        told = _("⏸ Paused. Papers come again on {date}, with the last 30 days' worth.", date=comes)
    else:
        told = _("⏸ Paused. Papers come again on {date}, with what I held.", date=comes)
    await show(update, told, [[_go_on(_)]])


def _today(context: Context) -> date:
    return utc_now().astimezone(ZoneInfo(context.chat.timezone)).date()


def _until(day: date, _: Texts) -> InlineKeyboardButton:
    return button(_.plain("Until {date}", date=_.date(day)), BACK.data(day.isoformat()))


def _another_day(_: Texts) -> str:
    day = _.plain("10 Jan")
    return _("Until another day: {example}", example=code(f"/stop {day}"))


def _go_on(_: Texts) -> InlineKeyboardButton:
    return button(_.plain("▶️ Resume"), PUT.data("state", ChatState.ACTIVE))


@admins_only
async def ask_to_forget(update: Update, context: Context) -> None:
    """Say what will be gone, and ask once."""
    _ = context.texts
    if message_of(update).chat.type == ChatType.PRIVATE:
        what = _(
            "This deletes everything about you: your topics, settings, saved papers, notes "
            "and votes, examples, and what you were sent."
        )
    else:
        what = _(
            "This deletes everything about this chat: its topics, settings, saved papers, "
            "notes and votes, examples, and what it was sent."
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
    await forget_chat(database=context.services.database, chat_id=context.chat.id)
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

"""/stop and /forget: no more pushes, or nothing of the chat left at all."""

from telegram import InlineKeyboardMarkup, Message, Update
from telegram.constants import ChatType, ParseMode

from bot.conversation.context import Context
from bot.conversation.permissions import admins_only
from bot.telegram.keyboards import acknowledge, button
from storage import chats
from storage.models import ChatState


@admins_only
async def stop(update: Update, context: Context) -> None:
    """Pause all pushes, and say how they go on."""
    if update.message is None:
        return
    _ = context.texts
    async with context.services.database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is not None:
            chat.state, chat.state_reason = ChatState.PAUSED, None
    await update.message.reply_html(
        _("⏸ I stop writing. Papers are kept for you for 30 days.")
        + "\n"
        + _("To delete everything that I know of this chat: /forget"),
        reply_markup=InlineKeyboardMarkup(
            [[button(_.plain("▶️ Go on"), f"put:state:{ChatState.ACTIVE}")]]
        ),
    )


@admins_only
async def ask_to_forget(update: Update, context: Context) -> None:
    """Say what will be gone, and ask once."""
    message = update.message
    if message is None:
        return
    _ = context.texts
    if message.chat.type == ChatType.PRIVATE:
        what = _(
            "This deletes all that I know of this chat: your topics, settings, saved papers,"
            " notes and votes, and what you were sent."
        )
    else:
        what = _(
            "This deletes all that I know of this chat: its topics, settings, saved papers,"
            " notes and votes, and what it was sent."
        )
    await message.reply_html(
        f"{what}\n\n" + _("It can't be undone. /export keeps a copy of topics and settings."),
        reply_markup=InlineKeyboardMarkup(
            [
                [button(_.plain("🗑 Delete everything"), "forget")],
                [button(_.plain("‹ Keep it"), "unforget")],
            ]
        ),
    )


@admins_only
async def forget(update: Update, context: Context) -> None:
    """Delete the chat and all that hangs on it."""
    query = update.callback_query
    if query is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    async with context.services.database.transaction() as session:
        await chats.forget(session=session, chat_id=context.chat.id)
    # SQLite gives a chat's number again, to the next one that comes.
    notes = context.bot_data.notes
    for place in [place for place in notes if place[0] == context.chat.id]:
        del notes[place]
    await acknowledge(query)
    await query.message.edit_text(
        _("Done: I know nothing of this chat any more. /start begins anew."),
        parse_mode=ParseMode.HTML,
    )


async def keep(update: Update, context: Context) -> None:
    """Delete nothing after all."""
    query = update.callback_query
    if query is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    await acknowledge(query)
    await query.message.edit_text(_("Nothing was deleted."), parse_mode=ParseMode.HTML)

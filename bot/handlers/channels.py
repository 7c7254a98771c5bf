"""/channels: an admin of a channel chooses in private what the channel gets."""

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    MessageOriginChannel,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.ext import ApplicationHandlerStop

from bot.conversation.channel_mode import enter, leave, may_manage, title_of, way_back
from bot.conversation.context import Context
from bot.i18n import Texts
from bot.telegram.keyboards import acknowledge, button
from storage import chats
from storage.models import Chat, ChatKind, ChatState

MOST = 20
"""Channels on the list."""


async def show_channels(update: Update, context: Context) -> None:
    """List the channels that were managed from here, and say how to add one."""
    message = update.message
    if message is None:
        return
    _ = context.texts
    if message.chat.type != ChatType.PRIVATE:
        await message.reply_html(_("Channels are managed in private: write /channels to me there."))
        return
    async with context.services.database.reading() as session:
        known = await chats.managed_by(session=session, chat_id=context.here.id)
    rows = []
    for channel in known[:MOST]:
        tick = "✓ " if channel.id == context.here.managing_id else ""
        title = await title_of(context, channel)
        rows.append([button(f"{tick}📢 {title}", f"manage:{channel.id}")])
    add = f"https://t.me/{context.bot.username}?startchannel&admin=post_messages"
    rows.append([InlineKeyboardButton(_.plain("➕ Add me to a channel"), url=add)])
    if context.here.managing_id is not None:
        rows.append([_back(_)])
    await message.reply_html(
        "\n".join(
            (
                _("<b>Channels</b>"),
                _("I bring new papers to a channel, too. Its admins choose here what and when."),
                "",
                _("Add me as an admin who may post; or forward me a post of a channel I am in."),
            )
        ),
        reply_markup=InlineKeyboardMarkup(rows),
    )


async def choose_channel(update: Update, context: Context) -> None:
    """Turn to a channel (`manage:7`), or back to one's own topics (`manage:0`)."""
    query = update.callback_query
    if query is None or query.data is None or not isinstance(query.message, Message):
        return
    _ = context.texts
    channel_id = int(query.data.removeprefix("manage:"))
    if not channel_id:
        await leave(context)
        await acknowledge(query)
        await query.message.edit_text(
            _("From here on it is about your own topics again."),
            parse_mode=ParseMode.HTML,
            reply_markup=InlineKeyboardMarkup([[button(_.plain("📚 My topics"), "topics")]]),
        )
        return
    async with context.services.database.reading() as session:
        channel = await chats.get(session=session, chat_id=channel_id)
    if channel is None or not await _may(update, context, channel):
        refusal = _.plain("You can only manage a channel whose admin you are, and that I am in.")
        await acknowledge(query, refusal, alert=True)
        return
    await acknowledge(query)
    await enter(context, channel)
    text, keyboard = _entered(context)
    await query.message.edit_text(text, parse_mode=ParseMode.HTML, reply_markup=keyboard)


async def take_forward(update: Update, context: Context) -> None:
    """Turn to the channel whose post an admin of it forwards; other forwards are not ours."""
    message = update.message
    if message is None or not isinstance(message.forward_origin, MessageOriginChannel):
        return
    origin = message.forward_origin.chat
    async with context.services.database.reading() as session:
        channel = await chats.find(session=session, telegram_id=origin.id)
    if channel is None or not await _may(update, context, channel):
        return
    await enter(context, channel)
    text, keyboard = _entered(context)
    await message.reply_html(text, reply_markup=keyboard)
    raise ApplicationHandlerStop


async def _may(update: Update, context: Context, channel: Chat) -> bool:
    user = update.effective_user
    served = channel.kind is ChatKind.CHANNEL and channel.state is not ChatState.BLOCKED
    private = context.here.kind is ChatKind.PRIVATE
    return served and private and user is not None and await may_manage(context, channel, user.id)


def _entered(context: Context) -> tuple[str, InlineKeyboardMarkup]:
    _ = context.texts
    text = "\n".join(
        (
            _("From here on it is about this channel: what you write and tap is for it."),
            _("/topics and /settings show what it gets and when."),
        )
    )
    keyboard = [
        [button(_.plain("📚 Topics"), "topics"), button(_.plain("➕ Follow a topic"), "pick")],
        [button(_.plain("⚙️ Settings"), "set:")],
        *way_back(context, _),
    ]
    return context.headed(text), InlineKeyboardMarkup(keyboard)


def _back(_: Texts) -> InlineKeyboardButton:
    return button(_.plain("↩️ Back to my own topics"), "manage:0")

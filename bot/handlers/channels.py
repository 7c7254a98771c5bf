"""/channels, channel mode: an admin of a channel chooses in private what the channel gets."""

from telegram import InlineKeyboardButton, MessageOriginChannel, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from bot.conversation.channel_mode import enter, leave, may_manage, own_topics, title_of, way_back
from bot.conversation.context import Context
from bot.conversation.subscriptions import followed
from bot.telegram.keyboards import button, readymade
from bot.telegram.replies import message_of, refuse, show
from bot.telegram.routes import MANAGE, PICK, SETTINGS, TOPICS
from storage import channels, chats
from storage.models import Chat, ChatKind, ChatState

MOST = 20
"""Channels on the list."""


async def show_channels(update: Update, context: Context) -> None:
    """List the channels that were managed from here, and say how to add one."""
    _ = context.texts
    if message_of(update).chat.type != ChatType.PRIVATE:
        await show(update, _("Channels are managed in private: send me /channels there."))
        return
    async with context.services.database.reading() as session:
        known = await channels.managed_by(session=session, chat_id=context.here.id)
    managing = context.here.managing_id
    rows = [
        [
            button(
                f"📢 {await title_of(context, channel)}",
                MANAGE.data(channel.id),
                chosen=channel.id == managing,
            )
        ]
        for channel in known[:MOST]
    ]
    add = f"https://t.me/{context.bot.username}?startchannel&admin=post_messages"
    rows.append([InlineKeyboardButton(_.plain("➕ Add me to a channel"), url=add)])
    if managing is not None:
        rows.append(own_topics(_))
    text = (
        _("<b>Channels</b>"),
        _("I bring new papers to a channel, too. Its admins choose here what and when."),
        "",
        _("Add me as an admin who may post; or forward me a post of a channel I am in."),
    )
    await show(update, "\n".join(text), rows)


async def choose_channel(update: Update, context: Context, channel_id: int) -> None:
    """Turn to a channel, or where it is 0 back to one's own topics."""
    _ = context.texts
    if not channel_id:
        await leave(context)
        mine = [[button(_.plain("📚 My topics"), TOPICS.data())]]
        await show(update, _("Back to your own topics."), mine)
        return
    async with context.services.database.reading() as session:
        channel = await chats.get(session=session, chat_id=channel_id)
    if channel is None or not await _may(update, context, channel):
        refusal = _.plain("You need to be an admin of the channel, and I need to be in it.")
        await refuse(update, refusal)
        return
    await _enter(update, context, channel)


async def take_forward(update: Update, context: Context) -> None:
    """Turn to the channel whose post an admin of it forwards; other forwards are not ours."""
    origin = message_of(update).forward_origin
    if not isinstance(origin, MessageOriginChannel):
        return
    async with context.services.database.reading() as session:
        channel = await chats.find(session=session, telegram_id=origin.chat.id)
    if channel is None or not await _may(update, context, channel):
        return
    await _enter(update, context, channel)
    raise ApplicationHandlerStop


async def _may(update: Update, context: Context, channel: Chat) -> bool:
    user = update.effective_user
    served = channel.kind is ChatKind.CHANNEL and channel.state is not ChatState.BLOCKED
    private = context.here.kind is ChatKind.PRIVATE
    return served and private and user is not None and await may_manage(context, channel, user.id)


async def _enter(update: Update, context: Context, channel: Chat) -> None:
    await enter(context, channel)
    _ = context.texts
    text = (
        _("You're now editing this channel. Everything you send or tap applies to it."),
        _("/topics and /settings show what it gets and when."),
    )
    mine = await followed(context)
    more = [] if not mine else [button(_.plain("➕ Follow a topic"), PICK.data())]
    keyboard = [
        # A channel that gets nothing yet is a tap from its first topic.
        *([] if mine else readymade(_)),
        [button(_.plain("📚 Topics"), TOPICS.data()), *more],
        [button(_.plain("⚙️ Settings"), SETTINGS.data(""))],
        *way_back(context, _),
    ]
    await show(update, context.headed("\n".join(text)), keyboard)

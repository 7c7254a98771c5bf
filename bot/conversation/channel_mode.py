"""Channel mode: a channel managed from a private chat; who may, and how one gets in and out.

A channel has no senders, so its admins choose in private what it gets. While a private chat manages
a channel, `managed` handlers are about the channel; all others stay about the chat itself.
"""

import functools

from telegram import Update
from telegram.error import BadRequest, Forbidden

from bot.conversation.context import Context
from bot.conversation.permissions import Handler
from bot.i18n import Texts
from bot.telegram import raw_answers
from bot.telegram.keyboards import Row, button
from bot.telegram.replies import refuse
from bot.telegram.routes import MANAGE
from storage import channels, chats
from storage.models import Chat, ChatKind


def managed(handler: Handler) -> Handler:
    """Channel mode: let a handler be about the channel that is managed here, if there is one.

    Whoever is no admin of it any more is told so, and nothing is done.
    """

    @functools.wraps(handler)
    async def about_the_channel(update: Update, context: Context) -> None:
        channel = await _channel(context)
        if channel is None:
            await handler(update, context)
            return
        title = await title_of(context, channel)
        user = update.effective_user
        if user is not None and await may_manage(context, channel, user.id):
            context.chat, context.title = channel, title
            await handler(update, context)
            return
        await _leave_for_good(context, channel)
        _ = context.texts
        said = _.plain(
            "You can't manage {title} any more. Back to your own topics.",
            title=title,
        )
        await refuse(update, said)

    return about_the_channel


async def may_manage(context: Context, channel: Chat, user_id: int) -> bool:
    """Ask Telegram whether somebody is an admin of a channel that the bot is in.

    Raises:
        NetworkError: Telegram did not say.

    """
    try:
        return user_id in await raw_answers.admins_of(context.bot, channel.telegram_id)
    except (BadRequest, Forbidden):
        return False


async def title_of(context: Context, channel: Chat) -> str:
    """Return what a channel is called, as last heard."""
    known = context.bot_data.titles
    if channel.telegram_id not in known:
        try:
            told = await raw_answers.title_of(context.bot, channel.telegram_id)
        except (BadRequest, Forbidden):
            return str(channel.telegram_id)
        known[channel.telegram_id] = told or str(channel.telegram_id)
    return known[channel.telegram_id]


async def enter(context: Context, channel: Chat) -> None:
    """Manage a channel from here; whoever asks for it has been found to be its admin."""
    async with context.services.database.transaction() as session:
        here = await chats.get(session=session, chat_id=context.here.id)
        if here is None:
            return
        here.managing_id = channel.id
        await channels.start_managing(session=session, chat_id=here.id, channel_id=channel.id)
    context.here = here
    context.chat, context.title = channel, await title_of(context, channel)


async def leave(context: Context) -> None:
    """Be about this chat itself again."""
    if context.here.managing_id is None:
        return
    async with context.services.database.transaction() as session:
        here = await chats.get(session=session, chat_id=context.here.id)
        if here is not None:
            here.managing_id = None
            context.here = here


def way_back(context: Context, _: Texts) -> list[Row]:
    """Return the row that leads from a channel's keyboard to one's own topics, if it is one."""
    return [own_topics(_)] if context.title else []


def own_topics(_: Texts) -> Row:
    """Return the row that leads back to one's own topics."""
    return [button(_.plain("↩️ Back to my own topics"), MANAGE.data(0))]


async def _channel(context: Context) -> Chat | None:
    if context.here.managing_id is None or context.here.kind is not ChatKind.PRIVATE:
        return None
    async with context.services.database.reading() as session:
        return await chats.get(session=session, chat_id=context.here.managing_id)


async def _leave_for_good(context: Context, channel: Chat) -> None:
    async with context.services.database.transaction() as session:
        await channels.stop_managing(
            session=session, chat_id=context.here.id, channel_id=channel.id
        )
    context.here.managing_id = None

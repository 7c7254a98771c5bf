"""Membership: where the bot was added, removed, blocked, unblocked, silenced or moved."""

from typing import Final

from telegram import (
    ChatMember,
    ChatMemberAdministrator,
    ChatMemberRestricted,
    ChatMemberUpdated,
    InlineKeyboardMarkup,
    Update,
)
from telegram.constants import ChatType, ParseMode
from telegram.error import BadRequest, Forbidden

from bot.conversation.context import Context
from bot.i18n import texts
from bot.telegram.keyboards import button
from bot.telegram.routes import MANAGE, PICK, SETTINGS
from storage import channels, chats
from storage.columns import utc_now
from storage.models import ChatState

_OUTSIDE: Final = {ChatMember.LEFT, ChatMember.BANNED}
_GROUPS: Final = {ChatType.GROUP, ChatType.SUPERGROUP}


async def membership_changed(update: Update, context: Context) -> None:
    """Stop where the bot may not write any more; greet and go on where it may again."""
    change = update.my_chat_member
    if change is None:
        return
    writes = _may_write(change.new_chat_member)
    async with context.services.database.transaction() as session:
        # A forum's topics are chats of their own, and all of them come and go with it.
        for chat in await chats.of_telegram(session=session, telegram_id=change.chat.id):
            if not writes:
                reason = change.new_chat_member.status
                await chats.block(session=session, chat_id=chat.id, reason=reason)
            elif chat.state is ChatState.BLOCKED:
                chat.state, chat.state_reason = ChatState.ACTIVE, None
                chats.reschedule(chat, now=utc_now())
    if change.chat.type == ChatType.CHANNEL:
        await _tell_the_admin(change, context, writes=writes)
    elif writes and change.chat.type in _GROUPS and _is_outside(change.old_chat_member):
        await _greet(change, context)


async def _greet(change: ChatMemberUpdated, context: Context) -> None:
    _ = context.texts
    await context.bot.send_message(
        change.chat.id,
        _(
            "👋 Hello! I bring new arXiv papers to this group."
            " Its admins choose the topics: /subscribe"
        ),
        parse_mode=ParseMode.HTML,
        reply_markup=InlineKeyboardMarkup(
            [
                [
                    button(_.plain("➕ Follow a topic"), PICK.data()),
                    button(_.plain("⚙️ Settings"), SETTINGS.data("")),
                ]
            ]
        ),
    )


async def _tell_the_admin(change: ChatMemberUpdated, context: Context, *, writes: bool) -> None:
    """Show who added the bot to a channel, or changed what it may do there, the way to manage it.

    A channel's own people can't be asked there; and only who has written to the bot can be told.
    """
    old, new = change.old_chat_member, change.new_chat_member
    changed = writes != _may_write(old) or _is_outside(old)
    if _is_outside(new) or not changed:
        return
    async with context.services.database.transaction() as session:
        private = await chats.find(session=session, telegram_id=change.from_user.id)
        if private is None:
            return
        await channels.start_managing(
            session=session, chat_id=private.id, channel_id=context.here.id
        )
    _ = texts(private.ui_language)
    title = change.chat.title or ""
    context.bot_data.titles[change.chat.id] = title
    if writes:
        text = _(
            "📢 I'm in <b>{title}</b> now. Choose here what it gets, and when.",
            title=title,
        )
        keyboard = InlineKeyboardMarkup(
            [[button(_.plain("📚 Choose its topics"), MANAGE.data(context.here.id))]]
        )
    else:
        text = _(
            "📢 I'm in <b>{title}</b>, but I can't post there. Please let me.",
            title=title,
        )
        keyboard = None
    try:
        await context.bot.send_message(
            private.telegram_id, text, parse_mode=ParseMode.HTML, reply_markup=keyboard
        )
    except (BadRequest, Forbidden):
        # They have blocked the bot in private; /channels tells the same later.
        return


async def migrated(update: Update, context: Context) -> None:
    """Follow a group that became a supergroup."""
    message = update.message
    if message is None or message.migrate_to_chat_id is None:
        return
    async with context.services.database.transaction() as session:
        await chats.migrate(
            session=session,
            telegram_id=message.chat.id,
            new_telegram_id=message.migrate_to_chat_id,
        )


def _is_outside(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return not member.is_member
    return member.status in _OUTSIDE


def _may_write(member: ChatMember) -> bool:
    """Tell whether the bot can write where it is this; only channels name the right to post."""
    if isinstance(member, ChatMemberRestricted):
        return member.is_member and member.can_send_messages
    if isinstance(member, ChatMemberAdministrator) and member.can_post_messages is False:
        return False
    return not _is_outside(member)

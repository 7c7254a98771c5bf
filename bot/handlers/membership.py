"""Telegram tells where the bot was added, removed, blocked, unblocked or moved."""

from telegram import ChatMember, Update
from telegram.constants import ChatType, ParseMode

from bot.context import Context
from storage import chats
from storage.models import ChatState, utc_now

__all__ = ["membership_changed", "migrated"]

_OUTSIDE = {ChatMember.LEFT, ChatMember.BANNED}


async def membership_changed(update: Update, context: Context) -> None:
    """Stop where the bot is not wanted any more; greet and go on where it is again."""
    change = update.my_chat_member
    if change is None:
        return
    inside = change.new_chat_member.status not in _OUTSIDE
    was_inside = change.old_chat_member.status not in _OUTSIDE
    async with context.services.database.transaction() as session:
        # A forum's topics are chats of their own, and all of them come and go with it.
        for chat in await chats.of_telegram(session=session, telegram_id=change.chat.id):
            if not inside:
                reason = change.new_chat_member.status
                await chats.block(session=session, chat_id=chat.id, reason=reason)
            elif chat.state is ChatState.BLOCKED:
                chat.state, chat.state_reason = ChatState.ACTIVE, None
                chats.reschedule(chat, now=utc_now())
    if inside and not was_inside and change.chat.type in {ChatType.GROUP, ChatType.SUPERGROUP}:
        _ = context.texts
        await context.bot.send_message(
            change.chat.id,
            _(
                "👋 Hello! I bring new arXiv papers to this group."
                " Its admins choose the topics: /subscribe"
            ),
            parse_mode=ParseMode.HTML,
        )


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

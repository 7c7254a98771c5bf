"""Preferences of the chat that a conversation is about: one changed and stored."""

from bot.conversation.context import Context
from bot.preferences.values import put
from storage import chats
from storage.columns import utc_now


async def change_setting(context: Context, name: str, value: str) -> bool:
    """Change one setting; False where the value is none that can be chosen."""
    if (name, value) == ("order", "personal") and not context.services.ranks:
        return False
    languages = {known.code for known in context.services.languages}
    async with context.services.database.transaction() as session:
        chat = await chats.get(session=session, chat_id=context.chat.id)
        if chat is None or not put(chat, name, value, languages=languages, now=utc_now()):
            return False
    context.chat = chat
    return True

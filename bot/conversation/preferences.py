"""Preferences of the chat that a conversation is about: one changed and stored."""

from sqlalchemy import Connection

from bot.conversation.context import Context
from bot.preferences.values import put
from storage.columns import utc_now
from storage.models import Chat
from storage.objects import objects


async def change_setting(context: Context, name: str, value: str) -> bool:
    """Change one setting; False where the value is none that can be chosen."""
    if (name, value) == ("order", "personal") and not context.services.ranks:
        return False
    languages = {known.code for known in context.services.languages}

    def change(connection: Connection) -> Chat | None:
        with objects(connection) as session:
            chat = session.get(Chat, context.chat.id)
            if chat is None or not put(chat, name, value, languages=languages, now=utc_now()):
                return None
            return chat

    changed = await context.services.database.write(change)
    if changed is None:
        return False
    context.chat = changed
    return True

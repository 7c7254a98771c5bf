"""Which chats a person means who names Telegram's number."""

from collections.abc import Sequence

from bot.commands.outcome import CommandError
from bot.parts import Parts
from storage import chats
from storage.models import Chat


async def known_chats(opened: Parts, telegram_id: int) -> Sequence[Chat]:
    """Return a chat and its forum topics; raises CommandError where it never wrote to the bot."""
    async with opened.database.reading() as session:
        found = await chats.of_telegram(session=session, telegram_id=telegram_id)
    if not found:
        raise CommandError(f"no chat {telegram_id} is known; it has to write to the bot first")
    return found

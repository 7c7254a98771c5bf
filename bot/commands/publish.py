"""`paperboy publish`: the site, written once, now."""

from zoneinfo import ZoneInfo

from bot.commands.known_chats import known_chats
from bot.commands.outcome import CommandError
from bot.parts import parts
from bot.publish.publish import publish as write_site
from bot.settings import Settings
from storage.models import utc_now

__all__ = ["publish"]


async def publish(settings: Settings, *, chat: int | None) -> None:
    """Write the site of a chat, or of all followed topics, to PUBLISH_DIR."""
    folder = settings.publish_dir
    if folder is None:
        raise CommandError("PUBLISH_DIR is not set, so there is no folder to publish to")
    async with parts(settings) as opened:
        whose = None if chat is None else (await known_chats(opened, chat))[0]
        zone = whose.timezone if whose else settings.default_timezone
        try:
            changed = await write_site(
                database=opened.database,
                translator=opened.translator,
                folder=folder,
                language=whose.language if whose else settings.default_language,
                updated=utc_now().astimezone(ZoneInfo(zone)).date(),
                chat=whose,
            )
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error.strerror}") from error
    print(f"{folder}: {changed} files changed.")

"""`paperboy publish`: the site, written once, now."""

from dataclasses import replace
from pathlib import Path

from bot.commands.arguments import asked_for, known_chats, listed, wanted_by
from bot.commands.errors import CommandError
from bot.commands.output import Counter
from bot.container import open_container
from bot.digest import compose
from bot.settings.model import Settings
from bot.site.publish import of_all
from bot.site.publish import publish as write_site
from bot.transfer.pages import Look


async def publish(
    settings: Settings, *, chat: int | None, topics: Path | None, language: str | None
) -> None:
    """Write the site of a chat, of a file's topics, or of all that are followed, to PUBLISH_DIR."""
    folder = settings.publish_dir
    if folder is None:
        raise CommandError("PUBLISH_DIR is not set, so there is no folder to publish to")
    page = None if topics is None else listed(topics)
    look = Look() if page is None else page.look
    async with open_container(settings) as opened:
        whose = None if chat is None else (await known_chats(opened, chat))[0]
        wanted = wanted_by(opened, whose, replace(look, language=language or look.language))
        if page is not None:
            sections = await asked_for(opened, page.topics[: look.topics])
        elif whose is not None:
            sections = await compose.headings(database=opened.database, chat=whose)
        else:
            sections = await of_all(database=opened.database, language=wanted.language)
        try:
            changed = await write_site(
                database=opened.database,
                translator=opened.translator,
                folder=folder,
                sections=sections,
                wanted=wanted,
                progress=Counter("translated"),
            )
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error.strerror}") from error
    print(f"{folder}: {changed} files changed.")

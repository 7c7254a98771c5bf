"""`paperboy publish`: the site, written once, now."""

from pathlib import Path
from zoneinfo import ZoneInfo

from bot.commands.arguments import asked_for, known_chats, known_language, listed
from bot.commands.errors import CommandError
from bot.commands.output import Counter
from bot.container import Container, open_container
from bot.digest import compose
from bot.digest.markdown import PAPERS
from bot.settings import Settings
from bot.site.publish import Listed, of_all, of_chat
from bot.site.publish import publish as write_site
from bot.transfer.pages import Look
from storage.columns import utc_now


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
        wanted = language or look.language
        if wanted is not None:
            wanted = known_language(wanted, opened.translator.languages())
        shown_in = wanted or (whose.language if whose else settings.default_language)
        if page is not None:
            queries = [(entry.label, entry.query) for entry in page.topics[: look.topics]]
            shown = await _asked_for(opened, queries)
        elif whose is not None:
            shown = await of_chat(database=opened.database, chat=whose)
        else:
            shown = await of_all(database=opened.database, language=shown_in)
        zone = whose.timezone if whose else settings.default_timezone
        try:
            changed = await write_site(
                database=opened.database,
                translator=opened.translator,
                folder=folder,
                listed=shown,
                wanted=compose.Wanted(
                    language=shown_in,
                    updated=utc_now().astimezone(ZoneInfo(zone)).date(),
                    titles=whose is not None and whose.translate_titles,
                    papers=look.papers or PAPERS,
                ),
                progress=Counter("translated"),
            )
        except OSError as error:
            raise CommandError(f"{folder} can't be written: {error.strerror}") from error
    print(f"{folder}: {changed} files changed.")


async def _asked_for(opened: Container, queries: list[tuple[str, str]]) -> list[Listed]:
    headings = await asked_for(opened, queries)
    return [
        Listed(heading.label, heading.topic_id, query)
        for heading, (_label, query) in zip(headings, queries, strict=True)
    ]

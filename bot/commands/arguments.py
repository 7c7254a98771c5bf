"""Arguments shared by commands: a chat, a language, topics in words or in a file."""

import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.arxiv.transport import SourceError
from bot.commands.errors import CommandError
from bot.commands.output import Counter
from bot.commands.sweep import no_answer
from bot.container import Container
from bot.digest import compose
from bot.digest.markdown import PAPERS
from bot.search.own_store import match_topic
from bot.sweep import backfill
from bot.transfer.entries import TransferEntry
from bot.transfer.pages import LARGEST_PAGE, ImportedPage, Look, PageFileError, read_page
from storage import chats, topics
from storage.columns import utc_now
from storage.models import Chat

FRESH = timedelta(hours=1)
"""What arXiv said about a query that nobody follows is believed for so long."""


def listed(file: Path) -> ImportedPage:
    """Return the topics of a file, and say which of its headings name none.

    Raises:
        CommandError: nothing in it can be looked for.

    """
    page = topic_file(file)
    for label in page.unknown:
        sys.stderr.write(f"{label}: arXiv is English, so this needs a query of its own\n")
    if not page.topics:
        raise CommandError(f"{file}: no topic in it can be looked for")
    return page


def wanted_by(
    opened: Container, chat: Chat | None, look: Look, *, days: int | None = None
) -> compose.Wanted:
    """Return what a digest is to hold: what the command says, else what the chat or settings say.

    Raises:
        CommandError: the language is none that the engines can do.

    """
    language = chat.language if chat else opened.settings.default_language
    if look.language is not None:
        language = _known_language(look.language, opened.translator.languages())
    zone = chat.timezone if chat else opened.settings.default_timezone
    now = utc_now()
    return compose.Wanted(
        language=language,
        updated=now.astimezone(ZoneInfo(zone)).date(),
        titles=chat is not None and chat.translate_titles,
        papers=look.papers or PAPERS,
        period=(now - timedelta(days=days), now) if days else None,
    )


def _known_language(language: str, known: Sequence[str]) -> str:
    """Return the code of a language as it is written, whatever its case."""
    for code in known:
        if code.casefold() == language.casefold():
            return code
    raise CommandError(f"--language {language}: the engines can do only {', '.join(known)}")


async def asked_for(opened: Container, entries: Sequence[TransferEntry]) -> list[compose.Heading]:
    """Return topics as sections, each asked for anew where nobody follows it.

    What arXiv does not answer is shown as it was known before, and said; where it answers nothing
    at all, that is an error.
    """
    counter = Counter("asked arXiv")
    sections = []
    failures: list[CommandError] = []
    for number, entry in enumerate(entries):
        counter.show(number, len(entries))
        section = await _registered(opened, entry)
        sections.append(section)
        await match_topic(database=opened.database, topic_id=section.topic_id)
        try:
            await backfill.backfill(
                database=opened.database, source=opened.source, topic_id=section.topic_id
            )
        except SourceError as error:
            reason = (
                f"arXiv gave no answer for {entry.label!r}: {no_answer(error, opened.settings)}"
            )
            failures.append(CommandError(reason))
    counter.show(len(entries), len(entries))
    if len(failures) == len(entries):
        raise failures[0]
    for failure in failures:
        sys.stderr.write(f"{failure}; what was known before is shown\n")
    return sections


async def _registered(opened: Container, entry: TransferEntry) -> compose.Heading:
    async with opened.database.transaction() as session:
        topic = await topics.register(session=session, query=entry.query)
        followed = {other.id for other in await topics.followed(session=session)}
        old = topic.backfilled_at is not None and topic.backfilled_at < utc_now() - FRESH
        if topic.id not in followed and old:
            topic.backfilled_at = None
        return compose.Heading(entry.label, topic.id, entry.query)


async def known_chats(opened: Container, telegram_id: int) -> Sequence[Chat]:
    """Return a chat and its forum topics; raises CommandError where it never wrote to the bot."""
    async with opened.database.reading() as session:
        found = await chats.of_telegram(session=session, telegram_id=telegram_id)
    if not found:
        raise CommandError(f"no chat {telegram_id} is known; it has to write to the bot first")
    return found


def topic_file(path: Path) -> ImportedPage:
    """Return what the file names; raises CommandError with what is wrong with it."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_PAGE + 1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}") from error
    try:
        return read_page(path.name, content)
    except PageFileError as error:
        raise CommandError(f"{path}: {error}") from error

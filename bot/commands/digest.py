"""`paperboy digest`: the full digest as Markdown."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.commands.known_chats import known_chats
from bot.commands.outcome import CommandError
from bot.commands.progress import Counter
from bot.commands.sweep import no_answer
from bot.commands.whole_file import whole_file
from bot.digest.markdown import render
from bot.papers.query import Query, QuerySyntaxError, normalise, parse
from bot.papers.source import SourceError
from bot.parts import Parts, parts
from bot.pipeline import collect, compose
from bot.settings import Settings
from storage import chats, topics
from storage.models import ORIGINAL, Chat, utc_now

__all__ = ["Wish", "digest"]

FRESH = timedelta(hours=1)
"""What arXiv said about a query that nobody follows is believed for so long."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for."""

    chat: int | None
    queries: tuple[str, ...]
    language: str | None
    out: Path | None


async def digest(settings: Settings, wish: Wish) -> None:
    """Write the digest of a chat, or of queries, to a file or to standard output."""
    queries = [(text, _parsed(text)) for text in wish.queries]
    with ExitStack() as stack:
        # Now, because what comes may take minutes.
        beside = None if wish.out is None else stack.enter_context(whole_file(wish.out))
        async with parts(settings) as opened:
            language, zone = settings.default_language, settings.default_timezone
            titles = False
            if wish.language is not None:
                language = _known(wish.language, opened.translator.languages())
            if queries:
                sections = [await _heading(opened, text, query) for text, query in queries]
            else:
                chat = await _chat(opened, wish.chat)
                sections = await compose.headings(database=opened.database, chat=chat)
                language, zone = language if wish.language else chat.language, chat.timezone
                titles = chat.translate_titles
            made = await compose.digest(
                database=opened.database,
                translator=opened.translator,
                sections=sections,
                language=language,
                titles=titles,
                updated=utc_now().astimezone(ZoneInfo(zone)).date(),
                progress=Counter("translated"),
            )
        page = render(made).encode()
        if beside is None:
            # Markdown is UTF-8, whatever the terminal speaks.
            sys.stdout.buffer.write(page)
        else:
            beside.write_bytes(page)
    papers = {paper.id: paper for section in made.sections for paper in section.papers}
    rows = sum(len(section.papers) for section in made.sections)
    if wish.out is not None:
        print(f"{wish.out}: {len(made.sections)} topics, {rows} rows.")
    missing = sum(not paper.translated for paper in papers.values())
    if missing and language != ORIGINAL:
        sys.stderr.write(
            f"{missing} of {len(papers)} abstracts are in the original: no engine answered\n"
        )


def _parsed(text: str) -> Query:
    try:
        return parse(text)
    except QuerySyntaxError as error:
        raise CommandError(f"--query {text!r}: {error}") from error


def _known(language: str, known: Sequence[str]) -> str:
    for code in known:
        if code.casefold() == language.casefold():
            return code
    raise CommandError(f"--language {language}: the engines can do only {', '.join(known)}")


async def _chat(opened: Parts, telegram_id: int | None) -> Chat:
    if telegram_id is not None:
        return (await known_chats(opened, telegram_id))[0]
    async with opened.database.reading() as session:
        following = await chats.following(session=session)
    if len(following) == 1:
        return following[0]
    if not following:
        raise CommandError("no chat follows a topic yet; --query makes a digest without a chat")
    ids = ", ".join(str(chat.telegram_id) for chat in following[:20])
    raise CommandError(f"which chat? --chat ID, one of {ids}; or --query")


async def _heading(opened: Parts, text: str, query: Query) -> compose.Heading:
    """Return a query as a section; one that nobody follows is asked for anew."""
    async with opened.database.transaction() as session:
        topic = await topics.register(session=session, query=normalise(query))
        followed = {other.id for other in await topics.followed(session=session)}
        old = topic.backfilled_at is not None and topic.backfilled_at < utc_now() - FRESH
        if topic.id not in followed and old:
            topic.backfilled_at = None
    try:
        await collect.backfill(database=opened.database, source=opened.source, topic_id=topic.id)
    except SourceError as error:
        raise CommandError(
            f"arXiv gave no answer for {text!r}: {no_answer(error, opened.settings)}"
        ) from error
    return compose.Heading(text, topic.id)

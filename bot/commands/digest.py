"""`paperboy digest`: the full digest as Markdown."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bot.commands.arguments import asked_for, known_chats, listed, wanted_by
from bot.commands.errors import CommandError
from bot.commands.output import Counter, whole_file
from bot.container import Container, open_container
from bot.digest import compose
from bot.digest.markdown import Digest, Form, render
from bot.query.parser import QuerySyntaxError, normalise, parse
from bot.settings.model import Settings
from bot.transfer.entries import TransferEntry
from bot.transfer.pages import Look
from storage import chats
from storage.models import ORIGINAL, Chat


async def digest(
    settings: Settings,
    *,
    chat: int | None,
    queries: Sequence[str],
    topics: Path | None,
    look: Look,
    days: int | None,
    out: Path | None,
) -> None:
    """Write the digest of a chat, of queries or of a file's topics, to a file or standard output.

    It has each topic's newest papers, or those of so many `days`.
    """
    entries = tuple(TransferEntry(_normalised(text), text) for text in queries)
    if topics is not None:
        page = listed(topics)
        said = {name: value for name in Look.__slots__ if (value := getattr(look, name))}
        entries, look = page.topics, replace(page.look, **said)
    with ExitStack() as stack:
        # Now, because what comes may take minutes.
        beside = None if out is None else stack.enter_context(whole_file(out))
        async with open_container(settings) as opened:
            made = await _made(opened, entries, look, chat_id=chat, days=days)
        written = render(made, _form(look)).encode()
        if beside is None:
            # Markdown is UTF-8, whatever the terminal speaks.
            sys.stdout.buffer.write(written)
        else:
            beside.write_bytes(written)
    if out is not None:
        rows = sum(len(section.papers) for section in made.sections)
        print(f"{out}: {len(made.sections)} topics, {rows} rows.")
    _complain(made)


def _form(look: Look) -> Form:
    return Form(
        contents=look.contents or False,
        authors=look.authors or False,
        category=look.category or False,
    )


async def _made(
    opened: Container,
    entries: Sequence[TransferEntry],
    look: Look,
    *,
    chat_id: int | None,
    days: int | None,
) -> Digest:
    chat = None if entries else await _chat(opened, chat_id)
    wanted = wanted_by(opened, chat, look, days=days)
    if chat is None:
        sections = await asked_for(opened, entries[: look.topics])
    else:
        sections = await compose.headings(database=opened.database, chat=chat)
    return await compose.digest(
        database=opened.database,
        translator=opened.translator,
        sections=sections[: look.topics],
        wanted=wanted,
        progress=Counter("translated"),
    )


def _complain(made: Digest) -> None:
    papers = {paper.id: paper for section in made.sections for paper in section.papers}
    missing = sum(not paper.translated for paper in papers.values())
    if missing and made.language != ORIGINAL:
        sys.stderr.write(
            f"{missing} of {len(papers)} abstracts are in the original: no engine answered\n"
        )


def _normalised(text: str) -> str:
    try:
        return normalise(parse(text))
    except QuerySyntaxError as error:
        mended = f"; did you mean {error.suggestion!r}?" if error.suggestion else ""
        raise CommandError(f"--query {text!r}: {error}{mended}") from error


async def _chat(opened: Container, telegram_id: int | None) -> Chat:
    if telegram_id is not None:
        return (await known_chats(opened, telegram_id))[0]
    async with opened.database.reading(long=True) as session:
        following = await chats.following(session=session)
    if len(following) == 1:
        return following[0]
    if not following:
        raise CommandError("no chat follows a topic yet; --query makes a digest without a chat")
    ids = ", ".join(str(chat.telegram_id) for chat in following[:20])
    raise CommandError(f"which chat? --chat ID, one of {ids}; or --query")

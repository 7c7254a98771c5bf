"""`paperboy digest`: the full digest as Markdown."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.commands.arguments import asked_for, known_chats, known_language, listed
from bot.commands.errors import CommandError
from bot.commands.output import Counter, whole_file
from bot.container import Container, open_container
from bot.digest import compose
from bot.digest.markdown import PAPERS, Digest, Form, render
from bot.query.parser import QuerySyntaxError, normalise, parse
from bot.settings import Settings
from bot.transfer.pages import Look
from storage import chats
from storage.columns import utc_now
from storage.models import ORIGINAL, Chat


@dataclass(frozen=True, slots=True)
class DigestArguments:
    """What was asked for."""

    chat: int | None = None
    queries: tuple[str, ...] = ()
    topics: Path | None = None
    """A file of topics, see `bot.transfer.pages`."""
    look: Look = field(default_factory=Look)
    days: int | None = None
    """The papers of so many days instead of the newest."""
    out: Path | None = None


@dataclass(frozen=True, slots=True)
class _DigestPlan:
    """What is to be made once the parts are open."""

    queries: tuple[tuple[str, str], ...]
    """Label and normalised query of each topic; none: those of a chat."""
    chat: int | None
    look: Look
    days: int | None


async def digest(settings: Settings, wish: DigestArguments) -> None:
    """Write the digest of a chat, or of queries, to a file or to standard output."""
    plan = _plan(wish)
    with ExitStack() as stack:
        # Now, because what comes may take minutes.
        beside = None if wish.out is None else stack.enter_context(whole_file(wish.out))
        async with open_container(settings) as opened:
            made = await _made(opened, plan)
        page = render(made, _form(plan.look)).encode()
        if beside is None:
            # Markdown is UTF-8, whatever the terminal speaks.
            sys.stdout.buffer.write(page)
        else:
            beside.write_bytes(page)
    if wish.out is not None:
        rows = sum(len(section.papers) for section in made.sections)
        print(f"{wish.out}: {len(made.sections)} topics, {rows} rows.")
    _complain(made)


def _plan(wish: DigestArguments) -> _DigestPlan:
    """Return what to do; raises CommandError where a file or a query makes no sense."""
    if wish.topics is None:
        queries = tuple((text, _normalised(text)) for text in wish.queries)
        return _DigestPlan(queries, wish.chat, wish.look, wish.days)
    page = listed(wish.topics)
    said = {name: value for name in Look.__slots__ if (value := getattr(wish.look, name))}
    queries = tuple((entry.label, entry.query) for entry in page.topics)
    return _DigestPlan(queries, None, replace(page.look, **said), wish.days)


def _form(look: Look) -> Form:
    return Form(
        topics=look.topics,
        contents=look.contents or False,
        authors=look.authors or False,
        category=look.category or False,
    )


async def _made(opened: Container, plan: _DigestPlan) -> Digest:
    language, zone = opened.settings.default_language, opened.settings.default_timezone
    titles = False
    wanted = plan.look.language
    if wanted is not None:
        wanted = language = known_language(wanted, opened.translator.languages())
    if plan.queries:
        sections = await asked_for(opened, plan.queries[: plan.look.topics])
    else:
        chat = await _chat(opened, plan.chat)
        sections = await compose.headings(database=opened.database, chat=chat)
        language, zone = wanted or chat.language, chat.timezone
        titles = chat.translate_titles
    now = utc_now()
    return await compose.digest(
        database=opened.database,
        translator=opened.translator,
        sections=sections[: plan.look.topics],
        wanted=compose.Wanted(
            language=language,
            updated=now.astimezone(ZoneInfo(zone)).date(),
            titles=titles,
            papers=plan.look.papers or PAPERS,
            period=(now - timedelta(days=plan.days), now) if plan.days else None,
        ),
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
    async with opened.database.reading() as session:
        following = await chats.following(session=session)
    if len(following) == 1:
        return following[0]
    if not following:
        raise CommandError("no chat follows a topic yet; --query makes a digest without a chat")
    ids = ", ".join(str(chat.telegram_id) for chat in following[:20])
    raise CommandError(f"which chat? --chat ID, one of {ids}; or --query")

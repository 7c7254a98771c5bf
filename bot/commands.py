"""What the command line does, one function a command; each prints what it found."""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import sqlite3
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.app import serve
from bot.digest.markdown import render
from bot.pace import Pace
from bot.papers.query import QuerySyntaxError, normalise, parse
from bot.papers.source import SourceError
from bot.parts import Parts, parts, telegram_bot
from bot.pipeline import collect, compose, push, translate
from bot.playground.box import Box, outside_world
from bot.settings import Settings, load
from bot.translation.engines import Engine
from bot.translation.service import AllEnginesFailed, Translator
from storage import chats, topics
from storage.models import Chat, utc_now

__all__ = [
    "CommandError",
    "DigestWish",
    "backup",
    "check",
    "digest",
    "playground",
    "push_papers",
    "run",
    "sweep",
]

PLAYGROUND_PORT = 8765


class CommandError(Exception):
    """A command can't do what was asked; the text is one line for the person who asked."""


@dataclass(frozen=True, slots=True)
class DigestWish:
    """What `paperboy digest` was asked for."""

    chat: int | None
    queries: tuple[str, ...]
    language: str | None
    out: Path | None


async def run(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM."""
    token = _token(settings)
    async with parts(settings) as opened, _telegram_errors(settings):
        await serve(opened, token=token, stop=_stop_signal())


async def playground(
    settings: Settings, *, port: int | None, feeds: Path | None, live: bool
) -> None:
    """Run the bot in the playground: the outside world in a box, and a chat page."""
    folder = Path(tempfile.mkdtemp(prefix="paperboy-playground-"))
    try:
        async with _box(port, feeds) as box:
            boxed: dict[str, object] = {
                "telegram_bot_token": box.token,
                "telegram_api_url": box.telegram_url,
                "database_url": f"sqlite:///{folder / 'paperboy.db'}",
                "sweep_schedule": "* * * * *",
                "default_push_time": settings.default_push_time,
                "default_timezone": settings.default_timezone,
                "default_language": settings.default_language,
                "log_level": settings.log_level,
                "log_format": settings.log_format,
            }
            if live:
                boxed["sweep_schedule"] = settings.sweep_schedule
                boxed["translators"] = settings.translators
                boxed["libretranslate_url"] = settings.libretranslate_url
            else:
                boxed["arxiv_api_url"] = box.arxiv_url
                boxed["arxiv_delay_seconds"] = 0.5
                boxed["translators"] = ("libre",)
                boxed["libretranslate_url"] = box.libretranslate_url
            inside = load(None, **boxed)
            print(f"\n  Paperboy's playground: {box.page_url}\n  Ctrl+C ends it.\n", flush=True)
            _open_browser(box.page_url)
            async with parts(inside) as opened, _telegram_errors(inside):
                await serve(opened, token=box.token, stop=_stop_signal())
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def sweep(settings: Settings) -> None:
    """Look at arXiv once, and print what was found."""
    async with parts(settings) as opened:
        print("Asking arXiv ...", flush=True)
        try:
            entry = await collect.sweep(database=opened.database, source=opened.source)
        except SourceError as error:
            raise CommandError(f"arXiv gave no answer, and nothing was changed: {error}") from error
        if entry is None:
            print("Nobody follows a topic yet, so there is nothing to look for.")
            return
        print(
            f"{entry.found} papers in the window, {entry.new} of them new;"
            f" {entry.matched} matches, {entry.owed} deliveries."
        )
        await collect.backfill_waiting(database=opened.database, source=opened.source)
        done = await translate.translate_owed(
            database=opened.database, translator=opened.translator
        )
        print(f"{done} translations are ready.")


async def push_papers(settings: Settings, *, chat: int | None, now: bool) -> None:
    """Send what is due, or with `now` everything that is owed."""
    token = _token(settings)
    async with parts(settings) as opened, _telegram_errors(settings):
        bot = telegram_bot(settings, token=token)
        async with bot:
            if chat is not None:
                sent = 0
                for found in await _chats(opened, chat):
                    if now:
                        sent += await _push_one(opened, bot, found, limit=None)
                    elif found.next_push_at <= utc_now():
                        sent += await _push_one(opened, bot, found, limit=found.papers_per_push)
            elif now:
                sent = await push.push_everything(
                    database=opened.database, translator=opened.translator, bot=bot
                )
            else:
                sent = await push.push_due(
                    database=opened.database, translator=opened.translator, bot=bot
                )
        print(f"{sent} papers sent.")


async def digest(settings: Settings, wish: DigestWish) -> None:
    """Write the digest of a chat, or of queries, to a file or to standard output."""
    async with parts(settings) as opened:
        language, zone = wish.language, settings.default_timezone
        if wish.queries:
            sections = [await _heading(opened, query) for query in wish.queries]
            language = language or settings.default_language
        else:
            chat = await _digest_chat(opened, wish.chat)
            sections = await compose.headings(database=opened.database, chat=chat)
            language, zone = language or chat.language, chat.timezone
        if language not in opened.translator.languages():
            known = ", ".join(opened.translator.languages())
            raise CommandError(f"the engines can't translate into {language}; they can: {known}")
        made = await compose.digest(
            database=opened.database,
            translator=opened.translator,
            sections=sections,
            language=language,
            updated=utc_now().astimezone(ZoneInfo(zone)).date(),
            progress=_progress,
        )
        page = render(made)
        if wish.out is None:
            sys.stdout.write(page)
            return
        _write(wish.out, page)
        rows = sum(len(section.papers) for section in made.sections)
        print(f"{wish.out}: {len(made.sections)} topics, {rows} rows.")


async def check(settings: Settings) -> bool:
    """Say for each part whether it works; True where all do."""
    good = _say(ok=True, part="settings", words="are good")
    async with parts(settings) as opened:
        revision = await opened.database.schema()
        good &= _say(ok=True, part="database", words=f"{opened.database.url}, schema {revision}")
        good &= await _check_token(settings)
        try:
            await opened.source.fetch(["1706.03762"])
            good &= _say(ok=True, part="arXiv", words=f"answers at {settings.arxiv_api_url}")
        except SourceError as error:
            good &= _say(ok=False, part="arXiv", words=str(error))
        language = settings.default_language if settings.default_language != "en" else "es"
        for engine in opened.engines:
            good &= await _check_engine(opened, engine, language)
    return good


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database, consistent also while the bot runs, and verify the copy."""
    async with parts(settings) as opened:
        source = opened.database.path
        if source is None:
            raise CommandError("the database is a PostgreSQL server: use pg_dump for its backup")
        try:
            size = await asyncio.to_thread(_copy, source, target)
        except (OSError, sqlite3.Error) as error:
            raise CommandError(f"no backup was made: {error}") from error
    print(f"{target}: {size:,} bytes, verified.")


def _token(settings: Settings) -> str:
    if settings.telegram_bot_token is None:
        raise CommandError("TELEGRAM_BOT_TOKEN is not set; `paperboy playground` needs none")
    return settings.telegram_bot_token.get_secret_value()


@asynccontextmanager
async def _telegram_errors(settings: Settings) -> AsyncIterator[None]:
    try:
        yield
    except InvalidToken as error:
        raise CommandError(
            "TELEGRAM_BOT_TOKEN: Telegram does not know this token; BotFather shows the right one"
        ) from error
    except TelegramError as error:
        raise CommandError(
            f"Telegram can't be reached at {settings.telegram_api_url}: {error}"
        ) from error


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


@asynccontextmanager
async def _box(port: int | None, feeds: Path | None) -> AsyncIterator[Box]:
    """Start the box on the wished port; where none was wished, on another if that one is taken."""
    if feeds is not None and not await asyncio.to_thread(feeds.is_dir):
        raise CommandError(f"{feeds} is no folder of recorded feeds")
    async with AsyncExitStack() as stack:
        try:
            box = await stack.enter_async_context(
                outside_world(port=PLAYGROUND_PORT if port is None else port, feeds=feeds)
            )
        except OSError as error:
            if port is not None or error.errno != errno.EADDRINUSE:
                raise CommandError(f"the playground can't start: {error}") from error
            box = await stack.enter_async_context(outside_world(feeds=feeds))
        yield box


def _open_browser(url: str) -> None:
    # Only where there is a screen: on a server this would start a browser in the terminal.
    if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


async def _chats(opened: Parts, telegram_id: int) -> Sequence[Chat]:
    async with opened.database.reading() as session:
        found = await chats.of_telegram(session=session, telegram_id=telegram_id)
    if not found:
        raise CommandError(f"no chat {telegram_id} is known; it has to write to the bot first")
    return found


async def _push_one(opened: Parts, bot: ExtBot[Pace], chat: Chat, *, limit: int | None) -> int:
    done = await push.push_chat(
        database=opened.database,
        translator=opened.translator,
        bot=bot,
        chat_id=chat.id,
        limit=limit,
    )
    if done.problem:
        print(f"chat {chat.telegram_id}: {done.problem}")
    return done.papers


async def _digest_chat(opened: Parts, telegram_id: int | None) -> Chat:
    if telegram_id is not None:
        return (await _chats(opened, telegram_id))[0]
    async with opened.database.reading() as session:
        following = await chats.following(session=session)
    if len(following) == 1:
        return following[0]
    if not following:
        raise CommandError("no chat follows a topic yet; --query makes a digest without a chat")
    ids = ", ".join(str(chat.telegram_id) for chat in following[:20])
    raise CommandError(f"which chat? --chat ID, one of {ids}; or --query")


async def _heading(opened: Parts, query: str) -> compose.Heading:
    try:
        normalised = normalise(parse(query))
    except QuerySyntaxError as error:
        raise CommandError(f"{query}: {error}") from error
    async with opened.database.transaction() as session:
        topic = await topics.register(session=session, query=normalised)
    try:
        await collect.backfill(database=opened.database, source=opened.source, topic_id=topic.id)
    except SourceError as error:
        raise CommandError(f"arXiv gave no answer for {query}: {error}") from error
    return compose.Heading(query, topic.id)


async def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\rtranslated {done} of {total}{end}")
        sys.stderr.flush()


def _write(path: Path, page: str) -> None:
    try:
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(page, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise CommandError(f"{path} can't be written: {error.strerror}") from error


async def _check_token(settings: Settings) -> bool:
    if settings.telegram_bot_token is None:
        return _say(ok=False, part="token", words="TELEGRAM_BOT_TOKEN is not set")
    bot = telegram_bot(settings, token=settings.telegram_bot_token.get_secret_value())
    try:
        async with bot:
            return _say(ok=True, part="token", words=f"is @{bot.username}'s")
    except InvalidToken:
        return _say(ok=False, part="token", words="Telegram does not know it")
    except TelegramError as error:
        return _say(ok=False, part="token", words=f"Telegram does not answer: {error}")


async def _check_engine(opened: Parts, engine: Engine, language: str) -> bool:
    alone = Translator(engines=[engine], database=opened.database)
    try:
        await alone.translate("The results are shown in the next section.", language=language)
    except AllEnginesFailed as error:
        why = str(error).removeprefix(f"{engine.name}: ")
        return _say(ok=False, part=f"translator {engine.name}", words=why)
    return _say(ok=True, part=f"translator {engine.name}", words=f"translates into {language}")


def _say(*, ok: bool, part: str, words: str) -> bool:
    print(f"{'✓' if ok else '✗'} {part}: {words}", flush=True)
    return ok


def _copy(source: Path, target: Path) -> int:
    beside = target.with_name(f".{target.name}.new")
    beside.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as original,
        contextlib.closing(sqlite3.connect(beside)) as copy,
    ):
        original.backup(copy, pages=1000)
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        beside.unlink()
        raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")
    beside.replace(target)
    return target.stat().st_size

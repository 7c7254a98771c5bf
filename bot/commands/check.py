"""`paperboy check`: whether each part works."""

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from telegram.error import InvalidToken, TelegramError

from bot import log
from bot.arxiv.client import ArxivSource
from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import SourceError
from bot.code_links.huggingface import CodeIndex, CodeIndexError
from bot.commands.check_addresses import listen, unknown_host
from bot.commands.errors import said, why_unusable
from bot.commands.sweep import no_answer
from bot.container import arxiv_sources, check_language, engines, telegram_bot
from bot.http.address import shown
from bot.http.proxies import proxy_for, without_password
from bot.settings.model import BadSettingsError, Settings
from bot.site.folder import try_to_write
from bot.translation.checks import validation
from bot.translation.checks.rejection import Rejected
from bot.translation.engines.engine import Engine, EngineError
from storage.database import Database
from storage.database_problem import DatabaseUnavailableError
from storage.models import ORIGINAL

PATIENCE_SECONDS = 15.0
"""Somebody watches: what is silent for so long does not work."""

_PAPER = "1706.03762"
_SENTENCE = "The results are shown in the next section."
_ANOTHER_LANGUAGE = "es"
_RECENTLY = timedelta(hours=1)

_Verdict = tuple[bool | None, str]
"""Whether a part works; None: it does not, but by itself that stops nothing."""

_MARKS = {True: "✓", None: "!", False: "✗"}


async def check(settings: Settings) -> bool:
    """Say for each part whether it works; True where all do that are needed."""
    language = settings.default_language
    if language == ORIGINAL:
        language = _ANOTHER_LANGUAGE
    api, oai = arxiv_sources(
        # Two questions are asked at the pace that arXiv wants, however slow somebody set it.
        settings.model_copy(update={"arxiv_delay_seconds": min(settings.arxiv_delay_seconds, 3)}),
        timeout_seconds=PATIENCE_SECONDS,
        tries=1,
    )
    parts: list[tuple[str, Coroutine[Any, Any, _Verdict]]] = [
        ("settings", _settings(settings)),
        *([("proxy", _proxy(settings))] if any(_proxies(settings).values()) else []),
        ("database", _database(settings)),
        ("token", _token(settings)),
        *_addresses(settings),
        ("arXiv", _arxiv(api, settings)),
        *([("arXiv's OAI-PMH", _second_road(oai))] if oai else []),
        *(
            (f"translator {engine.name}", _engine(engine, language))
            for engine in engines(settings, timeout_seconds=PATIENCE_SECONDS)
        ),
        *(
            [("code links", _code_links(settings.code_links_url))]
            if settings.code_links_url
            else []
        ),
        *([("site", _folder(settings.publish_dir))] if settings.publish_dir else []),
        *([("backups", _folder(settings.backup_dir))] if settings.backup_dir else []),
    ]
    # All at once, told in their order: the whole takes as long as the slowest.
    asked = [(part, asyncio.create_task(verdict)) for part, verdict in parts]
    all_good = True
    for part, verdict in asked:
        good, words = await verdict
        all_good &= good is not False
        print(f"{_MARKS[good]} {part}: {log.redact(words)}", flush=True)
    return all_good


def _addresses(settings: Settings) -> Iterator[tuple[str, Coroutine[Any, Any, _Verdict]]]:
    if settings.webhook_url:
        yield "webhook", _webhook(settings, settings.webhook_url)
        yield "WEBHOOK_LISTEN", _listen(settings.webhook_address, settings)
    if settings.metrics_address:
        yield "METRICS_LISTEN", _listen(settings.metrics_address, settings)


def _listen(address: tuple[str, int], settings: Settings) -> Coroutine[Any, Any, _Verdict]:
    return listen(address, settings, patience_seconds=PATIENCE_SECONDS)


async def _settings(settings: Settings) -> _Verdict:
    # Everything else that can be wrong with them is refused before any command starts.
    try:
        check_language(settings)
    except BadSettingsError as error:
        return False, str(error)
    return True, "are good"


def _proxies(settings: Settings) -> dict[str, str | None]:
    """Return through which proxy each part is asked; None: none."""
    asked = {
        "Telegram": settings.telegram_api_url,
        "arXiv": settings.arxiv_api_url,
        "code links": settings.code_links_url,
        **dict.fromkeys(settings.translators, "https://translator.invalid"),
    }
    for engine, url in (
        ("libre", settings.libretranslate_url),
        ("deepl", settings.deepl_api_url),
        ("llm", settings.llm_api_url),
    ):
        if engine in asked and url:
            asked[engine] = url
    return {part: proxy_for(url) for part, url in asked.items() if url}


async def _proxy(settings: Settings) -> _Verdict:
    parts = _proxies(settings)
    words = []
    good = True
    for proxy in dict.fromkeys(parts.values()):
        named = ", ".join(part for part, through in parts.items() if through == proxy)
        if proxy is None:
            words.append(f"{named} without")
            continue
        missing = await _nobody_at(proxy)
        good &= missing is None
        words.append(f"{without_password(proxy)} for {named}{missing or ''}")
    return good, "; ".join(words)


async def _nobody_at(proxy: str) -> str | None:
    """Return why there is no connection to a proxy; None: there is one."""
    parts = urlsplit(proxy)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            _reader, writer = await asyncio.open_connection(parts.hostname, port)
    except OSError as error:  # TimeoutError is one
        return f", but nobody answers there: {error.strerror or type(error).__name__}"
    writer.close()
    return None


async def _database(settings: Settings) -> _Verdict:
    try:
        database = Database(settings.database_url.get_secret_value())
        await database.open()
        revision = await database.schema()
        whole = await database.look_for_damage(seconds=PATIENCE_SECONDS)
        await database.close()
    except DatabaseUnavailableError as error:
        return False, why_unusable(error)
    looked = "no damage" if whole else f"no damage found in {PATIENCE_SECONDS:.0f} seconds"
    return True, f"{database.url}, schema {revision}, {looked}"


async def _token(settings: Settings) -> _Verdict:
    if settings.telegram_bot_token is None:
        return False, "TELEGRAM_BOT_TOKEN is not set"
    bot = telegram_bot(settings, token=settings.telegram_bot_token.get_secret_value())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), bot:
            return True, f"is @{bot.username}'s"
    except (TelegramError, TimeoutError) as error:
        return False, _silence(error, settings)


async def _webhook(settings: Settings, url: str) -> _Verdict:
    if why := await unknown_host(url, patience_seconds=PATIENCE_SECONDS):
        return False, why
    if settings.telegram_bot_token is None:
        return False, "TELEGRAM_BOT_TOKEN is not set"
    bot = telegram_bot(settings, token=settings.telegram_bot_token.get_secret_value())
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), bot:
            info = await bot.get_webhook_info()
    except (TelegramError, TimeoutError) as error:
        return False, _silence(error, settings)
    if info.url != url:
        return True, "is not set yet; `paperboy run` does it"
    wait = f"{info.pending_update_count} updates wait"
    if info.last_error_date and datetime.now(UTC) - info.last_error_date < _RECENTLY:
        return False, f"Telegram could not post there: {info.last_error_message}; {wait}"
    return True, f"Telegram posts there; {wait}"


def _silence(error: TelegramError | TimeoutError, settings: Settings) -> str:
    if isinstance(error, InvalidToken):
        return f"{shown(settings.telegram_api_url)} does not know it"
    why = f": {said(error)}" if isinstance(error, TelegramError) else ""
    return f"no answer at {shown(settings.telegram_api_url)}{why}"


async def _arxiv(api: ArxivSource, settings: Settings) -> _Verdict:
    try:
        await api.fetch([_PAPER])
    except SourceError as error:
        return False, f"no answer: {no_answer(error, settings)}"
    finally:
        await api.aclose()
    return True, f"answers at {shown(settings.arxiv_api_url)}"


async def _second_road(oai: OaiSource) -> _Verdict:
    try:
        await oai.check()
    except SourceError as error:
        return None, f"no answer, so there is no second road: {error.reason} at {shown(error.url)}"
    finally:
        await oai.aclose()
    return True, f"answers at {shown(oai.url)}"


async def _code_links(url: str) -> _Verdict:
    try:
        await CodeIndex(url, timeout_seconds=PATIENCE_SECONDS).lookup(_PAPER)
    except CodeIndexError as error:
        return None, f"no answer, so papers have their authors' links alone: {error.reason}"
    return True, f"answers at {shown(url)}"


async def _folder(folder: Path) -> _Verdict:
    try:
        await asyncio.to_thread(try_to_write, folder)
    except OSError as error:
        return False, f"{folder} can't be written: {error.strerror}"
    return True, f"can be written to {folder}"


async def _engine(engine: Engine, language: str) -> _Verdict:
    try:
        translated = await engine.translate(_SENTENCE, source=ORIGINAL, target=language)
        validation.check(_SENTENCE, translated, language=language)
    except (EngineError, Rejected) as error:
        return False, str(error).removeprefix(f"{engine.name}: ")
    return True, f"translates into {language}"

"""Dependency container: what the bot and the command line are put together from."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog
from pydantic import SecretStr
from telegram.ext import Defaults, ExtBot

from bot.arxiv.client import ArxivSource
from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import Access
from bot.code_links.huggingface import CodeIndex
from bot.push.worker import Pusher
from bot.ranking.order import PersonalOrder
from bot.settings.model import EXAMPLES, BadSettingsError, SettingProblem, Settings
from bot.telegram.http_transport import Limits, transport
from bot.telegram.rate_limiter import Priority, RateLimiter
from bot.translation.engines.engine import TIMEOUT_SECONDS, Engine
from bot.translation.engines.registry import build_engines
from bot.translation.languages import LANGUAGES
from bot.translation.service import Translator
from storage import admin
from storage.database import Database

_log = structlog.get_logger(__name__)

_PATIENCE_SECONDS = 60.0
_TRIES = 5
_BACKOFF = 2.0
"""The first wait after arXiv failed, in units of its pace."""


@dataclass(frozen=True, slots=True)
class Container:
    """The dependencies of bot and commands, opened."""

    settings: Settings
    database: Database
    source: ArxivSource
    translator: Translator
    personal: PersonalOrder
    """What chats like; where scikit-learn is missing, nothing."""
    code_index: CodeIndex | None = None
    """None: code links are not looked up anywhere."""
    oai: OaiSource | None = None
    """The second road to arXiv's papers, for when the API fails; None: there is none."""

    def pusher(self, bot: ExtBot[Priority]) -> Pusher:
        """Return what pushes through a bot; its rate limiter paces all that the process sends."""
        return Pusher(self.database, self.translator, bot, self.personal)


@asynccontextmanager
async def open_container(settings: Settings) -> AsyncIterator[Container]:
    """Open the container: database, arXiv client, translator; close them at the end.

    Raises:
        BadSettingsError: the default language is none that there is.
        DatabaseUnavailableError: the database can't be used.

    """
    check_language(settings)
    database = Database(settings.database_url.get_secret_value())
    await database.open()
    source, oai = arxiv_sources(settings)
    translator = Translator(
        engines=engines(settings), database=database, glossaries=settings.glossary_dir
    )
    index = CodeIndex(settings.code_links_url) if settings.code_links_url else None
    try:
        personal = PersonalOrder(database)
        yield Container(settings, database, source, translator, personal, index, oai)
    finally:
        await translator.aclose()
        if oai is not None:
            await oai.aclose()
        await source.aclose()
        await database.close()


async def shut_out_strangers(container: Container) -> None:
    """Send nothing more to chats from before ALLOWED_CHATS was set, unless they are in it."""
    settings = container.settings
    if settings.allowed_chats:
        async with container.database.transaction() as session:
            allowed = settings.allowed_chats | settings.admins
            if count := await admin.shut_out(session=session, allowed=allowed):
                _log.info("chats that are not in ALLOWED_CHATS get nothing more", chats=count)


def check_language(settings: Settings) -> None:
    """Raise BadSettingsError where the default language is none that there is."""
    if settings.default_language not in LANGUAGES:
        problem = f"{settings.default_language} is not a language that Paperboy knows"
        name = "DEFAULT_LANGUAGE"
        raise BadSettingsError([SettingProblem(name, problem, EXAMPLES[name])])


def arxiv_sources(
    settings: Settings, *, timeout_seconds: float = _PATIENCE_SECONDS, tries: int = _TRIES
) -> tuple[ArxivSource, OaiSource | None]:
    """Return the clients of arXiv's API and, unless there is none, of its OAI-PMH."""
    key = settings.arxiv_api_key
    access = Access(
        delay_seconds=settings.arxiv_delay_seconds,
        api_key=key.get_secret_value() if key else None,
    )
    backoff_seconds = _BACKOFF * settings.arxiv_delay_seconds
    api = ArxivSource(
        url=settings.arxiv_api_url,
        timeout_seconds=timeout_seconds,
        backoff_seconds=backoff_seconds,
        max_tries=tries,
        access=access,
    )
    if settings.oai_url is None:
        return api, None
    oai = OaiSource(
        url=settings.oai_url,
        timeout_seconds=timeout_seconds,
        backoff_seconds=backoff_seconds,
        max_tries=tries,
        access=access,
    )
    return api, oai


_OF_MODELS = {"llm_concurrency", "llm_summary"}


def engines(settings: Settings, *, timeout_seconds: float = TIMEOUT_SECONDS) -> tuple[Engine, ...]:
    """Return the translation engines in the order in which they are to be asked."""
    values = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in settings
        if isinstance(value, str | SecretStr) or (name in _OF_MODELS and value)
    }
    return build_engines(settings.translators, values, timeout=timeout_seconds)


def telegram_bot(settings: Settings, *, token: str) -> ExtBot[Priority]:
    """Return Telegram's bot with time-outs and rate limiter; nothing is asked yet."""
    url = settings.telegram_api_url
    return ExtBot(
        token,
        base_url=f"{url}/bot",
        base_file_url=f"{url}/file/bot",
        # All pushes at once (see bot.push.worker) leave as many for answers.
        request=transport(Limits(connections=200), url=url),
        get_updates_request=transport(Limits(connections=2), url=url),
        rate_limiter=RateLimiter(rate=settings.send_rate, paid=settings.paid_broadcast),
        # Many groups tidy commands away before they are answered.
        defaults=Defaults(allow_sending_without_reply=True),
    )

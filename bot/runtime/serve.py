"""Serve: leader election, start, and graceful shutdown of the whole bot."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
)
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.container import Container, shut_out_strangers
from bot.conversation.context import App
from bot.conversation.services import Services
from bot.conversation.user_limits import UserRateLimit
from bot.i18n import SOURCE_LANGUAGE, Texts, catalogues, texts
from bot.runtime import memory
from bot.runtime.alerts import alert_past_database
from bot.runtime.application import COMMANDS, FOR_ADMINS, FOR_EVERYBODY, application
from bot.runtime.intake import Intake
from bot.runtime.jobs import Jobs
from bot.runtime.polling import Polling
from bot.runtime.pulse import Pulse
from bot.settings.model import Settings
from bot.settings.secrets import webhook_secret
from bot.telegram.rate_limiter import Priority, RateLimiter
from storage.database import Database
from storage.database_problem import DatabaseProblem, DatabaseUnavailableError, problem_of
from storage.leader import LeaderLock, leader_lock
from storage.open_file import GONE

if TYPE_CHECKING:
    from bot.runtime.metrics import Metrics
    from bot.runtime.webhook import WebhookListener

FAREWELL_SECONDS = 3.0
"""How long what is under way may go on once the bot is told to stop."""

LOOK_SECONDS = 1.0
"""How often a copy looks whether it leads, or may."""

_log = structlog.get_logger(__name__)


class _Signs(NamedTuple):
    """Where the bot at work leaves signs of life."""

    metrics: "Metrics | None"
    pulse: Pulse


async def serve(container: Container, bot: ExtBot[Priority], *, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set: of all copies with this database, one works, others wait.

    Raises:
        InvalidToken: Telegram does not know the token.
        TelegramError: Telegram can't be reached at the start, or what answers is none.
        SQLAlchemyError: the database failed at the start.
        DatabaseUnavailableError: its file was deleted, moved or replaced.
        OSError: somebody else listens where the settings say.

    """
    lead = leader_lock(container.database)
    pulse = Pulse()
    has_worked = False
    async with _watched(container, bot, pulse) as metrics:
        try:
            while await _leads(container.database, lead, stop):
                try:
                    await _work(container, bot, _Signs(metrics, pulse), lead=lead, stop=stop)
                except (TelegramError, SQLAlchemyError) as error:
                    # What took the lead away may still be there, and it is no reason to end.
                    if not has_worked or isinstance(error, InvalidToken):
                        raise
                    _log.error("could not go on as the leader, tries again", **_told(error))
                    await lead.give_back()
                    await _pause(stop)
                has_worked = True
                pulse.clear()
        finally:
            await lead.give_back()


def _told(error: TelegramError | SQLAlchemyError) -> dict[str, str]:
    if isinstance(error, SQLAlchemyError):
        return {"problem": problem_of(error).value}
    return {"error": type(error).__name__}


async def _pause(stop: asyncio.Event) -> None:
    """Wait for the next look, or until the bot is to stop."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            await stop.wait()


async def _leads(database: Database, lead: LeaderLock, stop: asyncio.Event) -> bool:
    """Wait to be elected leader; return False where the bot is to stop first.

    Raises:
        DatabaseUnavailableError: SQLite's file is not the one any more that was opened.

    """
    waited = False
    while not stop.is_set():
        if not database.is_in_place():
            await _save_what_it_had(database)
            raise DatabaseUnavailableError(database.url, DatabaseProblem.GONE, GONE)
        if await lead.take():
            return True
        if not waited:
            _log.info("another copy is at work, this one stands by")
            waited = True
        await _pause(stop)
    return False


async def _save_what_it_had(database: Database) -> None:
    try:
        aside = await database.copy_aside()
    except DatabaseUnavailableError as error:
        _log.error("what the database had could not be copied", problem=error.problem.value)
    else:
        _log.error(f"{GONE}, what it had is kept", file=str(aside))


async def _work(
    container: Container,
    bot: ExtBot[Priority],
    signs: _Signs,
    *,
    lead: LeaderLock,
    stop: asyncio.Event,
) -> None:
    """Answer, sweep and push for as long as this copy is the leader."""
    await shut_out_strangers(container)
    app = application(bot)
    pusher = container.pusher(bot)
    app.bot_data.services = Services(container, pusher)
    limits = UserRateLimit(admins=container.settings.admins)
    intake = Intake(app, container.database, limits)
    if signs.metrics is not None:
        intake.handled, signs.metrics.dropped = signs.metrics.handled, intake.dropped
    jobs = Jobs(container, bot, pusher, signs.pulse)
    _pushes(bot, allowed=True)
    lost = asyncio.create_task(_lost(lead))
    try:
        # The application leaves its bot's connections open where its start fails.
        async with bot, app:
            await app.start()
            await intake.begin_again()
            listener = _listener(app, intake, container.settings, signs.pulse)
            keeping = asyncio.create_task(intake.keep_slow())
            hearing = asyncio.create_task(listener.listen())
            stopping = asyncio.create_task(stop.wait())
            publishing = asyncio.create_task(_publish_commands(bot))
            try:
                await jobs.start()
                memory.freeze()
                _log.info("Paperboy is running", bot=bot.username)
                await asyncio.wait({hearing, stopping, lost}, return_when=asyncio.FIRST_COMPLETED)
                if lost.done():
                    await _tell_of_loss(container, bot)
            finally:
                # Nothing new is sent; what is in flight is finished and written down.
                _pushes(bot, allowed=False)
                pusher.stop()
                stopping.cancel()
                keeping.cancel()
                publishing.cancel()
                if lost.done():
                    hearing.cancel()
                    await _wind_up(app, jobs, intake.underway, patience_seconds=0)
                else:
                    await intake.stop()
                    hearing.cancel()
                    work = {asyncio.create_task(listener.confirm()), *intake.underway}
                    await _wind_up(app, jobs, work, patience_seconds=FAREWELL_SECONDS)
                    await intake.forget_handled()
                await asyncio.wait({hearing})
            if not hearing.cancelled():
                hearing.result()
    finally:
        lost.cancel()


async def _tell_of_loss(container: Container, bot: ExtBot[Priority]) -> None:
    if container.database.is_in_place():
        _log.error("the lead was lost, this copy stops at once and stands by")
        return
    _log.error(DatabaseProblem.GONE.told)
    settings = container.settings
    with suppress(TimeoutError):
        async with asyncio.timeout(FAREWELL_SECONDS):
            await alert_past_database(
                DatabaseProblem.GONE,
                bot=bot,
                operators=settings.admins,
                language=settings.default_language,
            )


def _pushes(bot: ExtBot[Priority], *, allowed: bool) -> None:
    limiter = bot.rate_limiter
    if isinstance(limiter, RateLimiter):
        (limiter.resume_pushes if allowed else limiter.stop_pushes)()


def _listener(
    app: App, intake: Intake, settings: Settings, pulse: Pulse
) -> "Polling | WebhookListener":
    """Return how to hear from Telegram."""
    if settings.webhook_url is None:
        return Polling(app, intake, pulse)
    from bot.runtime.webhook import WebhookListener

    return WebhookListener(
        app,
        intake,
        pulse,
        url=settings.webhook_url,
        address=settings.webhook_address,
        secret=webhook_secret(app.bot.token),
    )


async def _lost(lead: LeaderLock) -> None:
    """Return once this copy is the leader no more."""
    while True:
        if not await lead.held():
            return
        await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def _watched(
    container: Container, bot: ExtBot[Priority], pulse: Pulse
) -> "AsyncIterator[Metrics | None]":
    """Serve metrics and health, where a setting says so; also while standing by."""
    address, pacer = container.settings.metrics_address, bot.rate_limiter
    if address is None or not isinstance(pacer, RateLimiter):
        yield None
        return
    from bot.runtime.health_server import listening
    from bot.runtime.metrics import Metrics

    metrics = Metrics(database=container.database, pacer=pacer, engines=container.translator.health)
    async with listening(
        address, database=container.database, metrics=metrics, pulse=pulse
    ) as port:
        _log.info("health and metrics are served", host=address[0], port=port)
        yield metrics


async def _wind_up(
    app: App, jobs: Jobs, work: set[asyncio.Task[Any]], *, patience_seconds: float
) -> None:
    """Graceful shutdown: what is under way may end by itself for a while, then it is cancelled."""
    jobs.stop()
    work |= jobs.underway
    stopping = asyncio.create_task(app.stop())
    await asyncio.wait({stopping, *work}, timeout=patience_seconds)
    # A message on its way is finished even so; a second cancellation ends that, too.
    for late, seconds in ((work, 1.0), ({stopping}, 0.2), ({stopping, *work}, 0.2)):
        going_on = {task for task in late if not task.done()}
        for task in going_on:
            task.cancel()
        if going_on:
            await asyncio.wait(going_on, timeout=seconds)
    jobs.close()


async def _publish_commands(bot: ExtBot[Priority]) -> None:
    """Publish the commands menu, while the bot answers already."""
    menus = await asyncio.to_thread(_menus)
    # Side by side: one after the other they are most of what a start takes with a far Telegram.
    try:
        await asyncio.gather(
            *(
                bot.set_my_commands(commands, scope=scope, language_code=language)
                for commands, scope, language in menus
            )
        )
    except TelegramError as error:
        _log.warning("could not publish the commands", error=str(error))


def _menus() -> list[tuple[list[BotCommand], BotCommandScope, str | None]]:
    """Return the menus: everything in private and to admins, in groups what all may.

    Reads every catalogue, for which nobody should wait.
    """
    scopes: tuple[tuple[BotCommandScope, Iterable[str]], ...] = (
        (BotCommandScopeDefault(), COMMANDS),
        (BotCommandScopeAllGroupChats(), FOR_EVERYBODY),
        (BotCommandScopeAllChatAdministrators(), FOR_ADMINS),
    )
    menus = []
    for language in catalogues():
        code = None if language == SOURCE_LANGUAGE else language.partition("_")[0]
        for scope, names in scopes:
            is_private = isinstance(scope, BotCommandScopeDefault)
            described = _descriptions(texts(language, "private" if is_private else "group"))
            menus.append(([BotCommand(name, described[name]) for name in names], scope, code))
    return menus


def _descriptions(_: Texts) -> dict[str, str]:
    return {
        "subscribe": _.plain("Follow a topic"),
        "topics": _.plain("What you follow"),
        "unsubscribe": _.plain("Stop following a topic"),
        "latest": _.plain("The newest papers, right now"),
        "digest": _.plain("Everything as one Markdown document"),
        "search": _.plain("Search arXiv"),
        "saved": _.plain("Your saved papers"),
        "week": _.plain("Your week: counts, rising words, news of saved papers"),
        "taste": _.plain("Give examples, and papers like them come first"),
        "settings": _.plain("Language, time, time zone, pause"),
        "status": _.plain("What's next, and why nothing arrived"),
        "channels": _.plain("Manage your channel"),
        "export": _.plain("Export topics and settings"),
        "import": _.plain("Import topics, settings, reading lists"),
        "stop": _.plain("Pause everything"),
        "forget": _.plain("Delete all my data"),
        "start": _.plain("Start over"),
        "help": _.plain("What I can do"),
    }

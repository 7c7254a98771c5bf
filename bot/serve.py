"""Run it all until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeDefault,
    Update,
)
from telegram.error import Conflict, TelegramError
from telegram.ext import ExtBot

from bot.app import COMMANDS, FOR_ADMINS, FOR_EVERYBODY, application
from bot.context import App
from bot.i18n import SOURCE_LANGUAGE, Texts, catalogues, texts
from bot.jobs import Jobs
from bot.ops.metrics import Metrics
from bot.ops.server import listening
from bot.pace import Pace, Pacer
from bot.parts import Parts, telegram_bot
from bot.services import House
from bot.turns import ChatByChat

__all__ = ["serve"]

FAREWELL_SECONDS = 4.0
"""How long what is under way may go on once the bot is told to stop."""

_UPDATES = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.INLINE_QUERY,
]
"""What the bot wants to hear of."""

_log = structlog.get_logger(__name__)


async def serve(parts: Parts, *, token: str, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set: poll Telegram, sweep, push.

    Raises:
        InvalidToken: Telegram does not know the token.
        NetworkError: Telegram can't be reached.

    """
    bot = telegram_bot(parts.settings, token=token)
    app = application(bot)
    app.bot_data.services = House(parts, bot)
    jobs = Jobs(parts, bot)
    async with _watched(parts, bot, app), app:
        await _publish_commands(bot)
        await app.start()
        if app.updater is not None:
            await app.updater.start_polling(
                allowed_updates=_UPDATES,
                error_callback=_polling_failed,
            )
        await jobs.start()
        _log.info("Paperboy is running", bot=bot.username)
        try:
            await stop.wait()
        finally:
            await _wind_up(app, jobs)


@asynccontextmanager
async def _watched(parts: Parts, bot: ExtBot[Pace], app: App) -> AsyncIterator[None]:
    """Let metrics and health be asked for, where a setting says so."""
    address, pacer, processor = (
        parts.settings.metrics_address,
        bot.rate_limiter,
        app.update_processor,
    )
    if address is None or not isinstance(pacer, Pacer):
        yield
        return
    metrics = Metrics(database=parts.database, pacer=pacer, engines=parts.translator.health)
    if isinstance(processor, ChatByChat):
        processor.handled = metrics.handled
    async with listening(address, database=parts.database, metrics=metrics) as port:
        _log.info("health and metrics are served", host=address[0], port=port)
        yield


async def _wind_up(app: App, jobs: Jobs) -> None:
    """End everything: what is under way may end by itself for a while, then it is cancelled."""
    clock = asyncio.get_running_loop().time
    latest = clock() + FAREWELL_SECONDS
    jobs.stop()
    if app.updater is not None and app.updater.running:
        # It asks Telegram once more, who may not answer.
        with suppress(TimeoutError):
            async with asyncio.timeout_at(latest):
                await app.updater.stop()
    work = set(jobs.underway)
    if isinstance(app.update_processor, ChatByChat):
        work |= app.update_processor.underway
    stopping = asyncio.create_task(app.stop())
    await asyncio.wait({stopping, *work}, timeout=max(0.0, latest - clock()))
    # A message on its way is finished even so; a second cancellation ends that, too.
    for late in (work, {stopping}, {stopping, *work}):
        going_on = {task for task in late if not task.done()}
        for task in going_on:
            task.cancel()
        if going_on:
            await asyncio.wait(going_on, timeout=1)


async def _publish_commands(bot: ExtBot[Pace]) -> None:
    """Tell Telegram what to offer: everything in private and to admins, in groups what all may."""
    scopes: tuple[tuple[BotCommandScope, Sequence[str]], ...] = (
        (BotCommandScopeDefault(), COMMANDS),
        (BotCommandScopeAllGroupChats(), FOR_EVERYBODY),
        (BotCommandScopeAllChatAdministrators(), FOR_ADMINS),
    )
    try:
        for language in catalogues():
            code = None if language == SOURCE_LANGUAGE else language.partition("_")[0]
            described = _descriptions(texts(language))
            for scope, names in scopes:
                await bot.set_my_commands(
                    [BotCommand(name, described[name]) for name in names],
                    scope=scope,
                    language_code=code,
                )
    except TelegramError as error:
        _log.warning("could not publish the commands", error=str(error))


def _descriptions(_: Texts) -> dict[str, str]:
    return {
        "subscribe": _.plain("Follow a topic"),
        "topics": _.plain("What you follow"),
        "unsubscribe": _.plain("Stop following a topic"),
        "latest": _.plain("The newest papers, right now"),
        "digest": _.plain("Everything as one Markdown document"),
        "search": _.plain("Look for papers on arXiv"),
        "saved": _.plain("The papers that you keep"),
        "settings": _.plain("Language, time, time zone, pause"),
        "status": _.plain("What waits, and why nothing came"),
        "channels": _.plain("Manage a channel of yours"),
        "export": _.plain("Topics and settings as a file"),
        "import": _.plain("Take over such a file"),
        "stop": _.plain("No more pushes, until you want them again"),
        "forget": _.plain("Delete all that I know of this chat"),
        "start": _.plain("Begin, or begin again"),
        "help": _.plain("What I can do"),
    }


def _polling_failed(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        _log.error("another copy of this bot is running with the same token")
    else:
        _log.warning("Telegram does not answer", error=type(error).__name__)

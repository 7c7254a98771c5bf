"""Put it together: the handlers in their order, the jobs, and the running of it all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import BotCommand, Update
from telegram.error import Conflict, TelegramError
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    MessageHandler,
    TypeHandler,
    filters,
)

from bot.access import Handler
from bot.answers import cancel, end_question, routed
from bot.context import App, BotData, Context
from bot.handlers import (
    arrival,
    browse,
    channels,
    digest,
    failure,
    help,  # noqa: A004 - the conversation's name
    latest,
    location,
    membership,
    settings,
    share,
    start,
    status,
    subscribe,
    topic,
    topics,
    transfer,
)
from bot.i18n import SOURCE_LANGUAGE, Texts, catalogues, texts
from bot.managing import managed
from bot.pace import Pace
from bot.papers.source import SourceError
from bot.parts import Parts, telegram_bot
from bot.pipeline import code_links, collect, push, translate
from bot.schedule import again, scheduler
from bot.services import House
from bot.turns import ChatByChat, noted
from storage import outbox, sweeps
from storage import topics as stored_topics
from storage.database import problem_of
from storage.models import utc_now

__all__ = ["COMMANDS", "application", "serve"]

COMMANDS = (
    "subscribe",
    "topics",
    "unsubscribe",
    "latest",
    "digest",
    "settings",
    "status",
    "channels",
    "export",
    "import",
    "start",
    "help",
)
"""In the order in which Telegram's menu shows them."""

SWEEP_AGAIN = timedelta(minutes=15)
"""After a sweep that failed."""

STALE = timedelta(hours=12)
"""A bot that starts with an older sweep than this looks at arXiv at once."""

FAREWELL_SECONDS = 4.0
"""How long what is under way may go on once the bot is told to stop."""

OVER_THE_CAP = timedelta(days=30)
UNFOLLOWED = timedelta(days=1)

_NUMBER = r"\d{1,9}"
_OFFER = r"[\w.-]{1,32}"
_WISH = rf"{_NUMBER}:[\dd-]{{0,10}}:[\w-]{{0,10}}"

_log = structlog.get_logger(__name__)


def application(bot: ExtBot[Pace]) -> App:
    """Return the application with every handler; its services are still to be given."""
    app: App = (
        ApplicationBuilder()
        .bot(bot)
        .context_types(ContextTypes(context=Context, bot_data=BotData))
        .concurrent_updates(ChatByChat())
        .job_queue(None)
        .build()
    )
    _register(app)
    return app


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
    async with app:
        await _publish_commands(bot)
        await app.start()
        if app.updater is not None:
            await app.updater.start_polling(
                allowed_updates=[Update.MESSAGE, Update.CALLBACK_QUERY, Update.MY_CHAT_MEMBER],
                error_callback=_polling_failed,
            )
        await jobs.start()
        _log.info("Paperboy is running", bot=bot.username)
        try:
            await stop.wait()
        finally:
            await _wind_up(app, jobs)


async def _wind_up(app: App, jobs: "Jobs") -> None:
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


class Jobs:
    """What happens by the clock. A job that fails is logged and tried again at its next time."""

    def __init__(self, parts: Parts, bot: ExtBot[Pace]) -> None:
        self._parts = parts
        self._bot = bot
        self._sweeping = asyncio.Lock()
        self._looking_up = asyncio.Lock()
        self.underway: set[asyncio.Task[Any]] = set()
        self._scheduler = scheduler(
            sweep=self.sweep,
            sweep_schedule=parts.settings.sweep_schedule,
            push=self.push,
            housekeeping=self.tidy,
            code_links=self.look_up_code if parts.code_index else None,
        )

    async def start(self) -> None:
        """Start the clock; sweep at once where the last good sweep is old."""
        self._scheduler.start()
        async with self._parts.database.reading() as session:
            good = await sweeps.last_good(session=session)
        if good is None or good.window_to < utc_now() - STALE:
            again(self._scheduler, self.sweep, name="first-sweep", after=timedelta(seconds=1))

    def stop(self) -> None:
        """Stop the clock; what is under way is cancelled, and safe to cancel."""
        self._scheduler.shutdown(wait=False)

    async def sweep(self) -> None:
        """Look at arXiv; translate ahead what the next pushes will show."""
        if self._sweeping.locked():
            return
        parts = self._parts
        async with self._sweeping, self._job("sweep"):
            try:
                await collect.sweep(database=parts.database, source=parts.source)
            except SourceError as error:
                _log.warning("sweep failed, nothing is lost", error=str(error))
                again(self._scheduler, self.sweep, name="sweep-again", after=SWEEP_AGAIN)
                return
            await collect.backfill_waiting(database=parts.database, source=parts.source)
            if parts.code_index:
                # Beside everything else: a slow index keeps nobody waiting.
                again(self._scheduler, self.look_up_code, name="new-code-links", after=timedelta(0))
            await translate.translate_owed(
                database=parts.database, translator=parts.translator, personal=parts.personal
            )

    async def push(self) -> None:
        """Push to the chats whose time has come."""
        parts = self._parts
        async with self._job("push"):
            sent = await push.push_due(
                database=parts.database,
                translator=parts.translator,
                bot=self._bot,
                personal=parts.personal,
            )
            if sent:
                _log.info("pushed", papers=sent)

    async def look_up_code(self) -> None:
        """Ask the index of code links about papers whose authors named none."""
        parts = self._parts
        if parts.code_index is None or self._looking_up.locked():
            return
        async with self._looking_up, self._job("code links"):
            await code_links.look_up(database=parts.database, index=parts.code_index)

    async def tidy(self) -> None:
        """Forget what nobody needs."""
        now = utc_now()
        async with self._job("housekeeping"):
            async with self._parts.database.transaction() as session:
                expired = await outbox.expire(session=session, now=now, age=OVER_THE_CAP)
                removed = await stored_topics.remove_unfollowed(
                    session=session, now=now, age=UNFOLLOWED
                )
            _log.info("tidied", deliveries_expired=expired, topics_removed=removed)

    @asynccontextmanager
    async def _job(self, name: str) -> AsyncIterator[None]:
        try:
            with noted(self.underway):
                yield
        except asyncio.CancelledError:
            # The scheduler would log a traceback, and nothing comes after a job.
            _log.info("ended before it was done, nothing is lost", job=name)
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            _log.error("the database failed, nothing is lost", job=name, problem=problem_of(cause))
        except Exception:  # noqa: BLE001 - one bad job harms nothing but itself
            _log.exception("a job failed", job=name)


def _register(app: App) -> None:
    # The order matters: the first handler of a group that fits takes the update.
    app.add_handler(TypeHandler(Update, arrival.arrive), group=-3)
    forwards = filters.ChatType.PRIVATE & filters.FORWARDED
    app.add_handler(MessageHandler(forwards, channels.take_forward), group=-2)

    message = filters.UpdateType.MESSAGE
    answers = {"rename": managed(topic.rename), "edit": managed(topic.edit_query)}
    app.add_handler(CommandHandler("cancel", cancel, filters=message), group=-1)
    app.add_handler(MessageHandler(message & filters.COMMAND, end_question), group=-1)
    app.add_handler(CallbackQueryHandler(end_question), group=-1)
    app.add_handler(MessageHandler(message & filters.TEXT, routed(answers)), group=-1)

    private = filters.ChatType.PRIVATE & message
    link = filters.Regex(rf"^/start(@\w+)?\s+t{_NUMBER}-[\w-]{{1,32}}$")
    app.add_handler(CommandHandler("start", managed(share.open_link), filters=message & link))
    command: dict[str, Handler] = {
        "start": start.start,
        "help": help.show_help,
        "subscribe": managed(subscribe.subscribe),
        "topics": managed(topics.show_topics),
        "unsubscribe": managed(topics.unsubscribe),
        "latest": latest.latest,
        "digest": digest.digest,
        "settings": managed(settings.show_settings),
        "status": status.status,
        "channels": channels.show_channels,
        "export": managed(transfer.export_file),
        "import": managed(transfer.import_file),
    }
    for name, handler in command.items():
        app.add_handler(CommandHandler(name, handler, filters=message))

    for pattern, handler in (
        (r"^pick$", start.pick_topic),
        (rf"^pick:{_OFFER}$", subscribe.pick_readymade),
        (r"^field:[\w-]{0,16}:\d$", browse.browse),
        (rf"^follow:{_NUMBER}:(?:{_OFFER})?$", subscribe.follow),
        (r"^now$", subscribe.send_now),
        (rf"^topics(:{_NUMBER})?$", topics.show_topics),
        (rf"^topic:{_NUMBER}$", topic.open_topic),
        (rf"^rename:{_NUMBER}$", topic.ask_name),
        (rf"^edit:{_NUMBER}$", topic.ask_query),
        (rf"^swap:{_NUMBER}:{_NUMBER}$", topic.replace_query),
        (rf"^cap:{_NUMBER}$", topic.choose_cap),
        (rf"^cap:{_NUMBER}:\d{{1,2}}$", topic.change),
        (rf"^(?:mute|hold):{_NUMBER}:[01]$", topic.change),
        (rf"^move:{_NUMBER}:(?:up|down)$", topic.change),
        (rf"^share:{_NUMBER}$", share.share),
        (rf"^drop:{_NUMBER}$", topics.drop),
        (rf"^undo:{_NUMBER}(:{_NUMBER}:\d{{1,2}}:[0-3])?$", topics.undo),
        (r"^set:where$", location.ask_location),
        (r"^set:\w{0,10}$", settings.choose),
        (r"^put:\w{1,10}:.{1,50}$", settings.change),
        (r"^import$", transfer.apply_file),
        (r"^leave$", transfer.cancel_file),
    ):
        app.add_handler(CallbackQueryHandler(managed(handler), pattern=pattern))
    for pattern, handler in (
        (r"^start:[\w-]{2,10}$", start.choose_language),
        (r"^language$", start.ask_language),
        (r"^languages$", start.more_languages),
        (rf"^digest:{_WISH}$", digest.again),
        (rf"^digestby:(?:topics|languages|back):{_WISH}$", digest.choose),
        (r"^undigest$", digest.cancel),
        (rf"^manage:{_NUMBER}$", channels.choose_channel),
        (r"", stale_button),
    ):
        app.add_handler(CallbackQueryHandler(handler, pattern=pattern))

    app.add_handler(ChatMemberHandler(membership.membership_changed))
    app.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, membership.migrated))
    app.add_handler(MessageHandler(private & filters.COMMAND, help.unknown_command))
    ours = filters.Document.FileExtension("toml")
    app.add_handler(MessageHandler(private & ours, managed(transfer.take_document)))
    where = private & filters.LOCATION
    app.add_handler(MessageHandler(where, managed(location.take_location)))
    unsaid = private & filters.Text(location.REFUSALS)
    app.add_handler(MessageHandler(unsaid, managed(location.keep_zone)))
    app.add_handler(MessageHandler(private & filters.TEXT, managed(subscribe.words)))
    app.add_error_handler(failure.answer_failure)


async def stale_button(update: Update, context: Context) -> None:
    """Answer a button that no handler knows any more."""
    if update.callback_query:
        _ = context.texts
        await update.callback_query.answer(_.plain("This button is too old. Try /help."))


async def _publish_commands(bot: ExtBot[Pace]) -> None:
    try:
        for language in catalogues():
            code = None if language == SOURCE_LANGUAGE else language.partition("_")[0]
            described = _descriptions(texts(language))
            await bot.set_my_commands(
                [BotCommand(name, described[name]) for name in COMMANDS], language_code=code
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
        "settings": _.plain("Language, time, time zone, pause"),
        "status": _.plain("What waits, and why nothing came"),
        "channels": _.plain("Manage a channel of yours"),
        "export": _.plain("Topics and settings as a file"),
        "import": _.plain("Take over such a file"),
        "start": _.plain("Begin, or begin again"),
        "help": _.plain("What I can do"),
    }


def _polling_failed(error: TelegramError) -> None:
    if isinstance(error, Conflict):
        _log.error("another copy of this bot is running with the same token")
    else:
        _log.warning("Telegram does not answer", error=type(error).__name__)

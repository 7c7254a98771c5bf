"""Intake: updates admitted, ordered per chat, handled at least once, whoever brings them.

Polling and the webhook hand over the JSON that Telegram gave. What is too much is dropped before it
takes a place or memory; an update is confirmed to Telegram once it is handled, or kept in the
database's inbox where that takes long.
"""

import asyncio
import json
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from telegram import Update
from telegram.error import TelegramError

from bot.conversation.background import begun
from bot.conversation.context import App
from bot.conversation.user_limits import UserRateLimit, whose
from bot.handlers.errors import apologise
from bot.handlers.register_chat import too_much
from bot.runtime.update_fields import Fields, keys_of, kind_of, stored, type_of
from bot.telegram.well_formed import mistake_in
from storage import inbox
from storage.columns import utc_now
from storage.database import Database
from storage.database_problem import problem_of

PLACES = 256
"""So many chats are answered side by side; a chat has one place, whatever it asks."""

QUEUE = 20
"""So many updates of a chat, or of a person over all chats, wait or are under way at once."""

MOST = 2_000
"""With so many under way nothing more is asked for."""

SLOW_SECONDS = 1.0
"""What takes longer is kept in the inbox, so that Telegram need not wait for its confirmation."""

ALONE_SECONDS = 1.0
"""The head start of what was cut short more than once, before the next such is begun."""

LONGEST_QUIET_SECONDS = 30.0
"""So long the process must have lived at most before what was cut short again and again is begun.
A process that is killed at once each time, whoever does it, so gives nothing up."""

CAREFUL_SECONDS = 600.0
"""So long after a crash each update is kept before it is begun. Otherwise one that ends the process
before it is kept would come again for ever, and is never given up."""

TOLD_SECONDS = 60.0
"""Who was told that it is too much is not told again for so long."""

_REMEMBERED = 4_000

_log = structlog.get_logger(__name__)


@dataclass(eq=False, slots=True)
class _Entry:
    """An update under way."""

    number: int
    fields: Fields
    keys: tuple[int, ...]
    """Its chat and its person: whose queue it stands in."""
    confirmed: asyncio.Future[None]
    """Done once Telegram may forget it; cancelled where it was cut short."""
    since: float
    is_kept: bool = False
    may_begin: asyncio.Event | None = None
    """None: as soon as its turn comes."""
    task: asyncio.Task[None] | None = None

    @property
    def waits(self) -> bool:
        """Whether it may not begin yet."""
        return self.may_begin is not None and not self.may_begin.is_set()


def quiet_seconds(tries: int) -> float:
    """Return how long a process must have lived before it begins what so many did not survive."""
    more = tries - inbox.MOST_AT_ONCE
    return min(ALONE_SECONDS * 2.0 ** (more - 1), LONGEST_QUIET_SECONDS) if more > 0 else 0.0


class Intake:
    """Admission control and update processor of one application."""

    def __init__(self, app: App, database: Database, limits: UserRateLimit) -> None:
        self._app, self._database, self._limits = app, database, limits
        self.handled: Callable[[str, float], None] | None = None
        """Told of each update what kind it was, and the seconds from its turn to its end."""
        self.dropped: Counter[str] = Counter()
        """How many updates were not handled, by reason: unreadable, or too many."""
        self._under_way: dict[int, _Entry] = {}
        self._known: OrderedDict[int, asyncio.Future[None]] = OrderedDict()
        self._queued: Counter[int] = Counter()
        self._turns: dict[int, tuple[asyncio.Lock, int]] = {}
        self._places = asyncio.Semaphore(PLACES)
        self._told: OrderedDict[int, float] = OrderedDict()
        """Who was told that it was too much, and when."""
        self._answers: set[asyncio.Task[None]] = set()
        self._handled: set[int] = set()
        """What was handled, and the inbox still has."""
        self._stopping = False
        self._keeping: asyncio.Task[None] | None = None
        self._one_by_one: asyncio.Task[None] | None = None
        self._careful_until = 0.0
        self._keeps_again = 0.0
        """When the inbox is tried again that could not be written to."""

    @property
    def underway(self) -> set[asyncio.Task[Any]]:
        """The tasks that handle updates now."""
        tasks = {entry.task for entry in self._under_way.values() if entry.task}
        return tasks | self._answers | ({self._one_by_one} if self._one_by_one else set())

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be asked for."""
        return len(self._under_way) >= MOST

    def take(self, number: int, fields: Fields) -> asyncio.Future[None]:
        """Take an update, deduplicated; what is returned is done once Telegram may forget it.

        Cancelled: it was cut short, or came too late, and is to come again.
        """
        known = self._known.get(number)
        if known is not None and not known.cancelled():
            return known
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._stopping:
            confirmed.cancel()
            return confirmed
        self._remember(number, confirmed)
        update = self._read(number, fields)
        if update is None or not self._admits(update):
            confirmed.set_result(None)
            return confirmed
        self._begin(_Entry(number, fields, keys_of(update), confirmed, time.monotonic()), update)
        return confirmed

    async def begin_again(self) -> None:
        """Handle what an earlier run was told and did not bring to its end."""
        try:
            waiting = await self._database.write(lambda each: inbox.take_up(each, now=utc_now()))
        except SQLAlchemyError as error:
            # They stay there for the next start, and who comes now is told what is wrong.
            _log.error("the inbox can't be read", problem=problem_of(error).value)
            return
        if waiting.after_crash:
            self._careful_until = time.monotonic() + CAREFUL_SECONDS
        if waiting.dropped:
            _log.warning("updates are too old to be handled", updates=waiting.dropped)
        if waiting.given_up:
            _log.warning("updates were begun too often", updates=len(waiting.given_up))
        for number, body in waiting.given_up.items():
            self._remember_done(number)  # Telegram may not know that it was kept
            answer = asyncio.create_task(self._tell_given_up(number, body))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)
        if waiting.updates:
            _log.info("begins again what a stop cut short", updates=len(waiting.updates))
        suspects = {}
        for number, body in waiting.updates.items():
            fields = stored(body)
            confirmed = self._remember_done(number)
            update = self._read(number, fields)
            if update is None:
                self._handled.add(number)
                continue
            entry = _Entry(
                number, fields, keys_of(update), confirmed, time.monotonic(), is_kept=True
            )
            if number in waiting.suspects:
                entry.may_begin = asyncio.Event()
                suspects[number] = entry
            self._begin(entry, update)
        in_line = [
            (suspects[number], tries)
            for number, tries in waiting.suspects.items()
            if number in suspects
        ]
        self._one_by_one = asyncio.create_task(self._begin_one_by_one(in_line))

    async def _begin_one_by_one(self, suspects: Sequence[tuple[_Entry, int]]) -> None:
        """Let begin what may have ended earlier runs, so that only what ends them is given up."""
        start = time.monotonic()
        for entry, tries in suspects:
            await asyncio.sleep(start + quiet_seconds(tries) - time.monotonic())
            count = partial(inbox.count_try, number=entry.number)
            with suppress(SQLAlchemyError):  # uncounted it is begun all the same
                await self._database.write(count)
            if entry.may_begin is not None and entry.task is not None:
                entry.may_begin.set()
                await asyncio.wait({entry.task}, timeout=ALONE_SECONDS)

    async def keep_slow(self) -> None:
        """Keep what takes long in the inbox, until cancelled."""
        while True:
            await asyncio.sleep(SLOW_SECONDS / 4)
            now = time.monotonic()
            await self._keep(
                [one for one in self._under_way.values() if now - one.since > SLOW_SECONDS]
            )

    def keep_soon(self) -> asyncio.Task[None]:
        """Begin to keep what is under way now, in one write, so that it can be confirmed.

        Return the write, or the one before where that is still going on, or failed just now.
        """
        is_going_on = self._keeping is not None and not self._keeping.done()
        if self._keeping is None or not (is_going_on or time.monotonic() < self._keeps_again):
            self._keeping = asyncio.create_task(self._keep(list(self._under_way.values())))
        return self._keeping

    async def stop(self) -> None:
        """Take nothing more, and keep what is under way, so that all can be confirmed."""
        self._stopping = True
        if self._keeping is not None:
            await self._keeping
        if self._one_by_one is not None:
            self._one_by_one.cancel()
        under_way = list(self._under_way.values())
        for entry in under_way:
            if entry.waits and entry.task is not None:
                entry.task.cancel()
        await self._keep([one for one in under_way if not one.waits], spare=True)

    async def forget_handled(self) -> None:
        """Take what was handled out of the inbox, and with it that this run goes on."""
        self._handled.add(inbox.RUN)
        await self._keep([])

    def _remember_done(self, number: int) -> asyncio.Future[None]:
        """Take an update no more, and let Telegram forget it."""
        confirmed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        confirmed.set_result(None)
        self._remember(number, confirmed)
        return confirmed

    def _remember(self, number: int, confirmed: asyncio.Future[None]) -> None:
        self._known[number] = confirmed
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _read(self, number: int, fields: Fields) -> Update | None:
        """Return the update; None, after the log, where it is none that can be read."""
        try:
            error = mistake_in(fields)
            if error is None:
                update = Update.de_json(dict(fields), self._app.bot)
                hash((keys_of(update), whose(update)))  # what the queues go by
                return update
        except Exception as unexpected:  # noqa: BLE001 - whatever it says, it ends nothing
            error = type(unexpected).__name__
        self.dropped["unreadable"] += 1
        # By kind and number alone: the rest is what people say.
        _log.error("an update can't be read", update=number, kind=type_of(fields), error=error)
        return None

    def _admits(self, update: Update) -> bool:
        """Say whether there is room for an update; the first that is too much is answered."""
        passes, tell = self._limits.admits(update)
        if passes:
            # Who was added or thrown out Telegram tells by itself, and it is not asked again.
            most = 5 * QUEUE if update.my_chat_member or update.chat_member else QUEUE
            passes = all(self._queued[key] < most for key in keys_of(update))
            tell = not passes
        if not passes:
            self.dropped["too many"] += 1
        if tell and self._may_tell(keys_of(update)):
            answer = asyncio.create_task(self._tell(update))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)
        return passes

    def _may_tell(self, keys: tuple[int, ...]) -> bool:
        """Say whether none of these was told a short while ago."""
        now = time.monotonic()
        while self._told and next(iter(self._told.values())) < now - TOLD_SECONDS:
            self._told.popitem(last=False)
        fresh = not any(key in self._told for key in keys)
        if fresh:
            self._told.update(dict.fromkeys(keys, now))
        return fresh

    async def _tell(self, update: Update) -> None:
        context = self._app.context_types.context.from_update(update, self._app)
        try:
            await too_much(update, context)
        except (SQLAlchemyError, TelegramError) as error:
            _log.info("could not say that it was too much", error=type(error).__name__)

    async def _tell_given_up(self, number: int, body: str) -> None:
        """Tell whose update was begun too often that it won't be, so that nobody waits for it."""
        update = self._read(number, stored(body))
        if update is not None:
            await apologise(update, self._app.context_types.context.from_update(update, self._app))
        self._handled.add(number)

    def _begin(self, entry: _Entry, update: Update) -> None:
        self._under_way[entry.number] = entry
        self._queued.update(entry.keys)
        entry.task = asyncio.create_task(self._handle(entry, update))

    async def _handle(self, entry: _Entry, update: Update) -> None:
        """Handle an update after those of its chat, and wait for what it began."""
        work: set[asyncio.Task[Any]] = set()
        begun.set(work)
        try:
            async with self._turn(entry.keys[0]):
                if entry.may_begin is not None:
                    await entry.may_begin.wait()
                if not entry.is_kept and time.monotonic() < self._careful_until:
                    await self._keep([entry])
                async with self._places:
                    await self._process(update)
            while going_on := {task for task in work if not task.done()}:
                await asyncio.wait(going_on)
            if self._stopping and any(task.cancelled() for task in work):
                raise asyncio.CancelledError
            if entry.is_kept:
                self._handled.add(entry.number)
            if not entry.confirmed.done():
                entry.confirmed.set_result(None)
        finally:
            self._end(entry)

    async def _process(self, update: Update) -> None:
        start = time.perf_counter()
        try:
            await self._app.process_update(update)
        finally:
            if self.handled is not None:
                self.handled(kind_of(update), time.perf_counter() - start)

    def _end(self, entry: _Entry) -> None:
        entry.confirmed.cancel()  # where it was cut short; what is done stays done
        self._under_way.pop(entry.number, None)
        self._queued.subtract(entry.keys)
        for key in entry.keys:
            if self._queued[key] <= 0:
                del self._queued[key]

    @asynccontextmanager
    async def _turn(self, key: int) -> AsyncIterator[None]:
        turn, waiting = self._turns.get(key) or (asyncio.Lock(), 0)
        self._turns[key] = turn, waiting + 1
        try:
            async with turn:
                yield
        finally:
            turn, waiting = self._turns.pop(key)
            if waiting > 1:
                self._turns[key] = turn, waiting - 1

    async def _keep(self, entries: Collection[_Entry], *, spare: bool = False) -> None:
        """Keep updates in the inbox, and take those out of it that were handled.

        spare: the next start is the first to begin them.
        """
        new = {one.number: one for one in entries if not one.is_kept}
        begun = [one.number for one in entries if spare]
        handled = frozenset(self._handled)
        if not new and not handled and not begun:
            return

        def work(connection: Connection) -> None:
            inbox.keep(connection, bodies, now=utc_now())
            inbox.spare(connection, begun)
            inbox.done(connection, handled)

        bodies = {number: json.dumps(one.fields) for number, one in new.items()}
        try:
            await self._database.write(work)
        except SQLAlchemyError as error:
            # Telegram keeps them meanwhile.
            _log.warning("updates could not be kept", problem=problem_of(error).value)
            self._keeps_again = time.monotonic() + SLOW_SECONDS
            return
        self._handled -= handled
        for number, one in new.items():
            one.is_kept = True
            if not one.confirmed.done():
                one.confirmed.set_result(None)
            if number not in self._under_way and not one.confirmed.cancelled():
                self._handled.add(number)  # meanwhile

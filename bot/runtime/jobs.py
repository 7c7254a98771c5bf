"""Scheduled jobs: sweep, push, code links, housekeeping, backups, on one scheduler."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram.ext import ExtBot

from bot.arxiv.transport import SourceError
from bot.code_links import lookup
from bot.container import Container
from bot.digest import compose
from bot.push import translate_ahead
from bot.push.broadcasts import send_notices
from bot.push.worker import Pusher
from bot.runtime import memory, retention
from bot.runtime.alerts import alert_past_database, check_alerts
from bot.runtime.backups import NightlyBackup
from bot.runtime.clock import (
    LOOK_SECONDS,
    ClockWatch,
    reckon_jobs_anew,
    reckon_stored_times_anew,
)
from bot.runtime.pulse import Pulse
from bot.runtime.schedule import build_scheduler, longest_gap, run_once
from bot.search import own_store
from bot.site.publish import of_all, publish
from bot.sweep import backfill, sweep
from bot.sweep.fan_out import fan_out_new_matches
from bot.sweep.fill import fill_step
from bot.telegram.rate_limiter import Priority
from bot.week.notes import send_weeks
from storage import sweeps
from storage.columns import utc_now
from storage.database_problem import DatabaseProblem, problem_of

SWEEP_AGAIN = timedelta(minutes=15)
"""After a sweep that failed."""

FILL_PAUSE = 3
"""Between two steps back, in units of arXiv's pace: nobody waits for them."""

STALE = timedelta(hours=12)
"""A bot that starts with an older sweep than this looks at arXiv at once."""

OVER_THE_CAP = timedelta(days=30)
UNFOLLOWED = timedelta(days=1)
LATE_SECONDS = 300.0
"""So long after its time something is missed."""

LOG_OF_SWEEPS = timedelta(days=90)

_log = structlog.get_logger(__name__)


class Jobs:
    """Scheduled jobs; one that fails is logged and tried again at its next time."""

    def __init__(
        self,
        container: Container,
        bot: ExtBot[Priority],
        pusher: Pusher,
        pulse: Pulse | None = None,
    ) -> None:
        self._container = container
        self._bot = bot
        self._pusher = pusher
        self._sweeping = asyncio.Lock()
        self._filling = asyncio.Lock()
        self._backfilling = asyncio.Lock()
        self._catching_up = asyncio.Lock()
        self._at_arxiv = asyncio.Lock()
        """Whoever reads what is new, or further back, does so alone."""
        self._looking_up = asyncio.Lock()
        self._refused: set[int] = set()
        """Topics that arXiv could make nothing of."""
        self._nightly = _nightly(container)
        self._told_of_damage = False
        self._clock = ClockWatch()
        self._pulse = pulse or Pulse()
        self._watching: asyncio.Task[None] | None = None
        self.underway: set[asyncio.Task[Any]] = set()
        self._sending: set[asyncio.Task[Any]] = set()
        self._scheduler = build_scheduler(
            sweep=self.sweep,
            sweep_schedule=container.settings.sweep_schedule,
            push=self.push,
            announce=self.announce,
            weeks=self.look_back,
            housekeeping=self.tidy,
            code_links=self.look_up_code if container.code_index else None,
            backup=self.back_up if self._nightly else None,
        )

    async def start(self) -> None:
        """Start the scheduler; what is overdue, a sweep or a backup, is done at once."""
        async with self._job("clock"):
            await reckon_stored_times_anew(self._container.database)
        self._scheduler.start()
        schedule = self._container.settings.sweep_schedule
        self._pulse.expect("sweep", every=longest_gap(schedule) + LATE_SECONDS)
        self._pulse.expect("push", every=LATE_SECONDS)
        self._watching = asyncio.create_task(self._watch_clock())
        async with self._container.database.reading() as session:
            good = await sweeps.last_good(session=session)
        if good is None or good.window_to < utc_now() - STALE:
            run_once(self._scheduler, self.sweep, name="first-sweep", after=timedelta(seconds=1))
        else:
            run_once(self._scheduler, self.fill, name="fill", after=timedelta(seconds=1))
        run_once(self._scheduler, self.catch_up, name="catch_up", after=timedelta(seconds=1))
        if self._nightly and self._nightly.is_due(utc_now()):
            run_once(self._scheduler, self.back_up, name="first-backup", after=timedelta(seconds=1))

    def stop(self) -> None:
        """Begin nothing more, and cancel what is under way and safe to cancel.

        What sends ends by itself once nothing more may be sent, and puts back what it had taken.
        """
        if self._nightly:
            self._nightly.stop()
        if self._watching is not None:
            self._watching.cancel()
        self._scheduler.pause()
        for task in self.underway - self._sending:
            task.cancel()

    def close(self) -> None:
        """Shut the scheduler down, which cancels all that is still under way."""
        self._scheduler.shutdown(wait=False)

    async def _watch_clock(self) -> None:
        """Notice where the wall clock jumps, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if jump := self._clock.jump():
                _log.warning("the clock jumped", seconds=round(jump.total_seconds()))
                async with self._job("clock"):
                    reckon_jobs_anew(self._scheduler, jump)
                    await reckon_stored_times_anew(self._container.database, jump=jump)

    async def sweep(self) -> None:
        """Sweep arXiv, with a retry where it fails; translate ahead what the next pushes show."""
        if self._sweeping.locked():
            return
        async with self._sweeping, self._job("sweep"):
            with self._pulse.running("sweep"):
                await self._sweep()
            await asyncio.to_thread(memory.release)

    async def _sweep(self) -> None:
        container, began = self._container, utc_now()
        try:
            async with self._reading_arxiv():
                await sweep.sweep(
                    database=container.database, source=container.source, oai=container.oai
                )
        except SourceError as error:
            _log.warning("sweep failed, nothing is lost", error=str(error))
            run_once(self._scheduler, self.sweep, name="sweep-again", after=SWEEP_AGAIN)
            return
        for job in (self.fill, self.catch_up, self.backfill):
            # Beside everything else: nobody waits for them.
            run_once(self._scheduler, job, name=job.__name__, after=timedelta(0))
        await translate_ahead.translate_pending(
            database=container.database,
            translator=container.translator,
            personal=container.personal,
            since=began,
        )
        await self._publish()

    async def fill(self) -> None:
        """Read arXiv further back, a step and then, in a while, the next one."""
        if self._filling.locked():
            return
        container, after = self._container, None
        async with self._filling, self._job("fill"):
            try:
                async with self._reading_arxiv():
                    if await fill_step(database=container.database, source=container.source):
                        pause = FILL_PAUSE * container.settings.arxiv_delay_seconds
                        after = timedelta(seconds=pause)
            except SourceError as error:
                _log.warning("reading further back failed", error=str(error))
                after = SWEEP_AGAIN
            await asyncio.to_thread(memory.release)
        if after is not None:
            run_once(self._scheduler, self.fill, name="fill", after=after)

    async def backfill(self) -> None:
        """Ask arXiv for the past of topics that wait for it; then look for code of what is new."""
        if self._backfilling.locked():
            return
        container = self._container
        async with self._backfilling, self._job("backfill"):
            await backfill.backfill_waiting(
                database=container.database, source=container.source, refused=self._refused
            )
        if container.code_index:
            run_once(self._scheduler, self.look_up_code, name="new-code-links", after=timedelta(0))

    async def catch_up(self) -> None:
        """Index papers and match topics that an update or a crash left out of the own store."""
        if self._catching_up.locked():
            return
        async with self._catching_up, self._job("own store"):
            indexed = await own_store.index_missing(database=self._container.database)
            if indexed:
                _log.info("indexed", papers=indexed)
            # In this order: a topic is matched once, against all that is indexed.
            await own_store.match_waiting(database=self._container.database)

    async def _publish(self) -> None:
        """Write the site, where a setting names a folder for it."""
        container = self._container
        settings = container.settings
        if settings.publish_dir is None:
            return
        try:
            changed = await publish(
                database=container.database,
                translator=container.translator,
                folder=settings.publish_dir,
                sections=await of_all(
                    database=container.database, language=settings.default_language
                ),
                wanted=compose.Wanted(
                    language=settings.default_language,
                    updated=utc_now().astimezone(ZoneInfo(settings.default_timezone)).date(),
                ),
            )
        except OSError as error:
            _log.error("the site can't be written", folder=str(settings.publish_dir), error=error)
        else:
            _log.info("published", files=changed)

    async def push(self) -> None:
        """Push to the chats whose time has come."""
        async with self._job("push"):
            with _tracked(self._sending), self._pulse.running("push"):
                await self._push()

    async def _push(self) -> None:
        # What a crash left of the last fan-out is made up for first.
        await fan_out_new_matches(self._container.database)
        sent = await self._pusher.push_due()
        if sent:
            _log.info("pushed", papers=sent)

    async def announce(self) -> None:
        """Tell the operators what needs them, and send what of broadcasts is due."""
        container = self._container
        async with self._job("announcements"):
            await check_alerts(
                database=container.database,
                operators=container.settings.admins,
                engines=container.translator.health(),
                backup_failed=self._nightly.failed if self._nightly else None,
            )
            with _tracked(self._sending):
                sent = await send_notices(database=container.database, bot=self._bot)
            if sent:
                _log.info("announced", notices=sent)

    async def look_back(self) -> None:
        """Send the looks back at a week whose time has come."""
        container = self._container
        async with self._job("weeks"):
            sent = await send_weeks(
                database=container.database, bot=self._bot, personal=container.personal
            )
            if sent:
                _log.info("looked back", chats=sent)

    async def look_up_code(self) -> None:
        """Ask the index of code links about papers whose authors named none."""
        container = self._container
        if container.code_index is None or self._looking_up.locked():
            return
        async with self._looking_up, self._job("code links"):
            await lookup.look_up(database=container.database, index=container.code_index)

    async def back_up(self) -> None:
        """Make a backup where a setting says so."""
        if self._nightly:
            async with self._job("backup"):
                await self._nightly.run()

    async def tidy(self) -> None:
        """Retention and housekeeping: forget what nobody needs."""
        if not self._clock.is_trusted:
            _log.warning("nothing is deleted by a clock that jumped ahead")
            return
        now = utc_now()
        async with self._job("housekeeping"):
            expired = await retention.expire_deliveries(
                database=self._container.database, now=now, age=OVER_THE_CAP
            )
            removed = await retention.remove_unfollowed_topics(
                database=self._container.database, now=now, age=UNFOLLOWED
            )
            async with self._container.database.transaction() as session:
                await sweeps.forget(session=session, before=now - LOG_OF_SWEEPS)
            await retention.forget_weeks(database=self._container.database, now=now)
            retired = await retention.delete_untouched_papers(
                database=self._container.database, now=now
            )
            if days := self._container.settings.retention_days:
                retired += await retention.delete_old_papers(
                    database=self._container.database, now=now, age=timedelta(days=days)
                )
            _log.info(
                "tidied",
                deliveries_expired=expired,
                topics_removed=removed,
                papers_removed=retired,
            )

    @asynccontextmanager
    async def _reading_arxiv(self) -> AsyncIterator[None]:
        """Let nobody else read arXiv meanwhile, and the garbage collector stop nobody for it."""
        async with self._at_arxiv:
            with memory.without_full_collections():
                yield

    @asynccontextmanager
    async def _job(self, name: str) -> AsyncIterator[None]:
        try:
            with _tracked(self.underway):
                yield
        except asyncio.CancelledError:
            # The scheduler would log a traceback, and nothing comes after a job.
            _log.info("ended before it was done, nothing is lost", job=name)
        except SQLAlchemyError as error:
            problem = problem_of(error)
            _log.error(problem.told, job=name, problem=problem.value)
            if problem is DatabaseProblem.CORRUPT and not self._told_of_damage:
                self._told_of_damage = True  # meanwhile, to other jobs
                self._told_of_damage = await alert_past_database(
                    problem,
                    bot=self._bot,
                    operators=self._container.settings.admins,
                    language=self._container.settings.default_language,
                )
        except Exception:  # noqa: BLE001 - one bad job harms nothing but itself
            _log.exception("a job failed", job=name)


@contextmanager
def _tracked(underway: set[asyncio.Task[Any]]) -> Iterator[None]:
    """Count the task that runs the block among those that are under way."""
    task = asyncio.current_task()
    if task is None:
        yield
        return
    underway.add(task)
    try:
        yield
    finally:
        underway.discard(task)


def _nightly(container: Container) -> NightlyBackup | None:
    database, folder = container.database.path, container.settings.backup_dir
    if database is None or folder is None:
        return None
    return NightlyBackup(database=database, folder=folder, keep=container.settings.backup_keep)

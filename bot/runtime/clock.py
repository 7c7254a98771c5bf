"""Clock watch: notices that the wall clock jumped, and reckons times to come anew.

Waits are monotonic, but schedules are told by the wall clock: after an hour back there would be no
sweep for an hour, after a minute a year ahead no push for a year.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from storage.columns import utc_now
from storage.database import Database
from storage.time_jumps import AT_ONCE, reckon_pushes_anew, reckon_rest_anew

LOOK_SECONDS = 5.0
JUMP_SECONDS = 30.0
"""Less than this is a machine that is busy, or a clock that is set as it always is."""

DISTRUST = timedelta(days=1)
"""A clock that jumped ahead by so much deletes nothing by it for as long."""

_log = structlog.get_logger(__name__)


class ClockWatch:
    """Compares the wall clock with the monotonic one."""

    def __init__(
        self,
        *,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = wall() - steady()
        self._distrusted_until = float("-inf")
        self._pending = timedelta(0)

    @property
    def is_trusted(self) -> bool:
        """Whether what is old by the clock may be deleted."""
        self._look()
        return self._steady() >= self._distrusted_until

    def jump(self) -> timedelta:
        """Return how far the wall clock jumped since this was asked last; 0: it did not."""
        self._look()
        jump, self._pending = self._pending, timedelta(0)
        return jump

    def _look(self) -> None:
        ahead = self._wall() - self._steady()
        jump = ahead - self._ahead
        if abs(jump) < JUMP_SECONDS:
            return  # and what it lacks is not forgotten: small steps add up
        self._ahead = ahead
        self._pending += timedelta(seconds=jump)
        if jump >= DISTRUST.total_seconds():
            self._distrusted_until = self._steady() + DISTRUST.total_seconds()
        elif jump <= -DISTRUST.total_seconds():
            self._distrusted_until = float("-inf")  # it came back


def reckon_jobs_anew(scheduler: AsyncIOScheduler, jump: timedelta) -> None:
    """Plan the scheduler's jobs by the clock as it is now."""
    now = utc_now()
    for job in scheduler.get_jobs():
        if isinstance(job.trigger, DateTrigger):
            job.modify(next_run_time=job.next_run_time + jump)
        elif jump < timedelta(0) or jump >= DISTRUST:
            job.modify(next_run_time=job.trigger.get_next_fire_time(None, now))
    scheduler.wakeup()


async def reckon_stored_times_anew(database: Database, *, jump: timedelta = timedelta(0)) -> None:
    """Bring back what the database has planned too far ahead; `jump`: what the clock just did."""
    back = max(-jump, timedelta(0))
    changed, after = 0, 0
    while True:
        reckon = partial(reckon_pushes_anew, now=utc_now(), back=back, after=after)
        some = await database.write(reckon)
        changed += len(some)
        if len(some) < AT_ONCE:
            break
        after = some[-1]
    changed += await database.write(partial(reckon_rest_anew, now=utc_now(), back=back))
    if changed:
        _log.warning("times that were too far ahead were reckoned anew", rows=changed)

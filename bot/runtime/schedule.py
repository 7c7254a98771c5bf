"""Schedule: which jobs run when, on one scheduler."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from bot.settings.cron import cron_trigger
from storage.columns import utc_now

Job = Callable[[], Awaitable[None]]

_JITTER_SECONDS = 240
"""Jitter, so that not all copies in the world ask in the same second."""


class MissedOnce:
    """The moments of a schedule, of which those that were missed are one.

    APScheduler asks for each that was missed, although it runs a job once for all of them: a clock
    that jumped a year ahead has missed half a million minutes, and all stands still meanwhile.
    """

    def __init__(self, schedule: BaseTrigger) -> None:
        self._schedule = schedule

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> Any:
        """Return the next moment that is to come, and not the next after the last."""
        if previous_fire_time is not None:
            previous_fire_time = max(previous_fire_time, now)
        return self._schedule.get_next_fire_time(previous_fire_time, now)


# A virtual subclass: the scheduler takes nothing else, and its own class has no types.
BaseTrigger.register(MissedOnce)


def build_scheduler(
    *,
    sweep: Job,
    sweep_schedule: str,
    push: Job,
    announce: Job,
    weeks: Job,
    housekeeping: Job,
    code_links: Job | None = None,
    backup: Job | None = None,
) -> AsyncIOScheduler:
    """Return the scheduler with its jobs; it is not started yet.

    A job that is late is run once, however often it was missed, and never beside itself.
    code_links: None where they are looked up nowhere. backup: None where none are made.
    """
    made = AsyncIOScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    trigger = cron_trigger(sweep_schedule)
    trigger.jitter = None if sweep_schedule.startswith("* ") else _JITTER_SECONDS
    made.add_job(sweep, MissedOnce(trigger), id="sweep")
    made.add_job(push, _at(second=0), id="push")
    made.add_job(announce, _at(second=30), id="announce")
    made.add_job(weeks, _at(second=45), id="weeks")
    made.add_job(housekeeping, _at(hour=4, minute=23), id="housekeeping")
    if code_links is not None:
        made.add_job(code_links, _at(minute=37, jitter=_JITTER_SECONDS), id="code-links")
    if backup is not None:
        made.add_job(backup, _at(hour=4, minute=47), id="backup")
    return made


def _at(**fields: int) -> MissedOnce:
    return MissedOnce(CronTrigger(timezone="UTC", **fields))


def _once(moment: datetime) -> DateTrigger:
    # Without a zone it asks the machine for its own, which may be none.
    return DateTrigger(moment, timezone="UTC")


def longest_gap(schedule: str) -> float:
    """Return the longest time between two of a schedule's next moments, in seconds."""
    trigger, moment, longest = cron_trigger(schedule), utc_now(), timedelta(0)
    for _each in range(50):
        following = trigger.get_next_fire_time(None, moment + timedelta(seconds=1))
        if following is None:
            break
        moment, longest = following, max(longest, following - moment)
    return longest.total_seconds()


def run_once(jobs: AsyncIOScheduler, job: Job, *, name: str, after: timedelta) -> None:
    """Schedule a job once more, in a while; a later wish replaces an earlier one."""
    jobs.add_job(job, _once(utc_now() + after), id=name, replace_existing=True)

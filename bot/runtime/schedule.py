"""Schedule: which jobs run when, on one scheduler."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from bot.settings import cron_trigger
from storage.columns import utc_now

Job = Callable[[], Awaitable[None]]

_JITTER_SECONDS = 240
"""Jitter, so that not all copies in the world ask in the same second."""


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
    made.add_job(sweep, trigger, id="sweep")
    made.add_job(push, CronTrigger(second=0, timezone="UTC"), id="push")
    made.add_job(announce, CronTrigger(second=30, timezone="UTC"), id="announce")
    made.add_job(weeks, CronTrigger(second=45, timezone="UTC"), id="weeks")
    made.add_job(housekeeping, CronTrigger(hour=4, minute=23, timezone="UTC"), id="housekeeping")
    if code_links is not None:
        hourly = CronTrigger(minute=37, timezone="UTC", jitter=_JITTER_SECONDS)
        made.add_job(code_links, hourly, id="code-links")
    if backup is not None:
        made.add_job(backup, CronTrigger(hour=4, minute=47, timezone="UTC"), id="backup")
    return made


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
    jobs.add_job(job, DateTrigger(utc_now() + after), id=name, replace_existing=True)

"""When things happen: one scheduler for everything that the clock starts."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger

from bot.settings import cron_trigger
from storage.columns import utc_now

Job = Callable[[], Awaitable[None]]

_JITTER_SECONDS = 240
"""So that not all copies in the world ask in the same second."""


def scheduler(
    *,
    sweep: Job,
    sweep_schedule: str,
    push: Job,
    announce: Job,
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
    made.add_job(housekeeping, CronTrigger(hour=4, minute=23, timezone="UTC"), id="housekeeping")
    if code_links is not None:
        hourly = CronTrigger(minute=37, timezone="UTC", jitter=_JITTER_SECONDS)
        made.add_job(code_links, hourly, id="code-links")
    if backup is not None:
        made.add_job(backup, CronTrigger(hour=4, minute=47, timezone="UTC"), id="backup")
    return made


def again(jobs: AsyncIOScheduler, job: Job, *, name: str, after: timedelta) -> None:
    """Run a job once more, in a while; a later wish replaces an earlier one."""
    jobs.add_job(job, DateTrigger(utc_now() + after), id=name, replace_existing=True)

"""The wall clock jumps: by NTP, by a bad battery, by hand."""

import asyncio
import time
from datetime import timedelta

import pytest
import time_machine
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlmodel import select

from bot.runtime.clock import ClockWatch, reckon_jobs_anew, reckon_stored_times_anew
from bot.runtime.schedule import build_scheduler, longest_gap, run_once
from storage import chats
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, Delivery, Sweep
from storage.push_times import next_push_at, pause_until
from storage.week_models import WeekNote
from tests.push.test_worker import paper

HOUR, YEAR = 3600.0, 365 * 86400.0


class Clocks:
    """Two clocks, as a machine has them."""

    def __init__(self) -> None:
        self.wall, self.steady = 1e9, 50.0
        self.watch = ClockWatch(wall=lambda: self.wall, steady=lambda: self.steady)

    def passes(self, seconds: float, *, jump: float = 0.0) -> None:
        self.steady += seconds
        self.wall += seconds + jump


@pytest.mark.parametrize(
    ("jump", "noticed"),
    [(0, 0), (5, 0), (-29, 0), (31, 31), (-HOUR, -HOUR), (YEAR, YEAR), (-YEAR, -YEAR)],
)
def test_a_jump_is_noticed_and_time_that_passes_is_none(jump: float, noticed: float) -> None:
    clocks = Clocks()
    clocks.passes(YEAR)
    assert not clocks.watch.jump()
    clocks.passes(5, jump=jump)
    assert clocks.watch.jump().total_seconds() == pytest.approx(noticed)
    clocks.passes(HOUR)
    assert not clocks.watch.jump()


def is_trusted(clocks: Clocks) -> bool:
    return clocks.watch.is_trusted


def test_a_clock_that_jumped_a_year_ahead_deletes_nothing_until_it_is_back() -> None:
    clocks = Clocks()
    clocks.passes(60, jump=HOUR)
    assert is_trusted(clocks)
    clocks.passes(60, jump=YEAR)
    assert not is_trusted(clocks)
    clocks.passes(60, jump=-YEAR)
    assert is_trusted(clocks)
    clocks.passes(60, jump=YEAR)
    assert not is_trusted(clocks)
    clocks.passes(86400)
    assert is_trusted(clocks), "perhaps it was wrong before"


async def _job() -> None:
    pass


@pytest.mark.parametrize("jump", [20.0, -20.0])
def test_small_steps_add_up_to_a_jump(jump: float) -> None:
    clocks, noticed = Clocks(), 0.0
    for _each in range(30):
        clocks.passes(5, jump=jump)
        noticed += clocks.watch.jump().total_seconds()
    assert noticed == pytest.approx(30 * jump)


@pytest.mark.parametrize("years", [1, 70])
async def test_a_clock_that_jumps_years_ahead_costs_the_scheduler_no_time(years: int) -> None:
    """What was missed is one moment for each job, not one a minute of all the years."""
    ran = []

    async def job() -> None:
        ran.append(utc_now())

    jobs = dict.fromkeys(("sweep", "push", "announce", "weeks", "housekeeping", "backup"), job)
    with time_machine.travel(utc_now(), tick=True) as clock:
        scheduler = build_scheduler(**jobs, sweep_schedule="* * * * *")
        scheduler.start()
        clock.shift(timedelta(days=365 * years))
        began = time.process_time()
        scheduler.wakeup()
        await asyncio.sleep(0.05)
        took = time.process_time() - began
        planned = [job.next_run_time - utc_now() for job in scheduler.get_jobs()]
        scheduler.shutdown()
    assert len(ran) == len(jobs), "each is late, and runs once"
    assert took < 0.5
    assert all(timedelta(0) < ahead <= timedelta(days=1) for ahead in planned)


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=-365)])
async def test_after_a_jump_back_jobs_come_as_if_the_clock_had_always_been_right(
    jump: timedelta,
) -> None:
    scheduler = AsyncIOScheduler(timezone="UTC")
    scheduler.start()
    scheduler.add_job(_job, CronTrigger(second=0, timezone="UTC"), id="push")
    run_once(scheduler, _job, name="again", after=timedelta(minutes=15))
    # As they were planned while the clock was ahead.
    for job in scheduler.get_jobs():
        job.modify(next_run_time=job.next_run_time - jump)
    reckon_jobs_anew(scheduler, jump)
    await asyncio.sleep(0)
    planned = {job.id: job.next_run_time - utc_now() for job in scheduler.get_jobs()}
    scheduler.shutdown()
    assert timedelta(0) <= planned["push"] <= timedelta(minutes=1)
    assert timedelta(minutes=14) < planned["again"] <= timedelta(minutes=15)


async def test_a_pause_until_a_day_of_next_year_is_no_clock_s_mistake(database: Database) -> None:
    """Unless what is planned is not the day that was asked for."""
    now = utc_now()
    async with database.transaction() as session:
        for number, later in enumerate((0, 200)):
            chat = await chats.register(
                session=session, telegram_id=number, thread_id=0, kind=ChatKind.PRIVATE, now=now
            )
            pause_until(chat, (now + timedelta(days=300)).date())
            chat.next_push_at += timedelta(days=later)
    await reckon_stored_times_anew(database)
    async with database.reading() as session:
        for chat in (await session.exec(select(Chat))).all():
            assert chat.next_push_at == chat.paused_until
            assert chat.next_push_at > now + timedelta(days=299)


async def test_what_is_planned_a_year_ahead_is_planned_anew(database: Database) -> None:
    now = utc_now()
    ahead = now + timedelta(days=365)
    async with database.transaction() as session:
        made = []
        for number in range(3):
            chat = await chats.register(
                session=session, telegram_id=number, thread_id=0, kind=ChatKind.PRIVATE, now=now
            )
            made.append((chat.id, chat.next_push_at))
        session.add(paper(1))
        await session.flush()
        for number in (1, 2):
            chat = await session.get_one(Chat, made[number][0])
            chat.next_push_at, chat.last_push_on = ahead, ahead.date()
            chat.pushing_since = ahead if number == 2 else None
            chat.next_week_at = ahead
        session.add(WeekNote(chat_id=made[0][0], week=1, html="Your week", next_try_at=ahead))
        session.add(Delivery(chat_id=made[0][0], paper_id=paper(1).id, next_try_at=ahead))
        session.add(Sweep(window_from=now, window_to=ahead))
        session.add(Sweep(window_from=now, window_to=now))
    await reckon_stored_times_anew(database)
    async with database.reading() as session:
        for chat_id, planned in made:
            chat = await session.get_one(Chat, chat_id)
            assert chat.next_week_at is None
            if chat.pushing_since is None:
                assert chat.next_push_at == planned
            else:
                assert chat.pushing_since <= utc_now(), "it goes on, once its lease is over"
                assert chat.next_push_at - utc_now() <= chats.PUSH_LEASE
        (note,) = (await session.exec(select(WeekNote))).all()
        assert note.next_try_at <= utc_now()
        (delivery,) = (await session.exec(select(Delivery))).all()
        assert delivery.next_try_at <= utc_now()
        (sweep,) = (await session.exec(select(Sweep))).all()
        assert sweep.window_to == now


@pytest.mark.parametrize("back", [timedelta(minutes=59), timedelta(hours=20), timedelta(days=10)])
async def test_after_a_jump_back_nothing_waits_for_as_long(
    database: Database, back: timedelta
) -> None:
    """What was planned in the time that never was: also what is not too far ahead by itself."""
    now = utc_now()
    ahead = now + back
    async with database.transaction() as session:
        kinds = ("had news", "had none", "under way", "weekly")
        known = {}
        for number, kind in enumerate(kinds):
            chat = known[kind] = await chats.register(
                session=session, telegram_id=number, thread_id=0, kind=ChatKind.PRIVATE, now=now
            )
            chat.weekdays = 1 << now.weekday() if kind == "weekly" else chat.weekdays
            after = now if kind == "weekly" else ahead
            chat.next_push_at = next_push_at(
                after=after, timezone="UTC", push_time=chat.push_time, weekdays=chat.weekdays
            )
        usual = known["weekly"].next_push_at
        known["had news"].last_push_on = ahead.date()
        known["under way"].pushing_since = ahead
        known["under way"].next_push_at = ahead + timedelta(minutes=2)
        session.add(paper(1))
        await session.flush()
        session.add(
            Delivery(
                chat_id=known["under way"].id,
                paper_id=paper(1).id,
                next_try_at=ahead + timedelta(minutes=2),
            )
        )
        await session.flush()
        ids = {kind: chat.id for kind, chat in known.items()}
    await reckon_stored_times_anew(database, jump=-back)
    async with database.reading() as session:
        found = {kind: await session.get_one(Chat, chat_id) for kind, chat_id in ids.items()}
        (delivery,) = (await session.exec(select(Delivery))).all()
    assert delivery.next_try_at <= utc_now()
    assert found["weekly"].next_push_at == usual
    assert found["under way"].next_push_at <= utc_now() + chats.PUSH_LEASE
    for kind in ("had news", "had none"):
        assert found[kind].next_push_at - now <= timedelta(days=2)


def test_the_longest_gap_of_a_schedule_is_what_a_sweep_may_be_late_by() -> None:
    assert longest_gap("17 1,3,7,13 * * *") == 12 * HOUR
    assert longest_gap("0 6 * * *") == 24 * HOUR
    assert longest_gap("* * * * *") == 60

"""The second road: when OAI-PMH is read instead of the API, and what then counts as covered."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.arxiv.calendar import last_announcement
from bot.arxiv.transport import SourceError
from bot.playground.arxiv.faults import ArxivFault
from bot.sweep.second_road import days
from storage import sweeps
from storage.models import Paper
from tests.seldom import seldom
from tests.sweep.simulated_arxiv import DAY, HOUR, START, simulated_arxiv, submitted

WEEK = timedelta(days=7)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026; the 23rd is a Monday, and announcements are at 01:00."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "since", "why"),
    [
        (at(24, 4), at(23, 4, 1), "the API is waited for a day"),
        (at(24, 3, 59), at(23, 1), "the records of the 24th are not complete before 04:00"),
        (at(25, 3), at(24, 1), "those of the 24th are known, those of the 25th not complete"),
        (at(30, 3), at(27, 2), "from Friday 01:00 to Monday 01:00 nothing is announced"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_second_road_waits(now: datetime, since: datetime, why: str) -> None:
    assert days(now=now, since=since, failing_since=now - HOUR) is None, why


@pytest.mark.parametrize(
    ("now", "since", "first", "last", "ready"),
    [
        (at(24, 4), at(23, 4), date(2026, 11, 22), date(2026, 11, 24), at(24, 1)),
        (at(24, 13), at(20, 13), date(2026, 11, 19), date(2026, 11, 24), at(24, 1)),
        (at(30, 4), at(27, 1), date(2026, 11, 26), date(2026, 11, 30), at(30, 1)),
        (at(29, 12), at(26, 13), date(2026, 11, 25), date(2026, 11, 29), at(27, 1)),
        (at(30, 0), at(26, 13), date(2026, 11, 25), date(2026, 11, 29), at(27, 1)),
        (at(30, 3), at(26, 13), date(2026, 11, 25), date(2026, 11, 29), at(27, 1)),
        (at(24, 4), at(1, 4), date(2026, 10, 31), date(2026, 11, 24), at(24, 1)),
    ],
)
def test_after_a_day_all_is_read_that_changed_since_then_and_no_day_that_is_not_complete(
    now: datetime, since: datetime, first: date, last: date, ready: datetime
) -> None:
    found = days(now=now, since=since, failing_since=now - HOUR)
    assert found is not None
    assert (found.first, found.last, found.ready) == (first, last, ready)
    assert found.late == since - WEEK, "as late as a sweep of the API would call it"
    assert found.start <= since - DAY


def test_in_summer_arxiv_s_clock_is_another_one() -> None:
    july = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
    since = july - 2 * DAY
    found = days(now=july, since=since, failing_since=None)
    assert found is not None
    assert found.ready == datetime(2026, 7, 14, 0, 0, tzinfo=UTC)
    assert (
        days(now=july - timedelta(minutes=1), since=found.ready - DAY, failing_since=None) is None
    )


def test_a_first_week_that_the_api_never_gave_is_read_after_a_day() -> None:
    now = at(24, 4)
    assert days(now=now, since=None, failing_since=None) is None
    assert days(now=now, since=None, failing_since=now - 23 * HOUR) is None
    found = days(now=now, since=None, failing_since=now - 24 * HOUR)
    assert found is not None
    assert (found.first, found.ready, found.late) == (date(2026, 11, 16), at(24, 1), now - WEEK)


THROTTLED = (
    ArxivFault.TOO_MANY_REQUESTS,
    ArxivFault.NOT_ACCEPTABLE,
    ArxivFault.UNAVAILABLE,
    ArxivFault.HANG,
)
WEEK_LATER = START + WEEK


def two_weeks() -> list[dict[str, Any]]:
    return submitted(START - WEEK, WEEK_LATER, a_day=12)


async def test_a_week_in_which_the_api_only_fails_loses_nothing_and_is_a_day_late_at_most(
    tmp_path: Path, empty_database: Path
) -> None:
    async with simulated_arxiv(tmp_path / "fair.db", empty_database, two_weeks()) as world:
        assert await world.live_until(WEEK_LATER, again_after=4 * HOUR) == 0
        expected, in_time = await world.all_of_it(), world.first_seen
    assert len(expected[0]) > 100
    assert len(expected[2]) > 50

    foul = tmp_path / "foul.db"
    async with simulated_arxiv(foul, empty_database, two_weeks(), timeout_seconds=0.3) as world:
        for _day in range(7):
            for fault in THROTTLED:
                world.arxiv.faults.next(fault, times=1 if fault is ArxivFault.HANG else 2)
        failures = await world.live_until(WEEK_LATER - DAY, again_after=4 * HOUR)
        assert failures > 20
        assert 4 <= len(world.looks) <= 6, "once a day that OAI-PMH has something new"
        late = {one: at - in_time[one] for one, at in world.first_seen.items()}
        assert timedelta() < max(late.values()) <= DAY
        world.arxiv.faults.clear()
        await world.live_until(WEEK_LATER, again_after=4 * HOUR)
        assert await world.all_of_it() == expected, "nothing is lost, and nothing comes twice"


@pytest.mark.parametrize("road", ["api", "oai"])
@pytest.mark.parametrize("stop_days", seldom([1, 10, 3, 30]))
async def test_a_stop_is_caught_up_in_one_sweep(
    tmp_path: Path, empty_database: Path, stop_days: int, road: str
) -> None:
    end = START + stop_days * DAY
    rows = submitted(START - WEEK, end, a_day=6)
    async with simulated_arxiv(tmp_path / "app.db", empty_database, rows) as world:
        world.arxiv.down = api_fails = road == "oai"
        entry = await world.sweep_at(end)
        # What was announced in the last hours has no record yet.
        expected = {
            one
            for one in world.arxiv.ids
            if not api_fails or world.appeared(one) <= last_announcement(end - 3 * HOUR)
        }
        assert await world.stored() == expected
        assert entry.window_to == (last_announcement(end) if api_fails else end)
        async with world.database.reading() as session:
            held = await sweeps.known_since(session=session, now=end)
        assert held is not None
        assert held <= max(START - WEEK, end - 35 * DAY), "the gap is covered without a hole"
        asked = len(world.arxiv.requests) + len(world.oai.requests)
        assert asked < 5 * stop_days + 20


@pytest.mark.parametrize("road", ["api", "oai"])
async def test_what_moderation_let_go_during_a_month_of_stop_is_found(
    tmp_path: Path, empty_database: Path, road: str
) -> None:
    async with simulated_arxiv(tmp_path / "app.db", empty_database, []) as world:
        held_back = submitted(START - 6 * DAY, START - 5 * DAY, a_day=4)
        world.arxiv.publish(held_back)
        world.oai.edit([row["id"] for row in held_back], START + 3 * DAY)
        world.arxiv.down = road == "oai"
        await world.sweep_at(START + 30 * DAY)
        on_nerf = {row["id"] for row in held_back if "NeRF" in row["title"]}
        assert await world.stored() == on_nerf, "after 35 days it is kept where a topic wants it"


async def test_what_came_by_the_second_road_is_the_same_and_comes_once(
    tmp_path: Path, empty_database: Path
) -> None:
    rows = submitted(START - DAY, START + 3 * DAY, a_day=12)
    async with simulated_arxiv(tmp_path / "app.db", empty_database, rows) as world:
        world.arxiv.down = True
        by_oai = await world.sweep_at(START + 4 * DAY)
        first = await world.all_of_it()
        async with world.database.reading() as session:
            papers_then = (await session.exec(select(Paper))).all()
        world.arxiv.down = False
        by_api = await world.sweep_at(START + 4 * DAY + HOUR)
        async with world.database.reading() as session:
            papers_now = (await session.exec(select(Paper))).all()
        assert await world.all_of_it() == first
        assert by_oai.new > 20
        assert (by_api.new, by_api.matched, by_api.owed) == (0, 0, 0)
        assert papers_now == papers_then
        licensed = [paper for paper in papers_now if paper.licence is not None]
        assert len(licensed) >= by_oai.new
        assert by_api.window_from == by_oai.window_to - WEEK, "the week is looked at as always"


async def test_when_both_roads_fail_the_cursor_stays_and_what_was_read_comes_once(
    tmp_path: Path, empty_database: Path
) -> None:
    rows = submitted(START - DAY, START + 4 * DAY, a_day=12)
    async with simulated_arxiv(tmp_path / "app.db", empty_database, rows) as world:
        world.arxiv.down = True
        world.oai.faults.next(ArxivFault.UNAVAILABLE, times=9, after=6)
        with pytest.raises(SourceError):
            await world.sweep_at(START + 5 * DAY)
        async with world.database.reading() as session:
            good = await sweeps.last_good(session=session)
        assert good is not None
        assert good.window_to == START
        world.oai.faults.clear()
        asked = len(world.oai.requests)
        await world.sweep_at(START + 5 * DAY + HOUR)
        assert len(world.oai.requests) > asked
        assert await world.stored() == set(world.arxiv.ids)
        _, matched, owed = await world.all_of_it()
        assert len(owed) == len(set(owed)) == len(matched)


async def test_an_old_paper_that_was_edited_is_not_taken_for_news(
    tmp_path: Path, empty_database: Path
) -> None:
    old = submitted(START - 400 * DAY, START - 398 * DAY, a_day=6)
    rows = old + submitted(START - DAY, START + 2 * DAY, a_day=12)
    async with simulated_arxiv(tmp_path / "app.db", empty_database, rows) as world:
        before = await world.stored()
        assert before.isdisjoint(row["id"] for row in old)
        world.oai.edit([row["id"] for row in old], START + 2 * DAY)
        world.arxiv.down = True
        await world.sweep_at(START + 3 * DAY)
        stored = await world.stored()
        assert len(stored) > len(before)
        assert stored.isdisjoint(row["id"] for row in old)

"""Sweeps: the log of looks at arXiv, and its cursor."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from storage import sweeps
from storage.database import Database
from storage.models import Sweep, SweepState

DAY = timedelta(days=1)


async def test_the_cursor_is_the_good_sweep_that_reaches_furthest(database: Database) -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    async with database.transaction() as session:
        for day, state in ((1, SweepState.DONE), (2, SweepState.DONE), (3, SweepState.FAILED)):
            await sweeps.add(
                session=session,
                sweep=Sweep(state=state, window_from=start, window_to=start + day * DAY),
            )
        good = await sweeps.last_good(session=session)
        last = await sweeps.last(session=session)
    assert good is not None
    assert last is not None
    assert good.window_to == start + 2 * DAY
    assert last.state is SweepState.FAILED


NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


def looked(start: float, end: float, *, whole: bool = True, good: bool = True) -> Sweep:
    """Return a look from and until so many days ago."""
    state = SweepState.DONE if good else SweepState.FAILED
    return Sweep(window_from=NOW - start * DAY, window_to=NOW - end * DAY, whole=whole, state=state)


@pytest.mark.parametrize(
    ("log", "days"),
    [
        ([], None),
        ([looked(7, 0)], 7),
        ([looked(7, 0, good=False)], None),
        ([looked(7, 0, whole=False)], None),
        ([looked(8, 1), looked(7, 0)], 8),
        ([looked(7, 0), looked(14, 7), looked(20, 14)], 20),
        ([looked(7, 0), looked(14, 8)], 7),
        ([looked(7, 0), looked(20, 10), looked(10, 7, good=False)], 7),
        ([looked(7, 0), looked(20, 10), looked(10, 7, whole=False)], 7),
        ([looked(20, 10)], 20),
        ([looked(40, 20), looked(20, 6), looked(7, 0)], 35),
        ([looked(90, 36)], None),
        ([looked(7, 6), looked(30, 0)], 30),
    ],
)
async def test_the_log_tells_from_when_on_the_store_holds_all_of_arxiv(
    database: Database, log: list[Sweep], days: float | None
) -> None:
    async with database.transaction() as session:
        for entry in log:
            await sweeps.add(session=session, sweep=Sweep(**entry.model_dump(exclude={"id"})))
    async with database.reading() as session:
        found = await sweeps.known_since(session=session, now=NOW)
    assert found == (None if days is None else NOW - days * DAY)


async def test_what_a_look_back_found_is_not_the_last_news(database: Database) -> None:
    async with database.transaction() as session:
        for start, end in ((7, 0), (14, 7)):
            entry = looked(start, end)
            entry.new = 5
            await sweeps.add(session=session, sweep=entry)
        news = await sweeps.last_news(session=session)
    assert news is not None
    assert news.window_to == NOW


async def test_the_log_keeps_its_cursor_and_the_last_news_however_old(database: Database) -> None:
    long_ago = NOW - 100 * DAY
    async with database.transaction() as session:
        for days_ago, new in ((120, 5), (110, 7), (100, 0)):
            entry = looked(days_ago + 7, days_ago)
            entry.new, entry.started_at = new, NOW - days_ago * DAY
            await sweeps.add(session=session, sweep=entry)
        failed = looked(7, 0, good=False)
        failed.started_at = long_ago
        await sweeps.add(session=session, sweep=failed)
        await sweeps.forget(session=session, before=NOW - 90 * DAY)
        left = (await session.exec(select(Sweep).order_by(col(Sweep.window_to)))).all()
    assert [(entry.new, entry.window_to) for entry in left] == [
        (7, NOW - 110 * DAY),
        (0, long_ago),
    ]

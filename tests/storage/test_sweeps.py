"""Sweeps: the log of looks at arXiv, and its cursor."""

from datetime import UTC, datetime, timedelta

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

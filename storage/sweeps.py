"""Sweeps: the log of looks at arXiv, the cursor where the next begins, and what is held so far."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, Executable, bindparam, delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.columns import UtcDateTime
from storage.models import Sweep, SweepState
from storage.objects import loaded

HELD = timedelta(days=35)
"""Of all of arXiv, so much is always in the store, whatever anybody follows."""


async def add(*, session: AsyncSession, sweep: Sweep) -> None:
    """Add a sweep to the log."""
    session.add(sweep)
    await session.flush()


async def note_owed(*, session: AsyncSession, sweep_id: int, owed: int) -> None:
    """Note how many deliveries came of a sweep."""
    sweep = await session.get_one(Sweep, sweep_id)
    sweep.owed = owed


async def last(*, session: AsyncSession) -> Sweep | None:
    """Return the newest sweep, good or not."""
    return (await session.exec(_LAST)).first()


async def last_good(*, session: AsyncSession) -> Sweep | None:
    """Return the sweep that holds the cursor: the one that reaches furthest."""
    return (await session.exec(_LAST_GOOD)).first()


async def good_since(*, session: AsyncSession, moment: datetime) -> Sequence[Sweep]:
    """Return the good sweeps that were started since then, oldest first."""
    query = (
        select(Sweep)
        .where(Sweep.state == SweepState.DONE, Sweep.started_at >= moment)
        .order_by(col(Sweep.id))
    )
    return (await session.exec(query)).all()


async def beginning(*, session: AsyncSession) -> datetime | None:
    """Return how far back anything was ever looked at; None before the first good sweep."""
    query = select(func.min(Sweep.window_from)).where(Sweep.state == SweepState.DONE)
    return (await session.exec(query)).one()


async def known_since(*, session: AsyncSession, now: datetime) -> datetime | None:
    """Return from when on the store holds all of arXiv, without a gap, up to the newest good sweep.

    Never more than HELD ago, because what no topic matched leaves the store then; None where no
    sweep of all of arXiv reaches into that time.
    """
    return _joined((await session.exec(_WHOLE, params={"since": now - HELD})).all(), now)


def _joined(windows: Iterable[tuple[datetime, datetime]], now: datetime) -> datetime | None:
    """Return from when on these windows, the newest first, are without a gap."""
    since: datetime | None = None
    for start, end in windows:
        if since is not None and end < since:
            break
        since = start if since is None else min(since, start)
    return None if since is None else max(since, now - HELD)


async def forget(*, session: AsyncSession, before: datetime) -> None:
    """Forget what was looked at before a moment, but for the cursor and the last news."""
    needed = (await last_good(session=session), await last_news(session=session))
    kept = [sweep.id for sweep in needed if sweep]
    await session.exec(
        delete(Sweep)
        .where(col(Sweep.started_at) < before, col(Sweep.id).not_in(kept))
        .execution_options(synchronize_session=False)
    )


async def last_news(*, session: AsyncSession) -> Sweep | None:
    """Return the sweep that found the newest of the new papers, and not one that looked back."""
    return (await session.exec(_LAST_NEWS)).first()


async def failing_since(*, session: AsyncSession) -> datetime | None:
    """Return when the first sweep failed since the last good one; None where none did."""
    return (await session.exec(_FAILING_SINCE)).one()


class Window(NamedTuple):
    """The time of which the store holds all of arXiv."""

    since: datetime | None
    """None: no sweep of all of arXiv reaches into the time that is held."""
    until: datetime | None
    """How far the newest good sweep reached; None before the first."""


def known_window(connection: Connection, *, now: datetime) -> Window:
    """Return it, within work in a thread."""
    windows = connection.execute(_WHOLE, {"since": now - HELD})
    since = _joined(((start, end) for start, end in windows), now)
    return Window(since, connection.scalar(_CURSOR))


class Log(NamedTuple):
    """What the log of sweeps says at one moment, each as the function of that name tells it."""

    last: Sweep | None
    last_good: Sweep | None
    last_news: Sweep | None
    failing_since: datetime | None
    known_since: datetime | None


def read_log(connection: Connection, *, now: datetime) -> Log:
    """Return all of it within work in a thread."""
    known: dict[int, Sweep] = {}  # what is the same sweep is the same object

    def one(statement: Executable) -> Sweep | None:
        row = connection.execute(statement).first()
        return None if row is None else known.setdefault(row.id, loaded(Sweep, row))

    windows = connection.execute(_WHOLE, {"since": now - HELD})
    return Log(
        last=one(_LAST),
        last_good=one(_LAST_GOOD),
        last_news=one(_LAST_NEWS),
        failing_since=connection.scalar(_FAILING_SINCE),
        known_since=_joined(((start, end) for start, end in windows), now),
    )


_LAST = select(Sweep).order_by(col(Sweep.id).desc()).limit(1)
_LAST_GOOD = (
    select(Sweep)
    .where(Sweep.state == SweepState.DONE)
    .order_by(col(Sweep.window_to).desc())
    .limit(1)
)
_CURSOR = select(func.max(Sweep.window_to)).where(Sweep.state == SweepState.DONE)
_LAST_NEWS = (
    select(Sweep)
    .where(Sweep.new > 0)
    .order_by(col(Sweep.window_to).desc(), col(Sweep.id).desc())
    .limit(1)
)
_LAST_DONE = select(func.coalesce(func.max(Sweep.id), 0)).where(Sweep.state == SweepState.DONE)
_FAILING_SINCE = select(func.min(Sweep.started_at)).where(
    Sweep.state == SweepState.FAILED, col(Sweep.id) > _LAST_DONE.scalar_subquery()
)
_WHOLE = (
    select(Sweep.window_from, Sweep.window_to)
    .where(
        Sweep.state == SweepState.DONE,
        col(Sweep.whole).is_(True),
        col(Sweep.window_to) >= bindparam("since", type_=UtcDateTime()),
    )
    .order_by(col(Sweep.window_to).desc())
)

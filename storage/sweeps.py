"""Sweeps: the log of looks at arXiv, the cursor where the next begins, and what is held so far."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Sweep, SweepState

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
    query = select(Sweep).order_by(col(Sweep.id).desc()).limit(1)
    return (await session.exec(query)).first()


async def last_good(*, session: AsyncSession) -> Sweep | None:
    """Return the sweep that holds the cursor: the one that reaches furthest."""
    query = (
        select(Sweep)
        .where(Sweep.state == SweepState.DONE)
        .order_by(col(Sweep.window_to).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


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
    query = (
        select(Sweep.window_from, Sweep.window_to)
        .where(
            Sweep.state == SweepState.DONE,
            col(Sweep.whole).is_(True),
            Sweep.window_to >= now - HELD,
        )
        .order_by(col(Sweep.window_to).desc())
    )
    since: datetime | None = None
    for start, end in (await session.exec(query)).all():
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
    query = (
        select(Sweep)
        .where(Sweep.new > 0)
        .order_by(col(Sweep.window_to).desc(), col(Sweep.id).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def failing_since(*, session: AsyncSession) -> datetime | None:
    """Return when the first sweep failed since the last good one; None where none did."""
    last_done = select(func.coalesce(func.max(Sweep.id), 0)).where(Sweep.state == SweepState.DONE)
    query = select(func.min(Sweep.started_at)).where(
        Sweep.state == SweepState.FAILED, col(Sweep.id) > last_done.scalar_subquery()
    )
    return (await session.exec(query)).one()

"""Sweeps: the log of looks at arXiv, and the cursor (high-water mark) where the next begins."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Sweep, SweepState


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


async def last_news(*, session: AsyncSession) -> Sweep | None:
    """Return the newest sweep that found a new paper."""
    query = select(Sweep).where(Sweep.new > 0).order_by(col(Sweep.id).desc()).limit(1)
    return (await session.exec(query)).first()


async def failing_since(*, session: AsyncSession) -> datetime | None:
    """Return when the first sweep failed since the last good one; None where none did."""
    last_done = select(func.coalesce(func.max(Sweep.id), 0)).where(Sweep.state == SweepState.DONE)
    query = select(func.min(Sweep.started_at)).where(
        Sweep.state == SweepState.FAILED, col(Sweep.id) > last_done.scalar_subquery()
    )
    return (await session.exec(query)).one()

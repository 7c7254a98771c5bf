"""Sweeps: the diary of looks at arXiv, and the cursor."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Sweep, SweepState

__all__ = ["add", "last", "last_good"]


async def add(*, session: AsyncSession, sweep: Sweep) -> None:
    """Write a sweep into the diary."""
    session.add(sweep)
    await session.flush()


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

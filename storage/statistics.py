"""Statistics: counts over all tables, for metrics and for what an operator looks at first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import chats, outbox, sweeps
from storage.admin_models import Notice
from storage.models import (
    ChatState,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    Sweep,
    SweepState,
    Topic,
    Translation,
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How much there is of everything, and how old the oldest waiting thing is."""

    chats: dict[ChatState, int]
    topics: int
    papers: int
    matches: int
    translations: int
    deliveries: dict[DeliveryState, int]
    oldest_owed_at: datetime | None
    """When the delivery that waits longest came to be; it may wait for its chat's own time."""
    notices: int
    """Notices of broadcasts that wait."""
    last_sweep: Sweep | None
    good_sweep_at: datetime | None
    """When the last good sweep ended."""

    @property
    def is_sweep_good(self) -> bool:
        """Whether the newest sweep was good; also where there was none yet."""
        return self.last_sweep is None or self.last_sweep.state is SweepState.DONE


async def numbers(*, session: AsyncSession) -> Numbers:
    """Count everything. With millions of rows this takes a second: not to be asked all the time."""
    good = await sweeps.last_good(session=session)
    oldest = select(func.min(Delivery.created_at)).where(Delivery.state == DeliveryState.PENDING)
    waiting = select(func.count()).where(Notice.state == DeliveryState.PENDING)
    return Numbers(
        chats=await chats.count(session=session),
        topics=await _rows(session, col(Topic.id)),
        papers=await _rows(session, col(Paper.id)),
        matches=await _rows(session, col(Match.paper_id)),
        translations=await _rows(session, col(Translation.paper_id)),
        deliveries=await outbox.count(session=session),
        oldest_owed_at=(await session.exec(oldest)).one(),
        notices=(await session.exec(waiting)).one(),
        last_sweep=await sweeps.last(session=session),
        good_sweep_at=(good.finished_at or good.started_at) if good else None,
    )


async def _rows(session: AsyncSession, column: Any) -> int:
    counted: int = (await session.exec(select(func.count(column)))).one()
    return counted

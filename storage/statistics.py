"""Statistics: what is counted again and again, at once, and what is counted now and then."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, select, text
from sqlmodel import SQLModel, col

from storage import sweeps
from storage.admin_models import Notice
from storage.columns import table_of, utc_now
from storage.models import (
    Chat,
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
    """How much there is of what is few or has an index of its own, and how old it is."""

    chats: dict[ChatState, int]
    topics: int
    deliveries: dict[DeliveryState, int]
    """Of those states that pass or need somebody: pending, sending, dead."""
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


class Totals(NamedTuple):
    """How many rows the large tables have: with millions of them this takes a second to count."""

    papers: int
    matches: int
    translations: int
    deliveries: dict[DeliveryState, int]
    """Of all states."""


def numbers(connection: Connection) -> Numbers:
    """Count what costs no more for all that was ever sent, within work in a thread."""
    log = sweeps.read_log(connection, now=utc_now())
    good = log.last_good
    return Numbers(
        chats={ChatState(state): n for state, n in connection.execute(_CHATS)},
        topics=connection.execute(_rows(Topic)).scalar_one(),
        deliveries={
            state: connection.execute(query).scalar_one() for state, query in _DELIVERIES.items()
        },
        oldest_owed_at=connection.scalar(_OLDEST),
        notices=connection.execute(_NOTICES).scalar_one(),
        last_sweep=log.last,
        good_sweep_at=(good.finished_at or good.started_at) if good else None,
    )


def totals(connection: Connection) -> Totals:
    """Count all rows of the large tables, within work in a thread."""
    return Totals(
        papers=connection.execute(_rows(Paper)).scalar_one(),
        matches=connection.execute(_rows(Match)).scalar_one(),
        translations=connection.execute(_rows(Translation)).scalar_one(),
        deliveries={DeliveryState(state): n for state, n in connection.execute(_BY_STATE)},
    )


def _rows(model: type[SQLModel]) -> Select[int]:
    return select(func.count()).select_from(table_of(model))


_PENDING = text("state = 'pending'")
"""Conditions in the words of their partial indexes, without parameters."""
_CHATS = select(col(Chat.state), func.count()).group_by(col(Chat.state))
_DELIVERIES = {
    DeliveryState.PENDING: _rows(Delivery).where(_PENDING),
    DeliveryState.SENDING: _rows(Delivery).where(
        text("claimed_at IS NOT NULL"), text("state = 'sending'")
    ),
    DeliveryState.DEAD: _rows(Delivery).where(text("state = 'dead'")),
}
_OLDEST = select(func.min(col(Delivery.created_at))).where(_PENDING)
_NOTICES = _rows(Notice).where(col(Notice.state) == DeliveryState.PENDING)
_BY_STATE = select(col(Delivery.state), func.count()).group_by(col(Delivery.state))

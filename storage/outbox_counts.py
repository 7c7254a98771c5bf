"""Outbox counts: what waits for a chat, what it got lately, and how much there is of each state."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select
from sqlmodel import col

from storage.columns import UtcMicroseconds
from storage.models import Delivery, DeliveryState
from storage.pending import PENDING


class Standing(NamedTuple):
    """How things stand for one chat."""

    owed: int
    """Papers that it is still owed, also those that wait for another try."""
    sent_lately: int


def standing(connection: Connection, *, chat_id: int, since: datetime) -> Standing:
    """Return what a chat is owed, and how many papers it got since then."""
    of_chat = {"chat_id": chat_id, "since": since}
    return Standing(
        owed=connection.execute(_OWED, {"chat_id": chat_id}).scalar_one(),
        sent_lately=connection.execute(_SENT, of_chat).scalar_one(),
    )


_OWED = (
    select(func.count())
    .select_from(Delivery)
    .where(col(Delivery.chat_id) == bindparam("chat_id"), *PENDING)
)
_SENT = (
    select(func.count())
    .select_from(Delivery)
    .where(
        col(Delivery.chat_id) == bindparam("chat_id"),
        col(Delivery.state) == DeliveryState.SENT,
        col(Delivery.sent_at) >= bindparam("since", type_=UtcMicroseconds()),
    )
)

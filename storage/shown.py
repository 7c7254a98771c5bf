"""Shown papers: what a chat saw because it asked counts as sent, and is not pushed again."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, select, update
from sqlmodel import col

from storage.columns import UtcMicroseconds, table_of
from storage.dialect_insert import insert_of
from storage.fan_out import note_delivered
from storage.models import Chat, Delivery, DeliveryState, Paper


def note_shown(
    connection: Connection,
    *,
    chat_id: int,
    paper_ids: Sequence[str],
    message_id: int | None,
    now: datetime,
) -> None:
    """Note that a message showed these papers, whether they were owed to the chat or not.

    A fan-out that comes later finds their rows, and so does not owe them to the chat.
    """
    note_delivered(connection, paper_ids)
    shown = {"chat": chat_id, "papers": list(paper_ids), "message": message_id, "now": now}
    connection.execute(_shown(connection.dialect.name), shown)


def note_told_of_cap(connection: Connection, chat_ids: Collection[int]) -> None:
    """Note that chats were told that their pushes have a cap."""
    if chat_ids:
        connection.execute(_TOLD_OF_CAP, {"chat_ids": list(chat_ids)})


_TOLD_OF_CAP = (
    update(Chat)
    .where(col(Chat.id).in_(bindparam("chat_ids", expanding=True)))
    .values(told_of_cap=True)
)


@cache
def _shown(dialect: str) -> Any:
    table = table_of(Delivery)
    now = bindparam("now", type_=UtcMicroseconds())
    values = {
        "chat_id": bindparam("chat", type_=Integer()),
        "paper_id": col(Paper.id),
        "state": bindparam("sent", DeliveryState.SENT, table.c.state.type),
        "attempts": bindparam("tries", 0, Integer()),
        "next_try_at": now,
        "sent_at": now,
        "message_id": bindparam("message", type_=Integer()),
        "created_at": now,
    }
    chosen: Select[*tuple[Any, ...]] = select(
        *(value.label(name) for name, value in values.items())
    ).where(col(Paper.id).in_(bindparam("papers", expanding=True)))
    new = insert_of(dialect)(table).from_select(list(values), chosen)
    return new.on_conflict_do_update(
        index_elements=["chat_id", "paper_id"],
        set_={
            "state": new.excluded.state,
            "sent_at": new.excluded.sent_at,
            "message_id": new.excluded.message_id,
            "claimed_at": None,
            "reason": None,
        },
        where=table.c.state != DeliveryState.SENT,
    )

"""Pending deliveries: what many chats may be sent now, read at once, in few statements."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, literal_column, select
from sqlmodel import col
from sqlmodel import select as select_models

from storage.batches import batches
from storage.models import Delivery, DeliveryState, Match, Paper, Subscription
from storage.objects import objects
from storage.pairs import execute_with_pairs

IS_PENDING = col(Delivery.state) == literal_column("'pending'")
"""In the words of the partial indexes, so that both databases see that they hold all of these."""

PENDING = (
    IS_PENDING,
    # What the chat no longer follows is not owed any more, and what it paused not now.
    select(col(Match.paper_id))
    .join(Subscription, col(Subscription.topic_id) == col(Match.topic_id))
    .where(
        col(Subscription.chat_id) == col(Delivery.chat_id),
        col(Match.paper_id) == col(Delivery.paper_id),
        col(Subscription.paused).is_(False),
    )
    .exists(),
)


class DeliveryRow(NamedTuple):
    """What a push needs to know of a delivery."""

    chat_id: int
    paper_id: str
    attempts: int = 0


class PendingDelivery(NamedTuple):
    """A delivery and its paper."""

    delivery: DeliveryRow
    paper: Paper


class Followed(NamedTuple):
    """What a push needs to know of a subscription."""

    id: int
    label: str
    position: int = 0
    cap: int | None = None
    muted: bool = False
    paused: bool = False
    topic_id: int = 0


def pending_by_chat(
    connection: Connection, limits: Mapping[int, int | None], *, now: datetime
) -> dict[int, list[PendingDelivery]]:
    """Return what may be sent to chats now, with a limit for each, newest papers first.

    What a chat no longer follows is left out, and what it follows under paused topics only.
    """
    rows: dict[int, list[DeliveryRow]] = {chat_id: [] for chat_id in limits}
    bounded = {chat_id: limit for chat_id, limit in limits.items() if limit is not None}
    asked = {"chat_ids": list(bounded), "now": now, "most": max(bounded.values(), default=0)}
    for row in connection.execute(_NEWEST, asked):
        if len(rows[row.chat_id]) < bounded[row.chat_id]:
            rows[row.chat_id].append(DeliveryRow(*row))
    every = [chat_id for chat_id, limit in limits.items() if limit is None]
    for row in connection.execute(_EVERY, {"chat_ids": every, "now": now}) if every else ():
        rows[row.chat_id].append(DeliveryRow(*row))
    known = papers(connection, {row.paper_id for some in rows.values() for row in some})
    return {
        chat_id: [PendingDelivery(row, known[row.paper_id]) for row in some]
        for chat_id, some in rows.items()
    }


def papers(connection: Connection, paper_ids: Iterable[str]) -> dict[str, Paper]:
    """Return papers by id, each read once for all chats."""
    found: dict[str, Paper] = {}
    with objects(connection) as session:
        for some in batches(list(paper_ids)):
            rows = session.exec(_PAPERS, params={"paper_ids": some})
            found.update((paper.id, paper) for paper in rows)
        session.expunge_all()
    return found


def pending_counts(connection: Connection, chat_ids: Collection[int]) -> dict[int, int]:
    """Return how many papers chats are still owed, also those that wait for another try."""
    counted = connection.execute(_COUNTS, {"chat_ids": list(chat_ids)})
    return dict.fromkeys(chat_ids, 0) | {row.chat_id: row.many for row in counted}


def sent_since(connection: Connection, since: Mapping[int, datetime]) -> dict[int, list[str]]:
    """Return the papers that chats got since a moment of each, in the order of their sending."""
    return {
        chat_id: list(connection.scalars(_SENT, {"chat_id": chat_id, "since": moment}))
        for chat_id, moment in since.items()
    }


class Follows(NamedTuple):
    """How many topics a chat follows, and how many of these have a cap of their own."""

    topics: int
    capped: int


def follows(connection: Connection, chat_ids: Iterable[int]) -> dict[int, Follows]:
    """Return how many topics chats follow; absent: none."""
    rows = connection.execute(_FOLLOWS, {"chat_ids": list(chat_ids)})
    return {row.chat_id: Follows(row.topics, row.capped) for row in rows}


def followed(
    connection: Connection, paper_ids: Mapping[int, Collection[str]]
) -> dict[int, dict[str, list[Followed]]]:
    """Return by chat its subscriptions to the topics that each of these papers matched.

    In the chat's own order.
    """
    found: dict[int, dict[str, list[Followed]]] = {chat_id: {} for chat_id in paper_ids}
    pairs = sorted((chat_id, one) for chat_id, ids in paper_ids.items() for one in set(ids))
    rows = [
        row for some in batches(pairs) for row in execute_with_pairs(connection, _FOLLOWED, some)
    ]
    for row in sorted(rows, key=attrgetter("position", "id")):
        muted, paused = bool(row.muted), bool(row.paused)
        entry = Followed(
            row.id, row.label, row.position, row.cap, muted, paused, topic_id=row.topic_id
        )
        found[row.chat_id].setdefault(row.paper_id, []).append(entry)
    return found


_OF_CHATS = col(Delivery.chat_id).in_(bindparam("chat_ids", expanding=True))
_DUE = (_OF_CHATS, col(Delivery.next_try_at) <= bindparam("now"), *PENDING)
_ROW = (col(Delivery.chat_id), col(Delivery.paper_id), col(Delivery.attempts))
_NEWEST_FIRST = (col(Paper.published_at).desc(), col(Paper.id).desc())
_EVERY = (
    select(*_ROW)
    .join(Paper, col(Paper.id) == col(Delivery.paper_id))
    .where(*_DUE)
    .order_by(col(Delivery.chat_id), *_NEWEST_FIRST)
)
_RANKED = (
    select(
        *_ROW,
        func.row_number()
        .over(partition_by=col(Delivery.chat_id), order_by=_NEWEST_FIRST)
        .label("rank"),
    )
    .join(Paper, col(Paper.id) == col(Delivery.paper_id))
    .where(*_DUE)
    .subquery()
)
_NEWEST = (
    select(_RANKED.c.chat_id, _RANKED.c.paper_id, _RANKED.c.attempts)
    .where(_RANKED.c.rank <= bindparam("most"))
    .order_by(_RANKED.c.chat_id, _RANKED.c.rank)
)
_COUNTS = (
    select(col(Delivery.chat_id), func.count().label("many"))
    .where(_OF_CHATS, *PENDING)
    .group_by(col(Delivery.chat_id))
)
_SENT = (
    select(col(Delivery.paper_id))
    .where(
        col(Delivery.chat_id) == bindparam("chat_id"),
        col(Delivery.state) == DeliveryState.SENT,
        col(Delivery.sent_at) >= bindparam("since"),
    )
    .order_by(col(Delivery.sent_at), col(Delivery.id))
)
_FOLLOWS = (
    select(
        col(Subscription.chat_id),
        func.count().label("topics"),
        func.count(col(Subscription.cap)).label("capped"),
    )
    .where(col(Subscription.chat_id).in_(bindparam("chat_ids", expanding=True)))
    .group_by(col(Subscription.chat_id))
)
_PAPERS = select_models(Paper).where(col(Paper.id).in_(bindparam("paper_ids", expanding=True)))
# CROSS JOIN: SQLite takes the tables in this order, a chat's few subscriptions for each pair.
_FOLLOWED = (
    "SELECT pair.chat_id, match.paper_id, subscription.id, label, position, cap, muted, paused,"
    " subscription.topic_id FROM pair CROSS JOIN subscription CROSS JOIN match"
    " WHERE subscription.chat_id = pair.chat_id"
    " AND match.topic_id = subscription.topic_id AND match.paper_id = pair.item"
)

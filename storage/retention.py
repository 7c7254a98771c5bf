"""Retention: old papers that nobody needs, found and deleted a batch at a time."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, literal_column, or_
from sqlmodel import col, select

from storage.columns import table_of
from storage.match_models import DeliveredPaper, PaperTopic
from storage.models import (
    Delivery,
    DeliveryState,
    Match,
    Paper,
    SavedPaper,
    Vote,
)
from storage.seed_models import Seed

KEPT_OF_A_TOPIC = 50
"""A topic's newest papers stay however old they are: a digest of a quiet topic shows them."""

_FINISHED = (DeliveryState.SENT, DeliveryState.EXPIRED)


Rule: TypeAlias = tuple[ColumnElement[bool], ...]
"""What must be true of a paper that goes."""


class Place(NamedTuple):
    """Where the search for old papers goes on."""

    published_at: datetime
    paper_id: str


def oldest(
    connection: Connection, *, rule: Rule, before: datetime, after: Place | None, limit: int
) -> list[Place]:
    """Return the oldest papers that a rule lets go, published before a moment and after `after`."""
    query = (
        select(Paper.published_at, Paper.id)
        .where(Paper.published_at < before, *rule)
        .order_by(col(Paper.published_at), col(Paper.id))
        .limit(limit)
    )
    if after is not None:
        query = query.where(
            Paper.published_at >= after.published_at,
            or_(
                col(Paper.published_at) > after.published_at,
                and_(col(Paper.published_at) == after.published_at, col(Paper.id) > after.paper_id),
            ),
        )
    return [Place(*row) for row in connection.execute(query)]


def remove_deliveries(
    connection: Connection, *, before: datetime, after: int, most: int
) -> int | None:
    """Forget what was owed before a moment and is finished, of so many deliveries after an id.

    They are in the order in which they were made. Return the id up to which they were looked at;
    None where there are none so old any more.
    """
    some = (
        select(Delivery.id, Delivery.created_at)
        .where(col(Delivery.id) > after)
        .order_by(col(Delivery.id))
        .limit(most)
        .subquery()
    )
    is_old = some.c.created_at < before
    looked = select(func.max(some.c.id), func.count().filter(is_old)).select_from(some)
    last, old = connection.execute(looked).one()
    if not old:
        return None
    connection.execute(
        delete(Delivery).where(
            col(Delivery.id) > after,
            col(Delivery.id) <= last,
            col(Delivery.created_at) < before,
            col(Delivery.state).in_(_FINISHED),
        )
    )
    return int(last)


def unfinished(connection: Connection) -> set[str]:
    """Return the papers that are owed to somebody, or were given up: they do not go."""
    return {
        paper_id
        for state in ("pending", "sending", "dead")
        # In the words of the partial indexes.
        for paper_id in connection.scalars(
            select(Delivery.paper_id)
            .where(col(Delivery.state) == literal_column(f"'{state}'"))
            .distinct()
        )
    }


def remove(connection: Connection, *, rule: Rule, paper_ids: Iterable[str]) -> int:
    """Remove those of these papers that a rule lets go, with all that hangs on them; count them."""
    ids = list(paper_ids)
    # Whoever keeps one at this moment has its row, or waits for us to be done with it.
    mine = select(Paper.id).where(col(Paper.id).in_(ids)).with_for_update(skip_locked=True)
    locked = connection.scalars(mine).all()
    return connection.execute(delete(Paper).where(col(Paper.id).in_(locked), *rule)).rowcount


def _has_no(
    table: type[SavedPaper | Vote | Seed | DeliveredPaper],
) -> ColumnElement[bool]:
    return ~exists().where(col(table.paper_id) == col(Paper.id))


_NEWER = table_of(Match).alias("newer")
_LAST_KEPT = (
    select(_NEWER.c.published_at)
    .where(_NEWER.c.topic_id == col(Match.topic_id))
    .order_by(_NEWER.c.published_at.desc())
    .offset(KEPT_OF_A_TOPIC - 1)
    .limit(1)
    .correlate(Match)
    .scalar_subquery()
)

_MATCHES_OF_PAPER = (
    col(PaperTopic.paper_id) == col(Paper.id),
    col(Match.topic_id) == col(PaperTopic.topic_id),
    col(Match.paper_id) == col(PaperTopic.paper_id),
)

UNTOUCHED: Rule = (
    ~exists().where(*_MATCHES_OF_PAPER),
    *(_has_no(table) for table in (SavedPaper, Vote, Seed, DeliveredPaper)),
)
"""No topic found it, nobody was sent it, and it is nobody's."""

UNNEEDED: Rule = (
    _has_no(SavedPaper),
    _has_no(Vote),
    _has_no(Seed),
    # A topic with fewer papers keeps all of them.
    ~exists().where(
        *_MATCHES_OF_PAPER,
        col(Match.published_at) >= func.coalesce(_LAST_KEPT, col(Match.published_at)),
    ),
)
"""No chat keeps it, gave it or voted on it, no topic's newest; nor may it be `unfinished`."""

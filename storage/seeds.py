"""Seeds: papers that a chat gave as examples of what it likes; they are not saved papers."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func
from sqlalchemy import select as select_any
from sqlmodel import col, select

from storage.models import Paper
from storage.objects import objects
from storage.plain_text import storable
from storage.seed_models import Seed
from storage.upsert import insert_or_ignore_into

MOST_SEEDS = 100
"""Of a chat: those that were given last."""

LONGEST_TITLE = 300
LONGEST_ABSTRACT = 2_000


def of_paper(chat_id: int, paper_id: str) -> Seed:
    """Return a paper that is stored as a seed."""
    return Seed(chat_id=chat_id, key=paper_id, paper_id=paper_id)


def of_words(chat_id: int, title: str, abstract: str = "") -> Seed:
    """Return a paper of which no more is known than its words as a seed, cut to what is kept."""
    told = storable(title)[:LONGEST_TITLE]
    digest = hashlib.blake2b(told.casefold().encode("utf-8", "replace"), digest_size=12)
    return Seed(
        chat_id=chat_id,
        key=f"text:{digest.hexdigest()}",
        title=told,
        abstract=storable(abstract)[:LONGEST_ABSTRACT],
    )


def give(connection: Connection, *, chat_id: int, seeds: Sequence[Seed], now: datetime) -> int:
    """Add seeds, and let the oldest go where a chat has too many; return how many it has."""
    if seeds:
        rows = [seed.model_dump() | {"given_at": now} for seed in seeds[:MOST_SEEDS]]
        connection.execute(insert_or_ignore_into(connection, Seed), rows)
        kept = (
            select_any(col(Seed.key))
            .where(col(Seed.chat_id) == chat_id)
            .order_by(col(Seed.given_at).desc(), col(Seed.key))
            .limit(MOST_SEEDS)
        )
        connection.execute(
            delete(Seed).where(col(Seed.chat_id) == chat_id, col(Seed.key).not_in(kept))
        )
    return count(connection, chat_id=chat_id)


def count(connection: Connection, *, chat_id: int) -> int:
    """Return how many seeds a chat has."""
    query = select_any(func.count()).where(col(Seed.chat_id) == chat_id)
    return connection.execute(query).scalar_one()


def take_back(connection: Connection, *, chat_id: int, keys: Iterable[str] | None = None) -> int:
    """Forget what a chat gave, or some of it; return how many it has then."""
    some = [] if keys is None else [col(Seed.key).in_(list(keys))]
    connection.execute(delete(Seed).where(col(Seed.chat_id) == chat_id, *some))
    return count(connection, chat_id=chat_id)


def given(connection: Connection, *, chat_id: int) -> list[Paper]:
    """Return what a chat gave as papers, the newest first; those of no id have their key for it."""
    query = (
        select(Seed, Paper)
        .join(Paper, col(Paper.id) == col(Seed.paper_id), isouter=True)
        .where(Seed.chat_id == chat_id)
        .order_by(col(Seed.given_at).desc(), col(Seed.key))
    )
    with objects(connection) as session:
        return [paper or _as_paper(seed) for seed, paper in session.exec(query)]


def _as_paper(seed: Seed) -> Paper:
    return Paper(
        id=seed.key,
        title=seed.title,
        abstract=seed.abstract,
        published_at=seed.given_at,
        updated_at=seed.given_at,
    )

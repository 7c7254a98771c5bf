"""Opinions: saved papers with notes, votes, and what both tell the personal ranking."""

import operator
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cache, reduce
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    update,
)
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.columns import table_of
from storage.dialect_insert import insert_of
from storage.models import Delivery, DeliveryState, Paper, SavedPaper, Vote
from storage.objects import loaded
from storage.upsert import insert_or_ignore_into


class Kept(NamedTuple):
    """A paper that a chat keeps, and what it noted."""

    paper: Paper
    note: str | None


def save(
    connection: Connection,
    *,
    chat_id: int,
    paper_id: str,
    now: datetime,
    note: str | None = None,
    known: Mapping[str, Any] | None = None,
) -> None:
    """Keep a paper that is stored; one that is kept already is left as it is.

    `known` is what the chat knows of it, to be compared with later.
    """
    row = {
        "chat_id": chat_id,
        "paper_id": paper_id,
        "note": note,
        "known": known,
        "saved_at": now,
    }
    connection.execute(insert_or_ignore_into(connection, SavedPaper), row)


def save_many(connection: Connection, *, chat_id: int, saved_at: Mapping[str, datetime]) -> None:
    """Keep papers (by id) that are stored; what is kept already stays as it is."""
    rows = [
        {"chat_id": chat_id, "paper_id": paper_id, "note": None, "saved_at": moment}
        for paper_id, moment in saved_at.items()
    ]
    if rows:
        connection.execute(insert_or_ignore_into(connection, SavedPaper), rows)


def saved_among(connection: Connection, *, chat_id: int, paper_ids: Iterable[str]) -> set[str]:
    """Return which of some papers a chat keeps, within work in a thread."""
    return {
        paper_id
        for some in batches(list(paper_ids))
        for (paper_id,) in connection.execute(_AMONG, {"chat_id": chat_id, "paper_ids": some})
    }


_AMONG = select_any(col(SavedPaper.paper_id)).where(
    col(SavedPaper.chat_id) == bindparam("chat_id"),
    col(SavedPaper.paper_id).in_(bindparam("paper_ids", expanding=True)),
)


class Gone(NamedTuple):
    """What was kept of a paper."""

    note: str | None


def unsave(connection: Connection, *, chat_id: int, paper_id: str) -> Gone | None:
    """Keep a paper no more; return what was kept, None where nothing was."""
    gone = connection.execute(_UNSAVE, {"chat": chat_id, "paper": paper_id}).first()
    return None if gone is None else Gone(*gone)


def annotate(connection: Connection, *, chat_id: int, paper_id: str, note: str | None) -> bool:
    """Note something on a paper that is kept; False where it is not."""
    noted = connection.execute(_ANNOTATE, {"chat": chat_id, "paper": paper_id, "said": note})
    return bool(noted.rowcount)


_KEPT = and_(
    col(SavedPaper.chat_id) == bindparam("chat"), col(SavedPaper.paper_id) == bindparam("paper")
)
_UNSAVE = delete(SavedPaper).where(_KEPT).returning(col(SavedPaper.note))
_ANNOTATE = update(SavedPaper).where(_KEPT).values(note=bindparam("said"))


async def saved_of(
    *, session: AsyncSession, chat_id: int, paper_ids: Iterable[str]
) -> dict[str, str | None]:
    """Return which of some papers a chat keeps, with its notes."""
    rows = await session.exec(
        select(SavedPaper.paper_id, SavedPaper.note).where(
            SavedPaper.chat_id == chat_id, col(SavedPaper.paper_id).in_(list(paper_ids))
        )
    )
    return dict(rows.all())


class Thought(NamedTuple):
    """What a chat did with a paper."""

    saved: bool
    note: str | None
    liked: bool | None
    """By its vote; None: it did not vote."""


def thought_of(connection: Connection, *, chat_id: int, paper_id: str) -> Thought:
    """Return it, within work in a thread."""
    asked = {"chat_id": chat_id, "paper_id": paper_id}
    kept = connection.execute(_NOTE, asked).first()
    liked: bool | None = connection.scalar(_LIKED, asked)
    return Thought(kept is not None, kept.note if kept else None, liked)


_NOTE = select(SavedPaper.note).where(
    col(SavedPaper.chat_id) == bindparam("chat_id"),
    col(SavedPaper.paper_id) == bindparam("paper_id"),
)
_LIKED = select(Vote.liked).where(
    col(Vote.chat_id) == bindparam("chat_id"), col(Vote.paper_id) == bindparam("paper_id")
)


def find_saved(
    connection: Connection,
    *,
    chat_id: int,
    words: Collection[str] = (),
    ranked: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[Kept]:
    """Return what a chat keeps and what holds all these words, the newest kept first.

    ranked: what has them in its title comes before what has them in its note or its abstract.
    """
    first = [_relevance(words).desc()] if ranked and words else []
    query = _SAVED.where(*_matching(words)).order_by(*first, *_NEWEST_KEPT)
    rows = connection.execute(query.limit(limit).offset(offset), {"chat_id": chat_id})
    return [Kept(loaded(Paper, row[:-1]), row[-1]) for row in rows]


def count_saved(connection: Connection, *, chat_id: int, words: Collection[str] = ()) -> int:
    """Return how many papers that is."""
    query = _COUNT_OF_SAVED
    if words:
        query = query.join(Paper, col(Paper.id) == col(SavedPaper.paper_id))
    found = connection.execute(query.where(*_matching(words)), {"chat_id": chat_id})
    return found.scalar_one()


_OWN = col(SavedPaper.chat_id) == bindparam("chat_id")
_SAVED = (
    select(Paper, SavedPaper.note)
    .join(SavedPaper, col(SavedPaper.paper_id) == col(Paper.id))
    .where(_OWN)
)
_NEWEST_KEPT = (col(SavedPaper.saved_at).desc(), col(Paper.id))
_COUNT_OF_SAVED = select_any(func.count()).select_from(SavedPaper).where(_OWN)


def _relevance(words: Collection[str]) -> ColumnElement[int]:
    places = ((col(Paper.title), 4), (col(SavedPaper.note), 2), (col(Paper.abstract), 1))
    found = (
        case((place.icontains(word, autoescape=True), points), else_=0)
        for word in words
        for place, points in places
    )
    return reduce(operator.add, found)


def _matching(words: Iterable[str]) -> list[ColumnElement[bool]]:
    """Title, abstract and note are searched, as parts of words, whatever their case."""
    return [
        or_(
            col(Paper.title).icontains(word, autoescape=True),
            col(Paper.abstract).icontains(word, autoescape=True),
            col(SavedPaper.note).icontains(word, autoescape=True),
        )
        for word in words
    ]


class Opinion(NamedTuple):
    """What a chat thinks of a paper, by a vote or because it keeps it."""

    paper: Paper
    liked: bool
    at: datetime


def cast_vote(
    connection: Connection, *, chat_id: int, paper_id: str, liked: bool, now: datetime
) -> None:
    """Note what a chat thinks of a paper that is stored; its last word on a paper counts."""
    vote = {"chat_id": chat_id, "paper_id": paper_id, "liked": liked, "voted_at": now}
    connection.execute(_vote(connection.dialect.name), vote)


def take_back_vote(connection: Connection, *, chat_id: int, paper_id: str) -> bool:
    """Forget a vote; False where there was none."""
    gone = connection.execute(_TAKE_BACK, {"chat": chat_id, "paper": paper_id})
    return bool(gone.rowcount)


@cache
def _vote(dialect: str) -> Any:
    new = insert_of(dialect)(table_of(Vote))
    said = {"liked": new.excluded.liked, "voted_at": new.excluded.voted_at}
    return new.on_conflict_do_update(index_elements=["chat_id", "paper_id"], set_=said)


_TAKE_BACK = delete(Vote).where(
    col(Vote.chat_id) == bindparam("chat"), col(Vote.paper_id) == bindparam("paper")
)


async def find_votes(
    *, session: AsyncSession, chat_id: int, paper_ids: Iterable[str]
) -> dict[str, bool]:
    """Return which of some papers a chat voted on, and whether it liked them."""
    rows = await session.exec(
        select(Vote.paper_id, Vote.liked).where(
            Vote.chat_id == chat_id, col(Vote.paper_id).in_(list(paper_ids))
        )
    )
    return dict(rows.all())


async def newest_opinions(*, session: AsyncSession, chat_id: int, limit: int) -> list[Opinion]:
    """Return a chat's newest opinions, the newest first: votes, and that a paper is kept.

    A paper that is kept is liked, whatever was thought of it before.
    """
    kept = (
        select(Paper, SavedPaper.saved_at)
        .join(SavedPaper, col(SavedPaper.paper_id) == col(Paper.id))
        .where(SavedPaper.chat_id == chat_id)
        .order_by(col(SavedPaper.saved_at).desc())
        .limit(limit)
    )
    voted = (
        select(Paper, Vote.liked, Vote.voted_at)
        .join(Vote, col(Vote.paper_id) == col(Paper.id))
        .where(Vote.chat_id == chat_id)
        .order_by(col(Vote.voted_at).desc())
        .limit(limit)
    )
    known = {row[0].id: Opinion(*row) for row in (await session.exec(voted)).all()}
    for paper, at in (await session.exec(kept)).all():
        known[paper.id] = Opinion(paper, liked=True, at=at)
    return sorted(known.values(), key=lambda opinion: opinion.at, reverse=True)[:limit]


async def liked_count(*, session: AsyncSession, chat_id: int) -> int:
    """Return how many papers a chat likes: those that it keeps, and those that it voted for."""
    kept = select(SavedPaper.paper_id).where(SavedPaper.chat_id == chat_id)
    voted = select(Vote.paper_id).where(Vote.chat_id == chat_id, col(Vote.liked).is_(True))
    either = kept.union(voted).subquery()
    return (await session.exec(select(func.count()).select_from(either))).one()


async def passed_over(*, session: AsyncSession, chat_id: int, limit: int) -> list[Paper]:
    """Return the papers that a chat was sent last and has no opinion about, the newest first."""
    kept = select(SavedPaper.paper_id).where(SavedPaper.chat_id == chat_id)
    voted = select(Vote.paper_id).where(Vote.chat_id == chat_id)
    query = (
        select(Paper)
        .join(Delivery, col(Delivery.paper_id) == col(Paper.id))
        .where(
            Delivery.chat_id == chat_id,
            Delivery.state == DeliveryState.SENT,
            col(Paper.id).not_in(kept),
            col(Paper.id).not_in(voted),
        )
        .order_by(col(Delivery.sent_at).desc(), col(Paper.id))
        .limit(limit)
    )
    return list((await session.exec(query)).all())

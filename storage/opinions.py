"""Opinions: saved papers with notes, votes, and what both tell the personal ranking."""

import operator
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, delete, func, or_
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.batches import batches
from storage.models import Delivery, DeliveryState, Paper, SavedPaper, Vote
from storage.objects import objects
from storage.upsert import insert_or_ignore, insert_or_ignore_into, insert_or_update


class Kept(NamedTuple):
    """A paper that a chat keeps, and what it noted."""

    paper: Paper
    note: str | None


async def save(
    *,
    session: AsyncSession,
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
    await insert_or_ignore(session, SavedPaper, [row])


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


async def unsave(*, session: AsyncSession, chat_id: int, paper_id: str) -> SavedPaper | None:
    """Keep a paper no more; return what was kept, None where nothing was."""
    found = await session.get(SavedPaper, (chat_id, paper_id))
    if found is not None:
        await session.exec(
            delete(SavedPaper).where(
                col(SavedPaper.chat_id) == chat_id, col(SavedPaper.paper_id) == paper_id
            )
        )
    return found


async def annotate(*, session: AsyncSession, chat_id: int, paper_id: str, note: str | None) -> bool:
    """Note something on a paper that is kept; False where it is not."""
    found = await session.get(SavedPaper, (chat_id, paper_id))
    if found is None:
        return False
    found.note = note
    return True


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
    query = (
        select(Paper, SavedPaper.note)
        .join(SavedPaper, col(SavedPaper.paper_id) == col(Paper.id))
        .where(_matching(chat_id, words))
        .order_by(
            *([_relevance(words).desc()] if ranked and words else []),
            *(col(SavedPaper.saved_at).desc(), col(Paper.id)),
        )
        .limit(limit)
        .offset(offset)
    )
    with objects(connection) as session:
        return [Kept(*row) for row in session.exec(query)]


def count_saved(connection: Connection, *, chat_id: int, words: Collection[str] = ()) -> int:
    """Return how many papers that is."""
    query = (
        select(func.count())
        .select_from(SavedPaper)
        .join(Paper, col(Paper.id) == col(SavedPaper.paper_id))
        .where(_matching(chat_id, words))
    )
    return connection.execute(query).scalar_one()


def _relevance(words: Collection[str]) -> ColumnElement[int]:
    places = ((col(Paper.title), 4), (col(SavedPaper.note), 2), (col(Paper.abstract), 1))
    found = (
        case((place.icontains(word, autoescape=True), points), else_=0)
        for word in words
        for place, points in places
    )
    return reduce(operator.add, found)


def _matching(chat_id: int, words: Iterable[str]) -> ColumnElement[bool]:
    """Title, abstract and note are searched, as parts of words, whatever their case."""
    return and_(
        col(SavedPaper.chat_id) == chat_id,
        *(
            or_(
                col(Paper.title).icontains(word, autoescape=True),
                col(Paper.abstract).icontains(word, autoescape=True),
                col(SavedPaper.note).icontains(word, autoescape=True),
            )
            for word in words
        ),
    )


class Opinion(NamedTuple):
    """What a chat thinks of a paper, by a vote or because it keeps it."""

    paper: Paper
    liked: bool
    at: datetime


async def cast_vote(
    *, session: AsyncSession, chat_id: int, paper_id: str, liked: bool, now: datetime
) -> None:
    """Note what a chat thinks of a paper that is stored; its last word on a paper counts."""
    vote = Vote(chat_id=chat_id, paper_id=paper_id, liked=liked, voted_at=now)
    await insert_or_update(session, vote)


async def take_back_vote(*, session: AsyncSession, chat_id: int, paper_id: str) -> bool:
    """Forget a vote; False where there was none."""
    gone = await session.exec(
        delete(Vote).where(col(Vote.chat_id) == chat_id, col(Vote.paper_id) == paper_id)
    )
    return bool(gone.rowcount)


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

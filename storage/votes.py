"""Votes: what a chat's people think of papers, which its personal order learns from."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Paper, SavedPaper, Vote
from storage.upsert import insert_or_ignore

__all__ = ["Opinion", "cast", "find", "opinions", "take_back"]


class Opinion(NamedTuple):
    """What a chat thinks of a paper, by a vote or because it keeps it."""

    paper: Paper
    liked: bool
    at: datetime


async def cast(
    *, session: AsyncSession, chat_id: int, paper_id: str, liked: bool, now: datetime
) -> None:
    """Note what a chat thinks of a paper that is stored; its last word on a paper counts."""
    changed = await session.exec(
        update(Vote)
        .where(col(Vote.chat_id) == chat_id, col(Vote.paper_id) == paper_id)
        .values(liked=liked, voted_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed.rowcount:
        row = {"chat_id": chat_id, "paper_id": paper_id, "liked": liked, "voted_at": now}
        await session.exec(insert_or_ignore(session, Vote, [row]))


async def take_back(*, session: AsyncSession, chat_id: int, paper_id: str) -> bool:
    """Forget a vote; False where there was none."""
    gone = await session.exec(
        delete(Vote).where(col(Vote.chat_id) == chat_id, col(Vote.paper_id) == paper_id)
    )
    return bool(gone.rowcount)


async def find(*, session: AsyncSession, chat_id: int, paper_ids: Iterable[str]) -> dict[str, bool]:
    """Return which of some papers a chat voted on, and whether it liked them."""
    rows = await session.exec(
        select(Vote.paper_id, Vote.liked).where(
            Vote.chat_id == chat_id, col(Vote.paper_id).in_(list(paper_ids))
        )
    )
    return dict(rows.all())


async def opinions(*, session: AsyncSession, chat_id: int, limit: int) -> list[Opinion]:
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

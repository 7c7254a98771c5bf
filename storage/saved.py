"""What chats keep: papers, each with a note if there is one."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Paper, SavedPaper
from storage.upsert import insert_or_ignore


class Kept(NamedTuple):
    """A paper that a chat keeps, and what it noted."""

    paper: Paper
    note: str | None


async def save(
    *, session: AsyncSession, chat_id: int, paper_id: str, now: datetime, note: str | None = None
) -> None:
    """Keep a paper that is stored; one that is kept already is left as it is."""
    row = {"chat_id": chat_id, "paper_id": paper_id, "note": note, "saved_at": now}
    await session.exec(insert_or_ignore(session, SavedPaper, [row]))


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


async def find_saved(
    *,
    session: AsyncSession,
    chat_id: int,
    words: Iterable[str] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[Kept]:
    """Return what a chat keeps and what holds all these words, the newest kept first."""
    query = (
        select(Paper, SavedPaper.note)
        .join(SavedPaper, col(SavedPaper.paper_id) == col(Paper.id))
        .where(_matching(chat_id, words))
        .order_by(col(SavedPaper.saved_at).desc(), col(Paper.id))
        .limit(limit)
        .offset(offset)
    )
    return [Kept(*row) for row in (await session.exec(query)).all()]


async def count_saved(*, session: AsyncSession, chat_id: int, words: Iterable[str] = ()) -> int:
    """Return how many papers that is."""
    query = (
        select(func.count())
        .select_from(SavedPaper)
        .join(Paper, col(Paper.id) == col(SavedPaper.paper_id))
        .where(_matching(chat_id, words))
    )
    return (await session.exec(query)).one()


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

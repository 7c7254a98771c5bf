"""Foreign papers: what the next pushes bring to chats that read another language than arXiv's."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy import select as select_any
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import ORIGINAL, Chat, ChatState, Delivery, Paper, PaperOrder
from storage.pending import PENDING


class ForeignPaper(NamedTuple):
    """A paper that some chat is to read in another language than its own."""

    language: str
    titles: bool
    """Whether its title is wanted in that language as well."""
    paper_id: str


async def next_to_translate(
    *, session: AsyncSession, now: datetime, besides: PaperOrder | None
) -> list[ForeignPaper]:
    """Return what the next pushes to all active chats bring, in one statement, each once.

    besides: chats with this order are left out.
    """
    newest_first = (col(Paper.published_at).desc(), col(Paper.id).desc())
    rank = func.row_number().over(partition_by=col(Delivery.chat_id), order_by=newest_first)
    ranked = (
        select_any(
            col(Chat.language).label("language"),
            col(Chat.translate_titles).label("titles"),
            col(Delivery.paper_id).label("paper_id"),
            col(Chat.papers_per_push).label("most"),
            rank.label("rank"),
        )
        .join(Chat, col(Chat.id) == col(Delivery.chat_id))
        .join(Paper, col(Paper.id) == col(Delivery.paper_id))
        .where(
            col(Chat.state) == ChatState.ACTIVE,
            col(Chat.language) != ORIGINAL,
            col(Delivery.next_try_at) <= now,
            *([] if besides is None else [col(Chat.paper_order) != besides]),
            *PENDING,
        )
        .subquery()
    )
    query = select(ranked.c.language, ranked.c.titles, ranked.c.paper_id).distinct()
    rows = await session.exec(query.where(ranked.c.rank <= ranked.c.most))
    return [ForeignPaper(*row) for row in rows.all()]

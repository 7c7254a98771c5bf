"""Code links that an index knew: which papers it is still to be asked about, and what it said."""

from datetime import datetime, timedelta

from sqlalchemy import and_, exists, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import Match, Paper, Subscription


async def without_code_link(
    *,
    session: AsyncSession,
    now: datetime,
    again_after: timedelta,
    while_new: timedelta,
    limit: int,
) -> list[str]:
    """Return papers of followed topics that have no link, the newest first.

    Those that the index was never asked about, and those no older than `while_new` that it was
    asked about more than `again_after` ago.
    """
    followed = exists().where(
        col(Match.paper_id) == col(Paper.id), col(Subscription.topic_id) == col(Match.topic_id)
    )
    query = (
        select(Paper.id)
        .where(
            col(Paper.code_url).is_(None),
            col(Paper.withdrawn).is_(False),
            or_(
                col(Paper.code_checked_at).is_(None),
                and_(
                    col(Paper.code_checked_at) < now - again_after,
                    col(Paper.published_at) > now - while_new,
                ),
            ),
            followed,
        )
        .order_by(col(Paper.published_at).desc())
        .limit(limit)
    )
    return list((await session.exec(query)).all())


async def record_code_link(
    *, session: AsyncSession, paper_id: str, code_url: str | None, now: datetime
) -> None:
    """Note that the index was asked about a paper, and the link that it knew.

    A link that the paper has by now, because its authors named one, is never overwritten.
    """
    await session.exec(
        update(Paper)
        .where(col(Paper.id) == paper_id)
        .values(code_url=func.coalesce(col(Paper.code_url), code_url), code_checked_at=now)
        .execution_options(synchronize_session=False)
    )

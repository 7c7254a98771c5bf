"""How deliveries come to be: what matched is owed to those who follow it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal
from sqlalchemy import select as select_any
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.models import (
    Chat,
    ChatState,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    Subscription,
    utc_now,
)
from storage.upsert import insert_from_select_or_ignore

__all__ = ["owe", "owe_newest", "owe_selected"]

_SLICE = 500


async def owe(
    *,
    session: AsyncSession,
    matches: Iterable[tuple[int, str]],
    followed_before: datetime | None = None,
) -> int:
    """Owe papers to every chat that follows a topic they matched; return how many were added.

    A chat that was owed a paper before, for whatever topic, is not owed it again; a chat that
    Telegram calls unreachable is owed nothing; a withdrawn paper is owed to nobody.

    followed_before: only to those who followed the topic before this; None: to all.
    """
    loyal = [] if followed_before is None else [col(Subscription.created_at) < followed_before]
    by_topic: dict[int, list[str]] = {}
    for topic_id, paper_id in sorted(matches):
        by_topic.setdefault(topic_id, []).append(paper_id)
    added = 0
    for topic_id, paper_ids in by_topic.items():
        for start in range(0, len(paper_ids), _SLICE):
            added += await owe_selected(
                session=session,
                chosen=select_any(col(Subscription.chat_id), col(Match.paper_id))
                .join(Match, col(Match.topic_id) == col(Subscription.topic_id))
                .join(Chat, col(Chat.id) == col(Subscription.chat_id))
                .join(Paper, col(Paper.id) == col(Match.paper_id))
                .where(
                    col(Subscription.topic_id) == topic_id,
                    col(Match.paper_id).in_(paper_ids[start : start + _SLICE]),
                    col(Chat.state) != ChatState.BLOCKED,
                    col(Paper.withdrawn).is_(False),
                    *loyal,
                ),
            )
    return added


async def owe_newest(
    *, session: AsyncSession, chat_id: int, topic_id: int, since: datetime, limit: int
) -> int:
    """Owe a chat the newest papers of a topic that it now follows; return how many were added."""
    return await owe_selected(
        session=session,
        chosen=select_any(literal(chat_id).label("chat_id"), col(Match.paper_id))
        .join(Paper, col(Paper.id) == col(Match.paper_id))
        .where(
            col(Match.topic_id) == topic_id,
            col(Match.published_at) >= since,
            col(Paper.withdrawn).is_(False),
        )
        .order_by(col(Match.published_at).desc(), col(Match.paper_id).desc())
        .limit(limit),
    )


async def owe_selected(*, session: AsyncSession, chosen: Select[*tuple[Any, ...]]) -> int:
    """Owe what a query names, `chat_id` and `paper_id`; return how many deliveries were added."""
    values = {"state": DeliveryState.PENDING, "attempts": 0}
    moments = {"next_try_at": utc_now(), "created_at": utc_now()}
    statement = insert_from_select_or_ignore(session, Delivery, chosen, {**values, **moments})
    # For an INSERT it is not kept unless asked for.
    done = await session.exec(statement.execution_options(preserve_rowcount=True))
    added: int = done.rowcount
    return added

"""Planning: what the pushes of many chats are going to send, read at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.push.selection import MOST_JUDGED
from storage import pending, translations
from storage.models import ORIGINAL, Chat, Paper, Translation
from storage.pending import Followed, PendingDelivery


@dataclass(frozen=True, slots=True)
class PushPlan:
    """What a push is going to send."""

    chat: Chat
    due: Sequence[PendingDelivery]
    """What it is chosen from, the newest first."""
    followed: Mapping[str, Sequence[Followed]]
    """The subscriptions that each paper comes for."""
    translations: Mapping[str, Translation] | None
    """What is stored of its papers in the chat's language, by id; None: that is still to be asked.
    """
    total: int
    """All that the chat is owed."""
    sent: Sequence[str]
    """What the same push sent before it was interrupted; it counts towards the cap."""
    limit: int | None
    """How many more papers it may bring; None: all."""
    now: datetime
    by_clock: bool
    """Nobody asked for it, so it ends where the chat is paused meanwhile."""
    topics: int
    """How many topics the chat follows."""


def read_plans(
    connection: Connection,
    *,
    waiting: Sequence[Chat],
    now: datetime,
    limit: int | None,
    by_clock: bool,
    personal: Collection[int],
) -> list[PushPlan]:
    """Look up what chats are to be sent; by the clock their caps are the limit.

    `personal`: those whose papers are put into an order of their own.
    """
    sent: dict[int, Sequence[str]] = {chat.id: () for chat in waiting}
    limits = {chat.id: limit for chat in waiting}
    if by_clock:
        began = {one.id: one.pushing_since or now for one in waiting}
        before = {chat_id: since for chat_id, since in began.items() if since < now}
        sent |= pending.sent_since(connection, before)
        limits = {one.id: max(0, one.papers_per_push - len(sent[one.id])) for one in waiting}
    follows = pending.follows(connection, limits)
    capped = {chat_id for chat_id, theirs in follows.items() if theirs.capped}
    judged = dict.fromkeys(personal, MOST_JUDGED) | dict.fromkeys(capped)
    due = pending.pending_by_chat(connection, limits | judged, now=now)
    ids = {
        chat_id: [*(o.paper.id for o in theirs), *sent[chat_id]] for chat_id, theirs in due.items()
    }
    followed = pending.followed(connection, ids)
    totals = {chat_id: len(theirs) for chat_id, theirs in due.items()}
    more = {one for one, total in totals.items() if total == limits[one]}
    uncounted = capped | set(personal) | more if by_clock else set(totals)
    totals |= pending.pending_counts(connection, uncounted) if uncounted else {}
    stored = _stored(connection, [one for one in waiting if one.id not in judged], due)
    return [
        PushPlan(
            chat=chat,
            due=due[chat.id],
            followed=followed[chat.id],
            translations=None if chat.id in judged else stored.get(chat.language, {}),
            total=totals[chat.id],
            sent=sent[chat.id],
            limit=limits[chat.id],
            now=now,
            by_clock=by_clock,
            topics=follows[chat.id].topics if chat.id in follows else 0,
        )
        for chat in waiting
    ]


def _stored(
    connection: Connection,
    waiting: Sequence[Chat],
    due: Mapping[int, Sequence[PendingDelivery]],
) -> dict[str, dict[str, Translation]]:
    """Return the translations of what chats are sent, by language: of each paper only once.

    Where far more is judged than will be sent, this would read too much.
    """
    papers: dict[str, dict[str, Paper]] = {}
    for chat in waiting:
        if chat.language != ORIGINAL:
            theirs = {one.paper.id: one.paper for one in due[chat.id]}
            papers.setdefault(chat.language, {}).update(theirs)
    return {
        language: translations.find_present(connection, papers=some.values(), language=language)
        for language, some in papers.items()
    }

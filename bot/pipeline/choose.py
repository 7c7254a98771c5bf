"""Which papers of those that a chat is owed a push brings, and what comes first."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.pipeline.shares import within_caps
from bot.ranking.order import PersonalOrder
from storage.models import Chat, PaperOrder, Subscription
from storage.outbox import PendingDelivery

MOST_JUDGED = 500
"""The newest papers that a personal order chooses from."""


class Chosen(NamedTuple):
    """What a push brings, in its order."""

    due: Sequence[PendingDelivery]
    because: Mapping[str, str]
    """By paper id the title of what was saved before, where that is the reason."""


def is_personal(chat: Chat, personal: PersonalOrder | None) -> bool:
    """Say whether a chat's papers have to be judged before it is known which ones come."""
    return personal is not None and chat.paper_order is PaperOrder.PERSONAL


async def choose(
    *,
    chat: Chat,
    due: Sequence[PendingDelivery],
    followed: Mapping[str, Sequence[Subscription]],
    sent: Sequence[str],
    limit: int | None,
    personal: PersonalOrder | None,
) -> Chosen:
    """Return what comes of `due` (the newest first), at most `limit` papers; None: all.

    A personal order decides also which papers there is room for; otherwise the newest come.
    `followed` are the subscriptions that each paper comes for, `sent` what the same push brought
    already; both count only where there is a limit.
    """
    chosen = await liked_first(chat=chat, due=due, personal=personal)
    due, because = chosen
    if limit is not None:
        fits = set(within_caps((o.paper.id for o in due), followed=followed, sent=sent))
        due = [o for o in due if o.paper.id in fits][:limit]
    if chat.paper_order is PaperOrder.TOPIC:
        due = sorted(due, key=lambda o: _place(followed.get(o.paper.id, ())))
    return Chosen(due, because)


async def liked_first(
    *, chat: Chat, due: Sequence[PendingDelivery], personal: PersonalOrder | None
) -> Chosen:
    """Return papers in a chat's personal order where it has one, and as they are where not."""
    if personal is None or chat.paper_order is not PaperOrder.PERSONAL:
        return Chosen(due, {})
    own = await personal.arrange(chat_id=chat.id, papers=[o.paper for o in due])
    if own is None:
        return Chosen(due, {})
    by_id = {o.paper.id: o for o in due}
    return Chosen([by_id[paper.id] for paper in own.papers], own.because)


def _place(entries: Sequence[Subscription]) -> tuple[int, int]:
    """Return where the first topic of a paper stands among the chat's."""
    return min(
        ((entry.position, entry.id) for entry in entries if not entry.paused), default=(0, 0)
    )

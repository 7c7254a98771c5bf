"""Selection: which pending papers a push brings, in which order, within the caps of topics."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.ranking.order import PersonalOrder
from bot.translation.paper_view import Because
from storage.models import Chat, PaperOrder
from storage.pending import Followed, PendingDelivery

MOST_JUDGED = 500
"""The newest papers that a personal order chooses from."""


_log = structlog.get_logger(__name__)


class Chosen(NamedTuple):
    """What a push brings, in its order."""

    due: Sequence[PendingDelivery]
    because: Mapping[str, Because]
    """By paper id what was saved or given before, where that is the reason."""


def is_personal(chat: Chat, personal: PersonalOrder | None) -> bool:
    """Say whether a chat's papers have to be judged before it is known which ones come."""
    return personal is not None and chat.paper_order is PaperOrder.PERSONAL


async def select_papers(
    *,
    chat: Chat,
    due: Sequence[PendingDelivery],
    followed: Mapping[str, Sequence[Followed]],
    sent: Sequence[str],
    limit: int | None,
    personal: PersonalOrder | None,
) -> Chosen:
    """Return what comes of `due` (the newest first), at most `limit` papers; None: all.

    A personal order decides also which papers there is room for; otherwise the newest come.
    `followed` are the subscriptions that each paper comes for, `sent` what the same push brought
    already; both count only where there is a limit.
    """
    chosen = await liked_first(chat=chat, due=due, personal=personal, sent=sent)
    due, because = chosen
    if limit is not None:
        fits = set(within_caps((o.paper.id for o in due), followed=followed, sent=sent))
        due = [o for o in due if o.paper.id in fits][:limit]
    if chat.paper_order is PaperOrder.TOPIC:
        due = sorted(due, key=lambda o: _place(followed.get(o.paper.id, ())))
    return Chosen(due, because)


async def liked_first(
    *,
    chat: Chat,
    due: Sequence[PendingDelivery],
    personal: PersonalOrder | None,
    sent: Sequence[str] = (),
) -> Chosen:
    """Return papers in a chat's personal order where it has one, and as they are where not."""
    if personal is None or chat.paper_order is not PaperOrder.PERSONAL:
        return Chosen(due, {})
    try:
        own = await personal.arrange(chat_id=chat.id, papers=[o.paper for o in due], sent=sent)
    except SQLAlchemyError:
        raise
    except Exception:  # noqa: BLE001 - papers in another order are better than none
        _log.exception("no personal order", chat=chat.id)
        own = None
    if own is None:
        return Chosen(due, {})
    by_id = {o.paper.id: o for o in due}
    return Chosen([by_id[paper.id] for paper in own.papers], own.because)


def _place(entries: Sequence[Followed]) -> tuple[int, int]:
    """Return where the first topic of a paper stands among the chat's."""
    return min(
        ((entry.position, entry.id) for entry in entries if not entry.paused), default=(0, 0)
    )


def within_caps(
    paper_ids: Iterable[str],
    *,
    followed: Mapping[str, Sequence[Followed]],
    sent: Iterable[str] = (),
) -> list[str]:
    """Return the papers that the caps of their topics let into a push, in their order.

    A paper on several topics comes as long as one of them has room, and counts for each that has.
    `sent` is what the same push brought before it was interrupted.
    """
    used: Counter[int] = Counter()

    def with_room(paper_id: str) -> list[Followed]:
        return [
            entry
            for entry in followed.get(paper_id, ())
            if not entry.paused and (entry.cap is None or used[entry.id] < entry.cap)
        ]

    for paper_id in sent:
        used.update(entry.id for entry in with_room(paper_id))
    let_in = []
    for paper_id in paper_ids:
        room = with_room(paper_id)
        if room:
            used.update(entry.id for entry in room)
            let_in.append(paper_id)
    return let_in


def is_silent(paper_ids: Iterable[str], *, followed: Mapping[str, Sequence[Followed]]) -> bool:
    """Tell whether all of these papers come for muted topics only."""
    return all(
        entry.muted
        for paper_id in paper_ids
        for entry in followed.get(paper_id, ())
        if not entry.paused
    )

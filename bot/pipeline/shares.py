"""What each followed topic may have of a push: how many papers, and whether with a sound."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from storage.models import Subscription

Followed = Mapping[str, Sequence[Subscription]]
"""The chat's subscriptions to the topics that each paper is on."""


def within_caps(
    paper_ids: Iterable[str], *, followed: Followed, sent: Iterable[str] = ()
) -> list[str]:
    """Return the papers that the caps of their topics let into a push, in their order.

    A paper on several topics comes as long as one of them has room, and counts for each that has.
    `sent` is what the same push brought before it was interrupted.
    """
    used: Counter[int] = Counter()

    def with_room(paper_id: str) -> list[Subscription]:
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


def is_silent(paper_ids: Iterable[str], *, followed: Followed) -> bool:
    """Tell whether all of these papers come for muted topics only."""
    return all(
        entry.muted
        for paper_id in paper_ids
        for entry in followed.get(paper_id, ())
        if not entry.paused
    )

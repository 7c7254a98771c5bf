"""Preference elicitation: papers that are far apart, so that few answers tell much (cold start)."""

from collections.abc import Sequence

from bot.ranking.word_weights import WordWeights
from storage.models import Paper

_MOST = 50
"""How many are put in order; a few pages."""
_TYPICAL = 0.75
"""Of all: the others resemble nothing, and to like them would say little about what comes."""


def far_apart(papers: Sequence[Paper]) -> list[Paper]:
    """Return papers in such an order that the first so many are far apart, however many one takes.

    Farthest-first traversal (Gonzalez 1985) of those that are typical. For some hundred papers this
    takes tenths of a second: not on the event loop.
    """
    if len(papers) < 2:  # noqa: PLR2004 - nothing is far apart
        return list(papers)
    words = WordWeights(papers).rows(papers)
    alike = (words @ words.T).toarray()
    typical = sorted(range(len(papers)), key=lambda at: -alike[at].sum())
    left = typical[: max(2, round(len(typical) * _TYPICAL))]
    chosen = [left.pop(0)]
    nearest = alike[chosen[0]].copy()
    while left and len(chosen) < _MOST:
        farthest = min(left, key=lambda at: nearest[at])
        left.remove(farthest)
        chosen.append(farthest)
        nearest = nearest.clip(min=alike[farthest])
    return [papers[at] for at in chosen]

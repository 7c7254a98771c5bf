"""Matching that spares the others: a paper or a topic over which it fails costs itself only."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import structlog

from bot.query.ast import Query
from bot.query.matcher import matching
from storage.models import Paper

MOST_SPARED = 20
"""Papers, or topics, over which it may fail: where there are more, it is none of them."""

_Matches = dict[int, list[str]]
_T = TypeVar("_T")

_log = structlog.get_logger(__name__)


def matching_sparing(
    papers: Sequence[Paper], queries: Mapping[int, Query], *, most: int | None = None
) -> _Matches:
    """Return by topic the papers that it finds; most: so many in all (`matching`).

    Raises:
        Exception: it fails over more than a few of the papers, and of the topics.

    """
    try:
        return matching(papers, queries, most=most)
    except Exception:  # noqa: BLE001 - whose fault it is shows when they are apart
        _log.exception("matching failed, papers or topics are left out")
    found: _Matches = {topic_id: [] for topic_id in queries}
    try:
        parts = _apart(papers, lambda some: matching(some, queries, most=most))
    except Exception:  # noqa: BLE001 - so it is none of the papers
        parts = _apart(
            list(queries),
            lambda some: matching(papers, {n: queries[n] for n in some}, most=most),
        )
    for part in parts:
        for topic_id, ids in part.items():
            found[topic_id] += ids
    return found


def _apart(items: Sequence[_T], match: Callable[[Sequence[_T]], _Matches]) -> list[_Matches]:
    """Return what is found with parts of the items; those that fail alone are left out."""
    left_out: list[tuple[_T, Exception]] = []

    def halves(some: Sequence[_T]) -> list[_Matches]:
        try:
            return [match(some)]
        except Exception as error:
            if len(some) == 1:
                left_out.append((some[0], error))
                if len(left_out) <= MOST_SPARED:
                    return []
                raise
            if len(left_out) > MOST_SPARED:
                raise
        middle = len(some) // 2
        return [*halves(some[:middle]), *halves(some[middle:])]

    found = halves(items)
    for one, error in left_out:
        what = one.id if isinstance(one, Paper) else one
        _log.error("left out of matching", what=what, why=type(error).__name__)
    return found

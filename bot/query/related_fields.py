"""Related fields: where a topic's papers are cross-listed to."""

from collections import Counter
from collections.abc import Iterable, Sequence

from bot.query import ast
from bot.query.names import CATEGORIES
from bot.query.parser import parse_stored

OFTEN = 0.25
"""The part of a topic's papers that makes a field a neighbour."""

FEWEST = 4
"""Of fewer papers nothing can be said."""


def neighbour(papers: Sequence[Sequence[str]], *, followed: Iterable[str] = ()) -> str | None:
    """Return the category where most of these papers are as well, None where few are.

    Of each paper the categories are given, the primary one first.

    The papers' own field, their most frequent primary category, is no neighbour, and none that a
    `followed` query names is.
    """
    if len(papers) < FEWEST:
        return None
    primary = Counter(categories[0] for categories in papers if categories)
    known = {category for query in followed for category in _named(query)}
    known.update(category for category, _count in primary.most_common(1))
    others = Counter(
        category
        for categories in papers
        for category in set(categories)
        if category in CATEGORIES and category not in known
    )
    # Equally frequent ones in the order of their names, so that the answer is always the same.
    best = min(others, key=lambda category: (-others[category], category), default=None)
    return best if best is not None and others[best] >= OFTEN * len(papers) else None


def _named(query: str) -> set[str]:
    """Return the categories that a normalised query speaks of."""
    named: set[str] = set()
    for term in ast.terms(parse_stored(query)):
        if term.field in ast.CATEGORIES:
            [code] = term.words
            if term.prefix:
                named.update(known for known in CATEGORIES if known.startswith(code))
            else:
                named.add(code)
    return named

"""Normaliser of what arXiv says of a paper, whichever of its services said it."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, islice

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_EARLIEST_YEAR = 1900
_WRITTEN = datetime(2026, 12, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)
_ARXIV_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?")

LONGEST: Mapping[str, int] = {
    "title": 1_000,
    "abstract": 10_000,
    "comment": 5_000,
    "journal_ref": 1_000,
    "doi": 300,
    "author": 200,
    "category": 50,
    "licence": 300,
}
"""Characters; a title of arXiv's has some 130, an abstract 1,920. More is no paper's, and each step
that a text goes through takes longer with it."""

_MOST_AUTHORS = 6_000
"""Papers of two collaborations have had 5,154."""
_MOST_CATEGORIES = 50

_WITHDRAWN = (
    r"(?:paper|article|manuscript|preprint|submission|work|note|report|draft|version)\s+"
    r"(?:(?:has|have)\s+(?:now\s+)?been\s+|is\s+(?:being\s+)?|was\s+)?withdrawn\b"
    r"(?!\s+from\s+(?!arxiv))"
)
_WITHDRAWN_COMMENT = re.compile(
    rf"^\W*withdrawn\b(?!\s+from\s+(?!arxiv))|\b{_WITHDRAWN}", re.IGNORECASE
)
_WITHDRAWN_ABSTRACT = re.compile(rf"^\W*(?:th(?:is|e)\s+)?(?:arxiv\s+)?{_WITHDRAWN}", re.IGNORECASE)
"""Authors say it in the comment (https://info.arxiv.org/help/withdraw.html), or instead of the
abstract; to withdraw from a conference is another matter."""


def one_line(text: str) -> str:
    """Return text in one line, without what controls a terminal or the reading direction."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_CONTROL.sub("", line).split())


def field(name: str, text: str | None) -> str:
    """Return what a field of a paper says, in one line, up to the longest that one can be."""
    return one_line((text or "")[: 2 * LONGEST[name]])[: LONGEST[name]].strip()


def is_plausible(moment: datetime) -> bool:
    """Say whether something can be of that time: what is of a time to come would stay the newest.

    A clock that is years behind refuses nothing of before this was written.
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    latest = max(datetime.now(UTC), _WRITTEN) + _AHEAD
    return aware.year >= _EARLIEST_YEAR and aware <= latest


def names_of(authors: Iterable[str]) -> list[str]:
    """Return the authors' names; where arXiv cuts a line wrongly, a colon can be an author."""
    cleaned = (field("author", name) for name in islice(authors, _MOST_AUTHORS))
    return [name for name in cleaned if any(map(str.isalnum, name))]


def categories_of(primary: str, categories: Iterable[str]) -> list[str]:
    """Return the categories once each, the primary one first, MSC and ACM classes never first."""
    told = islice(chain([primary], categories), _MOST_CATEGORIES)
    cleaned = [name for category in told if (name := field("category", category))]
    return sorted(dict.fromkeys(cleaned), key=lambda name: _ARXIV_CATEGORY.fullmatch(name) is None)


def is_withdrawn(abstract: str, comment: str) -> bool:
    """Say whether the authors took the paper back."""
    return bool(_WITHDRAWN_COMMENT.search(comment) or _WITHDRAWN_ABSTRACT.match(abstract))

"""Request parameters of the fake arXiv, checked as arXiv's query code checks them.

https://github.com/arXiv/arxiv-search, search/controllers/classic_api and search/services/index.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from bot.playground.arxiv.adapter import adapted
from bot.playground.arxiv.errors import ERRORS, InternalError, SearchError
from bot.playground.arxiv.search import parse

_DEEPEST = 10_000
"""Elasticsearch's result window; beyond it arXiv's code fails."""
_DEFAULT_SIZE = 10
_SORTED_BY = ("relevance", "lastUpdatedDate", "submittedDate")
_ORDERS = ("ascending", "descending")
_ARCHIVES = (files("bot.playground") / "feeds" / "archives.txt").read_text(encoding="utf-8").split()
"""What may stand before the slash of an old id."""
_ID = re.compile(
    rf"(?<![\d=.])(?:arXiv:)?\d{{4}}\.\d{{4,5}}"
    rf"|(?:{'|'.join(_ARCHIVES)})(?:\.[a-z]{{2}})?/\d\d[01]\d{{4}}",
    re.IGNORECASE,
)
"""What an id of `id_list` has somewhere: https://github.com/arXiv/arxiv-base, arxiv/identifier."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What is asked for: what a query finds, or what has these ids, or both."""

    query: str | None
    """As arXiv's adapter wrote it."""
    ids: tuple[str, ...]
    start: int
    size: int
    sort_by: str
    ascending: bool


def read_parameters(arguments: Mapping[str, str]) -> Parameters:
    """Return the parameters of a request. Raises SearchError."""
    ids = arguments["id_list"].split(",") if arguments.get("id_list") else []
    for text in ids:
        if not _ID.search(text):
            message = f"incorrect id format for {text}"
            raise _malformed(message)
    size = _number(arguments, "max_results", _DEFAULT_SIZE)
    start = _number(arguments, "start", 0)
    sort_by = arguments.get("sortBy", "relevance")
    order = arguments.get("sortOrder", "descending")
    for name, value, known in (("sortBy", sort_by, _SORTED_BY), ("sortOrder", order, _ORDERS)):
        if value not in known:
            message = f"{name} must be in: {', '.join(known)}"
            raise SearchError(message, "https://arxiv.org/help/api/user-manual#sort")
    query = adapted(arguments.get("search_query", ""))
    if query is not None:
        parse(query)
    elif not ids:
        message = "Either a search_query or id_list must be specified for the classic API."
        raise SearchError(message)
    if not size or start + size > _DEEPEST or 1 + round(start / size) > _DEEPEST // size:
        raise InternalError
    return Parameters(query, tuple(ids), start, size, sort_by, order == "ascending")


def _number(arguments: Mapping[str, str], name: str, default: int) -> int:
    try:
        number = int(arguments.get(name, default))
    except ValueError:
        message = f"{name} must be an integer"
        raise _malformed(message) from None
    if number < 0:
        message = f"{name} must be non-negative"
        raise _malformed(message)
    return number


def _malformed(message: str) -> SearchError:
    return SearchError(message, f"{ERRORS}#{message.replace(' ', '_')}")

"""Query parser of the fake arXiv: from an adapted query to the papers that it finds."""

import re
from operator import and_
from typing import Final, NamedTuple, TypeAlias

from bot.playground.arxiv.errors import InternalError, SearchError
from bot.playground.arxiv.fields import FIELDS
from bot.playground.arxiv.index import Bits, Index, numbers
from bot.playground.arxiv.papers import ArxivEntry

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<operator>(?:ANDNOT|AND|OR)(?=[\s(]|$))"
    rf"|(?P<field>{'|'.join(FIELDS)}):\s*"
    r'(?P<value>[^\s"()]+|"(?:[^"\\]|\\.)*"))'
)


class Term(NamedTuple):
    """A value in a field."""

    field: str
    value: str


class Not(NamedTuple):
    """Everything but what a node finds."""

    node: "Node"


class Joined(NamedTuple):
    """Two nodes and what stands between them."""

    left: "Node"
    operator: str
    right: "Node"


Node: TypeAlias = Term | Not | Joined


def find(index: Index, query: str) -> list[ArxivEntry]:
    """Return the papers that an adapted query finds, oldest first. Raises SearchError."""
    try:
        found = _evaluate(index, parse(query))
    except RecursionError:
        raise InternalError from None
    return [index.papers.documents[number] for number in numbers(found)]


def parse(query: str) -> Node:
    """Read what the adapter made: operators bind to their right, whichever they are.

    Raises SearchError.
    """
    invalid = SearchError(f"Invalid query string: '{query}'")
    levels: list[list[Node | str]] = [[]]
    place, query = 0, query.rstrip()
    while place < len(query):
        token = _TOKEN.match(query, place)
        if token is None:
            raise invalid
        place = token.end()
        if token["operator"]:
            levels[-1].append(token["operator"])
        elif token["field"]:
            levels[-1].append(Term(token["field"], _unquoted(token["value"])))
        elif token["bracket"] == "(":
            levels.append([])
        else:
            inner = _folded(levels.pop())
            if inner is None or not levels:
                raise invalid
            levels[-1].append(inner)
    node = _folded(levels.pop())
    if node is None or levels:
        raise invalid
    return node


def _folded(items: list[Node | str]) -> Node | None:
    """Return one node of nodes and the operators between them; None where they don't fit."""
    if not items or isinstance(node := items.pop(), str):
        return None
    while items:
        operator = items.pop()
        before = items[-1] if items else ""
        if not isinstance(operator, str):
            return None
        if not isinstance(before, str):
            node = Joined(before, operator, node)
            items.pop()
        elif operator == "ANDNOT":
            node = Not(node)
        else:
            return None
    return node


def _unquoted(value: str) -> str:
    """Return a value without the spaces at the edges of its quotes; empty where nothing is left."""
    if not value.startswith('"'):
        return value
    inner = value[1:-1].strip()
    return inner and f'"{inner}"'


def _evaluate(index: Index, node: Node) -> Bits:
    match node:
        case Term(field, value):
            return FIELDS[field](index, value, and_) if value else index.papers.all
        case Not(Term() as term):
            return index.papers.all & ~_evaluate(index, term)
        case Not():
            # arXiv's code takes a single term here, and fails with more.
            raise InternalError
        case Joined(left, operator, right):
            first, rest = _evaluate(index, left), _evaluate(index, right)
    return (
        first & rest if operator == "AND" else first | rest if operator == "OR" else first & ~rest
    )

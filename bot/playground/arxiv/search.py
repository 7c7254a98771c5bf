"""Query parser of the fake arXiv: from an adapted query to the papers that it finds."""

import re
from operator import and_
from typing import Final

from bot.playground.arxiv.fields import FIELDS
from bot.playground.arxiv.index import Index, InternalError, Search, SearchError, numbers
from bot.playground.arxiv.papers import ArxivEntry

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<bracket>[()])|(?P<operator>(?:ANDNOT|AND|OR)(?=[\s(]|$))"
    r"|(?P<field>abs|all|au|cat|co|doi|id|jr|rn|submittedDate|ti):\s*"
    r'(?P<value>[^\s"()]+|"(?:[^"\\]|\\.)*"))'
)


def find(index: Index, query: str) -> list[ArxivEntry]:
    """Return the papers that an adapted query finds. Raises SearchError."""
    search = _Parser(query).parse()
    return [index.entries[number] for number in numbers(search(index))]


class _Parser:
    """Reads what the adapter made: operators bind to their right, whichever they are."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens: list[re.Match[str]] = []
        place, query = 0, query.rstrip()
        while place < len(query):
            found = _TOKEN.match(query, place)
            if found is None:
                raise self._invalid()
            self._tokens.append(found)
            place = found.end()
        self._next = 0

    def parse(self) -> Search:
        test = self._expression()
        if self._next < len(self._tokens):
            raise self._invalid()
        return test

    def _take(self, kind: str, text: str | None = None) -> re.Match[str] | None:
        token = self._tokens[self._next] if self._next < len(self._tokens) else None
        if token is None or token[kind] is None or token[kind] != (text or token[kind]):
            return None
        self._next += 1
        return token

    def _expression(self) -> Search:
        if self._take("operator", "ANDNOT"):
            alone = self._next
            search = self._expression()
            if self._next - alone > 1:
                # arXiv's code takes a single term here, and fails with more.
                raise InternalError
            return lambda index: index.all & ~search(index)
        first = self._operand()
        operator = self._take("operator")
        if operator is None:
            return first
        rest = self._expression()
        match operator["operator"]:
            case "AND":
                return lambda index: first(index) & rest(index)
            case "OR":
                return lambda index: first(index) | rest(index)
            case _:
                return lambda index: first(index) & ~rest(index)

    def _operand(self) -> Search:
        if self._take("bracket", "("):
            search = self._expression()
            if not self._take("bracket", ")"):
                raise self._invalid()
            return search
        token = self._take("field")
        if token is None:
            raise self._invalid()
        value = token["value"]
        if value.startswith('"'):
            value = value[1:-1].strip()
            value = f'"{value}"' if value else ""
        return FIELDS[token["field"]](value, and_) if value else lambda index: index.all

    def _invalid(self) -> SearchError:
        return SearchError(f"Invalid query string: '{self._query}'")

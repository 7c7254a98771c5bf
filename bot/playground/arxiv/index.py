"""Inverted index of the fake arXiv: words and phrases over the fields of its papers."""

import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from functools import cache, reduce
from operator import and_, or_
from typing import Final, NamedTuple

from bot.playground.arxiv.analysis import Tokens
from bot.playground.arxiv.papers import ArxivEntry

Bits = int
"""A set of papers: the bits of one integer, one a paper."""
Joint = Callable[[Bits, Bits], Bits]
"""How the words of one value go together: `and_` or `or_`."""

INTERNAL_ERROR: Final = (
    "The server encountered an internal error and was unable to complete your request."
    " Either the server is overloaded or there is an error in the application."
)
"""https://werkzeug.palletsprojects.com/en/stable/exceptions/"""
WILD: Final = re.compile(r"[*?]")


class SearchError(Exception):
    """The query is not one that arXiv understands."""

    status = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InternalError(SearchError):
    """arXiv's code fails with the query."""

    status = 500

    def __init__(self) -> None:
        super().__init__(INTERNAL_ERROR)


class Text(NamedTuple):
    """A field of papers that is searched by words."""

    read: Callable[[ArxivEntry], str]
    indexed: Callable[[str], Tokens]
    sought: Callable[[str], Tokens]
    normal: Callable[[str], str] = str.lower
    """What the letters of a word with a star are compared as."""


class Index:
    """Inverted index over papers: for every field and token the papers that hold it."""

    def __init__(self, entries: Sequence[ArxivEntry]) -> None:
        self.entries = entries
        self.all: Bits = (1 << len(entries)) - 1
        self._postings: dict[Text, dict[str, Bits]] = {}

    def holding(self, field: Text, token: str) -> Bits:
        """Return the papers whose field has this token."""
        return self._field(field).get(token, 0)

    def like(self, field: Text, fits: Callable[[str], bool]) -> Bits:
        """Return the papers whose field has a token that fits."""
        return reduce(or_, (bits for token, bits in self._field(field).items() if fits(token)), 0)

    def where(self, test: Callable[[ArxivEntry], bool], among: Bits | None = None) -> Bits:
        """Return the papers that pass a test, of all or of some."""
        found = 0
        for number in numbers(self.all if among is None else among):
            if test(self.entries[number]):
                found |= 1 << number
        return found

    def _field(self, field: Text) -> dict[str, Bits]:
        if field not in self._postings:
            postings = self._postings[field] = {}
            for number, entry in enumerate(self.entries):
                for token in set(tokens_of(entry, field)):
                    if token is not None:
                        postings[token] = postings.get(token, 0) | 1 << number
        return self._postings[field]


Search = Callable[[Index], Bits]


def numbers(bits: Bits) -> Iterator[int]:
    """Return the numbers of the papers in a set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def string(field: Text, value: str, joint: Joint) -> Search:
    """Words of a query string, all of them (`and_`) or any (`or_`); in quotes a phrase."""
    if value.startswith('"'):
        return _phrase(field, field.sought(value.strip('"')))
    refuse_leading_star(value)
    if WILD.search(value):
        fits = pattern(field.normal(value))
        return lambda index: index.like(field, fits)
    wanted = [token for token in field.sought(value) if token is not None]
    return lambda index: (
        reduce(joint, (index.holding(field, token) for token in wanted)) if wanted else 0
    )


def refuse_leading_star(value: str) -> None:
    """Raise InternalError: a star at the start is nothing that arXiv looks for."""
    if value.startswith(("*", "?")):
        raise InternalError


def _phrase(field: Text, tokens: Tokens) -> Search:
    """Words at these distances; stop words are places that anything may stand in."""
    wanted = [(place, token) for place, token in enumerate(tokens) if token is not None]
    if not wanted:
        return lambda _index: 0
    first = wanted[0][0]

    def stands(entry: ArxivEntry) -> bool:
        held = tokens_of(entry, field)
        return any(
            all(
                held[start + place - first : start + place - first + 1] == (token,)
                for place, token in wanted
            )
            for start, token in enumerate(held)
            if token == wanted[0][1]
        )

    def search(index: Index) -> Bits:
        holding = reduce(and_, (index.holding(field, token) for _place, token in wanted))
        return holding if len(wanted) == 1 else index.where(stands, among=holding)

    return search


@cache
def pattern(text: str) -> Callable[[str], bool]:
    """Return the test of a word against one with `*` and `?`."""
    if not WILD.search(text):
        return text.__eq__
    start = text.rstrip("*")
    if start == text[:-1] and not WILD.search(start):
        return lambda word: word.startswith(start)
    fits = re.compile(translate(text.replace("[", "[[]"))).match
    return lambda word: fits(word) is not None


def tokens_of(entry: ArxivEntry, field: Text) -> Tokens:
    """Return the tokens of a paper's field; they are worked out once."""
    found = entry.tokens.get(field)
    if found is None:
        found = entry.tokens[field] = field.indexed(field.read(entry))
    return found

"""Inverted index of the fake arXiv: words, stars and phrases over the fields of its papers.

Its fields are indexed when they are first asked for. Papers are numbered by their dates.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache, reduce
from operator import and_
from typing import Any, Final, Generic, NamedTuple, TypeVar

from bot.playground.arxiv.analysis import Tokens
from bot.playground.arxiv.errors import InternalError
from bot.playground.arxiv.papers import ArxivEntry
from bot.playground.arxiv.people import Person

Bits = int
"""A set of documents: the bits of one integer, one a document."""
Joint = Callable[[Bits, Bits], Bits]
"""How the words of one value go together: `and_` or `or_`."""
Document = TypeVar("Document")

_WILD: Final = re.compile(r"([*?])")


class Field(NamedTuple, Generic[Document]):
    """A field that is searched by words: its values, and how they and a query are analyzed."""

    values: Callable[[Document], Iterable[str]]
    indexed: Callable[[str], Tokens]
    sought: Callable[[str], Tokens]
    quoted: Callable[[str], Tokens]
    normal: Callable[[str], str] = str.lower
    """What the letters of a word with a star are compared as."""


class Postings(Generic[Document]):
    """One field of all documents: for every token the documents that hold it."""

    def __init__(self, documents: Sequence[Document], field: Field[Document]) -> None:
        self._documents, self._field = documents, field
        self._numbers: defaultdict[str, list[int]] = defaultdict(list)
        for number, document in enumerate(documents):
            held = {token for value in field.values(document) for token in _analysed(field, value)}
            for token in held:
                if token is not None:
                    self._numbers[token].append(number)
        self._vocabulary: list[str] = []
        self._bits: dict[str, Bits] = {}
        self._tokens: dict[int, list[Tokens]] = {}

    def holding(self, token: str) -> Bits:
        """Return the documents that have this token."""
        if token not in self._bits:
            self._bits[token] = _bits(self._numbers.get(token, []))
        return self._bits[token]

    def like(self, wildcard: str) -> Bits:
        """Return the documents that have a token that a word with `*` and `?` means."""
        if len(self._vocabulary) != len(self._numbers):
            self._vocabulary = sorted(self._numbers)
        start, found, fits = _WILD.split(wildcard)[0], 0, pattern(wildcard)
        for place in range(bisect_left(self._vocabulary, start), len(self._vocabulary)):
            token = self._vocabulary[place]
            if not token.startswith(start):
                break
            if fits(token):
                found |= self.holding(token)
        return found

    def phrase(self, tokens: Tokens) -> Bits:
        """Return the documents with tokens at these distances in a value; None is any."""
        wanted = [(place, token) for place, token in enumerate(tokens) if token is not None]
        if not wanted:
            return 0
        holding = reduce(and_, (self.holding(token) for _place, token in wanted))
        if len(wanted) == 1:
            return holding
        first, start = wanted[0]
        rest = [(place - first, token) for place, token in wanted[1:]]
        return _bits(
            number
            for number in numbers(holding)
            if any(_stands(value, start, rest) for value in self._values(number))
        )

    def _values(self, number: int) -> list[Tokens]:
        if number not in self._tokens:
            values = self._field.values(self._documents[number])
            self._tokens[number] = [_analysed(self._field, value) for value in values]
        return self._tokens[number]


@lru_cache(
    maxsize=1_000
)  # the sample's, for all who start a server with it; not thousands of papers
def _analysed(field: Field[Any], value: str) -> Tokens:
    return field.indexed(value)


class Space(Generic[Document]):
    """Documents of one kind, and what is known of their fields."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.all: Bits = (1 << len(documents)) - 1
        self._fields: dict[Field[Document], Postings[Document]] = {}

    def field(self, field: Field[Document]) -> Postings[Document]:
        """Return what the documents have in this field."""
        if field not in self._fields:
            self._fields[field] = Postings(self.documents, field)
        return self._fields[field]

    def where(self, test: Callable[[Document], bool], among: Bits | None = None) -> Bits:
        """Return the documents that pass a test, of all or of some."""
        asked = numbers(self.all if among is None else among)
        return _bits(number for number in asked if test(self.documents[number]))


class Index:
    """Papers in the order of their dates, and the people who wrote them, one after the other."""

    def __init__(self, entries: Iterable[ArxivEntry]) -> None:
        self.papers = Space(sorted(entries, key=lambda entry: (entry.published, entry.id)))

    @cached_property
    def people(self) -> Space[Person]:
        """Authors; who wrote two papers comes twice."""
        papers = self.papers.documents
        return Space([Person.named(name) for entry in papers for name in entry.authors])

    @cached_property
    def _papers_of_people(self) -> list[int]:
        papers = enumerate(self.papers.documents)
        return [number for number, entry in papers for _name in entry.authors]

    def written_by(self, people: Bits) -> Bits:
        """Return the papers of these people."""
        return _bits(self._papers_of_people[number] for number in numbers(people))


def numbers(bits: Bits) -> Iterator[int]:
    """Return the numbers of the documents in a set, in order."""
    digits = f"{bits:b}"[::-1]
    place = digits.find("1")
    while place >= 0:
        yield place
        place = digits.find("1", place + 1)


def _bits(ordered: Iterable[int]) -> Bits:
    """Return a set of numbers, which come in order."""
    held = bytearray()
    for number in ordered:
        if len(held) <= number >> 3:
            held.extend(bytes((number >> 3) + 1 - len(held)))
        held[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(held, "little")


def _stands(value: Tokens, start: str, rest: Sequence[tuple[int, str]]) -> bool:
    place = -1
    for _ in range(value.count(start)):
        place = value.index(start, place + 1)
        if all(value[place + ahead : place + ahead + 1] == (other,) for ahead, other in rest):
            return True
    return False


def query_string(space: Space[Document], field: Field[Document], value: str, joint: Joint) -> Bits:
    """Search one field for a value of a query: words, of which some have stars, or a phrase.

    Words are joined by `and_` or `or_`.
    """
    postings = space.field(field)
    if value.startswith('"'):
        return postings.phrase(field.quoted(value.strip('"')))
    found, plain = [], []
    for word in value.split():
        refuse_leading_star(word)
        if word in {"&&", "||"}:
            raise InternalError
        if is_wild(word):
            parts = _WILD.split(word)
            parts[::2] = [field.normal(part) for part in parts[::2]]
            found.append(postings.like("".join(parts)))
        else:
            plain.append(word)
    if plain:
        tokens = [token for token in field.sought(" ".join(plain)) if token is not None]
        found.append(reduce(joint, map(postings.holding, tokens)) if tokens else 0)
    return reduce(joint, found) if found else 0


def match(space: Space[Document], field: Field[Document], value: str, joint: Joint) -> Bits:
    """Search one field for the words of a value, as they are: stars and quotes mean nothing."""
    tokens = [token for token in field.sought(value) if token is not None]
    return reduce(joint, map(space.field(field).holding, tokens)) if tokens else 0


def is_wild(text: str) -> bool:
    """Whether a text has a `*` or `?`."""
    return _WILD.search(text) is not None


def refuse_leading_star(value: str) -> None:
    """Raise InternalError: a star at the start is nothing that arXiv looks for."""
    if value.startswith(("*", "?")):
        raise InternalError


@cache
def pattern(wildcard: str) -> Callable[[str], bool]:
    """Return the test of a text against one with `*` and `?`."""
    signs = {"*": ".*", "?": "."}
    parts = [signs.get(part) or re.escape(part) for part in _WILD.split(wildcard)]
    fits = re.compile("".join(parts), re.DOTALL).fullmatch
    return lambda text: fits(text) is not None

"""Lookup: what the full-text index is asked, as a tree, and in the words of its two databases.

FTS5's MATCH (https://sqlite.org/fts5.html#full_text_query_syntax) and PostgreSQL's tsquery and
tsvector (https://www.postgresql.org/docs/current/datatype-textsearch.html).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from math import prod
from typing import TypeAlias

_MOST_PAIRS, _MOST_PHRASES = 500, 120
"""FTS5 knows no alternatives within a phrase, so that each way of saying it is one of its own: of
two words so many, of more so many, and whatever has more is to be looked for in parts."""


class Column(StrEnum):
    """What of a paper its words are from."""

    TITLE = "title"
    ABSTRACT = "abstract"
    COMMENT = "comment"
    JOURNAL = "journal"
    OTHERS = "others"
    NAMES = "names"
    CODES = "codes"


@dataclass(frozen=True, slots=True)
class Words:
    """A paper's words by column: lower case, with nothing but letters, digits and `.-/+=_@`."""

    columns: Mapping[Column, Sequence[str]]
    spellings: frozenset[tuple[str, str]]
    """Keys and how they are spelt here, where that differs; of acronyms always."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words next to each other in one of some columns; each place takes any of several words.

    Names and codes are in no order there: of these a phrase has one place.
    """

    columns: tuple[Column, ...]
    places: tuple[tuple[str, ...], ...]
    prefix: bool = False
    """Whether those at the last place are starts of words."""


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    of: tuple["Lookup", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Any of these."""

    of: tuple["Lookup", ...]


@dataclass(frozen=True, slots=True)
class Except:
    """The one without the other."""

    included: "Lookup"
    excluded: "Lookup"


Lookup: TypeAlias = Phrase | Every | Some | Except


def wanted(lookup: Lookup) -> list[Phrase]:
    """Return the phrases that are looked for, without those that are left out."""
    match lookup:
        case Phrase():
            return [lookup]
        case Except(included):
            return wanted(included)
        case Every(of) | Some(of):
            return [phrase for one in of for phrase in wanted(one)]


def is_sayable(places: Sequence[Sequence[str]]) -> bool:
    """Tell whether a phrase has few enough ways of being said."""
    ways = prod(map(len, places))
    return ways <= (_MOST_PHRASES if places[2:] else _MOST_PAIRS)


_MARKS = {
    Column.COMMENT: "k:",
    Column.JOURNAL: "j:",
    Column.OTHERS: "o:",
    Column.NAMES: "n:",
    Column.CODES: "c:",
}
"""PostgreSQL: what stands before the words of all columns but title and abstract."""

_IN_TITLE = "t:"
OF_TIME = "m:"


def said(lookup: Lookup, *, sqlite: bool) -> str:
    """Return what is looked for in the words of FTS5's MATCH or of a tsquery."""
    match lookup:
        case Phrase():
            return _phrase_sqlite(lookup) if sqlite else _phrase_postgresql(lookup)
        case Every(of):
            joint = " AND " if sqlite else " & "
        case Some(of):
            joint = " OR " if sqlite else " | "
        case Except(included, excluded):
            joint = " NOT " if sqlite else " & !"
            of = (included, excluded)
    return f"({joint.join(said(one, sqlite=sqlite) for one in of)})"


def _phrase_sqlite(phrase: Phrase) -> str:
    star = " *" if phrase.prefix else ""
    ways = (f'"{" ".join(words)}"{star}' for words in product(*phrase.places))
    return f"({{{' '.join(phrase.columns)}}} : ({' OR '.join(ways)}))"


def _phrase_postgresql(phrase: Phrase) -> str:
    kinds = [(_MARKS[column], "") for column in phrase.columns if column in _MARKS]
    match [column for column in phrase.columns if column not in _MARKS]:
        case [Column.TITLE, Column.ABSTRACT]:
            kinds.append(("", ""))
        case [Column.TITLE] if len(phrase.places) == 1:
            kinds.append((_IN_TITLE, ""))  # weights are not in the index: each row would be read
        case [Column.TITLE]:
            kinds.append(("", "A"))
        case [Column.ABSTRACT]:
            kinds.append(("", "B"))
    ends = ["" for _ in phrase.places[1:]] + ["*" if phrase.prefix else ""]
    return any_of(
        " <-> ".join(
            any_of(f"'{mark}{word}':{weight}{end}" for word in words)
            for words, end in zip(phrase.places, ends, strict=True)
        )
        for mark, weight in kinds
    )


def any_of(ways: Iterable[str]) -> str:
    """Return a tsquery for any of some."""
    return f"({' | '.join(ways)})"


_LAST_PLACE = 16_383
"""PostgreSQL counts no further: https://www.postgresql.org/docs/current/textsearch-limitations.html."""


def vector(words: Mapping[Column, Sequence[str]], block: int) -> str:
    """Return a tsvector's text: every word with its places."""
    places: dict[str, list[str]] = {}
    place = 0
    for name in Column:
        for word in words[name]:
            place = min(place + 1, _LAST_PLACE)
            weight = {Column.TITLE: "A", Column.ABSTRACT: "B"}.get(name, "")
            at = places.setdefault(f"{_MARKS.get(name, '')}{word}", [])
            at.append(f"{place}{weight}")
        place += 1  # no phrase reaches from one into the next
    placed = (f"'{word}':{','.join(at)}" for word, at in places.items())
    title = (f"'{_IN_TITLE}{word}'" for word in words[Column.TITLE])
    return " ".join([*placed, *title, f"'{OF_TIME}{block}'"])

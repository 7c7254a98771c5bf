"""Abstract syntax tree of a query: immutable, made so that equal queries are equal trees.

`all_of`, `any_of` and `without` make the inner nodes: what commutes gets one order, what is said
twice stands once, and nothing is nested that need not be.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.query.tokens import SIGNED


class Field(StrEnum):
    """Where a term is looked for; the values are arXiv's prefixes, but for `primary`."""

    TEXT = ""  # title or abstract: a plain word
    TITLE = "ti"
    ABSTRACT = "abs"
    AUTHOR = "au"
    COMMENT = "co"
    JOURNAL = "jr"
    CATEGORY = "cat"
    PRIMARY = "primary"  # the category that a paper is filed under, no cross-list
    ID = "id"
    ALL = "all"


CATEGORIES = frozenset({Field.CATEGORY, Field.PRIMARY})
"""The fields of which a term is a category."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words next to each other in one field; the names of one author in any order.

    Of a category or an id the only "word" is the whole code.
    """

    field: Field
    words: tuple[str, ...]
    prefix: bool = False
    """Whether the last word is only the start of one: `transform*`."""


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more, none of which is an And or an AndNot."""

    operands: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of two or more, none of which is an Or."""

    operands: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class AndNot:
    """What the one finds and the other does not; `included` is no AndNot."""

    included: "Query"
    excluded: "Query"


_SIGNS = {word: name for name, word in SIGNED.items()}

Query: TypeAlias = Term | And | Or | AndNot


def all_of(queries: Iterable[Query]) -> Query:
    """Return the query for all of one or more."""
    included: set[Query] = set()
    excluded: list[Query] = []
    for query in queries:
        if isinstance(query, AndNot):
            excluded.append(query.excluded)
        kept = query.included if isinstance(query, AndNot) else query
        included.update(kept.operands if isinstance(kept, And) else [kept])
    whole = included.pop() if len(included) == 1 else And(_in_order(included))
    return AndNot(whole, any_of(excluded)) if excluded else whole


def any_of(queries: Iterable[Query]) -> Query:
    """Return the query for any of one or more."""
    found: set[Query] = set()
    for query in queries:
        found.update(query.operands if isinstance(query, Or) else [query])
    for term in [term for term in found if isinstance(term, Term)]:
        in_title = Term(Field.TITLE, term.words, term.prefix)
        in_abstract = Term(Field.ABSTRACT, term.words, term.prefix)
        anywhere = Term(Field.TEXT, term.words, term.prefix)
        if anywhere in found or {in_title, in_abstract} <= found:
            found = found - {in_title, in_abstract} | {anywhere}
    return found.pop() if len(found) == 1 else Or(_in_order(found))


def without(included: Query, excluded: Query) -> Query:
    """Return the query for what the one finds and the other does not."""
    if isinstance(included, AndNot):
        return AndNot(included.included, any_of([included.excluded, excluded]))
    return AndNot(included, excluded)


def terms(query: Query) -> Iterator[Term]:
    """Yield every term, also the excluded ones."""
    match query:
        case Term():
            yield query
        case And(operands) | Or(operands):
            for operand in operands:
                yield from terms(operand)
        case AndNot(included, excluded):
            yield from terms(included)
            yield from terms(excluded)


def depth(query: Query) -> int:
    """Return how many nodes stand above each other."""
    match query:
        case Term():
            return 1
        case And(operands) | Or(operands):
            return 1 + max(depth(operand) for operand in operands)
        case AndNot(included, excluded):
            return 1 + max(depth(included), depth(excluded))


def render(query: Query) -> str:
    """Return the query's canonical text, as a person would write it: the same for equal queries."""
    match query:
        case Term():
            return _term(query)
        case And(operands):
            return " ".join(_bracketed(operand, Or) for operand in operands)
        case Or(operands):
            return " OR ".join(_bracketed(operand, And, AndNot) for operand in operands)
        case AndNot(included, excluded):
            exclusions = excluded.operands if isinstance(excluded, Or) else (excluded,)
            return " ".join(
                [
                    _bracketed(included, Or),
                    *(f"-{_bracketed(exclusion, And, Or, AndNot)}" for exclusion in exclusions),
                ]
            )


def _term(term: Term) -> str:
    prefix = f"{term.field}:" if term.field else ""
    if term.prefix:
        joint = "_" if term.field is Field.AUTHOR else "-"
        return f"{prefix}{joint.join(term.words)}*"
    text = " ".join(_SIGNS.get(word, word) for word in term.words)
    return f'{prefix}"{text}"' if len(term.words) > 1 else f"{prefix}{text}"


def _bracketed(query: Query, *kinds: type[And | Or | AndNot]) -> str:
    return f"({render(query)})" if isinstance(query, kinds) else render(query)


def _in_order(queries: Iterable[Query]) -> tuple[Query, ...]:
    return tuple(sorted(queries, key=_place))


def _place(query: Query) -> tuple[int, str]:
    """Plain words come first, then fields and groups, categories last."""
    if not isinstance(query, Term):
        return 2, render(query)
    if query.field in CATEGORIES:
        return 3, render(query)
    return (1 if query.field else 0), render(query)

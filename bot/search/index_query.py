"""Index query: a query as a lookup in the full-text index, and whether that is all of it.

What the lookup finds is a superset of what the query finds; where it is `exact` it is the same,
and otherwise the matcher decides.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import NamedTuple

from bot.query.ast import And, AndNot, Field, Or, Query, Term, terms
from bot.query.tokens import index_key, sought_keys
from bot.search.index_words import JOINT, encoded, spelt
from storage.index_lookup import Column, Every, Except, Lookup, Phrase, Some, is_sayable

Forms = Mapping[str, AbstractSet[str]]
"""How keys are spelt, other than as themselves: `storage.paper_index.forms`."""

_COLUMNS = {
    Field.TEXT: (Column.TITLE, Column.ABSTRACT),
    Field.TITLE: (Column.TITLE,),
    Field.ABSTRACT: (Column.ABSTRACT,),
    Field.COMMENT: (Column.COMMENT,),
    Field.JOURNAL: (Column.JOURNAL,),
    Field.ALL: (
        *(Column.TITLE, Column.ABSTRACT, Column.COMMENT, Column.JOURNAL),
        Column.OTHERS,
    ),
}


_NOTHING = ("=",)
"""What no paper has: an empty choice is no choice to a database."""


class Asked(NamedTuple):
    """A query as the index takes it."""

    lookup: Lookup
    exact: bool


def keys_of(query: Query) -> set[str]:
    """Return the keys whose spellings `lookup` needs to know."""
    return {
        encoded(key)
        for term in terms(query)
        if term.field in _COLUMNS
        for word in term.words
        for key in sought_keys(word)
    }


def lookup(query: Query, forms: Forms) -> Asked:
    """Return what to look for in the index. forms: how the keys of the query are spelt."""
    match query:
        case Term():
            return _term(query, forms)
        case And(operands):
            parts = [lookup(operand, forms) for operand in operands]
            return Asked(Every(tuple(one.lookup for one in parts)), all(one.exact for one in parts))
        case Or(operands):
            parts = [lookup(operand, forms) for operand in operands]
            return Asked(Some(tuple(one.lookup for one in parts)), all(one.exact for one in parts))
        case AndNot(included, excluded):
            wanted, unwanted = lookup(included, forms), lookup(excluded, forms)
            if unwanted.exact:
                return Asked(Except(wanted.lookup, unwanted.lookup), wanted.exact)
            return Asked(wanted.lookup, exact=False)


def _term(term: Term, forms: Forms) -> Asked:
    match term.field:
        case Field.CATEGORY:
            return Asked(_codes(term.words[0].lower(), prefix=term.prefix), exact=True)
        case Field.ID:
            return Asked(_codes(f"@{term.words[0].lower()}", prefix=term.prefix), exact=True)
        case Field.AUTHOR:
            return _author(term)
    return _phrase(term, forms)


def _codes(code: str, *, prefix: bool) -> Phrase:
    return Phrase((Column.CODES,), ((code,),), prefix)


def _phrase(term: Term, forms: Forms) -> Asked:
    columns = _COLUMNS[term.field]
    last = len(term.words) - 1
    places = tuple(
        _starts(word) if term.prefix and at == last else _ways(word, forms)
        for at, word in enumerate(term.words)
    )
    whole = Phrase(columns, places, term.prefix)
    if is_sayable(places):
        return Asked(whole, exact=True)
    # Two words each, where those can be said, and else each word; the matcher looks at the rest.
    parts: list[Lookup] = []
    for at, pair in enumerate(pairwise(places), 1):
        prefix = term.prefix and at == last
        if is_sayable(pair):
            parts.append(Phrase(columns, pair, prefix))
        else:
            parts += [Phrase(columns, pair[:1]), Phrase(columns, pair[1:], prefix)]
    return Asked(Every(tuple(parts)), exact=False)


def _ways(word: str, forms: Forms) -> tuple[str, ...]:
    """Return all that a paper may have where a query has a word."""
    keys = {encoded(key) for key in sought_keys(word)}
    # A stem that is a word may be one of another family: "rational" is no "rationale". Which
    # acronyms there are is known, and hardly any word is one: that leaves phrases few ways.
    themselves = {key for key in keys if "_" not in key and encoded(index_key(key)) == key}
    ways = themselves.union(*(forms.get(key, ()) for key in keys))
    return tuple(sorted(ways)) or _NOTHING


def _starts(start: str) -> tuple[str, ...]:
    """Return a start as it stands there: a plural like GPs has its mark before the s."""
    start = spelt(start)
    return (start, f"{start[:-1]}_s") if start.endswith("s") else (start,)


def _author(term: Term) -> Asked:
    """Return the lookup for all of one author's names, as far as pairs of names tell it."""
    named = any(len(word) > 1 for word in term.words)
    last = len(term.words) - 1
    starts: list[str] = []
    whole: list[str] = []
    for at, word in enumerate(term.words):
        is_start = (named and len(word) == 1) or (term.prefix and at == last)
        (starts if is_start else whole).append(spelt(word))
    parts: list[Lookup] = []
    for at, name in enumerate(whole):
        parts += [_name(f"{name}{JOINT}{other}") for other in whole[:at] + whole[at + 1 :]]
        parts += [_name(f"{name}{JOINT}{start}", prefix=True) for start in starts]
        if last == 0:
            parts.append(_name(f"{name}{JOINT}", prefix=True))
    if not whole:
        parts += [_name(start, prefix=True) for start in starts if len(start) > 1 or last == 0]
    exact = last == 0 or (last == 1 and bool(whole))
    return Asked(Every(tuple(dict.fromkeys(parts))), exact)


def _name(text: str, *, prefix: bool = False) -> Phrase:
    return Phrase((Column.NAMES,), ((text,),), prefix)

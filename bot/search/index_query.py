"""Index query: a query as a lookup in the full-text index, and whether that is all of it.

What the lookup finds is a superset of what the query finds, and a part of it is certain: on the
rest, if any, the matcher decides.
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
    """A query as the index takes it, as an upper and a lower bound of what it finds."""

    lookup: Lookup
    """What it finds is among these."""
    certain: Lookup | None
    """These it finds for sure; None: that can be told of none."""

    @property
    def exact(self) -> bool:
        """Whether there is nothing for the matcher to decide."""
        return self.lookup == self.certain

    @property
    def doubtful(self) -> Lookup:
        """What the matcher is to decide on."""
        return self.lookup if self.certain is None else Except(self.lookup, self.certain)


def _exactly(lookup: Lookup) -> Asked:
    return Asked(lookup, lookup)


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
            sure = [one.certain for one in parts if one.certain is not None]
            every = Every(tuple(one.lookup for one in parts))
            return Asked(every, Every(tuple(sure)) if len(sure) == len(parts) else None)
        case Or(operands):
            parts = [lookup(operand, forms) for operand in operands]
            sure = [one.certain for one in parts if one.certain is not None]
            some = Some(tuple(one.lookup for one in parts))
            return Asked(some, Some(tuple(sure)) if sure else None)
        case AndNot(included, excluded):
            wanted, unwanted = lookup(included, forms), lookup(excluded, forms)
            most, least = wanted.lookup, wanted.certain
            if unwanted.certain is not None:
                most = Except(most, unwanted.certain)
            if least is not None:
                least = Except(least, unwanted.lookup)
            return Asked(most, least)


def _term(term: Term, forms: Forms) -> Asked:
    match term.field:
        case Field.CATEGORY:
            return _exactly(_codes(term.words[0].lower(), prefix=term.prefix))
        case Field.PRIMARY:
            # The index does not tell which category stands first: the matcher does.
            return Asked(_codes(term.words[0].lower(), prefix=term.prefix), None)
        case Field.ID:
            return _exactly(_codes(f"@{term.words[0].lower()}", prefix=term.prefix))
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
        return _exactly(whole)
    # Two words each, where those can be said, and else each word; the matcher looks at the rest.
    parts: list[Lookup] = []
    for at, pair in enumerate(pairwise(places), 1):
        prefix = term.prefix and at == last
        if is_sayable(pair):
            parts.append(Phrase(columns, pair, prefix))
        else:
            parts += [Phrase(columns, pair[:1]), Phrase(columns, pair[1:], prefix)]
    return Asked(Every(tuple(parts)), certain=None)


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
    every = Every(tuple(dict.fromkeys(parts)))
    is_told = last == 0 or (last == 1 and bool(whole))
    return Asked(every, every if is_told else None)


def _name(text: str, *, prefix: bool = False) -> Phrase:
    return Phrase((Column.NAMES,), ((text,),), prefix)

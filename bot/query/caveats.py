"""Caveats of a query: why it may find less than its writer expects."""

import unicodedata
from collections.abc import Iterator

from bot.query.ast import CATEGORIES, And, AndNot, Field, Or, Query, Term
from bot.query.categories import is_other_class

_LETTERS = {"Lu", "Ll", "Lo"}
_IDEOGRAPHIC = {"W", "F"}


def other_classes(query: Query) -> list[str]:
    """Return the MSC and ACM classes that a query looks for, which arXiv no longer tells."""
    return [
        term.words[0]
        for term in _sought(query)
        if term.field is Field.CATEGORY and is_other_class(term.words[0])
    ]


def has_other_script(query: Query) -> bool:
    """Tell whether a query looks for letters that English has not: 大模型, нейрон, شبكة.

    Accents are none, nor are Greek letters: Schrödinger, β-decay.
    """
    return any(
        _has_other_letter(word)
        for term in _sought(query)
        if term.field not in {*CATEGORIES, Field.ID}
        for word in term.words
    )


def _sought(query: Query) -> Iterator[Term]:
    """Yield the terms of a query that it does not leave out."""
    match query:
        case Term():
            yield query
        case And(operands) | Or(operands):
            for operand in operands:
                yield from _sought(operand)
        case AndNot(included, _):
            yield from _sought(included)


def _has_other_letter(word: str) -> bool:
    """Tell it of a query's word, in which accents are folded and Greek letters spelt out."""
    if len(word) == 1 and unicodedata.east_asian_width(word) not in _IDEOGRAPHIC:
        return False  # a symbol, such as the aleph of a cardinal
    return any(
        unicodedata.category(char) in _LETTERS
        and not unicodedata.name(char, "").startswith(("LATIN ", "GREEK "))
        for char in word
    )

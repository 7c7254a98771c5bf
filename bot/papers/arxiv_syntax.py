"""A query in arXiv's own syntax, as its API's `search_query` wants it.

https://info.arxiv.org/help/api/user-manual.html#query_details
"""

from collections.abc import Iterable

from bot.papers.tree import And, AndNot, Field, Or, Query, Term
from bot.papers.words import STOP_WORDS

__all__ = ["to_arxiv"]


def to_arxiv(query: Query) -> str:
    """Return a search that finds at arXiv everything that the query finds here.

    It is the same query wherever arXiv can say it, and a little wider in two cases, so that the
    answer is to be matched again: the names of an author in any order, and a star after words
    that are joined.
    """
    match query:
        case Term():
            alternatives = _alternatives(query)
            return alternatives[0] if len(alternatives) == 1 else f"({' OR '.join(alternatives)})"
        case And(operands):
            return " AND ".join(_operand(operand) for operand in operands)
        case Or(operands):
            return " OR ".join(_flattened(operands))
        case AndNot(included, excluded):
            return f"{_operand(included)} ANDNOT {_operand(excluded)}"


def _operand(query: Query) -> str:
    return to_arxiv(query) if isinstance(query, Term) else f"({to_arxiv(query)})"


def _flattened(operands: Iterable[Query]) -> Iterable[str]:
    for operand in operands:
        if isinstance(operand, Term):
            yield from _alternatives(operand)
        else:
            yield _operand(operand)


def _alternatives(term: Term) -> list[str]:
    if term.field is Field.TEXT:
        return [_value(Field.TITLE, term), _value(Field.ABSTRACT, term)]
    return [_value(term.field, term)]


def _value(field: Field, term: Term) -> str:
    if len(term.words) == 1:
        return f"{field}:{term.words[0]}{'*' if term.prefix else ''}"
    if field is Field.AUTHOR:
        return _author(term)
    if term.prefix:  # Lucene has no stars inside quotes, and stop words match nothing
        parts = [f"{field}:{word}" for word in term.words[:-1] if word not in STOP_WORDS]
        return _both([*parts, f"{field}:{term.words[-1]}*"])
    return f'{field}:"{" ".join(term.words)}"'


def _author(term: Term) -> str:
    """Say all names but initials, which arXiv knows only after one name: `au:lecun_y`."""
    last = len(term.words) - 1
    named = [
        f"{Field.AUTHOR}:{word}{'*' if term.prefix and place == last else ''}"
        for place, word in enumerate(term.words)
        if len(word) > 1
    ]
    initials = [word for word in term.words if len(word) == 1]
    if not named:
        return _both([f"{Field.AUTHOR}:{word}" for word in initials])
    if len(named) == len(initials) == 1 and not term.prefix:
        return f"{named[0]}_{initials[0]}"
    return _both(named)


def _both(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

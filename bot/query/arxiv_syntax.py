"""A query in arXiv's own syntax, as its API's `search_query` wants it.

https://info.arxiv.org/help/api/user-manual.html#query_details
"""

from collections.abc import Iterable

from bot.query.ast import And, AndNot, Field, Or, Query, Term, any_of, terms
from bot.query.tokens import STOP_WORDS


def to_arxiv(query: Query) -> str:
    """Return a search that finds at arXiv everything that the query finds here.

    It is the same query wherever `is_exact`, and a little wider elsewhere, so that the answer is
    to be matched again.
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
            exclusions = excluded.operands if isinstance(excluded, Or) else (excluded,)
            sayable = [exclusion for exclusion in exclusions if is_exact(exclusion)]
            if not sayable:
                return to_arxiv(included)
            return f"{_operand(included)} ANDNOT {_operand(any_of(sayable))}"


def is_exact(query: Query) -> bool:
    """Tell whether arXiv can say all of the query.

    It can not ask for the names of one author in any order, nor for a star after joined words.
    """
    return not any(
        len(term.words) > 1 and (term.prefix or (term.field is Field.AUTHOR and not _initial(term)))
        for term in terms(query)
    )


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
    if field is Field.AUTHOR:
        return _author(term)
    if len(term.words) == 1:
        return f"{field}:{term.words[0]}{'*' if term.prefix else ''}"
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
    if not named:
        return _both([f"{Field.AUTHOR}:{word}" for word in term.words])
    return f"{named[0]}_{_initial(term)}" if _initial(term) else _both(named)


def _initial(term: Term) -> str | None:
    """Return the initial of an author who has but one, after one name."""
    if term.prefix or [len(word) == 1 for word in term.words] != [False, True]:
        return None
    return term.words[1]


def _both(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

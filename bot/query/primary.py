"""Primary categories: a query without cross-lists, and with them again."""

from collections.abc import Callable
from typing import TypeAlias

from bot.query.ast import And, AndNot, Field, Or, Query, Term, all_of, any_of, without
from bot.query.categories import is_other_class

_Change: TypeAlias = Callable[[Term], Term]


def has_primary(query: Query) -> bool:
    """Tell whether a query wants papers of a primary category."""
    return _changed(query, _to(Field.CATEGORY)) != query


def switched(query: Query) -> Query | None:
    """Return a query without cross-lists, or with them if it has none; None: it has no category.

    What it leaves out stays as it is.
    """
    wanted = Field.CATEGORY if has_primary(query) else Field.PRIMARY
    new = _changed(query, _to(wanted))
    return None if new == query else new


def _to(field: Field) -> _Change:
    other = Field.PRIMARY if field is Field.CATEGORY else Field.CATEGORY

    def change(term: Term) -> Term:
        if term.field is not other or is_other_class(term.words[0]):
            return term
        return Term(field, term.words, term.prefix)

    return change


def _changed(query: Query, change: _Change) -> Query:
    match query:
        case Term():
            return change(query)
        case And(operands):
            return all_of(_changed(operand, change) for operand in operands)
        case Or(operands):
            return any_of(_changed(operand, change) for operand in operands)
        case AndNot(included, excluded):
            return without(_changed(included, change), excluded)

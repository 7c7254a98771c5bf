"""Looser queries: what is left of a query that finds nothing when it asks for less."""

from collections.abc import Collection, Iterator
from itertools import combinations, islice

from bot.query.ast import And, AndNot, Field, Query, Term, all_of

MOST = 12
"""Queries to try: each is counted."""


def words(query: Query) -> list[Term]:
    """Return the single words that a query needs, in its order; none of one that has choices."""
    match query:
        case Term(field=Field.TEXT, words=spoken, prefix=prefix):
            last = len(spoken) - 1
            return [
                Term(Field.TEXT, (word,), prefix and n == last) for n, word in enumerate(spoken)
            ]
        case And(operands):
            return [word for operand in operands for word in words(operand)]
        case AndNot(included, _):
            return words(included)
        case _:
            return []


def looser(query: Query, missing: Collection[Term] = ()) -> Iterator[Query]:
    """Yield queries that ask for less, without what is missing, those that keep most first."""
    yield from islice((one for one in _looser(query) if not set(words(one)) & set(missing)), MOST)


def _looser(query: Query) -> Iterator[Query]:
    if isinstance(query, AndNot):
        yield query.included
        query = query.included
    operands = query.operands if isinstance(query, And) else (query,)
    others = tuple(one for one in operands if not _is_words(one))
    single = words(query)
    if len(single) > 1 and any(isinstance(one, Term) and len(one.words) > 1 for one in operands):
        yield all_of([*single, *others])
    if others and single:
        yield all_of(single)
    if len(others) > 1 or (others and single):
        yield from others
    for kept in range(len(single) - 1, 0, -1):
        for some in combinations(single, kept):
            yield all_of(some)


def _is_words(query: Query) -> bool:
    return isinstance(query, Term) and query.field is Field.TEXT

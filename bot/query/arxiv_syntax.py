"""Query translation: what arXiv is asked so that its answer holds all that a query finds here.

Its search understands words otherwise than ours (`bot.query.arxiv_words`,
`bot.query.arxiv_names`), so every term is asked in all the forms that it stands for, nothing is
left out there that it might understand more widely, and what comes is to be matched again. Rules
that hold for a whole question (search/domain/classic_api of
https://github.com/arXiv/arxiv-search): operators have no precedence, so everything is in brackets,
and ids with a hyphen or a slash are found by `id_list` alone.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import quote_plus

from bot.query import arxiv_names, arxiv_words
from bot.query.ast import And, AndNot, Field, Or, Query, Term
from bot.query.categories import is_other_class
from bot.query.names import CATEGORIES
from bot.query.tokens import index_key, sought_keys, split

ROOM = 3_600
"""Bytes of one question as it is sent: a request line has 4,094 (limit_request_line of
https://docs.gunicorn.org/en/stable/settings.html), and says more than the question."""

_NEW_ID = re.compile(r"[\d.]+")
_WIDTHS = (
    (80, 1),
    (60, 1),
    (40, 1),
    (24, 1),
    (16, 1),
    (8, 1),
    (8, 2),
    (5, 2),
    (3, 3),
    (2, 4),
    (1, 50),
)
"""Forms of each term, and into how many questions they must fit: many of a few terms, few of
many."""


class Questions(NamedTuple):
    """What arXiv is asked: the papers of all of these together hold all that the query finds."""

    ids: tuple[str, ...]
    """To be asked for by `id_list`."""
    searches: tuple[str, ...]
    """Each a `search_query`, in arXiv's syntax, not URL-encoded."""
    exact: bool
    """Whether arXiv's answer is what the query finds, no more and no less."""


class _TooWideError(Exception):
    """A part does not fit into a question with so many forms of each term."""


def questions(query: Query) -> Questions:
    """Return what to ask arXiv for a query: at most a few questions, each short enough."""
    packed: list[str] = []
    for width, most in _WIDTHS:
        try:
            packed = [" OR ".join(some) for some in _packed(_pieces(query, width), ROOM)]
        except _TooWideError:
            continue
        if len(packed) <= most:
            break
    return Questions(tuple(dict.fromkeys(_ids(query))), tuple(packed), is_exact(query))


def is_exact(query: Query) -> bool:
    """Tell whether arXiv means by a query what we mean: its categories are ours, and its ids."""
    match query:
        case Term():
            return _is_id(query) or _is_said_alike(query)
        case Or(operands):
            return all(map(is_exact, operands))
        case And(operands):
            return all(is_exact(operand) and not any(_ids(operand)) for operand in operands)
        case AndNot(included, excluded):
            said = all(isinstance(one, Term) and _is_said_alike(one) for one in _any(excluded))
            return said and is_exact(included) and not any(_ids(included))


# -------------------------------------------------------------------- ids


def _is_id(query: Query) -> bool:
    return isinstance(query, Term) and query.field is Field.ID and not query.prefix


def _only_ids(query: Query) -> bool:
    """Tell whether whatever the query finds has one of its ids."""
    match query:
        case Or(operands):
            return all(map(_only_ids, operands))
        case And(operands):
            return any(map(_only_ids, operands))
        case AndNot(included, _):
            return _only_ids(included)
        case Term():
            return _is_id(query)


def _ids(query: Query) -> Iterator[str]:
    """Yield the ids that papers may be found by."""
    match query:
        case Term(_, words):
            yield from words if _is_id(query) else ()
        case Or(operands):
            for operand in operands:
                yield from _ids(operand)
        case And(operands):
            confining = next(filter(_only_ids, operands), None)
            for operand in operands if confining is None else (confining,):
                yield from _ids(operand)
        case AndNot(included, _):
            yield from _ids(included)


# -------------------------------------------------------------------- the tree


def _pieces(query: Query, width: int) -> list[str]:
    """Return what to search for; whatever a query finds by anything but an id, one of it finds."""
    match query:
        case Term():
            return list(dict.fromkeys(_term(query, width)))
        case Or(operands):
            return list(dict.fromkeys(each for one in operands for each in _pieces(one, width)))
        case And(operands):
            if _only_ids(query):
                return []
            parts = [_pieces(operand, width) for operand in operands]
            return _all_of([part for part in parts if part], may_drop=width == 1)
        case AndNot(included, excluded):
            pieces = _pieces(included, width)
            return _without(pieces, [one for one in _any(excluded) if isinstance(one, Term)])


def _any(query: Query) -> Sequence[Query]:
    return query.operands if isinstance(query, Or) else (query,)


def _all_of(parts: list[list[str]], *, may_drop: bool) -> list[str]:
    """Return the pieces for all of some parts; one that is too long is divided, or left out."""
    if len(parts) <= 1:
        return parts[0] if parts else []
    whole = f"({' AND '.join(map(_bracketed, parts))})"
    if _length(whole) <= ROOM:
        return [whole]
    longest = max(parts, key=lambda part: _length(" OR ".join(part)))
    others = [part for part in parts if part is not longest]
    rest = f" AND {' AND '.join(map(_bracketed, others))}"
    try:
        divided = list(_packed(longest, ROOM - _length(f"(()){rest}")))
    except _TooWideError:
        if not may_drop:
            raise
        return _all_of(others, may_drop=True)
    return [f"({_bracketed(some)}{rest})" for some in divided]


def _without(pieces: list[str], excluded: Iterable[Query]) -> list[str]:
    sayable = [_code(one) for one in excluded if isinstance(one, Term) and _is_said_alike(one)]
    left_out = f" ANDNOT {_bracketed(sayable)}"
    if not sayable or _length(left_out) > ROOM // 2:
        return pieces
    try:
        divided = list(_packed(pieces, ROOM - _length(f"(()){left_out}")))
    except _TooWideError:
        return pieces
    return [f"({_bracketed(some)}{left_out})" for some in divided]


def _is_said_alike(term: Term) -> bool:
    """Tell whether arXiv's search means by a term what we mean, so that it may be left out there.

    An author is not one: whoever claims a paper in their account counts there as well.
    """
    if term.field is Field.CATEGORY:
        return not is_other_class(term.words[0])
    return term.field is Field.ID and _NEW_ID.fullmatch(term.words[0]) is not None


# -------------------------------------------------------------------- terms


def _term(term: Term, width: int) -> Iterator[str]:
    """Yield what finds all that a term finds, in so many forms at most."""
    words, prefix = term.words, term.prefix
    match term.field:
        case Field.TEXT:
            yield from _texts(("ti", "abs"), arxiv_words.forms(words, prefix=prefix)[:width])
        case Field.TITLE | Field.ABSTRACT:
            yield from _texts((term.field,), arxiv_words.forms(words, prefix=prefix)[:width])
        case Field.COMMENT | Field.JOURNAL:
            yield from _texts((term.field,), arxiv_words.unstemmed(words, prefix=prefix)[:width])
        case Field.AUTHOR:
            for name in arxiv_names.forms(words, prefix=prefix)[:width]:
                yield f"au:{name}"
        case Field.CATEGORY | Field.PRIMARY | Field.ID:
            if not _is_id(term) and not is_other_class(words[0]):
                yield _code(term)
        case Field.ALL:
            yield from _everywhere(term, width)


def _texts(fields: Sequence[str], forms: Iterable[arxiv_words.Form]) -> Iterator[str]:
    for form in forms:
        for field in fields:
            both = " AND ".join(f"{field}:{value}" for value in form)
            yield both if len(form) == 1 else f"({both})"


def _code(term: Term) -> str:
    """Return a category, or an id or the start of some; old ids are known by their archive.

    Of primary categories arXiv's search knows nothing, so their papers are among the category's.
    """
    code = f"{term.words[0]}{'*' if term.prefix else ''}"
    archive, slash, _ = code.partition("/")
    return f"cat:{archive}*" if slash else f"{'id' if term.field is Field.ID else 'cat'}:{code}"


def _everywhere(term: Term, width: int) -> Iterator[str]:
    """Yield a term in every field; a word may also be a part of a category or an id."""
    words, prefix = term.words, term.prefix
    yield from _texts(("ti", "abs"), arxiv_words.forms(words, prefix=prefix)[:width])
    yield from _texts(("co", "jr"), arxiv_words.unstemmed(words, prefix=prefix)[:width])
    names = arxiv_names.forms(words, prefix=prefix)[:width]
    if len(words) == 1 and not prefix:
        names += [f"{words[0]}s", words[0].removesuffix("s")]
    yield from (f"au:{name}" for name in names)
    for code, parts in _codes().items():
        if _stands_in(term, parts):
            yield f"cat:{code}"
    if words[0].isdigit():
        yield f"id:{words[0]}.{''.join(words[1:2])}*"


@cache
def _codes() -> dict[str, list[str]]:
    return {code: split(code) for code in CATEGORIES}


def _stands_in(term: Term, parts: Sequence[str]) -> bool:
    """Tell whether a term's words stand next to each other among the parts of a code."""
    last = len(term.words) - 1
    return any(
        all(
            part.lower().startswith(word)
            if term.prefix and place == last
            else index_key(part) in sought_keys(word)
            for place, (word, part) in enumerate(zip(term.words, parts[start:], strict=False))
        )
        for start in range(len(parts) - last)
    )


# -------------------------------------------------------------------- text


def _packed(pieces: Iterable[str], room: int) -> Iterator[list[str]]:
    """Yield the pieces in groups that are short enough for one question.

    Raises:
        _TooWideError: one of them is not.

    """
    group: list[str] = []
    left = room
    for piece in pieces:
        needed = _length(f" OR {piece}")
        if group and needed > left:
            yield group
            group, left = [], room
        if needed > left:
            raise _TooWideError
        group.append(piece)
        left -= needed
    if group:
        yield group


def _bracketed(pieces: Sequence[str]) -> str:
    said = " OR ".join(pieces)
    return said if len(pieces) == 1 else f"({said})"


def _length(text: str) -> int:
    return len(quote_plus(text))

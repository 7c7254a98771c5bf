"""Parser of the query language: arXiv's own, plus what a person types without a manual.

A text becomes a tree (`bot.query.ast`); from the tree come the normalised text, arXiv's
`search_query` (`bot.query.arxiv_syntax`) and the papers that it finds (`bot.query.matcher`).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from sys import intern
from typing import TypeAlias

from lark import Lark, Token, Tree, UnexpectedToken

from bot.query import ast, tokens
from bot.query.ast import Field, Query, Term
from bot.query.categories import is_other_class, known_pattern, nearest_pattern
from bot.query.remembered import Remembered

MAX_LENGTH = 500
"""The longest query in characters, as it is written and as it is normalised."""
_REMEMBERED = 4_000_000
"""Characters of the parsed texts that are kept, a hundred thousand topics as a rule: so a sweep
parses only those that are new to it."""
_MAX_TERMS = 50
_MAX_DEPTH = 8
_MAX_BRACKETS = 20
_MAX_MENDS = 5
_SHORTEST_PREFIX = 2

_FIELDS = {
    **{field.value: field for field in Field if field},
    "title": Field.TITLE,
    "author": Field.AUTHOR,
    "abstract": Field.ABSTRACT,
    "comment": Field.COMMENT,
    "journal": Field.JOURNAL,
    "category": Field.CATEGORY,
    "primary_category": Field.PRIMARY,
    # What readers of the other menus write without looking it up.
    **dict.fromkeys(("标题", "题目", "título", "titulo"), Field.TITLE),
    **dict.fromkeys(("作者", "autor", "autora"), Field.AUTHOR),
    **dict.fromkeys(("摘要", "resumen"), Field.ABSTRACT),
    **dict.fromkeys(("备注", "评论", "comentario"), Field.COMMENT),
    **dict.fromkeys(("期刊", "revista"), Field.JOURNAL),
    **dict.fromkeys(("分类", "类别", "categoría", "categoria"), Field.CATEGORY),
    **dict.fromkeys(("主分类", "主类别", "principal"), Field.PRIMARY),
}

# One character for one, so that a place in the one text is the same place in the other.
_KEYBOARD = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»「」『』〝〞＂", '"'),
        **dict.fromkeys("－–—−‐‑", "-"),
        **dict.fromkeys(",;，；、", " "),
        **dict.fromkeys("’‘", "'"),
        **dict(zip("（）：｜＊＿", "():|*_", strict=True)),
    }
)

_BARE_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?\.(?:[a-z]+(?:-[a-z]+)?|\*)", re.IGNORECASE)
_ID = re.compile(r"(?:arxiv:)?([a-z0-9./-]+?)(?:v\d+)?", re.IGNORECASE)
_SPARE_SPACE = re.compile(r"(?<=\() | (?=\))")

_SMALL_OPERATOR = re.compile(r'"[^"]*"|(?<=\s)(or|and\s+not|not|andnot|或者?)(?=\s)', re.IGNORECASE)

_Node: TypeAlias = Tree[Token]


class SyntaxReason(StrEnum):
    """Why a text is no query."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_COMPLEX = "too complex"
    UNBALANCED_QUOTE = "unbalanced quote"
    UNBALANCED_BRACKET = "unbalanced bracket"
    EMPTY_BRACKETS = "empty brackets"
    DANGLING_OPERATOR = "dangling operator"
    UNKNOWN_FIELD = "unknown field"
    EMPTY_FIELD = "empty field"
    UNKNOWN_CATEGORY = "unknown category"
    OTHER_CLASS = "class of another scheme"
    BAD_ID = "bad id"
    MISPLACED_STAR = "misplaced star"
    ONLY_EXCLUSIONS = "only exclusions"
    ONLY_STOP_WORDS = "only stop words"


class QuerySyntaxError(ValueError):
    """A text that is no query: where, why, and, where one can be guessed, a query that is."""

    def __init__(
        self, text: str, reason: SyntaxReason, position: int, found: str, suggestion: str | None
    ) -> None:
        super().__init__(f"{reason} at {position}: {found!r}")
        self.text = text
        self.reason = reason
        self.position = position
        """The place of `found` in `text`, counted in characters from 0."""
        self.found = found
        self.suggestion = suggestion
        """The whole text mended so that it parses."""


class _FaultError(Exception):
    """What QuerySyntaxError tells, and the text with this one fault mended."""

    def __init__(
        self, reason: SyntaxReason, start: int, end: int, mended: str | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start
        self.end = end
        self.mended = mended


@lru_cache(maxsize=1 << 10)
def parse(text: str) -> Query:
    """Parse what somebody writes; raise QuerySyntaxError where it asks for nothing sensible."""
    return _parsed(text, classes=False)


def parse_stored(text: str) -> Query:
    """Parse the query of a topic, which is one that `parse` took once.

    It may have MSC and ACM classes, which arXiv told until November 2025. They are found in the
    papers of that time.
    """
    return _stored(text)


_stored = Remembered(lambda text: _parsed(text, classes=True), most_characters=_REMEMBERED)


def _parsed(text: str, *, classes: bool) -> Query:
    try:
        return _parse(text, classes=classes)
    except _FaultError as fault:
        raise QuerySyntaxError(
            text,
            fault.reason,
            fault.start,
            text[fault.start : fault.end],
            _suggestion(fault.mended),
        ) from None


def normalise(query: Query) -> str:
    """Return the canonical text that equal queries share; it parses to the same query again."""
    return ast.render(query)


def in_capitals(text: str) -> str | None:
    """Return a query with `or` and `not` as operators where that would be another one, else None.

    In small letters they are words, and stop words at that, so that a title can be pasted.
    """
    mended = _SMALL_OPERATOR.sub(_operator, text.translate(_KEYBOARD))
    try:
        return None if parse(mended) == parse(text) else " ".join(mended.split())
    except QuerySyntaxError:
        return None


def _operator(found: re.Match[str]) -> str:
    word = found[1]
    if word is None:  # a phrase
        return found[0]
    return "OR" if word[0] in "oO或" else "ANDNOT"


def _suggestion(mended: str | None) -> str | None:
    for _ in range(_MAX_MENDS):
        if mended is None:
            return None
        try:
            query = _parse(mended)
        except _FaultError as fault:
            mended = fault.mended
        else:
            tidied = _SPARE_SPACE.sub("", " ".join(mended.split()))
            with suppress(_FaultError):
                return tidied if _parse(tidied) == query else mended
            return mended
    return None


def _parse(text: str, *, classes: bool = False) -> Query:
    if len(text) > MAX_LENGTH:
        raise _FaultError(SyntaxReason.TOO_LONG, MAX_LENGTH, len(text))
    typed = text.translate(_KEYBOARD)
    _check_balance(typed)
    try:
        root = _grammar().parse(typed)
    except UnexpectedToken as unexpected:
        raise _misplaced(typed, unexpected.token) from None
    query = _QueryReader(typed, classes=classes).disjunction(next(_branches(root)), Field.TEXT)
    if query is None:
        reason = SyntaxReason.ONLY_STOP_WORDS if tokens.split(typed) else SyntaxReason.EMPTY
        raise _FaultError(reason, 0, len(text))
    _check_size(query, text)
    return query


@cache
def _grammar() -> Lark:
    grammar = files("bot.query").joinpath("query.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", propagate_positions=True)


def _check_balance(typed: str) -> None:
    quoted = False
    quote = 0
    opened: list[int] = []
    for place, char in enumerate(typed):
        if char == '"':
            quoted = not quoted
            quote = place
        elif char == "(" and not quoted:
            opened.append(place)
            if len(opened) > _MAX_BRACKETS:
                raise _FaultError(SyntaxReason.TOO_COMPLEX, place, place + 1)
        elif char == ")" and not quoted:
            if not opened:
                mended = typed[:place] + " " + typed[place + 1 :]
                raise _FaultError(SyntaxReason.UNBALANCED_BRACKET, place, place + 1, mended)
            opened.pop()
    if quoted:
        raise _FaultError(SyntaxReason.UNBALANCED_QUOTE, quote, quote + 1, f'{typed.rstrip()}"')
    if opened:
        mended = typed.rstrip() + ")" * len(opened)
        raise _FaultError(SyntaxReason.UNBALANCED_BRACKET, opened[-1], opened[-1] + 1, mended)


def _check_size(query: Query, text: str) -> None:
    if (
        sum(1 for _ in ast.terms(query)) > _MAX_TERMS
        or ast.depth(query) > _MAX_DEPTH
        or len(ast.render(query)) > MAX_LENGTH
    ):
        raise _FaultError(SyntaxReason.TOO_COMPLEX, 0, len(text))


def _misplaced(typed: str, unexpected: Token) -> _FaultError:
    """Blame the token that a person would blame: often the one before the unexpected one."""
    before = _token_before(typed, unexpected)
    operators = {"_AND", "_OR", "_ANDNOT", "_MINUS"}
    if before is not None and before.type == "FIELD":
        return _fault(typed, SyntaxReason.EMPTY_FIELD, before)
    if unexpected.type in operators:
        return _fault(typed, SyntaxReason.DANGLING_OPERATOR, unexpected)
    if before is not None and before.type in operators:
        return _fault(typed, SyntaxReason.DANGLING_OPERATOR, before)
    if before is not None and before.type == "LPAR":
        return _fault(typed, SyntaxReason.EMPTY_BRACKETS, before, unexpected)
    return _FaultError(SyntaxReason.EMPTY, 0, len(typed))


def _token_before(typed: str, unexpected: Token) -> Token | None:
    before = None
    for token in _grammar().lex(typed):
        if unexpected.type != "$END" and token.start_pos == unexpected.start_pos:
            break
        before = token
    return before


def _fault(
    typed: str,
    reason: SyntaxReason,
    first: Token,
    last: Token | None = None,
    *,
    instead: str | None = " ",
) -> _FaultError:
    """Blame some tokens; the text is mended with what stands `instead`, None: not at all."""
    start, end = first.start_pos or 0, (last or first).end_pos or 0
    mended = None if instead is None else typed[:start] + instead + typed[end:]
    return _FaultError(reason, start, end, mended)


class _QueryReader:
    """Reads lark's tree of one text from the top, so that a field reaches all that it governs.

    Each method gives None for what asks nothing, such as a stop word.
    """

    def __init__(self, typed: str, *, classes: bool) -> None:
        self.typed = typed
        self.classes = classes

    def disjunction(self, node: _Node, field: Field) -> Query | None:
        found = [self._conjunction(child, field) for child in _branches(node)]
        asked = [query for query in found if query is not None]
        return ast.any_of(asked) if asked else None

    def _conjunction(self, node: _Node, field: Field) -> Query | None:
        included: list[Query] = []
        excluded: list[Query] = []
        for child in _branches(node):
            exclusion = child.data == "exclusion"
            unit = next(_branches(child)) if exclusion else child
            if (query := self._unit(unit, field)) is not None:
                (excluded if exclusion else included).append(query)
        if included:
            whole = ast.all_of(included)
            return ast.without(whole, ast.any_of(excluded)) if excluded else whole
        if excluded:
            raise _FaultError(SyntaxReason.ONLY_EXCLUSIONS, node.meta.start_pos, node.meta.end_pos)
        return None

    def _unit(self, node: _Node, field: Field) -> Query | None:
        if node.data == "disjunction":
            return self.disjunction(node, field)
        if node.data == "fielded":
            field = self._field(_token(node))
            return self._unit(next(_branches(node)), field)
        return self._term(_token(node), field)

    def _field(self, name: Token) -> Field:
        written = name.rstrip().removesuffix(":").lower()
        if (field := _FIELDS.get(written)) is not None:
            return field
        near = get_close_matches(written, _FIELDS, n=1)
        instead = f"{near[0]}:" if near else None
        raise _fault(self.typed, SyntaxReason.UNKNOWN_FIELD, name, instead=instead)

    def _term(self, token: Token, field: Field) -> Query | None:
        quoted = token.type == "PHRASE"
        text = str(token).strip('"')
        if field in ast.CATEGORIES:
            return self._category(token, text.strip(), field)
        if field is Field.ID:
            return self._id(token, text.strip())
        if field is Field.TEXT and not quoted and _looks_like_category(text):
            return self._category(token, text, Field.CATEGORY)
        prefix = not quoted and text.endswith("*")
        found = tuple(intern(word.lower()) for word in tokens.split(text))
        if not quoted and "*" in text.removesuffix("*"):
            raise _fault(
                self.typed, SyntaxReason.MISPLACED_STAR, token, instead=text.replace("*", "")
            )
        if prefix and (not found or len(found[-1]) < _SHORTEST_PREFIX):
            raise _fault(self.typed, SyntaxReason.MISPLACED_STAR, token, instead=text.rstrip("*"))
        if field is Field.AUTHOR:
            found = _names(found, prefix=prefix)
        elif not prefix and tokens.STOP_WORDS.issuperset(found):
            return None
        return Term(field, found, prefix) if found else None

    def _category(self, token: Token, text: str, field: Field) -> Query:
        if is_other_class(text):
            if self.classes and field is Field.CATEGORY:
                return Term(Field.CATEGORY, (text.upper(),))
            raise _fault(self.typed, SyntaxReason.OTHER_CLASS, token, instead=None)
        if (pattern := known_pattern(text)) is not None:
            return Term(field, (pattern.removesuffix("*"),), pattern.endswith("*"))
        near = nearest_pattern(text)
        raise _fault(self.typed, SyntaxReason.UNKNOWN_CATEGORY, token, instead=near)

    def _id(self, token: Token, text: str) -> Query:
        prefix = text.endswith("*")
        found = _ID.fullmatch(text.removesuffix("*"))
        if found is None or not any(char.isdigit() for char in text):
            raise _fault(self.typed, SyntaxReason.BAD_ID, token)
        return Term(Field.ID, (found[1].lower(),), prefix)


def _branches(node: _Node) -> Iterator[_Node]:
    return (child for child in node.children if isinstance(child, Tree))


def _token(node: _Node) -> Token:
    return next(child for child in node.children if isinstance(child, Token))


def _looks_like_category(text: str) -> bool:
    return (
        _BARE_CATEGORY.fullmatch(text) is not None
        and known_pattern(text.partition(".")[0]) is not None
    ) or ("-" in text and known_pattern(text) is not None)


def _names(found: tuple[str, ...], *, prefix: bool) -> tuple[str, ...]:
    """Put names in one order: whole ones, then initials; the one with the star stays last.

    What is said twice stays twice: Fei-Fei Li is not Fei Li.
    """
    movable, fixed = (found[:-1], found[-1:]) if prefix else (found, ())
    return (*sorted(movable, key=lambda name: (len(name) == 1, name)), *fixed)

"""Query adapter of the fake arXiv: what arXiv makes of `search_query` before it reads it.

Its API has taken since November 2025 what its predecessor took, mending it on the way
(https://github.com/arXiv/arxiv-search, search/domain/classic_api): operators that are missing are
OR, a field before a bracket goes to every word in it, what has no field is looked for in all.
"""

import calendar
import re
from collections.abc import Iterable
from typing import NamedTuple

OPERATORS = ("ANDNOT", "AND", "NOT", "OR")
FIELDS = (
    *("abs", "all", "au", "cat", "co", "doi", "id", "jr"),
    *("lastUpdatedDate", "rn", "submittedDate", "title", "ti"),
)
_TOKEN = re.compile(
    r'(?P<text1>"[^"]*")|(?P<bracket>[()])'
    rf"|(?P<operator>\b(?:{'|'.join(OPERATORS)})\b(?=[()\s]|$))"
    rf"|(?P<field>(?:{'|'.join(FIELDS)}):)"
    r'|(?P<text2>[^"()\s]+)'
)
_DATES = re.compile(r"submittedDate:\[([\d-]{4,14}) TO ([\d-]{4,14})\]")


class Token(NamedTuple):
    """A word of the query, and what it is: text, field, operator or a bracket."""

    kind: str
    text: str


def adapted(query: str) -> str | None:
    """Return the query that arXiv reads in place of this one; None where nothing is left."""
    query = query.replace("\r", " ").replace("\n", " ")
    query = query.replace("lastUpdatedDate:", "submittedDate:")
    query = _DATES.sub(
        lambda found: (
            f'submittedDate:"{_filled(found[1], end=False)} TO {_filled(found[2], end=True)}"'
        ),
        query,
    )
    tokens = _negated(_tokens(query))
    tokens = _with_fields(_inherited(tokens))
    tokens = _joined(_without_doubles(tokens))
    tokens = _names(tokens)
    tokens = [Token("field", "ti:") if token.text == "title:" else token for token in tokens]
    return _written(_without_idle_fields(tokens)) or None


def _filled(text: str, *, end: bool) -> str:
    """Return a date to the minute, from a year, month, day or minute."""
    if not text.isdigit():
        return text
    text = text[:12]
    if len(text) == len("YYYYMM"):
        try:
            text += f"{calendar.monthrange(int(text[:4]), int(text[4:]))[1]}" if end else "01"
        except ValueError:
            return text
    if len(text) == len("YYYY"):
        text += "1231" if end else "0101"
    if len(text) == len("YYYYMMDD"):
        text += "2359" if end else "0000"
    return text


def _tokens(query: str) -> list[Token]:
    found = [
        Token((token.lastgroup or "").rstrip("12"), token[0]) for token in _TOKEN.finditer(query)
    ]
    return [
        Token("operator", text) if text in OPERATORS else Token(kind, text) for kind, text in found
    ]


def _with_next(tokens: list[Token]) -> Iterable[tuple[Token, Token | None]]:
    return zip(tokens, [*tokens[1:], None], strict=False)


def _negated(tokens: list[Token]) -> list[Token]:
    """Return the tokens with ANDNOT for NOT and AND NOT; what follows AND NOT is passed over."""
    out: list[Token] = []
    before: Token | None = None
    passed_over = False
    for token in tokens:
        if passed_over:
            passed_over = False
            out.append(token)
            continue
        if token == ("operator", "NOT") and before == ("operator", "AND"):
            out.pop()
            passed_over = True
        before = Token("operator", "ANDNOT") if token == ("operator", "NOT") else token
        out.append(before)
    return out


def _inherited(tokens: list[Token]) -> list[Token]:
    """Give a field before a bracket to every text in it that has none.

    Of two fields in a row the second is passed over.
    """
    out: list[Token] = []
    field, depth = None, 0
    for token in tokens:
        if depth:
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "bracket" else 0
            if token.kind == "text" and out[-1].kind != "field" and field:
                out.append(field)
            field = field if depth else None
        elif field is None:
            field = token if token.kind == "field" else None
        elif token == ("bracket", "("):
            out.pop()
            depth = 1
        else:
            field = None
        out.append(token)
    return out


def _with_fields(tokens: list[Token]) -> list[Token]:
    """Give the field `all` to a text that has none."""
    out: list[Token] = []
    for token in tokens:
        if token.kind == "text" and not (out and out[-1].kind == "field"):
            out.append(Token("field", "all:"))
        out.append(token)
    return out


def _without_doubles(tokens: list[Token]) -> list[Token]:
    """Leave the last one of operators in a row."""
    return [
        token
        for token, after in _with_next(tokens)
        if not (token.kind == "operator" and after and after.kind == "operator")
    ]


def _joined(tokens: list[Token]) -> list[Token]:
    """Put OR where an operator is missing."""
    out: list[Token] = []
    for token in tokens:
        before = out[-1] if out else Token("", "")
        ended = before.kind == "text" or before == ("bracket", ")")
        begins = token.kind in {"field", "text"} or token == ("bracket", "(")
        if (ended and begins) or (before.kind == "field" and token.kind == "field"):
            out.append(Token("operator", "OR"))
        out.append(token)
    return out


def _names(tokens: list[Token]) -> list[Token]:
    """Write spaces for the underscores in names.

    arXiv reads the second word of the query for each of them. That is a mistake of its own, so that
    only `au:lecun_y` alone means an author.
    """
    out = list(tokens)
    for place in range(1, len(out)):
        if out[place].kind == "text" and out[place - 1].text == "au:" and "_" in out[1].text:
            name = out[1].text.replace("_", " ")
            out[place] = Token("text", name if '"' in name else f'"{name}"')
    return out


def _without_idle_fields(tokens: list[Token]) -> list[Token]:
    return [
        token
        for token, after in _with_next(tokens)
        if not (token.kind == "field" and (after is None or after.kind != "text"))
    ]


def _written(tokens: list[Token]) -> str:
    text = ""
    before: Token | None = None
    for token in tokens:
        tight = before is None or (
            (before == ("bracket", "(") and token.kind == "field")
            or (before.kind == "text" and token == ("bracket", ")"))
            or (before.kind == "field" and token.kind == "text")
        )
        text += token.text if tight else f" {token.text}"
        before = token
    return text.strip()

"""The HTML of rich messages: which tags nest in which, and how much there may be of them.

https://core.telegram.org/bots/api#inputrichmessage; the limits are those of its documentation.
"""

import html
import re
from typing import Final

from bot.playground.telegram.refusal import Refusal

LENGTH: Final = 32_768
"""Characters of text, the source of formulas included."""
BLOCKS: Final = 500
DEPTH: Final = 16
COLUMNS: Final = 20

_HEADINGS: Final = frozenset(f"h{size}" for size in range(1, 7))
_LEAVES: Final = _HEADINGS | {"p", "pre", "footer", "summary", "caption", "tg-math-block", "aside"}
"""Blocks that hold words, and no other blocks."""
_HOLDERS: Final = frozenset({"blockquote", "details", "li", "td", "th"})
"""Blocks that hold blocks, or words."""
_ONLY: Final = {
    "ul": {"li"},
    "ol": {"li"},
    "table": {"tr", "caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"td", "th"},
}
"""What may stand directly in a block that holds nothing else."""
_INSIDE: Final = {
    "li": {"ul", "ol"},
    "tr": {"table", "thead", "tbody"},
    "td": {"tr"},
    "th": {"tr"},
    "summary": {"details"},
    "caption": {"table"},
    "thead": {"table"},
    "tbody": {"table"},
}
"""Where a block must stand."""
_BLOCKS: Final = _LEAVES | _HOLDERS | set(_ONLY)
_WORDS: Final = "b strong i em u ins s strike del code mark sub sup a tg-spoiler tg-math cite"
_INLINE: Final = frozenset(_WORDS.split())
_VOID: Final = frozenset({"hr", "br"})
_COUNTED: Final = (_BLOCKS | {"hr"}) - {"summary", "caption", "thead", "tbody"}
_TOKEN: Final = re.compile(
    r"<(?P<end>/?)(?P<tag>[A-Za-z][\w-]*)(?P<attributes>(?:\s+[\w-]+(?:=\"[^\"<>]*\")?)*)\s*/?>"
)


def check_rich_html(source: str) -> None:
    """Raise Refusal where Telegram would not take this as a rich message."""
    open_tags: list[str] = []
    begun: list[str] = []
    length = at = 0
    for token in _TOKEN.finditer(source):
        length += _text(source[at : token.start()], open_tags)
        at = token.end()
        tag = token["tag"].lower()
        if token["end"]:
            if not open_tags or open_tags.pop() != tag:
                raise _unparsable(problem=f'unexpected end tag "{tag}"')
            continue
        _check_place(tag, open_tags)
        begun.append(tag)
        if tag not in _VOID:
            open_tags.append(tag)
        if sum(name in _BLOCKS for name in open_tags) > DEPTH:
            raise Refusal(400, "Bad Request: rich message is nested too deeply")
    length += _text(source[at:], open_tags)
    if open_tags:
        raise _unparsable(
            problem=f'can\'t find end tag corresponding to start tag "{open_tags[-1]}"'
        )
    _check_amount(begun, length)


def _check_amount(begun: list[str], length: int) -> None:
    if length > LENGTH:
        raise Refusal(400, "Bad Request: message is too long")
    if sum(tag in _COUNTED for tag in begun) > BLOCKS:
        raise Refusal(400, "Bad Request: rich message has too many blocks")
    rows = " ".join(begun).split("tr")[1:]
    if any(row.split().count("td") + row.split().count("th") > COLUMNS for row in rows):
        raise Refusal(400, "Bad Request: rich message table has too many columns")


def _check_place(tag: str, open_tags: list[str]) -> None:
    parent = open_tags[-1] if open_tags else ""
    problem = None
    if tag not in _BLOCKS | _INLINE | _VOID:
        problem = f'unsupported start tag "{tag}"'
    elif parent in {"tg-math", "tg-math-block"}:
        problem = "a formula has no tags in it"
    elif (parent in _ONLY and tag not in _ONLY[parent]) or (
        tag in _INSIDE and parent not in _INSIDE[tag]
    ):
        problem = f'"{tag}" can\'t be in "{parent}"'
    elif (tag in _BLOCKS or tag == "hr") and (parent in _INLINE or parent in _LEAVES):
        problem = f'block "{tag}" can\'t be in "{parent}"'
    elif tag == "a" and "a" in open_tags:
        problem = "a link can't be in a link"
    if problem:
        raise _unparsable(problem=problem)


def _text(words: str, open_tags: list[str]) -> int:
    if re.search(r"<", words):
        raise _unparsable(problem="unescaped or malformed tag")
    shown = html.unescape(words)
    if shown.strip() and open_tags and open_tags[-1] in _ONLY:
        raise _unparsable(problem=f'text can\'t be in "{open_tags[-1]}"')
    return len(shown)


def _unparsable(*, problem: str) -> Refusal:
    return Refusal(400, f"Bad Request: can't parse rich message: {problem}")

"""The HTML of rich messages: which tags nest in which, and how much there may be of them.

https://core.telegram.org/bots/api#inputrichmessage, with the buttons of Bot API 10.3
(https://core.telegram.org/bots/api#richmessagebutton); the limits are those of its documentation.
"""

import html
import re
from typing import Any, Final

from bot.playground.telegram.refusal import Refusal

LENGTH: Final = 32_768
"""Characters of text, the source of formulas included."""
BLOCKS: Final = 500
DEPTH: Final = 16
COLUMNS: Final = 20
BUTTONS: Final = 8
"""In a row."""
DATA_BYTES: Final = 64

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
    "tg-button-row": {"tg-button"},
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
_WORDS: Final = (
    "b strong i em u ins s strike del code mark sub sup a tg-spoiler tg-math cite tg-button"
)
_INLINE: Final = frozenset(_WORDS.split())
_VOID: Final = frozenset({"hr", "br"})
_COUNTED: Final = (_BLOCKS | {"hr"}) - {"summary", "caption", "thead", "tbody"}
_ACTIONS: Final = {
    "url": "url",
    "callback_data": "data",
    "copy_text": "text",
    "switch_inline_query": "query",
    "switch_inline_query_current_chat": "query",
    "disabled": "",
}
"""What a button does, and the attribute that says more of it."""
_STYLES: Final = frozenset({"danger", "success", "primary", "link"})
_ALIGNED: Final = frozenset({"left", "center", "right"})
_ROW: Final = re.compile(
    r"<tg-button-row\b[^>]*>.*?</tg-button-row>|<tg-button\b.*?</tg-button>", re.DOTALL
)
_BUTTON: Final = re.compile(r"<tg-button(?P<attributes>\s[^>]*)?>(?P<text>[^<]*)</tg-button>")
_ATTRIBUTE: Final = re.compile(r'([\w-]+)(?:="([^"<>]*)")?')
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
    _check_buttons(source)
    if open_tags:
        raise _unparsable(
            problem=f'can\'t find end tag corresponding to start tag "{open_tags[-1]}"'
        )
    _check_amount(begun, length)


def rich_buttons(source: str) -> list[list[dict[str, Any]]]:
    """Return the buttons of a rich message, row by row, as those of an inline keyboard."""
    return [[_button(found) for found in _BUTTON.finditer(row[0])] for row in _ROW.finditer(source)]


def _button(found: re.Match[str]) -> dict[str, Any]:
    given = _attributes(found["attributes"] or "")
    action = given.get("type", "")
    button: dict[str, Any] = {"text": html.unescape(found["text"])}
    if "style" in given:
        button["style"] = given["style"]
    said = given.get(_ACTIONS.get(action, ""), "")
    return button | {action: {"text": said} if action == "copy_text" else said}


def _attributes(written: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(written)}


def _check_buttons(source: str) -> None:
    if source.count("<tg-button ") + source.count("<tg-button>") != len(_BUTTON.findall(source)):
        raise _unparsable(problem="a button has plain text in it")
    for row in re.finditer(r"<tg-button-row\b([^>]*)>(.*?)</tg-button-row>", source, re.DOTALL):
        count = len(_BUTTON.findall(row[2]))
        if not 1 <= count <= BUTTONS or _attributes(row[1]).get("align", "left") not in _ALIGNED:
            raise _unparsable(problem="wrong row of buttons")
    for found in _BUTTON.finditer(source):
        given = _attributes(found["attributes"] or "")
        action = given.get("type", "")
        if action not in _ACTIONS or not html.unescape(found["text"]).strip():
            raise _unparsable(problem="wrong button")
        if given.get("style", "primary") not in _STYLES:
            raise _unparsable(problem="unknown style of a button")
        if action == "callback_data" and not 1 <= len(given.get("data", "").encode()) <= DATA_BYTES:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        if action == "url" and not re.match(r"(?:https?|tg)://\S+$", given.get("url", "")):
            raise Refusal(400, "Bad Request: BUTTON_URL_INVALID")


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

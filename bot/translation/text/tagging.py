"""Tags around what an engine is told to keep: placeholders and names, in XML or HTML."""

import html
import re
from collections.abc import Sequence

from bot.translation.text.masking import PLACEHOLDER
from bot.translation.text.names import pattern_of

_TAG = re.compile(r"</?(?:x|span)\b[^<>]*>")


def tagged(text: str, names: Sequence[str], *, opening: str, closing: str) -> str:
    """Return a text as markup, in which what is to be kept stands between tags."""
    kept = [PLACEHOLDER, *map(pattern_of, names)]
    places: list[tuple[int, int]] = []
    for pattern in kept:
        for match in pattern.finditer(text):
            if all(match.end() <= start or stop <= match.start() for start, stop in places):
                places.append(match.span())
    pieces: list[str] = []
    end = 0
    for start, stop in sorted(places):
        pieces.append(html.escape(text[end:start], quote=False))
        pieces.append(f"{opening}{html.escape(text[start:stop], quote=False)}{closing}")
        end = stop
    return "".join([*pieces, html.escape(text[end:], quote=False)])


def untagged(markup: str) -> str:
    """Return the text of an answer in markup."""
    return html.unescape(_TAG.sub("", markup))

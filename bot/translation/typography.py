"""Small things that make a translation pleasant to read in its script."""

import re

from bot.translation.languages import LANGUAGES, Script
from bot.translation.untouchable import spans

__all__ = ["join", "set_apart"]

_EAST_ASIAN = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LINK_OR_FORMULA = re.compile(r"https?://|ftp://|www\.|[\w.-]+\.[a-z]{2,4}/|[\w.+-]+@|\$|\\[(\[]")


def join(pieces: list[str], *, language: str) -> str:
    """Put translated pieces of one text together on one line, spaced as the script is."""
    space = "" if LANGUAGES[language].script in {Script.HAN, Script.JAPANESE} else " "
    return " ".join(space.join(pieces).split())


def set_apart(text: str, *, language: str) -> str:
    """Put a space between a link or a formula and the Chinese, Japanese or Korean beside it."""
    if LANGUAGES[language].script not in {Script.HAN, Script.JAPANESE, Script.HANGUL}:
        return text
    pieces: list[str] = []
    end = 0
    for start, stop in spans(text):
        if not _LINK_OR_FORMULA.match(text, start):
            continue
        before, after = text[start - 1 : start], text[stop : stop + 1]
        pieces += (
            text[end:start],
            " " if _EAST_ASIAN.match(before) else "",
            text[start:stop],
            " " if _EAST_ASIAN.match(after) else "",
        )
        end = stop
    pieces.append(text[end:])
    return "".join(pieces)

"""Typography: punctuation and spaces of a translation as its script has them."""

import re

from bot.translation.languages import LANGUAGES, Script
from bot.translation.text.untouchable import spans

_WITHOUT_SPACES = {Script.HAN, Script.JAPANESE}

_EAST_ASIAN = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_LINK = re.compile(r"https?://|ftp://|www\.|[\w.-]+\.[a-z]{2,4}/|[\w.+-]+@")
_FORMULA = re.compile(r"\$|\\[(\[]")
_FULL_WIDTH_MARK = re.compile(r"[\u3000-\u303f\uff00-\uffef]")

_E = r"[\u3005\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
# Half-width brackets that are left belong to words: `f(x)`.
_WORD_START, _WORD_END = r"[A-Za-z0-9⟦(]", r"[A-Za-z0-9%⟧)]"
_APART = re.compile(rf"(?<={_E})[ ]*(?={_WORD_START})|(?<={_WORD_END})[ ]*(?={_E})")
_BETWEEN = re.compile(rf"(?<={_E})[ ]+(?={_E})")
_FULL_WIDTH = {ord("％"): "%", ord("\u3000"): " "} | {
    sign: chr(sign - 0xFEE0)
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for sign in range(ord(first), ord(last) + 1)
}
_BRACKETS = {"(": "（", ")": "）"}
# `f(x)`: a call, not an aside.
_CALL = re.compile(
    r"(?<=[A-Za-z0-9⟧])\([A-Za-z0-9](?:[,\ue001] ?[A-Za-z0-9]){0,3}\)(?![A-Za-z0-9])"
)
# Points of `et al.` and `U.S.` end no sentence.
_ABBREVIATION = re.compile(
    r"\b(?:et al|cf|vs|resp|Fig|Figs|Eq|Eqs|Sec|Dr|etc)\.|(?<![A-Za-z])(?:[A-Za-z]\.){2,}"
)
_HELD = {".": "\ue000", ",": "\ue001"}
_LET_GO = str.maketrans({held: sign for sign, held in _HELD.items()})
_MARKS = re.compile(
    rf"(?<={_E})\s*[,;:!?]|(?<=[）」』”\]⟧A-Za-z0-9%.\ue000])\s*[,;](?=\s|{_E}|$)"
    rf"|(?<=[）」』”\]⟧A-Za-z0-9%])\s*[:!?](?=\s*{_E})"
)
_STOP = re.compile(rf"(?<={_E})\s*\.(?![.\d])|(?<=[）」』”\]⟧A-Za-z0-9%])\s*\.(?=\s*(?:{_E}|$))")
_AROUND = re.compile(r"\s*([，。；：！？、（）])\s*")
_CHINESE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", ".": "。"}
_JAPANESE = {**_CHINESE, ",": "、"}


def join(pieces: list[str], *, language: str) -> str:
    """Put translated pieces of one text together on one line, spaced as the script is."""
    space = "" if LANGUAGES[language].script in _WITHOUT_SPACES else " "
    return " ".join(space.join(pieces).split())


def polish(masked: str, *, language: str) -> str:
    """Return a masked translation with its script's punctuation and spacing throughout.

    In Chinese and Japanese: full-width marks and brackets, half-width letters and digits, no space
    between two characters. Beside Latin words, numbers and placeholders Chinese gets a space
    everywhere and Japanese nowhere, as most of either is printed. What is behind a placeholder is
    not touched. Other languages stay as they are.
    """
    script = LANGUAGES[language].script
    if script not in _WITHOUT_SPACES:
        return masked
    marks = _CHINESE if script is Script.HAN else _JAPANESE
    text = _round_brackets(_held(masked.translate(_FULL_WIDTH)))
    text = _MARKS.sub(lambda match: marks[match[0][-1]], text)
    text = _STOP.sub(marks["."], text)
    text = _BETWEEN.sub("", text)
    text = _APART.sub(" " if script is Script.HAN else "", text)
    return _AROUND.sub(r"\1", text).strip().translate(_LET_GO)


def _held(text: str) -> str:
    for pattern, sign in ((_ABBREVIATION, "."), (_CALL, ",")):
        text = pattern.sub(lambda match: match[0].replace(sign, _HELD[sign]), text)  # noqa: B023 - called in this turn
    return text


def _round_brackets(text: str) -> str:
    calls = {place for match in _CALL.finditer(text) for place in range(*match.span())}
    return "".join(
        sign if place in calls else _BRACKETS.get(sign, sign) for place, sign in enumerate(text)
    )


def set_apart(text: str, *, language: str) -> str:
    """Put a space between a link or a formula and the Chinese, Japanese or Korean beside it.

    Behind a link also before a full-width mark: apps that look for links, Telegram's among them
    (https://github.com/tdlib/td, MessageEntity.cpp), take `。` and `）` for a part of the address.
    """
    if LANGUAGES[language].script not in {Script.HAN, Script.JAPANESE, Script.HANGUL}:
        return text
    pieces: list[str] = []
    end = 0
    for start, stop in spans(text):
        is_link = _LINK.match(text, start)
        if not is_link and not _FORMULA.match(text, start):
            continue
        before, after = text[max(start - 1, 0) : start], text[stop : stop + 1]
        pieces += (
            text[end:start],
            " " if _EAST_ASIAN.match(before) else "",
            text[start:stop],
            " " if _EAST_ASIAN.match(after) or (is_link and _FULL_WIDTH_MARK.match(after)) else "",
        )
        end = stop
    pieces.append(text[end:])
    return "".join(pieces)

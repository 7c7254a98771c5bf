"""Scripts: the letters of each, and letters of a script that has no business in a text."""

import re
from functools import cache

from bot.translation.languages import Script

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS: dict[Script, str] = {
    Script.LATIN: r"a-zA-Z\u00aa-\u024f\u1e00-\u1eff",
    Script.HAN: _HAN,
    Script.JAPANESE: rf"\u3041-\u30ff{_HAN}",
    Script.HANGUL: r"\u1100-\u11ff\uac00-\ud7af",
    Script.CYRILLIC: r"\u0400-\u052f",
    Script.GREEK: r"\u0370-\u03ff\u1f00-\u1fff",
    Script.ARMENIAN: r"\u0530-\u058f",
    Script.GEORGIAN: r"\u10a0-\u10ff",
    Script.HEBREW: r"\u0590-\u05ff",
    Script.ARABIC: r"\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    Script.DEVANAGARI: r"\u0900-\u097f",
    Script.BENGALI: r"\u0980-\u09ff",
    Script.TAMIL: r"\u0b80-\u0bff",
    Script.TELUGU: r"\u0c00-\u0c7f",
    Script.THAI: r"\u0e00-\u0e7f",
}
_WITHOUT_SPACES = {Script.HAN, Script.JAPANESE, Script.THAI}
KANA = re.compile(r"[\u3041-\u30ff]")

_EVERYWHERE = {Script.LATIN, Script.GREEK}
"""Of names, and of mathematics."""


# Each takes milliseconds to compile, and a start needs none.
@cache
def word_of(script: Script) -> re.Pattern[str]:
    """Return the expression for a word of a script, for a sign where no spaces part words."""
    letters = _LETTERS[script]
    return re.compile(f"[{letters}]" if script in _WITHOUT_SPACES else f"[{letters}]+")


@cache
def any_word() -> re.Pattern[str]:
    """Return the expression for a word of any script."""
    # Of the scripts above with their vowel signs, and of any other.
    return re.compile("|".join([*(word_of(script).pattern for script in _LETTERS), r"[^\W\d_]+"]))


@cache
def _strange_to(script: Script) -> re.Pattern[str]:
    others = (
        letters
        for other, letters in _LETTERS.items()
        if other not in {script, *_EVERYWHERE}
        and not (script is Script.JAPANESE and other is Script.HAN)
    )
    return re.compile(f"[{''.join(others)}]")


_MOST_STRANGE = 1


def has_strange_letters(source: str, translated: str, script: Script) -> bool:
    """Tell whether letters of a script that neither language has stand in a translation."""
    own = word_of(script)
    known = set(source)
    strange = (
        sign
        for sign in _strange_to(script).findall(translated)
        if sign.isalpha() and sign not in known and not own.match(sign)
    )
    return sum(1 for _ in strange) > _MOST_STRANGE

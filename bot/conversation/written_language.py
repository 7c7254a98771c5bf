"""Written language: whether words are a title, or in a language that arXiv's papers are not in."""

import re
import unicodedata
from collections import Counter

_FEWEST_OF_A_TITLE = 5
_SCRIPTS = {
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "HANGUL": "ko",
    "CJK": "zh-CN",
    "CYRILLIC": "ru",
    "ARABIC": "ar",
    "HEBREW": "he",
    "THAI": "th",
    "DEVANAGARI": "hi",
}
"""The language that is most written in a script, the more telling scripts first."""
_QUERY_SIGNS = re.compile(r'["|*]|(?<!\S)-\w|\b(?:AND|OR|ANDNOT|NOT)\b|[^\W\d_]+:\S')


def is_title(written: str) -> bool:
    """Tell whether words may be a paper's title: many of them, and no query."""
    return len(written.split()) >= _FEWEST_OF_A_TITLE and not _QUERY_SIGNS.search(written)


def language_of(written: str, spoken: str) -> str | None:
    """Return the language that words are in by their script, or may be in as their writer's.

    spoken: the catalogue that is spoken with the writer. None: English, or a query.
    """
    if _QUERY_SIGNS.search(written):
        return None
    scripts = Counter(
        unicodedata.name(char, "").partition(" ")[0] for char in written if char.isalpha()
    )
    for script, language in _SCRIPTS.items():
        if scripts[script]:
            return language
    own = spoken.partition("_")[0]
    return own if scripts["LATIN"] and own not in {"en", *_SCRIPTS.values(), "zh"} else None

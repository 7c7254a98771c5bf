"""Language identification by stop words: which language of a script a text is in."""

import csv
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TWINS = ({"id", "ms"}, {"da", "nb", "sv"}, {"hr", "sl", "sr"}, {"tr", "az"})
"""So close to each other that stop words do not tell them apart."""
_ENOUGH = 4
_LEAST_SHARE = 0.15
"""Of a text's words, so many are stop words at least in the language that it is in."""
_LEAD = 1.3


def is_in_another_language(text: str, language: str) -> bool:
    """Tell whether the stop words in a text are another language's, English among them."""
    profiles = _profiles()
    if language not in profiles:
        return False
    words = [word.casefold() for word in _WORD.findall(text)]
    alike = next((twins for twins in _TWINS if language in twins), {language})
    own = _share(words, profiles[language])
    best = max(_share(words, profile) for code, profile in profiles.items() if code not in alike)
    return best >= max(_ENOUGH, _LEAST_SHARE * len(words)) and best > _LEAD * own


def is_english(sentence: str, language: str) -> bool:
    """Tell whether a sentence was left in English."""
    words = [word.casefold() for word in _WORD.findall(sentence)]
    profiles = _profiles()
    english = _share(words, profiles["en"])
    return english >= max(_ENOUGH - 1, 2 * _LEAST_SHARE * len(words)) and english > 2 * _share(
        words, profiles.get(language, frozenset())
    )


def _share(words: list[str], profile: frozenset[str]) -> int:
    return sum(word in profile for word in words)


@lru_cache(maxsize=1)
def _profiles() -> Mapping[str, frozenset[str]]:
    table = (files("bot.translation") / "stop_words.csv").read_text(encoding="utf-8")
    return {
        row["language"]: frozenset(row["words"].split())
        for row in csv.DictReader(table.splitlines())
    }

"""Language identification by stop words: which language of a script a text is in."""

import csv
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TWINS = ({"id", "ms"}, {"da", "nb", "sv"}, {"hr", "sl", "sr"}, {"tr", "az"})
"""So close to each other that stop words do not tell them apart."""
_OTHERS_LETTERS = {
    "ru": "іїєґў", "uk": "ыэъё", "be": "ищъїєґ", "bg": "ыэёіїєґў", "sr": "йыщэюяъьіїєґў",
    "es": "ãõ", "pt": "ñ¿¡",
}  # fmt: skip
"""Letters of their neighbours' that languages do not have."""
_ENOUGH = 4
_LEAST_SHARE = 0.15
"""Of a text's words, so many are stop words at least in the language that it is in."""
_LEAD = 1.3
_LEAST_WORDS = 6


def is_in_another_language(text: str, language: str) -> bool:
    """Tell whether the stop words in a text are another language's, English among them."""
    profiles = _profiles()
    if language not in profiles:
        return False
    if _has_letters_of_others(text, language, least=3):
        return True
    words = [word.casefold() for word in _WORD.findall(text)]
    alike = next((twins for twins in _TWINS if language in twins), {language})
    own = _share(words, profiles[language])
    best = max(
        _share(words, profile)
        for code, profile in profiles.items()
        if code not in alike and not _has_letters_of_others(text, code, least=2)
    )
    return best >= max(_ENOUGH, _LEAST_SHARE * len(words)) and best > _LEAD * own


def _has_letters_of_others(text: str, language: str, *, least: int) -> bool:
    """Say whether letters that a language does not write stand in a text, names aside."""
    others = _OTHERS_LETTERS.get(language, "")
    return bool(others) and sum(sign in others for sign in text.casefold()) >= least


def is_a_strange_sentence(sentence: str, language: str) -> bool:
    """Tell whether a sentence among others is in another language; that takes more than a text."""
    profiles = _profiles()
    # Each once, and no letters: `a` is a word of many languages.
    words = list({word.casefold() for word in _WORD.findall(sentence) if len(word) > 1})
    if language not in profiles or len(words) < _LEAST_WORDS:
        return False
    alike = next((twins for twins in _TWINS if language in twins), {language})
    own = _share(words, profiles[language])
    best = max(_share(words, of) for code, of in profiles.items() if code not in alike)
    if own == 0 and best >= _ENOUGH - 1:
        return True
    return best >= max(own + _ENOUGH, _LEAST_SHARE * len(words)) and best > _LEAD * own


def is_english(sentence: str, language: str) -> bool:
    """Tell whether a sentence was left in English."""
    words = [word.casefold() for word in _WORD.findall(sentence)]
    profiles = _profiles()
    english = _share(words, profiles["en"])
    return english >= max(_ENOUGH - 1, 2 * _LEAST_SHARE * len(words)) and english > 2 * _share(
        words, profiles.get(language, frozenset())
    )


def is_clause(words: Sequence[str]) -> bool:
    """Tell whether English words in a row are more than a name: so many, and stop words in them."""
    return len(words) > _ENOUGH and _share(list(words), _profiles()["en"]) > 1


def is_function_word(word: str, language: str) -> bool:
    """Tell whether a word is one of the small ones that every text in a language has."""
    return word.casefold() in _profiles().get(language, frozenset())


def _share(words: list[str], profile: frozenset[str]) -> int:
    return sum(word in profile for word in words)


@lru_cache(maxsize=1)
def _profiles() -> Mapping[str, frozenset[str]]:
    table = (files("bot.translation.checks") / "stop_words.csv").read_text(encoding="utf-8")
    return {
        row["language"]: frozenset(row["words"].split())
        for row in csv.DictReader(table.splitlines())
    }

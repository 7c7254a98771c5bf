"""Spelling: the word of a field of research that is meant by one that no paper has."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache

from bot.query.categories import FIELDS
from bot.query.presets import PRESETS

_SHORTEST = 4
_LIKENESS = 0.8


def near(word: str) -> str | None:
    """Return the word of a name or a ready-made topic that one is most like."""
    if len(word) < _SHORTEST:
        return None
    found = get_close_matches(word.lower(), _vocabulary(), n=1, cutoff=_LIKENESS)
    return found[0] if found and found[0] != word.lower() else None


@cache
def _vocabulary() -> list[str]:
    return sorted(set(_words((*FIELDS.values(), *(preset.query for preset in PRESETS)))))


def _words(texts: Iterable[str]) -> list[str]:
    return [word.lower() for text in texts for word in re.findall(r"[A-Za-z]{4,}", text)]

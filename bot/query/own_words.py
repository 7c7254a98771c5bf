"""A paper's own words: phrases of its title that say what it is about."""

import re
from collections.abc import Iterator

from bot.query import names
from bot.query.tokens import STOP_WORDS, index_key, split

_LONGEST = 3
_EMPTY = names.EMPTY_WORDS
"""Words that say nothing alone, as titles use them."""
_BREAK = re.compile(r"[:;,.!?()\[\]–—]|\s-\s")


def phrases(title: str, abstract: str) -> list[str]:
    """Return phrases of two words or three of a title, those first that the abstract has as well.

    Where there are none, its single words that say something.
    """
    body = " ".join(map(_key, split(abstract)))
    found = list(dict.fromkeys(_phrases(title)))
    known = [phrase for phrase in found if " ".join(map(_key, phrase.split())) in body]
    return [*known, *(phrase for phrase in found if phrase not in known)] or single_words(title)


def single_words(title: str) -> list[str]:
    """Return the words of a title that say something alone."""
    words = [word.lower() for word in split(title)]
    telling = (word for word in words if len(word) > _LONGEST and not _is_empty(word))
    return list(dict.fromkeys(telling))


def _phrases(title: str) -> Iterator[str]:
    for part in _BREAK.split(title):
        words = [word.lower() for word in split(part)]
        for length in range(_LONGEST, 1, -1):
            for start in range(len(words) - length + 1):
                some = words[start : start + length]
                if _tells(some):
                    yield " ".join(some)


def _tells(words: list[str]) -> bool:
    """Tell whether words say something together: no small ones, and not only empty ones."""
    if STOP_WORDS & set(words) or any(len(word) == 1 for word in words):
        return False
    first, *_middle, last = words
    return not all(map(_is_empty, words)) and first not in _EMPTY - {"large"} and last != "via"


def _is_empty(word: str) -> bool:
    return word in _EMPTY or word in STOP_WORDS


def _key(word: str) -> str:
    return index_key(word).lower()

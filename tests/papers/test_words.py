"""The words of texts, whoever else looks at words at the same time."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest

from bot.papers.words import index_key

WORDS = [
    f"{first}{middle}{last}"
    for first, middle, last in product(
        ("comput", "gener", "norm", "relat", "organ", "hop", "sens", "transform"),
        ("", "al", "at", "ation", "ional", "iz", "iv"),
        ("e", "ed", "edly", "er", "es", "ing", "ings", "ity", "ively", "ly", "ness", "s"),
    )
]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_words_that_several_threads_look_at_are_not_mixed_up() -> None:
    """A sweep and the search for a new topic's past match papers in threads of their own."""
    keys = {word: index_key(word) for word in WORDS}

    def differences(_thread: int) -> list[tuple[str, str]]:
        found = []
        for word in WORDS:
            index_key.cache_clear()
            if (key := index_key(word)) != keys[word]:
                found.append((word, key))
        return found

    with ThreadPoolExecutor(4) as threads:
        assert [each for found in threads.map(differences, range(4)) for each in found] == []

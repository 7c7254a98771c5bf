"""The words of texts, whoever else looks at words at the same time."""

import importlib
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import pytest
import snowballstemmer

from bot.query import tokens
from bot.query.tokens import index_key

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


@pytest.fixture(params=["C", "Python"])
def written_in(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the stemmer be that of either language, as on an interpreter without a build of C's."""
    if request.param == "C":
        pytest.importorskip("Stemmer", reason="PyStemmer has no build for this Python")
    else:
        monkeypatch.setitem(sys.modules, "Stemmer", None)
    importlib.reload(snowballstemmer)
    tokens._stemmer.cache_clear()
    yield request.param
    monkeypatch.undo()
    importlib.reload(snowballstemmer)
    tokens._stemmer.cache_clear()


def test_the_stemmer_is_the_fastest_there_is(written_in: str) -> None:
    module = type(snowballstemmer.stemmer("english")).__module__
    assert (module == "Stemmer") == (written_in == "C")


@pytest.mark.usefixtures("hasty_threads", "written_in")
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

"""Rising words: bursts in the titles of a week, by a likelihood-ratio test against weeks before.

The test is Dunning's G² of two proportions: how many of the week's titles have a word, and how
many of the titles before. It holds for rare words as well (T. Dunning, "Accurate methods for the
statistics of surprise and coincidence", https://aclanthology.org/J93-1003/).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log

from bot.query.tokens import STOP_WORDS, index_key, split

LEAST_PAPERS = 5
"""A word in fewer of a week's titles is chance."""

_SIGNIFICANT = 15.13
"""G² of one degree of freedom at p = 0.0001: hundreds of words are tested at once."""
_TWICE = 2.0
_MOST = 3
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class RisingWord:
    """A word that stands in many more titles than before."""

    word: str
    """As titles of this week write it."""
    papers: int
    usual: float
    """Papers a week before."""
    surprise: float
    """G²."""


def rising_words(titles: Iterable[str], before: Sequence[Iterable[str]]) -> list[RisingWord]:
    """Return the words of a week's titles that burst, the most surprising first, three at most.

    `before` are the titles of the weeks that it is compared with; without any nothing is known to
    rise. "agent" and "agents" are one word, and two words that stand together are one as well.
    """
    forms: dict[str, Counter[str]] = {}
    known = 0
    for title in titles:
        known += 1
        for key, form in _said(title).items():
            forms.setdefault(key, Counter())[form] += 1
    week = {key: n for key, found in forms.items() if (n := found.total()) >= LEAST_PAPERS}
    past: Counter[str] = Counter()
    total = 0
    for title in (title for titles_then in before for title in titles_then):
        total += 1
        past.update(_said(title).keys() & week.keys())
    if not total:
        return []
    found = [
        RisingWord(_usual_form(forms[key]), papers, past[key] / len(before), surprise)
        for key, papers in week.items()
        if papers / known >= _TWICE * past[key] / total
        and (surprise := _g2(papers, known, past[key], total)) >= _SIGNIFICANT
    ]
    return told(found)


def told(found: Iterable[RisingWord]) -> list[RisingWord]:
    """Return the most surprising: what shares a word with one that is told says nothing new."""
    chosen: list[RisingWord] = []
    parts: set[str] = set()
    for rising in sorted(found, key=lambda one: (-one.surprise, -len(one.word), one.word)):
        mine = {index_key(word) for word in rising.word.split(" ")}
        if not mine & parts and len(chosen) < _MOST:
            chosen.append(rising)
        parts |= mine
    return chosen


def _said(title: str) -> Mapping[str, str]:
    """Return the words and pairs of a title by their keys, as it writes them."""
    words = [(index_key(word), word) for word in split(title)]
    found = {key: _shown(word) for key, word in words if _counts(word)}
    found.update(_pairs(words))
    return found


def _pairs(words: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for (first, word), (second, following) in pairwise(words):
        if _counts(word) and _counts(following):
            yield f"{first} {second}", f"{_shown(word)} {_shown(following)}"


def _counts(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdecimal() and word.lower() not in STOP_WORDS


def _shown(word: str) -> str:
    """Return a word as it stands within a sentence: acronyms keep their capitals."""
    return word.lower() if word[1:].islower() else word


def _usual_form(forms: Counter[str]) -> str:
    """Return how most write it; of two that are as frequent the shorter: "agent", not "agents"."""
    return min(forms, key=lambda form: (-forms[form], len(form), form))


def _g2(here: int, all_here: int, there: int, all_there: int) -> float:
    """Return how surprising it is that one word is so frequent in both."""
    rate = (here + there) / (all_here + all_there)
    observed = (
        (here, all_here * rate),
        (all_here - here, all_here * (1 - rate)),
        (there, all_there * rate),
        (all_there - there, all_there * (1 - rate)),
    )
    return 2 * sum(seen * log(seen / expected) for seen, expected in observed if seen)

"""Topics as people write them, made of the words, names and categories of real papers."""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.query.tokens import STOP_WORDS, split
from storage.models import Paper

__all__ = ["distinct_topics"]

_SHORTEST = 3
_KINDS = {
    "word": 10,
    "pair": 20,
    "phrase": 25,
    "phrase or word": 10,
    "with category": 15,
    "with exclusion": 12,
    "author": 8,
}
"""How many of a hundred are of a kind."""


def distinct_topics(papers: Sequence[Paper], count: int, *, seed: int = 1) -> list[str]:
    """Return so many different queries, the same ones each time."""
    made: dict[str, None] = {}
    for topic in _endless(papers, random.Random(seed)):
        made[topic] = None
        if len(made) == count:
            return list(made)
    return []


def _endless(papers: Sequence[Paper], chance: random.Random) -> Iterator[str]:
    titles = [[word.lower() for word in split(paper.title)] for paper in papers]
    telling = [[word for word in words if _tells(word)] for words in titles]
    pairs = [pair for words in titles for pair in pairwise(words) if all(map(_tells, pair))]
    vocabulary = sorted({word for words in telling for word in words})
    longer = [sorted(set(words)) for words in telling if len(set(words)) > 2]
    kinds, weights = list(_KINDS), list(_KINDS.values())
    while True:
        paper = chance.choice(papers)
        first, second = sorted(chance.sample(chance.choice(longer), 2))
        phrase = f'"{" ".join(chance.choice(pairs))}"'
        match chance.choices(kinds, weights)[0]:
            case "word":
                yield chance.choice(vocabulary)
            case "pair":
                yield f"{first} {second}"
            case "phrase":
                yield phrase
            case "phrase or word":
                yield f"{phrase} OR {chance.choice(vocabulary)}"
            case "with category":
                yield f"{chance.choice([first, phrase])} cat:{paper.categories[0].split(';')[0]}"
            case "with exclusion":
                yield f"{phrase} -{chance.choice(['survey', 'review', second])}"
            case "author":
                yield f'au:"{" ".join(split(chance.choice(paper.authors)))}"'


def _tells(word: str) -> bool:
    return len(word) >= _SHORTEST and word not in STOP_WORDS

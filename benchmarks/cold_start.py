"""What a personal order is worth on the first day, and after 30 saves: held-out days, real papers.

    .venv/bin/python benchmarks/cold_start.py [readers]

Two kinds of readers follow one category each. One likes what has one of two words in title or
abstract (as in ranking.py); that flatters whoever counts words. The other likes what is also in a
second category, and nobody is told categories or authors: what they like is a subject, and not a
word. Examples and saves are of a category's older papers, all judged days of its 360 newest, 60 a
day, of which ten are shown: no paper is both. Precision at 10: how many of the ten are liked.
"""

import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import mean, median

from ranking import BATCH, COMMON, RARE, SHOWN, newest, vocabulary, words_of_titles
from real_papers import read, real_papers

from bot.ranking.far_apart import far_apart
from bot.ranking.model import learn
from bot.ranking.word_weights import WordWeights
from storage.models import Paper

DAYS = 6
GIVEN, SAVED = 20, 30
_WEIGHED = 2_000
SEEN_A_SAVE = 3
"""Papers that a reader saw and did not save, for each that was saved; a third got a vote."""


@dataclass
class Reader:
    """Somebody with a taste, the older papers, and the days that come."""

    likes: Callable[[Paper], bool]
    weights: WordWeights
    """Of the papers before the days that are judged, and of no opinion."""
    pool: list[Paper]
    days: list[list[Paper]]
    chance: random.Random

    def __post_init__(self) -> None:
        liked = [paper for paper in self.pool if self.likes(paper)]
        others = [paper for paper in self.pool if not self.likes(paper)]
        self.given = self.chance.sample(liked, GIVEN)
        self.saved = self.chance.sample(liked, SAVED)
        seen = self.chance.sample(others, SAVED * SEEN_A_SAVE)
        self.disliked, self.passed_over = seen[: len(seen) // 3], seen[len(seen) // 3 :]
        self.tapped = self._tapped()

    def _tapped(self) -> list[Paper]:
        """Return what is tapped on up to three pages of ten recent titles that are far apart."""
        shown = far_apart(self.pool[-200:])[: 3 * SHOWN]
        return [paper for paper in shown if self.likes(paper)][:3]


def blind(paper: Paper) -> Paper:
    """Return a paper of which title and abstract alone are told."""
    told = Paper.model_validate(paper.model_dump())
    told.categories, told.authors = [], []
    return told


def readers(papers: Sequence[Paper], count: int, *, kind: str) -> Iterator[Reader]:
    """Yield readers of a kind, the same ones each time."""
    chance = random.Random(21)
    by_category: dict[str, list[Paper]] = defaultdict(list)
    for paper in sorted(papers, key=lambda paper: (paper.published_at, paper.id)):
        by_category[paper.categories[0]].append(paper)
    large = sorted(name for name, found in by_category.items() if len(found) >= 2 * DAYS * BATCH)
    before = sorted(papers, key=lambda paper: (paper.published_at, paper.id))[:_WEIGHED]
    weights = WordWeights(before if kind == "words" else [blind(paper) for paper in before])
    made = 0
    while made < count:
        found = by_category[chance.choice(large)]
        if kind == "words":
            pair = set(chance.sample(words_of_titles(found), 2))
            liked = {paper.id for paper in found if not vocabulary(paper).isdisjoint(pair)}
        else:
            shares = Counter(name for paper in found for name in paper.categories[1:])
            some = [name for name, n in shares.items() if RARE <= n / len(found) <= 2 * COMMON]
            second = chance.choice(sorted(some))
            liked = {paper.id for paper in found if second in paper.categories[1:]}
            found = [blind(paper) for paper in found]
        pool, late = found[: -DAYS * BATCH], found[-DAYS * BATCH :]
        if sum(paper.id in liked for paper in pool) < SAVED:
            continue
        days = [late[day * BATCH : (day + 1) * BATCH] for day in range(DAYS)]
        made += 1
        yield Reader(partial(_is_among, liked), weights, pool, days, random.Random(made))


def _is_among(liked: set[str], paper: Paper) -> bool:
    return paper.id in liked


def tf_idf(reader: Reader, liked: Sequence[Paper], batch: Sequence[Paper]) -> Sequence[float]:
    """Return how near papers are to the middle of those that are liked."""
    rows = reader.weights.rows([*liked, *batch])
    middle = rows[: len(liked)].mean(axis=0)
    return [float(score) for score in (rows[len(liked) :] @ middle.T).A1]


def judged(
    reader: Reader,
    batch: Sequence[Paper],
    *,
    liked: Sequence[Paper] = (),
    given: Sequence[Paper] = (),
    disliked: Sequence[Paper] = (),
    passed_over: Sequence[Paper] = (),
) -> Sequence[float] | None:
    """Return what the bot thinks of a day's papers; None where it thinks nothing yet."""
    ranker = learn(
        liked=liked,
        given=given,
        disliked=disliked,
        passed_over=passed_over or batch,
        weights=reader.weights,
    )
    return None if ranker is None else [one.score for one in ranker.judge(batch)]


def best(batch: Sequence[Paper], scores: Sequence[float] | None) -> list[Paper]:
    """Return what is shown of a day."""
    if scores is None:
        return newest(batch)
    places = sorted(range(len(batch)), key=lambda at: -scores[at])
    return [batch[at] for at in places[:SHOWN]]


WAYS: dict[str, Callable[[Reader, Sequence[Paper]], Sequence[float] | None]] = {
    "newest first": lambda _reader, _batch: None,
    "20 given, tf-idf alone": lambda reader, batch: tf_idf(reader, reader.given, batch),
    "20 given": lambda reader, batch: judged(reader, batch, given=reader.given),
    "three taps": lambda reader, batch: judged(reader, batch, given=reader.tapped),
    "30 saved, tf-idf alone": lambda reader, batch: tf_idf(reader, reader.saved, batch),
    "30 saved": lambda reader, batch: judged(
        reader,
        batch,
        liked=reader.saved,
        disliked=reader.disliked,
        passed_over=reader.passed_over,
    ),
    "20 given, 30 saved": lambda reader, batch: judged(
        reader,
        batch,
        liked=reader.saved,
        given=[paper for paper in reader.given if paper not in reader.saved],
        disliked=reader.disliked,
        passed_over=reader.passed_over,
    ),
}


def main() -> None:
    """Print precision at 10 by what is known of a reader."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    papers = list(read(real_papers()))
    for kind in ("words", "subjects"):
        hits: dict[str, list[float]] = defaultdict(list)
        costs: dict[str, list[float]] = defaultdict(list)
        possible, taps = [], []
        for reader in readers(papers, count, kind=kind):
            taps.append(len(reader.tapped))
            for batch in reader.days:
                possible.append(min(SHOWN, sum(map(reader.likes, batch))) / SHOWN)
                for name, way in WAYS.items():
                    began = time.process_time()
                    shown = best(batch, way(reader, batch))
                    costs[name].append(time.process_time() - began)
                    hits[name].append(mean(map(reader.likes, shown)))
        by_date = mean(hits["newest first"])
        print(
            f"{count} readers who like {kind}; at best {mean(possible):.3f}; {mean(taps):.1f} taps"
        )
        for name in WAYS:
            print(
                f"  {name:22} {mean(hits[name]):.3f}, {mean(hits[name]) / by_date:.2f} times as"
                f" many; {median(costs[name]) * 1000:.0f} ms, at most"
                f" {max(costs[name]) * 1000:.0f} ms"
            )


if __name__ == "__main__":
    main()

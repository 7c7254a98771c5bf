"""How much better a personal order is than the newest first: simulated readers, real papers.

    .venv/bin/python benchmarks/ranking.py [readers]

A reader follows one category, and likes what has one of two words in title or abstract that are
never told to anybody. Each day brings 60 papers of the category, by date, of which a push shows
ten. The reader saves seven of ten that it likes, votes against a third of what it does not, and
now and then (one of twenty) is wrong. Precision at 10: how many of the ten shown the reader likes.
"""

import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

from real_papers import read, real_papers

from bot.query.tokens import STOP_WORDS
from bot.ranking.model import LIKED_NEEDED, learn
from bot.ranking.word_weights import WordWeights
from storage.models import Paper

DAYS, BATCH, SHOWN = 12, 60, 10
SAVES, VOTES_AGAINST, WRONG = 0.7, 1 / 3, 0.05
RARE, COMMON = 0.02, 0.12
"""A hidden word stands in this share of a category's papers."""


@dataclass
class Reader:
    category: str
    words: tuple[str, str]
    chance: random.Random
    liked: list[Paper] = field(default_factory=list)
    disliked: list[Paper] = field(default_factory=list)
    passed_over: list[Paper] = field(default_factory=list)

    def likes(self, paper: Paper) -> bool:
        return not vocabulary(paper).isdisjoint(self.words)

    def see(self, papers: Sequence[Paper]) -> None:
        for paper in papers:
            wanted = self.likes(paper) != (self.chance.random() < WRONG)
            if wanted and self.chance.random() < SAVES:
                self.liked.append(paper)
            elif not wanted and self.chance.random() < VOTES_AGAINST:
                self.disliked.append(paper)
            else:
                self.passed_over.append(paper)


def vocabulary(paper: Paper) -> set[str]:
    return set(re.findall(r"[a-z]{4,}", f"{paper.title} {paper.abstract}".lower()))


def words_of_titles(found: Sequence[Paper]) -> list[str]:
    """Return words that are neither rare nor common among a category's papers."""
    seen = Counter(word for paper in found for word in vocabulary(paper))
    share = {word: times / len(found) for word, times in seen.items()}
    return sorted(
        word
        for word in {w for p in found for w in re.findall(r"[a-z]{5,}", p.title.lower())}
        if RARE <= share.get(word, 0) <= COMMON and word not in STOP_WORDS
    )


def readers(papers: Sequence[Paper], count: int) -> Iterator[tuple[Reader, list[Paper]]]:
    chance = random.Random(7)
    by_category: dict[str, list[Paper]] = defaultdict(list)
    for paper in papers:
        by_category[paper.categories[0]].append(paper)
    large = sorted(name for name, found in by_category.items() if len(found) >= DAYS * BATCH)
    words: dict[str, list[str]] = {}
    for name in large:
        words[name] = words_of_titles(by_category[name])
    for number in range(count):
        name = chance.choice(large)
        first, second = chance.sample(words[name], 2)
        stream = chance.sample(by_category[name], DAYS * BATCH)
        stream.sort(key=lambda paper: paper.published_at)
        yield Reader(name, (first, second), random.Random(number)), stream


def newest(batch: Sequence[Paper]) -> list[Paper]:
    return sorted(batch, key=lambda paper: paper.published_at, reverse=True)[:SHOWN]


def personal(
    reader: Reader, batch: Sequence[Paper], weights: WordWeights, seconds: list[float]
) -> list[Paper]:
    begun = time.process_time()
    ranker = learn(
        liked=reader.liked,
        disliked=reader.disliked,
        passed_over=reader.passed_over[-400:],
        weights=weights,
    )
    if ranker is None:
        return newest(batch)
    scores = [judgement.score for judgement in ranker.judge(batch)]
    seconds.append(time.process_time() - begun)
    places = sorted(range(len(batch)), key=lambda at: -scores[at])
    return [batch[at] for at in places[:SHOWN]]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    papers = list(read(real_papers()))
    weights = WordWeights(random.Random(7).sample(papers, 2_000))
    by_date, by_taste, best, likes = (defaultdict(list) for _ in range(4))
    seconds: list[float] = []
    begun_on = []
    for reader, stream in readers(papers, count):
        began = None
        for day in range(DAYS):
            batch = stream[day * BATCH : (day + 1) * BATCH]
            wanted = sum(map(reader.likes, batch))
            if began is None and len(reader.liked) >= LIKED_NEEDED:
                began = day
            shown = personal(reader, batch, weights, seconds)
            by_date[day].append(mean(map(reader.likes, newest(batch))))
            by_taste[day].append(mean(map(reader.likes, shown)))
            best[day].append(min(wanted, SHOWN) / SHOWN)
            likes[day].append(wanted / BATCH)
            reader.see(shown)
        begun_on.append(DAYS if began is None else began)
    print(f"{count} readers, {len(papers)} papers, {BATCH} a day of which {SHOWN} are shown")
    print("day | newest first | personal | best possible | liked of all")
    for day in range(DAYS):
        row = [mean(of[day]) for of in (by_date, by_taste, best, likes)]
        print(f"{day + 1:3} | {row[0]:.2f} | {row[1]:.2f} | {row[2]:.2f} | {row[3]:.2f}")
    late = range(DAYS // 2, DAYS)
    old, new = (mean(mean(of[day]) for day in late) for of in (by_date, by_taste))
    print(
        f"days {late[0] + 1} to {DAYS}: {old:.3f} newest first, {new:.3f} personal,"
        f" {new / old:.2f} times as many"
    )
    wins = [
        sum(by_taste[day][at] for day in late) - sum(by_date[day][at] for day in late)
        for at in range(count)
    ]
    print(
        f"readers better off: {sum(win > 0 for win in wins)}, the same:"
        f" {sum(win == 0 for win in wins)}, worse off: {sum(win < 0 for win in wins)}"
    )
    print(f"the order begins on day {median(begun_on) + 1:.0f} (median)")
    print(
        f"learn and judge: {median(seconds) * 1000:.0f} ms median,"
        f" {max(seconds) * 1000:.0f} ms at most"
    )


if __name__ == "__main__":
    main()

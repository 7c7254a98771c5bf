"""Compare the matcher with a slow and obvious oracle, on real papers and random queries.

    python benchmarks/agreement.py [QUERIES]

The oracle reads neither TeX nor accents, so that the papers are those that have none.
"""

import random
import sys

from real_papers import read, real_papers
from topics import distinct_topics

from bot.query.ast import Query
from bot.query.matcher import matching
from bot.query.parser import QuerySyntaxError, parse
from storage.models import Paper
from tests.query.oracle import is_plain, oracle, plain

PAPERS = 1000
QUERIES = 300
_SHAPES = (
    *("{a}", "{a} {b}", "({a}) OR ({b})", "({a}) ANDNOT ({b})", "({a} | {b}) -({c})"),
    *("ti:{word}", "abs:{word}", "co:{word}", "all:{word}", "{start}*", "ti:{start}* {b}"),
    *("({a}) OR (ti:{word} -({b}))", "cat:cs.* {word} -{start}*", "{word} OR {start}* OR ({c})"),
)


def main() -> None:
    every = list(read(real_papers()))
    papers = [plain(paper) for paper in every if is_plain(paper)]
    read_by_it = len(papers)
    papers = random.Random(1).sample(papers, PAPERS)
    queries = _random_queries(every, int(sys.argv[1]) if len(sys.argv) > 1 else QUERIES)
    found = matching(papers, dict(enumerate(queries)))
    right = wrong = missed = 0
    for number, query in enumerate(queries):
        ours = set(found[number])
        expected = {paper.id for paper in papers if oracle(query, paper)}
        right += len(ours & expected)
        wrong += len(ours - expected)
        missed += len(expected - ours)
        if sys.stderr.isatty():
            print(f"\r{number + 1}/{len(queries)}", end="", file=sys.stderr)
    print(
        f"papers          {len(papers):>9,} (the oracle can read {read_by_it:,} of {len(every):,})"
    )
    print(f"queries         {len(queries):>9,} random trees")
    print(f"oracle's pairs  {right + missed:>9,}")
    print(f"wrongly found   {wrong:>9,}   precision {right / (right + wrong):.4%}")
    print(f"wrongly missed  {missed:>9,}   recall    {right / (right + missed):.4%}")


def _random_queries(papers: list[Paper], count: int) -> list[Query]:
    chance = random.Random(2)
    topics = [topic for topic in distinct_topics(papers, 20_000) if topic.isascii()]
    words = [topic for topic in topics if topic.isalpha()]
    made: dict[Query, None] = {}
    while len(made) < count:
        a, b, c = chance.sample(topics, 3)
        word, other = chance.sample(words, 2)
        text = chance.choice(_SHAPES).format(a=a, b=b, c=c, word=word, start=other[:4])
        try:
            made[parse(text)] = None
        except QuerySyntaxError:
            continue  # a brackets' depth, an unknown class
    return list(made)


if __name__ == "__main__":
    main()

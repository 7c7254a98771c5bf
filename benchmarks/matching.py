"""Match 1,500 real papers against many topics: ours, a scan in Python, and plain FTS5.

    python benchmarks/matching.py [ours]

Each side runs in a process of its own, so that its memory is its own. Times are seconds of one
core's work. The slower sides do a sample of the topics where there are many, and their time is
scaled up. `ours`: the others are left out.
"""

import json
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from real_papers import read, real_papers, sample
from topics import distinct_topics

from bot.query.ast import And, AndNot, Field, Or, Query, Term
from bot.query.matcher import matching
from bot.query.parser import parse
from bot.query.tokens import index_key, sought_keys, split
from storage.models import Paper

PAPERS = 1500
COUNTS = (1_000, 10_000, 100_000)
SAMPLES: Mapping[str, int | None] = {"ours": None, "scan": 500, "fts5": 10_000}


def main(*, others: bool) -> None:
    file = real_papers()
    heads = ("topics", "found", "parse s", "ours s", "again s", "MB at first", "MB")
    slower = ("scan s", "MB", "FTS5 s", "MB", "scan/ours", "FTS5/ours")
    print(f"{PAPERS:,} papers; seconds of one core; MB is a process's peak, all included\n")
    print(" | ".join(f"{head:>9}" for head in (*heads, *slower)))
    with TemporaryDirectory() as folder:
        papers, topics = Path(folder) / "papers.jsonl.gz", Path(folder) / "topics.txt"
        sample(file, papers, PAPERS)
        every = list(read(file))
        for count in COUNTS:
            topics.write_text("\n".join(distinct_topics(every, count)), encoding="utf-8")
            ours = _measured("ours", papers, topics)
            row = [f"{count:,}", f"{ours['found']:,}"]
            row += [f"{ours[name]:.2f}" for name in ("parse", "match", "again")]
            row += [f"{ours['mb at first']:.0f}", f"{ours['mb']:.0f}"]
            apart = [_measured(side, papers, topics) for side in ("scan", "fts5") if others]
            for side in apart:
                row += [f"{'~' if side['sampled'] else ''}{side['match']:.1f}", f"{side['mb']:.0f}"]
            row += [f"{side['match'] / ours['match']:.1f}x" for side in apart]
            print(" | ".join(f"{cell:>9}" for cell in row), flush=True)
    samples = ", ".join(f"{side} {size:,}" for side, size in SAMPLES.items() if size)
    print("\nfound: topic x paper. again: the next sweep's matching, with the words' stems known.")
    print("MB at first: the interpreter, the bot's tables and the papers.")
    print(f"~: measured on a sample of the topics and scaled; samples: {samples}.")


def _measured(side: str, papers: Path, topics: Path) -> dict[str, float]:
    command = [sys.executable, __file__, side, str(papers), str(topics)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def _side(side: str, papers_file: str, topics_file: str) -> None:
    papers = list(read(Path(papers_file)))
    texts = Path(topics_file).read_text(encoding="utf-8").splitlines()
    asked, size = len(texts), SAMPLES[side]
    if size is not None and size < asked:
        texts = random.Random(1).sample(texts, size)
    scale = asked / len(texts)
    told: dict[str, float] = {"mb at first": _mb(), "sampled": scale > 1}
    queries: dict[int, Query] = {}

    def parse_all() -> None:
        queries.update(enumerate(map(parse, texts)))

    sides: Mapping[str, Callable[[list[Paper], dict[int, Query]], dict[int, list[str]]]] = {
        "ours": matching,
        "scan": _scan,
        "fts5": _fts5,
    }
    find = sides[side]
    found: dict[int, list[str]] = {}
    told["parse"] = _seconds(parse_all)
    told["match"] = _seconds(lambda: found.update(find(papers, queries))) * scale
    told["found"] = sum(map(len, found.values()))
    told["mb"] = _mb()
    if side == "ours":
        found.clear()
        told["again"] = _seconds(lambda: found.update(find(papers, queries)))
    print(json.dumps(told))


def _scan(papers: list[Paper], queries: dict[int, Query]) -> dict[int, list[str]]:
    """Look at each paper for each topic, its words split and stemmed beforehand."""
    read = [
        [f" {' '.join(map(index_key, split(text)))} " for text in (paper.title, paper.abstract)]
        for paper in papers
    ]
    authors = [" ".join(paper.authors).lower() for paper in papers]

    def finds(query: Query, number: int) -> bool:
        match query:
            case And(operands):
                return all(finds(operand, number) for operand in operands)
            case Or(operands):
                return any(finds(operand, number) for operand in operands)
            case AndNot(included, excluded):
                return finds(included, number) and not finds(excluded, number)
            case Term(Field.CATEGORY):
                return query.words[0] in papers[number].categories
            case Term(Field.AUTHOR):
                return all(word in authors[number] for word in query.words)
            case Term():
                phrase = f" {' '.join(min(sought_keys(w), key=str.isupper) for w in query.words)} "
                return any(phrase in text for text in read[number])

    return {
        key: [papers[number].id for number in range(len(papers)) if finds(query, number)]
        for key, query in queries.items()
    }


def _fts5(papers: list[Paper], queries: dict[int, Query]) -> dict[int, list[str]]:
    """Put the papers into an FTS5 index with Porter's stemmer, and ask it one MATCH a topic."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE paper USING fts5"
        "(id UNINDEXED, title, abstract, authors, categories, tokenize = 'porter unicode61')"
    )
    database.executemany(
        "INSERT INTO paper VALUES (?, ?, ?, ?, ?)",
        ((p.id, p.title, p.abstract, " ".join(p.authors), " ".join(p.categories)) for p in papers),
    )
    ask = "SELECT id FROM paper WHERE paper MATCH ?"
    return {
        key: [row[0] for row in database.execute(ask, [_fts5_query(query)])]
        for key, query in queries.items()
    }


def _fts5_query(query: Query) -> str:
    match query:
        case And(operands):
            return " AND ".join(f"({_fts5_query(operand)})" for operand in operands)
        case Or(operands):
            return " OR ".join(f"({_fts5_query(operand)})" for operand in operands)
        case AndNot(included, excluded):
            return f"({_fts5_query(included)}) NOT ({_fts5_query(excluded)})"
        case Term(Field.AUTHOR):
            return " AND ".join(f'authors : "{word}"' for word in query.words)
        case Term(Field.CATEGORY):
            return f'categories : "{query.words[0]}"'
        case Term():
            return f'{{title abstract}} : "{" ".join(query.words)}"'


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _side(*sys.argv[1:])
    else:
        main(others="ours" not in sys.argv)

"""How much of what a query finds the answer of arXiv's search holds, asked as the bot asks it.

    python benchmarks/recall.py [--fuzz N] [--every N] [--real URL]

Real papers are searched by the playground's arXiv, which is held to what arXiv's own code answers;
with --real by a server at this address that runs that code over the same papers, for example
http://127.0.0.1:8801/api/query. --fuzz asks so many random queries, of hyphenated names, initials,
decimals, accents, starts of long words, exclusions, and all else that the query language has,
instead of the table. --every takes each nth query only.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote_plus
from xml.etree import ElementTree as ET

import requests
from real_papers import real_papers

from bot.playground.arxiv.errors import SearchError
from bot.query.arxiv_syntax import Questions, questions
from bot.query.ast import AndNot, Query, render
from bot.query.parser import QuerySyntaxError, parse
from tests.query.arxiv_answers import Answers
from tests.query.queries import QUERIES, WIDE, drawn

FREQUENT = 4_657
SAMPLE = 400
RANDOM = 761
_ATOM = "{http://www.w3.org/2005/Atom}"
_PAGE = 2_000
_DEEPEST = 10_000

Ask = Callable[[Questions], set[str]]
"""Return the ids of the papers that arXiv finds. Raises SearchError where it refuses a question."""


@dataclass
class Outcome:
    """What came of asking some queries."""

    asked: int = 0
    finding: int = 0
    """Of these queries our matcher finds something by."""
    recalls: list[float] = field(default_factory=list)
    kept: int = 0
    answered: int = 0
    refused: int = 0
    bytes: int = 0
    questions: int = 0
    worst: list[tuple[float, str]] = field(default_factory=list)

    @property
    def whole(self) -> int:
        return sum(recall == 1 for recall in self.recalls)

    @property
    def mean(self) -> float:
        return sum(self.recalls) / max(1, len(self.recalls))

    def below(self, share: float) -> int:
        return sum(recall < share for recall in self.recalls)

    @property
    def kept_share(self) -> float:
        return self.kept / max(1, self.answered)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--real", metavar="URL", help="a server that runs arXiv's own code")
    parser.add_argument("--fuzz", type=int, default=0, metavar="N", help="random queries")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take each nth query")
    options = parser.parse_args()
    with gzip.open(real_papers(), "rt", encoding="utf-8") as lines:
        papers = Answers(map(json.loads, lines))
    ask = _server(options.real) if options.real else papers.to
    print(f"{len(papers.papers):,} papers, asked of {options.real or 'the playground'}\n")
    started = time.monotonic()
    if options.fuzz:
        fuzz(papers, ask, options.fuzz)
    else:
        table(papers, ask, options.every)
    print(f"\n{time.monotonic() - started:.0f} s")


def table(papers: Answers, ask: Ask, every: int) -> None:
    """Print each row with what was wanted."""
    print("| what | queries | measured | wanted |\n|---|---:|---:|---:|")
    refused = bytes_ = 0

    def measured(queries: Iterable[str | Query]) -> Outcome:
        nonlocal refused, bytes_
        outcome = measure(papers, ask, _parsed(queries)[::every])
        refused += outcome.refused
        bytes_ = max(bytes_, outcome.bytes)
        return outcome

    def row(what: str, outcome: Outcome, figure: str, wanted: str) -> None:
        print(f"| {what} | {outcome.finding:,} | {figure} | {wanted} |", flush=True)
        _tell(outcome)

    names = list(dict.fromkeys(name for paper in papers.papers for name in paper.authors))
    chosen = random.Random(1).sample(names, SAMPLE)
    several = random.Random(1).sample(list(filter(None, map(_initials, names))), SAMPLE)
    for what, some, wanted in (
        ("names with a hyphen: recall", filter(_has("-"), names), "≥ 0.94"),
        ("names with an apostrophe: recall", filter(_has("'’"), names), "≥ 0.98"),
        ("one initial: recall", filter(None, map(_one_initial, chosen)), "≥ 0.98"),
        ("several initials: recall", several, "≥ 0.98"),
    ):
        outcome = measured(f'au:"{name}"' for name in some)
        row(what, outcome, f"{outcome.mean:.4f}", wanted)
    outcome = measured(f'au:"{name}"' for name in chosen)
    row("full names: share of the answer kept", outcome, f"{outcome.kept_share:.3f}", "≥ 0.98")
    row("full names: recall", outcome, f"{outcome.mean:.4f}", "-")
    words = _frequent(papers)
    outcome = measured(f"{word}*" for word in words)
    row("words with a star: under a tenth found", outcome, f"{outcome.below(0.1):,}", "≤ 15")
    outcome = measured(_most_frequent(papers, r"\b[A-Za-z]+-?\d+\.\d+\b", 80))
    row("names with a decimal: nothing found", outcome, f"{outcome.below(1e-9)}", "0")
    exclusions = _exclusions(words)
    outcome = measured(exclusions)
    lost = lost_by_exclusions(ask, _parsed(exclusions)[::every], papers)
    row("exclusions: papers lost by one", outcome, f"{lost}", "0")
    outcome = measured(words)
    row("frequent words: recall under 0.9", outcome, f"{outcome.below(0.9)}", "≤ 10")
    row("frequent words: share of the answer kept", outcome, f"{outcome.kept_share:.3f}", "-")
    outcome = measured(_most_frequent(papers, _ACCENTED, 35))
    row("accented words: nothing found", outcome, f"{outcome.below(1e-9)}", "0")
    outcome = measured(_finding(papers, drawn(QUERIES, 4 * RANDOM))[:RANDOM])
    row("random queries: all found", outcome, f"{outcome.whole}", f"{outcome.finding}")
    row("random queries: recall", outcome, f"{outcome.mean:.4f}", "-")
    print(f"\n{refused} questions refused (0); the longest has {bytes_:,} bytes")


def fuzz(papers: Answers, ask: Ask, count: int) -> None:
    """Ask many random queries, and print what came of it."""
    outcome = measure(papers, ask, drawn(WIDE, 3 * count)[:count])
    print(f"random queries                   {outcome.asked:>9,}")
    print(f"refused                          {outcome.refused:>9,} (0)")
    print(f"find something                   {outcome.finding:>9,}")
    share = outcome.whole / max(1, outcome.finding)
    print(f"of these all found               {outcome.whole:>9,} ({share:.1%})")
    print(f"recall                           {outcome.mean:>9.4f}")
    print(f"recall under 0.9                 {outcome.below(0.9):>9,}")
    print(f"bytes of the longest question    {outcome.bytes:>9,} (3,600)")
    print(f"most questions of a query        {outcome.questions:>9,}")
    _tell(outcome)


def measure(papers: Answers, ask: Ask, queries: Sequence[Query]) -> Outcome:
    """Ask queries of arXiv, and compare its answers with what our matcher finds."""
    outcome = Outcome(asked=len(queries))
    found = papers.all_ours(queries)
    for number, query in enumerate(queries):
        asked, ours = questions(query), found[query]
        outcome.bytes = max([outcome.bytes, *(len(quote_plus(one)) for one in asked.searches)])
        outcome.questions = max(outcome.questions, len(asked.searches) + bool(asked.ids))
        try:
            answer = ask(asked)
        except SearchError as error:
            outcome.refused += 1
            print(f"refused: {render(query)}: {error.message[:200]}", file=sys.stderr)
            continue
        outcome.answered += len(answer)
        outcome.kept += len(answer & ours)
        if ours:
            outcome.finding += 1
            outcome.recalls.append(len(answer & ours) / len(ours))
            outcome.worst.append((outcome.recalls[-1], render(query)))
        if sys.stderr.isatty():
            print(f"\r{number + 1:,}/{len(queries):,}", end="", file=sys.stderr)
    return outcome


def lost_by_exclusions(ask: Ask, queries: Sequence[Query], papers: Answers) -> int:
    """Count papers that a query finds and only its exclusion keeps from arXiv's answer."""
    found = papers.all_ours(queries)
    return sum(
        len((found[query] & ask(questions(query.included))) - ask(questions(query)))
        for query in queries
        if isinstance(query, AndNot)
    )


# -------------------------------------------------------------------- queries


_ACCENTED = r"\b\w*[àáâãäåçèéêëìíîïñòóôõöøùúûüýčěřšžőűł]\w*\b"


def _parsed(queries: Iterable[str | Query]) -> list[Query]:
    found: dict[Query, None] = {}
    for query in queries:
        try:
            found[parse(query) if isinstance(query, str) else query] = None
        except QuerySyntaxError:
            continue
    return list(found)


def _frequent(papers: Answers) -> list[str]:
    return _most_frequent(papers, r"\b[a-z]{4,}\b", FREQUENT)


def _most_frequent(papers: Answers, pattern: str, count: int) -> list[str]:
    """Return what most titles and abstracts have."""
    found = Counter(
        word.lower()
        for paper in papers.papers
        for word in set(re.findall(pattern, f"{paper.title} {paper.abstract}".lower()))
    )
    return [word for word, _count in found.most_common(count)]


def _exclusions(words: Sequence[str]) -> list[str]:
    chance = random.Random(2)
    return [
        "transformer -transformation",
        *(f"{chance.choice(words[:500])} -{chance.choice(words[:500])}" for _ in range(200)),
        *(f"{word} -{word[:-2]}*" for word in words[:500:10]),
    ]


def _finding(papers: Answers, queries: Sequence[Query]) -> list[Query]:
    return [query for query, found in papers.all_ours(queries).items() if found]


def _has(signs: str) -> Callable[[str], bool]:
    return lambda name: any(sign in name for sign in signs)


def _one_initial(name: str) -> str | None:
    parts = name.split()
    return f"{parts[0][0]}. {parts[-1]}" if len(parts) > 1 else None


def _initials(name: str) -> str | None:
    parts = name.replace("-", " ").split()
    if len(parts) < 3 or "-" in name.rpartition(" ")[2]:
        return None
    return f"{' '.join(f'{part[0]}.' for part in parts[:-1])} {parts[-1]}"


# -------------------------------------------------------------------- a server


def _server(url: str) -> Ask:
    session = requests.Session()

    def search(query: str) -> set[str]:
        found: set[str] = set()
        for start in range(0, _DEEPEST, _PAGE):
            page = {"search_query": query, "start": str(start), "max_results": str(_PAGE)}
            entries = _entries(session.get(url, params=page, timeout=300))
            found.update(entries)
            if len(entries) < _PAGE:
                break
        return found

    def ask(asked: Questions) -> set[str]:
        found: set[str] = set()
        if asked.ids:
            page = {"id_list": ",".join(asked.ids), "max_results": str(_PAGE)}
            found.update(_entries(session.get(url, params=page, timeout=300)))
        return found.union(*map(search, asked.searches))

    return ask


def _entries(answer: requests.Response) -> list[str]:
    """Return the ids in a feed. Raises SearchError where it tells of an error."""
    if answer.status_code != 200:
        refused = f"HTTP {answer.status_code}: {answer.text[-300:]}"
        raise SearchError(refused)
    places = ET.fromstring(answer.content).iter(f"{_ATOM}id")  # noqa: S314 - the operator's own
    ids = [(place.text or "").partition("/abs/")[2] for place in places]
    return [re.sub(r"v\d+$", "", id_) for id_ in ids if id_]


def _tell(outcome: Outcome) -> None:
    """Name the queries that fare worst."""
    for recall, query in sorted(outcome.worst)[:5]:
        if recall < 0.9:
            print(f"    {recall:.2f} {query[:100]}", file=sys.stderr)


if __name__ == "__main__":
    main()

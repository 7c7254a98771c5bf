"""What of an AI summary is believed: a model's real one-line points, as they are and with lies.

    .venv/bin/python benchmarks/summary_lies.py [pairs]

The points are those of a public collection, in Chinese, written by a language model that was not
asked to cite anything. Each is held against the three sentences of its abstract that share most
with it; what is believed then gets one lie more, of each kind.
"""

import gzip
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator

from real_papers import FILE

from bot.translation.checks.claims import Doubted, Grounds, check_claim
from bot.translation.engines.engine import Context
from bot.translation.engines.llm_prompts import prompt
from bot.translation.languages import LANGUAGES
from bot.translation.summary_answer import numbered
from bot.translation.text.chunks import sentences

PAIRS = FILE.with_name("translation_pairs.jsonl.gz")
NAMES = ("Vermeer", "GraphWeaver", "Kolmogorov", "ZetaNet", "OpenQuill")
ACRONYMS = ("XQZ", "RLVF", "BKT", "QDM")
LINKS = ("https://example.org/code", "www.example.com", "code.example.io")
FORMULAS = ("$x^2$", "O(n^3)", "x² + y²", "p < 0.01", r"\alpha")
FIGURES = ("37%", "1,234", "8.6", "百分之四十一", "十七")


def lies(text: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Yield a text with one lie of each kind in it."""
    figures = list(re.finditer(r"\d+", text))
    if figures:
        found = chance.choice(figures)
        changed = str(int(found[0]) + chance.choice((1, 2, 7, 30)))
        yield "another number", text[: found.start()] + changed + text[found.end() :]
    bare = text.rstrip("。")
    for kind, words in (
        ("a number more", FIGURES),
        ("a name", NAMES),
        ("an acronym", ACRONYMS),
        ("a link", LINKS),
        ("a formula", FORMULAS),
    ):
        yield kind, f"{bare}，见 {chance.choice(words)}。"


def cited_by(text: str, abstract: str) -> str:
    """Return the three sentences that share most words, numbers and names with a text."""
    signs = set(re.findall(r"[A-Za-z0-9][\w.-]*", text))
    found = [one.strip() for one in sentences(abstract)]
    places = sorted(
        range(len(found)), key=lambda n: -len(signs & set(re.findall(r"[\w.-]+", found[n])))
    )
    return " ".join(found[n] for n in sorted(places[:3]))


def question(abstract: str, *, summary: bool) -> int:
    """Return how many characters a model is sent for an abstract."""
    wanted = tuple(numbered(abstract)) if summary else ()
    asked = prompt("chat", abstract, LANGUAGES["en"], LANGUAGES["zh-CN"], Context(sentences=wanted))
    return len(f"{asked.system}{asked.user}")


def main() -> None:
    if not PAIRS.exists():
        print("Nothing to measure: this needs ../shared/data/translation_pairs.jsonl.gz.")
        sys.exit(0)
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
    with gzip.open(PAIRS, "rt", encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines][:most]
    why: Counter[str] = Counter()
    told: Counter[str] = Counter()
    caught: Counter[str] = Counter()
    chance = random.Random(18)
    believed = shown = 0
    for pair in pairs:
        text = str(pair["tldr"]).strip().replace("\n", " ")
        if not text:
            continue
        shown += 1
        grounds = Grounds(cited_by(text, pair["en"]), pair["en"], pair["zh"], "zh-CN")
        try:
            check_claim(text, grounds)
        except Doubted as doubted:
            why[doubted.doubt.value] += 1
            continue
        believed += 1
        for kind, lie in lies(text, chance):
            told[kind] += 1
            try:
                check_claim(lie, grounds)
            except Doubted:
                caught[kind] += 1
    print(f"{believed} of {shown} points are believed ({believed / shown:.0%}); the others:")
    print(", ".join(f"{name} {count}" for name, count in why.most_common()))
    plain, more = (
        sum(question(pair["en"], summary=wanted) for pair in pairs) / len(pairs)
        for wanted in (False, True)
    )
    print(f"a question has {plain:,.0f} characters, with a summary {more - plain:,.0f} more")
    for kind, count in told.items():
        print(f"{kind}: {caught[kind]} of {count} lies caught ({caught[kind] / count:.1%})")


if __name__ == "__main__":
    main()

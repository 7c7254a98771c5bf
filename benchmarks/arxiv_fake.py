"""Ask the fake arXiv and arXiv's own query code the same, and count where they differ.

    python benchmarks/arxiv_fake.py
    python benchmarks/arxiv_fake.py --write papers.jsonl
    python benchmarks/arxiv_fake.py 2000 --real http://127.0.0.1:8801/api/query

The first measures the fake alone. The second writes the papers that are asked about: the real ones,
some of them with journal references, DOIs and old ids, which they lack. The third compares. arXiv's
code is not part of this project: the tool `../shared/tools/arxiv_real.py` serves it over a file of
papers. It wants checkouts of https://github.com/arXiv/arxiv-search and
https://github.com/arXiv/arxiv-base (tag 1.0.1), and a Python with the packages that it names:

    ARXIV_SEARCH=arxiv-search ARXIV_BASE=arxiv-base \\
        python ../shared/tools/arxiv_real.py papers.jsonl --shift 0 --port 8801

The queries are made of the papers' own words, of all kinds that people and the bot ask, and of many
that nobody should. Status, title, total, error and the 40 newest ids must be the same.
"""

import argparse
import asyncio
import gzip
import json
import random
import re
import resource
import statistics
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import httpx
from real_papers import real_papers

from bot.playground.arxiv.papers import ArxivEntry, from_rows
from bot.playground.arxiv.stand_in import FakeArxiv

PAGE = 40
SHOWN = 20
"""So many differences are printed."""
_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"
_JOURNALS = ("Phys. Rev. D 111 (2025) 034501", "IEEE Trans. Robotics, vol. 41, pp. 1-15, 2025")
_GREEK = "αβγδεθλμπσφω"

Row = dict[str, Any]
Kind = Callable[[random.Random, ArxivEntry], str]


class Answer(NamedTuple):
    """What an answer says of a query."""

    status: int
    said: str
    total: int
    newest: list[tuple[str, str]]
    """Dates and ids; papers of one second come in any order."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=2_000, help="queries")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--real", help="address of arXiv's own code, over the papers of --write")
    parser.add_argument("--write", type=Path, help="write the papers into this file, and end")
    options = parser.parse_args()
    rows = _papers(real_papers())
    if options.write:
        options.write.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        return
    asyncio.run(_compare(rows, queries(rows, options.count, options.seed), options.real))


def _papers(file: Path) -> list[Row]:
    """Return the real papers; some get what none of them has."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = list({row["id"]: row for row in map(json.loads, lines)}.values())
    for number, row in enumerate(rows):
        if number % 7 == 0:
            row["journal_ref"] = f"{_JOURNALS[number % 2]}, article {number}"
        if number % 11 == 0:
            row["doi"] = f"10.{1000 + number % 9}/ABC.{number}.x"
        if number % 97 == 0:
            row["id"] = f"{('hep-ph', 'math', 'cs')[number % 3]}/0{number % 7}0{1 + number % 9}"
            row["id"] += f"{number % 900 + 1:03}"
    return rows


def queries(rows: list[Row], count: int, seed: int) -> list[tuple[str, str]]:
    """Return queries of all kinds, in turn, each with its kind."""
    rng = random.Random(seed)
    papers, kinds = from_rows(rows), list(KINDS.items())
    return [
        (kind, make(rng, rng.choice(papers)))
        for kind, make in (kinds[number % len(kinds)] for number in range(count))
    ]


# ------------------------------------------------------------------------- the kinds of queries


def _text(rng: random.Random, paper: ArxivEntry) -> str:
    return str(rng.choice([paper.title, paper.abstract, paper.abstract, paper.comment or ""]))


def _words(
    rng: random.Random, paper: ArxivEntry, count: int, pattern: str = r"[^\s\"()]+"
) -> list[str]:
    """Return so many words of a text in a row, as they are written."""
    found = re.findall(pattern, _text(rng, paper)) or ["nothing"]
    start = rng.randrange(max(1, len(found) - count))
    return found[start : start + count]


def _field(rng: random.Random) -> str:
    return rng.choice(["ti:", "abs:", "all:", "co:", "jr:", "", "title:"])


def _word(rng: random.Random, paper: ArxivEntry) -> str:
    return _field(rng) + _words(rng, paper, 1, r"[A-Za-z]{2,}")[0]


def _as_written(rng: random.Random, paper: ArxivEntry) -> str:
    return _field(rng) + _words(rng, paper, 1)[0]


def _matching(pattern: str) -> Kind:
    """Return the kind of words that match, where the text has one."""
    return lambda rng, paper: (
        _field(rng)
        + rng.choice(
            re.findall(pattern, f"{paper.title} {paper.abstract} {paper.comment}") or ["x-y"]
        )
    )


def _phrase(rng: random.Random, paper: ArxivEntry) -> str:
    words = " ".join(_words(rng, paper, rng.randint(1, 5)))
    return f'{_field(rng)}"{rng.choice([words, words.lower(), f"the {words} of", f" {words} "])}"'


def _starred(rng: random.Random, paper: ArxivEntry) -> str:
    word = _words(rng, paper, 1)[0]
    cut = rng.randrange(len(word) + 1)
    star = rng.choice("***?")
    return _field(rng) + rng.choice(
        [word + star, word[:cut] + star, word[:cut] + star + word[cut:]]
    )


def _starred_phrase(rng: random.Random, paper: ArxivEntry) -> str:
    words = _words(rng, paper, rng.randint(1, 3))
    words[-1] = words[-1][: rng.randint(1, 6)] + rng.choice("**?")
    return f'{_field(rng)}"{" ".join(words)}"'


def _author(rng: random.Random, paper: ArxivEntry) -> str:
    name = rng.choice(paper.authors)
    parts = name.split()
    last = parts[-1]
    initials = " ".join(part[0] for part in parts[:-1])
    return "au:" + rng.choice(
        [
            *(f'"{name}"', f'"{name.lower()}"', last, f'"{last}"', f'"{initials} {last}"'),
            *(f'"{last} {parts[0][0]}*"', f'"{parts[0][0]}. {last}"', f'"{last}, {parts[0]}"'),
            *(f"{last},{parts[0][0]}", f"{last},{parts[0][:3]}*", name.replace(" ", "_")),
            *(f"{last}_{parts[0][0]}", f"{last[:3]}*", f"{last};{parts[0]}", f"{parts[0]};nobody"),
            *(f"{last[:2]}?{last[3:]}", f'"*{last[1:]}"', f"({parts[0]} {last})"),
            *(last.replace("-", ""), f'"{name.replace("-", " ")}"', f'"{name} and the"'),
        ]
    )


def _identifier(rng: random.Random, paper: ArxivEntry) -> str:
    id_ = paper.id
    return rng.choice(["id:", "all:", ""]) + rng.choice(
        [
            *(
                id_,
                f"{id_}v{paper.version}",
                f"{id_}v1",
                f"{id_[:7]}*",
                id_.partition("/")[2] or id_,
            ),
            *(f'"{id_}"', f"arXiv:{id_}"),
        ]
    )


def _reference(rng: random.Random, paper: ArxivEntry) -> str:
    doi, journal = paper.doi or "10.1/x", paper.journal_ref or "Nature 5"
    part = rng.choice(journal.split())
    return rng.choice(
        [
            *(f"doi:{doi}", f"doi:{doi.lower()}", f'doi:"{doi}"', f"doi:{doi[:7]}*", doi),
            *(f"jr:{part}", f'jr:"{journal}"', f"jr:{part[:3]}*", f'all:"{journal}"', f"rn:{part}"),
        ]
    )


def _category(rng: random.Random, paper: ArxivEntry) -> str:
    name = rng.choice(paper.categories).strip("() ")
    archive = name.partition(".")[0]
    field = rng.choice(["cat:", "cat:", "cat:", "all:", ""])
    return field + rng.choice(
        [
            *(name, name, f'"{name}"', name.lower(), f"{archive}.*", f"{archive}*", archive),
            *(f"{name[:-1]}?", f"({name} OR {archive}.*)", f"*.{name[-2:]}"),
        ]
    )


def _dates(rng: random.Random, _paper: ArxivEntry) -> str:
    moments = [
        f"2025{rng.randint(4, 8):02}{rng.randint(0, 31):02}{rng.randint(0, 24):02}"
        f"{rng.randint(0, 60):02}{rng.randint(0, 59):02}"
        for _ in range(2)
    ]
    moments = [moment[: rng.choice([4, 5, 6, 8, 8, 12, 12, 14])] for moment in moments]
    first, last = sorted(moments) if rng.random() < 0.8 else moments
    field = rng.choice(["submittedDate:", "submittedDate:", "lastUpdatedDate:"])
    return field + rng.choice([f"[{first} TO {last}]"] * 5 + [f'"{first} TO {last}"', f"[{first}]"])


def _odd(rng: random.Random, paper: ArxivEntry) -> str:
    """A word with signs that mean something to arXiv or to Elasticsearch."""
    sign = rng.choice([*"+=&|><!{}[]^~:\\/-;,.'`%#@$_", "&&", "||"])
    word = _words(rng, paper, 1, r"[A-Za-z]{2,}")[0]
    place = rng.randrange(len(word) + 1)
    text = word[:place] + sign + word[place:]
    return _field(rng) + (text if rng.random() < 0.6 else f'"{text} {word}"')


def _letters(rng: random.Random, paper: ArxivEntry) -> str:
    """Words with accents, Greek letters and other letters that fold."""
    word = _words(rng, paper, 1, r"[A-Za-z]{2,}")[0]
    name = rng.choice(paper.authors).split()[-1]
    swapped = word.replace("o", rng.choice("öøóô")).replace("a", rng.choice("äåáæ"))
    text = rng.choice([swapped, name, rng.choice(_GREEK), f"{rng.choice(_GREEK)}-{word}", "数据"])
    field = rng.choice(["ti:", "abs:", "all:", "au:", "co:"])
    return field + (text if rng.random() < 0.6 else f'"{text} {word}"')


def _formula(rng: random.Random, paper: ArxivEntry) -> str:
    formulas: list[str] = re.findall(r"\$[^$\"]+\$", paper.title + paper.abstract)
    formula = rng.choice(formulas or ["$x$", "$\\alpha_2$"])
    return rng.choice(["ti:", "abs:", "all:", ""]) + rng.choice([formula, f'"{formula}"'])


def _stop_words(rng: random.Random, paper: ArxivEntry) -> str:
    stop = rng.choice(["the", "of", "and", "not", "or", "in", "on the", "to be or not to be"])
    return _field(rng) + rng.choice([stop.split()[0], f'"{stop}"', f'"{stop} {_word(rng, paper)}"'])


def _year(rng: random.Random, paper: ArxivEntry) -> str:
    date = rng.choice(["2025", "2025-05", "2025-06", "2505", "2507", "1990", "2099", "2025-13"])
    word = _words(rng, paper, 1, r"[A-Za-z]{2,}")[0]
    return rng.choice(["all:", ""]) + rng.choice(
        [date, f'"{date}"', f'"{word} {date}"', f"{date}-1"]
    )


PLAIN: dict[str, Kind] = {
    "a word": _word,
    "a word as written": _as_written,
    "hyphens": _matching(r"\w+-\w[\w-]*"),
    "decimals and numbers": _matching(r"[\w-]*\d+(?:[.,:]\d+)*\w*"),
    "apostrophes": _matching(r"\w+['\u2019]\w+"),
    "accents and Greek": _letters,
    "phrases": _phrase,
    "stop words": _stop_words,
    "stars": _starred,
    "stars in quotes": _starred_phrase,
    "authors": _author,
    "ids": _identifier,
    "references": _reference,
    "categories": _category,
    "dates": _dates,
    "signs": _odd,
    "formulas": _formula,
    "years": _year,
}


def _some(rng: random.Random, paper: ArxivEntry) -> str:
    return PLAIN[rng.choice(list(PLAIN))](rng, paper)


def _joined(*operators: str) -> Kind:
    def make(rng: random.Random, paper: ArxivEntry) -> str:
        text = _some(rng, paper)
        for _ in range(rng.randint(1, 4)):
            text += f" {rng.choice(operators)} {_some(rng, paper)}"
        return text

    return make


def _bracketed(rng: random.Random, paper: ArxivEntry, depth: int = 3) -> str:
    if depth == 0 or rng.random() < 0.3:
        return _some(rng, paper)
    operator = rng.choice(["AND", "OR", "ANDNOT", ""])
    left, right = (_bracketed(rng, paper, depth - 1) for _ in range(2))
    return f"{rng.choice(['', '', 'ti:', 'au:'])}({left} {operator} {right})"


def _excluded(rng: random.Random, paper: ArxivEntry) -> str:
    return f"{rng.choice(['ANDNOT', 'NOT', 'AND NOT'])} {_joined('AND', 'ANDNOT')(rng, paper)}"


def _malformed(rng: random.Random, paper: ArxivEntry) -> str:
    """A query that has lost, doubled or moved a piece."""
    pieces = re.findall(r"\w+:|[()\"\[\]]|\s+|[^\s()\"\[\]]+", _bracketed(rng, paper))
    for _ in range(rng.randint(1, 3)):
        place = rng.randrange(len(pieces))
        match rng.randrange(3):
            case 0:
                del pieces[place : place + 1]
            case 1:
                pieces.insert(place, pieces[place])
            case _:
                more = ["(", ")", '"', " AND ", " OR ", " ANDNOT ", " NOT ", "ti:", "au:", ":", "*"]
                pieces.insert(place, rng.choice(more))
        pieces = pieces or ["("]
    return "".join(pieces)


KINDS: dict[str, Kind] = {
    **PLAIN,
    "AND and OR": _joined("AND", "OR"),
    "chains of ANDNOT": _joined("ANDNOT"),
    "all operators, and none": _joined("AND", "OR", "ANDNOT", "AND NOT", "NOT", "", "OR AND"),
    "begins with an exclusion": _excluded,
    "brackets": _bracketed,
    "malformed": _malformed,
}


# ------------------------------------------------------------------------------ asking and telling


async def _compare(rows: list[Row], asked: list[tuple[str, str]], real: str | None) -> None:
    fake = FakeArxiv(rows)
    started = time.process_time()
    fake.answer({"search_query": "all:first ANDNOT au:nobody"})
    indexed = time.process_time() - started
    print(f"{len(rows)} papers, all fields indexed by the first query in {indexed:.1f} s of CPU")
    took, differing, refused = [], Counter[str](), 0
    try:
        async with httpx.AsyncClient(timeout=60) as client:
            address = await fake.start()
            for kind, query in asked:
                started = time.perf_counter()
                ours = await _ask(client, address, query)
                took.append(time.perf_counter() - started)
                refused += ours.status != 200
                theirs = await _ask(client, real, query) if real else ours
                if ours != theirs:
                    differing[kind] += 1
                    if differing.total() <= SHOWN:
                        print(f"{kind}: {query!r}\n  fake {_short(ours)}\n  real {_short(theirs)}")
    finally:
        await fake.stop()
    took = sorted(1_000 * seconds for seconds in took)
    print(
        f"{len(asked)} queries, {refused} of them refused; the fake answered in"
        f" {statistics.median(took):.1f} ms at the median,"
        f" {took[len(took) * 95 // 100]:.1f} ms at p95, {took[-1]:.0f} ms at most;"
        f" {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
    )
    if real:
        print(f"{differing.total()} of {len(asked)} answered differently: {dict(differing)}")


async def _ask(client: httpx.AsyncClient, address: str, query: str) -> Answer:
    arguments = {"search_query": query, "max_results": str(PAGE), "sortBy": "submittedDate"}
    response = await client.get(address, params=arguments)
    root = ET.fromstring(response.content)  # noqa: S314 - our own, or a server of one's own
    entries = [
        (entry.findtext(f"{_ATOM}published") or "", entry.findtext(f"{_ATOM}id") or "")
        for entry in root.findall(f"{_ATOM}entry")
    ]
    said = root.findtext(f"{_ATOM}title") or ""
    if response.status_code != 200:
        said = root.findtext(f"{_ATOM}entry/{_ATOM}summary") or ""
    return Answer(response.status_code, said, int(root.findtext(_TOTAL) or -1), sorted(entries))


def _short(answer: Answer) -> str:
    return f"{answer.status} {answer.total} {answer.said[:150]!r} {answer.newest[-2:]}"


if __name__ == "__main__":
    main()

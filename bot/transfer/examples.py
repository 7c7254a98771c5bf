"""Examples of what somebody likes: which papers and authors a message or a file names.

A paper is named by its arXiv id or DOI, wherever that is told (`bot.arxiv.ids`), or by its words:
one that arXiv does not know has a title and perhaps an abstract all the same. However much a file
has, a bounded number is kept of it, and nothing in it is run or opened.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from urllib.parse import unquote_plus

from bot.arxiv.ids import ids_in
from bot.render.citation import Entry as Cited
from bot.render.citation import bibtex_file
from bot.tex.to_latex import encode
from bot.tex.to_unicode import one_line, to_text
from bot.transfer.reading_list import (
    Entry,
    ReadingListError,
    bibtex_entries,
    doi_in,
    doi_of,
    entries,
    id_of,
)
from storage.models import Paper
from storage.seeds import LONGEST_ABSTRACT, LONGEST_TITLE, MOST_SEEDS, of_words

MOST_AUTHORS = 5
_READ = 20_000
"""Entries of one file that are looked at."""


@dataclass(frozen=True, slots=True)
class Example:
    """A paper as it is named."""

    paper_id: str | None = None
    doi: str | None = None
    title: str = ""
    abstract: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """What was named, each once: the newest of a file, in the order of a message."""

    papers: tuple[Example, ...] = ()
    authors: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    """Of a message: what may be a title or an author."""
    orcids: tuple[str, ...] = ()
    """Of a message: numbers of people of whom nothing else is said."""
    more: int = 0
    """Papers that do not count any more."""
    nameless: int = 0
    """Entries that say nothing."""


def read_examples(name: str, content: bytes) -> Examples:
    """Return what a file of another program names.

    Raises:
        ReadingListError: it is too large, no text, or has no entry.

    """
    return _of_entries(entries(name, content))


def said_examples(text: str) -> Examples:
    """Return what a message names, a line each."""
    if _BIBTEX.search(text):
        return _of_entries(bibtex_entries(text))
    papers: dict[Example, None] = {}
    authors: dict[str, None] = {}
    lines: dict[str, None] = {}
    orcids: dict[str, None] = {}
    for written in text.splitlines():
        line = _MARK.sub("", " ".join(written.split())).strip(" \"“”«»'")
        if orcid := _ORCID.search(line):
            line = _WITH_ORCID.sub("", line).strip(" ,;:()<>|-–")
            if not line:
                orcids[orcid[0].upper()] = None
        # "1706.03762 Attention Is All You Need"
        ids = ids_in(line) or ids_in(line.partition(" ")[0])
        if not line:
            continue
        if ids:
            papers |= {Example(one): None for one in ids}
        elif (doi := doi_in(line)) is not None:
            papers[Example(doi=doi)] = None
        elif names := _pages(line):
            authors |= dict.fromkeys(names)
        else:
            lines[line[:LONGEST_TITLE]] = None
    kept = [*papers][:MOST_SEEDS]
    rest = [*lines][: MOST_SEEDS - len(kept)]
    more = len(papers) + len(lines) - len(kept) - len(rest)
    people = tuple(authors)[:MOST_AUTHORS]
    return Examples(tuple(kept), people, tuple(rest), tuple(orcids)[:MOST_AUTHORS], more)


def write_examples(given: Iterable[Paper]) -> str:
    """Return what a chat gave as BibTeX, which `read_examples` reads again."""
    known: list[Cited] = []
    others: list[str] = []
    for paper in given:
        if of_words(0, paper.title).key == paper.id:
            told = {"title": paper.title, "abstract": paper.abstract}
            fields = "".join(f"  {name} = {{{encode(value)}}},\n" for name, value in told.items())
            others.append(f"@misc{{given{len(others) + 1},\n{fields}}}\n")
        else:
            known.append(Cited(paper))
    return "\n".join([*([bibtex_file(known)] if known else []), *others])


def _of_entries(found: Iterable[Entry]) -> Examples:
    read = nameless = 0

    def told() -> Iterator[tuple[int, int, Example]]:
        nonlocal read, nameless
        for entry in found:
            read += 1
            example = _example(entry)
            if example is None:
                nameless += 1
            else:
                yield _year(entry), -read, example
            if read == _READ:
                return

    # So many at a time in memory, whatever the file has.
    newest = nlargest(MOST_SEEDS, told(), key=lambda one: one[:2])
    if not read:
        raise ReadingListError
    papers = tuple(dict.fromkeys(example for _year, _place, example in newest))
    return Examples(papers, more=read - nameless - len(newest), nameless=nameless)


def _example(entry: Entry) -> Example | None:
    title = _first(entry, ("title", "ti", "t1"), LONGEST_TITLE)
    paper_id, doi = id_of(entry), doi_of(entry)
    if not title and not paper_id and not doi:
        return None
    abstract = _first(entry, ("abstract", "abstract note", "ab", "n2"), LONGEST_ABSTRACT)
    return Example(paper_id, None if paper_id else doi, title, abstract)


def _first(entry: Entry, fields: Sequence[str], most: int) -> str:
    """Return the first of some fields that is there, readable and without BibTeX's braces."""
    value = next((entry[name] for name in fields if entry.get(name)), "")
    return one_line(to_text(value[: 2 * most])).translate(_BRACES)[:most]


def _year(entry: Entry) -> int:
    told = _first(entry, ("year", "date", "publication year", "py", "y1", "da"), 20)
    found = _YEAR.search(told)
    return int(found[0]) if found else 0


def names_in(line: str) -> list[str]:
    """Return the names of people that a line may be: `Y. LeCun`, or several between commas."""
    names = [" ".join(part.split()) for part in _BETWEEN.split(line)]
    return names if all(_NAME.fullmatch(name) for name in names) else []


def _pages(line: str) -> list[str]:
    """Return whose page on arXiv a line is: `arxiv.org/a/lecun_y_1`, or a search for their papers.

    A page's address has the family name and initials: https://info.arxiv.org/help/author_identifiers.html
    """
    found = []
    for slug in _PAGE.findall(line):
        family, *initials = slug.lower().split("_")[:-1]
        found.append(f"{' '.join(initials)} {family}")
    for query in _SEARCH.findall(line):
        found += names_in(" ".join(reversed(unquote_plus(query).split(","))).strip()[:100])
    return found


_BRACES = str.maketrans("", "", "{}")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BIBTEX = re.compile(r"^\s*@\w{1,40}\s*\{", re.MULTILINE)
_MARK = re.compile(r"^(?:[-*•–]|\(?\d{1,3}[.)]|\[\d{1,3}\])(?:\s+|$)")
_PAGE = re.compile(r"arxiv\.org/a/([a-z'-]{1,40}(?:_[a-z]){1,4}_\d{1,4})\b", re.IGNORECASE)
_ORCID = re.compile(r"\b\d{4}-\d{4}-\d{4}-\d{3}[\dXx]\b")
"""https://support.orcid.org/hc/en-us/articles/360006897674"""
_WITH_ORCID = re.compile(rf"(?:ORCID(?: iD)?:? ?)?\S*{_ORCID.pattern}\S*", re.IGNORECASE)
_SEARCH = re.compile(r"arxiv\.org/(?:a|search)[^\s]*[?&](?:query|author)=([^&\s]{1,100})")
_BETWEEN = re.compile(r"\s*(?:[,;&]|\band\b)\s*")
_WORD = r"(?:[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*\.?|[^\W\d_]\.)"
_NAME = re.compile(
    rf"(?:{_WORD}(?:-{_WORD})? )(?:(?:{_WORD}|de|del|la|van|von|der|den|di|al|el) ){{0,3}}{_WORD}"
)

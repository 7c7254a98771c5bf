"""Index words: what the full-text index holds of a paper, so that the matcher's questions fit it.

Texts are there word by word as they are spelt, but acronyms, which the matcher keeps apart from
words, bear a mark: NeRF is `nerf_`, GPs is `gp_s`. Of an author's names it says which ones go
together: `wang+yi` and `yi+wang`, and of whoever has one twice `fei+fei`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

import structlog

from bot.query.matcher import NAMES
from bot.query.tokens import index_key, split
from storage.index_lookup import Column, Words
from storage.models import Paper

_log = structlog.get_logger(__name__)

_LONGEST = 120
"""Letters of a word: what is longer is none, and a database has its limits."""

_MOST = 15_000
"""Words of one field: PostgreSQL counts places to 16,383."""

JOINT = "+"
"""Between two names of one author; behind the only one."""

_BORDER = "/"
"""Over this no phrase reaches."""

_CODE = re.compile(r"[^\s,;()]+")
_SAYABLE = re.compile(r"[\w.\-/]+")


_Known = dict[str, tuple[str, str]]
"""Words, and the key and the form of each."""


def words_of(papers: Iterable[Paper]) -> dict[str, Words]:
    """Return what the index is to hold of papers, by id."""
    # Each word is there once, however often it comes: a week of arXiv has millions.
    known: _Known = {}
    return {paper.id: _words_or_none(paper, known) for paper in papers}


def _words_or_none(paper: Paper, known: _Known) -> Words:
    """Return a paper's words; where that fails its id alone, and the sweep goes on."""
    try:
        return _words(paper, known)
    except Exception:  # noqa: BLE001 - whatever it is, the other papers are found
        _log.exception("a paper can't be indexed", paper=paper.id)
        nothing: dict[Column, Sequence[str]] = dict.fromkeys(Column, ())
        return Words(nothing | {Column.CODES: [f"@{paper.id.lower()}"]}, frozenset())


def encoded(key: str) -> str:
    """Return a key of `bot.query.tokens` in lower case, acronyms with their mark."""
    key = key[:_LONGEST]
    low = key.lower()
    if low == key:
        return low
    return f"{low[:-1]}_s" if key.endswith("s") else f"{low}_"


def spelt(word: str) -> str:
    """Return a word in lower case, as starts of words are compared."""
    return word[:_LONGEST].lower()


def _words(paper: Paper, known: _Known) -> Words:
    texts = {
        Column.TITLE: [paper.title],
        Column.ABSTRACT: [paper.abstract],
        Column.COMMENT: [paper.comment or ""],
        Column.JOURNAL: [paper.journal_ref or ""],
        Column.OTHERS: [*paper.authors, *paper.categories, paper.id],
    }
    spellings: set[tuple[str, str]] = set()
    columns: dict[Column, Sequence[str]] = {
        column: _forms(given, known, spellings) for column, given in texts.items()
    }
    columns[Column.NAMES] = _once(pair for author in paper.authors for pair in _pairs(author))
    codes = (code for given in paper.categories for code in _CODE.findall(given.lower()))
    sayable = filter(_SAYABLE.fullmatch, codes)
    columns[Column.CODES] = _once([*sayable, f"@{paper.id.lower()}"])
    return Words(columns, frozenset(spellings))


def _forms(texts: Iterable[str], known: _Known, spellings: set[tuple[str, str]]) -> list[str]:
    forms: list[str] = []
    for text in texts:
        if forms:
            forms.append(_BORDER)
        for word in split(text):
            spelling = known.get(word)
            if spelling is None:
                key = encoded(index_key(word))
                spelling = known[word] = (key, key if "_" in key else spelt(word))
            key, form = spelling
            if form != key or "_" in key:
                spellings.add(spelling)
            forms.append(form)
    return forms[:_MOST]


def _pairs(author: str) -> Iterator[str]:
    names = [spelt(word) for word in split(author)[:NAMES]]
    for place, name in enumerate(names):
        others = names[:place] + names[place + 1 :]
        yield from (f"{name}{JOINT}{other}" for other in others or [""])


def _once(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))

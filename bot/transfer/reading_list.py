"""Reading lists: which papers a BibTeX, RIS or Zotero CSV file names, by arXiv id or DOI.

Only fields that say what a paper is are read, because abstracts and notes name other papers. It
takes one pass over the file, whatever stands in it, and nothing in it is ever run or opened.
Fields: https://github.com/zotero/translators (BibTeX.js, RIS.js, CSV.js).
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from bot.arxiv.ids import ids_in

LARGEST = 10_000_000
"""Bytes; a few thousand papers with their abstracts have less."""

MOST = 2_000
"""Papers of one list."""

KINDS = frozenset({".bib", ".ris", ".csv"})


class ReadingListError(Exception):
    """A file that is no reading list; `too_large`, or of another kind."""

    def __init__(self, *, too_large: bool = False) -> None:
        super().__init__("too large" if too_large else "no reading list")
        self.too_large = too_large


@dataclass(frozen=True, slots=True)
class ReadingList:
    """What a file names, each once, in its order."""

    ids: tuple[str, ...]
    dois: tuple[str, ...]
    """Of papers without an arXiv id, in small letters."""
    others: int
    """Entries with neither."""


def is_reading_list(name: str | None) -> bool:
    """Tell it by a file's name."""
    return PurePath(name or "").suffix.lower() in KINDS


def read_list(name: str, content: bytes) -> ReadingList:
    """Return what a file names.

    Raises:
        ReadingListError: it is too large, no text, or has no entry.

    """
    if len(content) > LARGEST:
        raise ReadingListError(too_large=True)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\0" in text:
        raise ReadingListError
    match PurePath(name).suffix.lower():
        case ".bib":
            entries = _bibtex(text)
        case ".ris":
            entries = _ris(text)
        case _:
            entries = _csv(text)
    return _list_of(entries)


_Entry = Mapping[str, str]
"""Fields by their names in small letters."""


def _list_of(entries: Iterable[_Entry]) -> ReadingList:
    ids: dict[str, None] = {}
    dois: dict[str, None] = {}
    others = count = 0
    for entry in entries:
        count += 1
        if (paper := _id_of(entry)) is not None:
            ids[paper] = None
        elif (doi := _DOI.search(entry.get("doi") or entry.get("do") or entry.get("url", ""))) and (
            len(doi[0]) <= _LONGEST_DOI
        ):
            dois[doi[0].rstrip(".,;)").lower()] = None
        else:
            others += 1
        if len(ids) + len(dois) > MOST:
            raise ReadingListError(too_large=True)
    if not count:
        raise ReadingListError
    return ReadingList(tuple(ids), tuple(dois), others)


_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}]{1,300}")
_LONGEST_DOI = 200
_TELLING = (
    *("eprint", "url", "doi", "journal", "note", "howpublished", "number", "archive"),  # BibTeX
    *("ur", "do", "an", "m1", "m2", "m3", "pb", "t2", "jo", "jf", "l1", "l2"),  # RIS
    *("extra", "archive location", "publication title", "report number"),  # Zotero's CSV
)
"""Fields that say which paper it is, the surest first."""


def _id_of(entry: _Entry) -> str | None:
    """Return the arXiv id that an entry has, in any of the fields that may hold it."""
    for field in _TELLING:
        # `eprint = {2406.11840}`, `AN  - arXiv:2406.11840`, "arXiv preprint arXiv:2406.11840"
        if found := ids_in(entry.get(field, "")[:1_000]):
            return found[0]
    return None


# BibTeX

_BEGIN = re.compile(r"@\s*(\w{1,40})\s*[{(]")
_NAME = re.compile(r"\s*([\w-]{1,40})\s*=\s*")
_STEP = re.compile(r'\\.|[{}",)]', re.DOTALL)
_NO_ENTRIES = frozenset({"comment", "string", "preamble"})


def _bibtex(text: str) -> Iterator[_Entry]:
    at = 0
    while begin := _BEGIN.search(text, at):
        fields, at = _fields(text, begin.end(), ending=")" if begin[0][-1] == "(" else "}")
        if begin[1].lower() not in _NO_ENTRIES:
            yield fields


def _fields(text: str, start: int, *, ending: str) -> tuple[dict[str, str], int]:
    """Return an entry's fields from behind its opening brace, and where it ends."""
    fields: dict[str, str] = {}
    depth, quoted, begun = 1, False, start

    def keep(end: int) -> None:
        if (name := _NAME.match(text, begun, end)) is not None:
            value = text[name.end() : end].strip()
            fields[name[1].lower()] = value.strip('{}" \n').replace("\\_", "_")

    for step in _STEP.finditer(text, start):
        mark = step[0]
        if mark == ending and depth == 1 and not quoted:
            keep(step.start())
            return fields, step.end()
        if mark == "{":
            depth += 1
        elif mark == "}":
            depth = max(1, depth - 1)
        elif mark == '"' and depth == 1:
            quoted = not quoted
        elif mark == "," and depth == 1 and not quoted:
            keep(step.start())
            begun = step.end()
    return fields, len(text)


# RIS

_TAGGED = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: (.*))?")


def _ris(text: str) -> Iterator[_Entry]:
    entry: dict[str, str] = {}
    for line in text.splitlines():
        found = _TAGGED.match(line)
        if found is None:
            continue
        tag, value = found[1].lower(), (found[2] or "").strip()
        if tag in {"er", "ty"}:
            if entry:
                yield entry
            entry = {"ty": value} if tag == "ty" else {}
        else:
            # Addresses come one a line.
            entry[tag] = f"{entry[tag]} {value}"[:2_000] if tag in entry else value
    if entry:
        yield entry


# Zotero's CSV


def _csv(text: str) -> Iterator[_Entry]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if not {"url", "doi"} & set(names):
            raise ReadingListError
        for row in rows:
            yield dict(zip(names, row, strict=False))
    except csv.Error:  # a quotation mark without its partner, a field of megabytes
        raise ReadingListError from None

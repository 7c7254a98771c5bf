"""Reading lists: which papers a BibTeX, RIS or Zotero CSV file names, by arXiv id or DOI.

Only fields that say what a paper is are read, because abstracts and notes name other papers. It
takes one pass over the file, whatever stands in it, and nothing in it is ever run or opened.
Fields: https://github.com/zotero/translators (BibTeX.js, RIS.js, CSV.js).
"""

import codecs
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
    return _list_of(entries(name, content))


Entry = Mapping[str, str]
"""Fields by their names in small letters."""


def entries(name: str, content: bytes) -> Iterator[Entry]:
    """Return the entries of a file, read one after the other as they are asked for.

    Raises:
        ReadingListError: it is too large or no text; of a CSV, while it is read: it has no entry.

    """
    if len(content) > LARGEST:
        raise ReadingListError(too_large=True)
    text = _text(content)
    if "\0" in text:
        raise ReadingListError
    match PurePath(name).suffix.lower():
        case ".bib":
            return bibtex_entries(text)
        case ".ris":
            return _ris(text)
        case _:
            return _csv(text)


def _text(content: bytes) -> str:
    """Decode a file, whatever program wrote it: with or without a mark, or of the last century."""
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _list_of(found: Iterable[Entry]) -> ReadingList:
    ids: dict[str, None] = {}
    dois: dict[str, None] = {}
    others = count = 0
    for entry in found:
        count += 1
        if (paper := id_of(entry)) is not None:
            ids[paper] = None
        elif (doi := doi_of(entry)) is not None:
            dois[doi] = None
        else:
            others += 1
        if len(ids) + len(dois) > MOST:
            raise ReadingListError(too_large=True)
    if not count:
        raise ReadingListError
    return ReadingList(tuple(ids), tuple(dois), others)


_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>{}]{1,300}")
_LONGEST_DOI = 200


def doi_in(text: str) -> str | None:
    """Return the first DOI of a text, in small letters."""
    found = _DOI.search(text)
    if found is None or len(found[0]) > _LONGEST_DOI:
        return None
    return found[0].rstrip(".,;)").lower()


def doi_of(entry: Entry) -> str | None:
    """Return the DOI that an entry has."""
    return doi_in(entry.get("doi") or entry.get("do") or entry.get("url", ""))


_TELLING = (
    *("eprint", "url", "doi", "journal", "note", "howpublished", "number", "archive"),  # BibTeX
    *("ur", "do", "an", "m1", "m2", "m3", "pb", "t2", "jo", "jf", "l1", "l2"),  # RIS
    *("extra", "archive location", "publication title", "report number"),  # Zotero's CSV
)
"""Fields that say which paper it is, the surest first."""


def id_of(entry: Entry) -> str | None:
    """Return the arXiv id that an entry has, in any of the fields that may hold it."""
    for field in _TELLING:
        # `eprint = {2406.11840}`, `AN  - arXiv:2406.11840`, "arXiv preprint arXiv:2406.11840"
        if found := ids_in(entry.get(field, "")[:1_000]):
            return found[0]
    return None


# BibTeX

_BEGIN = re.compile(r"@\s{0,99}(\w{1,40})\s{0,99}[{(]")
_LONGEST_BEGIN = 240
_NAME = re.compile(r"\s*([\w-]{1,40})\s*=\s*")
_STEP = re.compile(r'\\.|[{}",)]', re.DOTALL)
_NO_ENTRIES = frozenset({"comment", "string", "preamble"})


def bibtex_entries(text: str) -> Iterator[Entry]:
    """Return the entries of a text, read one after the other as they are asked for."""
    at = 0
    while begin := next(_matches(_BEGIN, text, at, longest=_LONGEST_BEGIN), None):
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

    for step in _matches(_STEP, text, start, longest=2):
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


def _matches(
    pattern: re.Pattern[str], text: str, at: int, *, longest: int
) -> Iterator[re.Match[str]]:
    """Return the matches of a pattern, none of which is longer than that, from a place on.

    As `finditer`, in strides: one that finds nothing in ten megabytes would let no other thread
    have its turn for a second, and everybody else waits.
    """
    while at < len(text):
        end = at + _STRIDE
        for found in pattern.finditer(text, at, end):
            yield found
            at = found.end()
        # What begins before the end of a stride may end behind it.
        at = max(at, end - longest + 1)


_STRIDE = 100_000

# RIS

_TAGGED = re.compile(r"([A-Z][A-Z0-9]) {1,2}-(?: (.*))?")


def _ris(text: str) -> Iterator[Entry]:
    entry: dict[str, str] = {}
    for line in io.StringIO(text, newline=None):  # a list of ten million lines takes its time
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

_LONGEST_ROW = 1_000_000
"""Characters; one of ten million would be read at one go, and everybody else waits."""


def _csv(text: str) -> Iterator[Entry]:
    # Spreadsheets of some languages put semicolons or tabs between fields.
    first = text.partition("\n")[0][:10_000]
    if any(len(line) > _LONGEST_ROW for line in io.StringIO(text, newline=None)):
        raise ReadingListError
    between = max(",;\t", key=first.count)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=between)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        if not {"url", "doi", "title"} & set(names):
            raise ReadingListError
        for row in rows:
            yield dict(zip(names, row, strict=False))
    except csv.Error:  # a quotation mark without its partner, a field of megabytes
        raise ReadingListError from None

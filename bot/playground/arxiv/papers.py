"""The papers that the fake arXiv knows: from recorded feeds or plain dictionaries."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import structlog

from bot.playground.arxiv.people import Person

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_PLACE = re.compile(r"https?://(?:\w+\.)?arxiv\.org/abs/(?P<id>.+?)(?:v(?P<version>\d+))?")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROL_PICTURE = "\ufffd"

_log = structlog.get_logger()


@dataclass(slots=True)
class ArxivEntry:
    """A paper as arXiv's API tells it."""

    id: str
    version: int
    title: str
    abstract: str
    authors: list[str]
    categories: list[str]
    published: datetime
    updated: datetime
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    _xml: str = field(default="", repr=False)

    def date(self, *, published: datetime, updated: datetime) -> None:
        """Give the paper other dates."""
        self.published, self.updated, self._xml = published, updated, ""

    def at(self, version: int) -> "ArxivEntry":
        """Return the paper as one of its versions, which came evenly."""
        if version == self.version:
            return self
        share = (version - 1) / (self.version - 1)
        updated = self.published + (self.updated - self.published) * share
        return replace(self, version=version, updated=updated, _xml="")

    @property
    def classes(self) -> list[str]:
        """The paper's categories; arXiv tells no MSC and ACM classes since November 2025."""
        return [name for name in self.categories if _CATEGORY.fullmatch(name)]

    @property
    def subject_classes(self) -> list[str]:
        """The paper's classes of MSC (`68T50`) and ACM (`I.2.10`)."""
        others = (name for name in self.categories if not _CATEGORY.fullmatch(name))
        return [
            part.strip()
            for name in others
            for part in name.split("," if name[0].isdigit() else ";")
        ]

    @property
    def xml(self) -> str:
        """The entry in the form of 2026."""
        self._xml = self._xml or self._render()
        return self._xml

    def _render(self) -> str:
        place = f"arxiv.org/abs/{self.id}v{self.version}"
        pdf = f"https://arxiv.org/pdf/{self.id}v{self.version}"
        optional = [
            ("arxiv:comment", self.comment),
            ("arxiv:journal_ref", self.journal_ref),
            ("arxiv:doi", self.doi),
        ]
        lines = [
            f"<id>http://{place}</id>",
            f"<title>{xml_text(self.title)}</title>",
            f"<updated>{_moment(self.updated)}</updated>",
            f'<link href="https://{place}" rel="alternate" type="text/html"/>',
            f'<link href="{pdf}" rel="related" type="application/pdf" title="pdf"/>',
            f"<summary>{xml_text(self.abstract)}</summary>",
            *(
                f'<category term={quoteattr(name)} scheme="http://arxiv.org/schemas/atom"/>'
                for name in self.classes
            ),
            f"<published>{_moment(self.published)}</published>",
            *(f"<{name}>{xml_text(value)}</{name}>" for name, value in optional if value),
            *(f"<arxiv:primary_category term={quoteattr(name)}/>" for name in self.classes[:1]),
            *(
                f"<author><name>{xml_text(Person.named(name).full)}</name></author>"
                for name in self.authors
            ),
        ]
        return "  <entry>\n    " + "\n    ".join(lines) + "\n  </entry>\n"


def from_rows(rows: Iterable[Mapping[str, Any]]) -> list[ArxivEntry]:
    """Return the papers of plain dictionaries.

    Keys: `id, version, title, abstract, authors, categories, published` and, where known,
    `updated, comment, journal_ref, doi, primary_category`. Where only the day of a date is known,
    the time of day is derived from the id, so that it is the same every time.
    """
    entries = []
    for row in rows:
        published = _date(row["published"], row["id"])
        updated = _date(row["updated"], f"{row['id']}u") if row.get("updated") else published
        categories = [row.get("primary_category") or "", *row["categories"]]
        entries.append(
            ArxivEntry(
                id=row["id"],
                version=row["version"],
                title=row["title"],
                abstract=row["abstract"],
                authors=list(row["authors"]),
                categories=[name for name in dict.fromkeys(categories) if name],
                published=published,
                updated=max(updated, published),
                comment=row.get("comment"),
                journal_ref=row.get("journal_ref"),
                doi=row.get("doi"),
            )
        )
    return entries


def from_feeds(folder: Path) -> list[ArxivEntry]:
    """Return the papers of the recorded Atom files in a folder, each once, its newest version.

    A file that is no whole feed is left out with a word in the log.
    """
    entries: dict[str, ArxivEntry] = {}
    for file in sorted(folder.glob("*.xml")):
        try:
            root = ET.parse(file).getroot()  # noqa: S314 - a recording that the operator names
        except ET.ParseError as error:
            _log.warning("recording_left_out", file=file.name, reason=str(error))
            continue
        for element in root.iter(f"{_ATOM}entry"):
            entry = _recorded(element)
            if entry is not None and (
                entry.id not in entries or entries[entry.id].version < entry.version
            ):
                entries[entry.id] = entry
    return list(entries.values())


def from_sample() -> list[ArxivEntry]:
    """Return the papers that come with the playground, to be dated as one likes."""
    return [replace(entry) for entry in _sample()]


@cache
def _sample() -> list[ArxivEntry]:
    with as_file(files("bot.playground") / "feeds") as folder:
        return from_feeds(folder)


def date_anew(entries: Iterable[ArxivEntry], newest: datetime) -> None:
    """Move all dates by the same number of whole days, so that the newest lies before `newest`."""
    entries = list(entries)
    if not entries:
        return
    shift = timedelta(days=(newest - max(entry.published for entry in entries)).days)
    for entry in entries:
        published = entry.published + shift
        entry.date(published=published, updated=max(published, min(entry.updated + shift, newest)))


def _recorded(element: ET.Element) -> ArxivEntry | None:
    def text(name: str) -> str:
        return " ".join((element.findtext(name) or "").split())

    place = _PLACE.fullmatch(text(f"{_ATOM}id"))
    if place is None or not text(f"{_ATOM}published"):
        return None
    primary = element.find(f"{_ARXIV}primary_category")
    categories = [
        node.get("term") or ""
        for node in ([] if primary is None else [primary]) + element.findall(f"{_ATOM}category")
    ]
    published = datetime.fromisoformat(text(f"{_ATOM}published"))
    return ArxivEntry(
        id=place["id"],
        version=int(place["version"] or 1),
        title=text(f"{_ATOM}title"),
        abstract=text(f"{_ATOM}summary"),
        authors=[
            " ".join(name.split())
            for author in element.iter(f"{_ATOM}author")
            if (name := author.findtext(f"{_ATOM}name"))
        ],
        categories=[name for name in dict.fromkeys(categories) if name],
        published=published,
        updated=datetime.fromisoformat(text(f"{_ATOM}updated") or published.isoformat()),
        comment=text(f"{_ARXIV}comment") or None,
        journal_ref=text(f"{_ARXIV}journal_ref") or None,
        doi=text(f"{_ARXIV}doi") or None,
    )


def _date(text: str, seed: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if len(text) == len("2026-11-24"):
        seconds = int.from_bytes(sha256(seed.encode()).digest()[:4]) % 86_400
        moment += timedelta(seconds=seconds)
    return moment


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def xml_text(value: str) -> str:
    """Return text as it may stand between tags."""
    return escape(_UNWRITABLE.sub(_CONTROL_PICTURE, value))

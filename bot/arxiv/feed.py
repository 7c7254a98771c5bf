"""Parser of arXiv's Atom: bytes judged a whole feed or a broken one, and an entry made a Paper.

The `arxiv` package reads whatever it is given: it mends a feed that is cut off (and then knows
fewer papers than were sent), takes an HTML page for "nothing found", and falls over a whole page
when one date in it is not a date. So every answer passes here first, and the package gets only
what is sound. That the XML is parsed twice can't be helped: the package's client hands on neither
the total nor the entries of a page, and takes nothing but bytes.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import structlog

from bot.arxiv import xml_document
from bot.arxiv.paper_text import (
    categories_of,
    field,
    is_plausible,
    is_withdrawn,
    names_of,
    one_line,
)
from bot.arxiv.xml_document import DocumentError
from bot.code_links.extract import code_link
from storage.models import Paper

if TYPE_CHECKING:
    import arxiv

ERRORS = "/api/errors"
"""Where the id of the entry lies by which arXiv reports an error."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"

_PAPER_URL = re.compile(
    r"https?://(?:\w+\.)?arxiv\.org/abs/"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/\d{7})(?:v(?P<version>\d{1,4}))?"
)
_TITLE = re.compile(
    r"arXiv Query: search_query=(?P<query>.*)&id_list=.*&start=\d+&max_results=\d+", re.DOTALL
)
_LONGEST_TITLE = 20_000
_LONGEST_ID = 32

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Feed:
    """One page of an answer."""

    body: bytes
    """Well-formed UTF-8 that holds the sound entries only."""
    total: int
    """How many papers the whole answer has, over all pages (opensearch:totalResults)."""
    page_size: int
    """The most that arXiv puts on a page of this answer (opensearch:itemsPerPage); 0: unsaid."""
    entries: int
    """How many entries came on this page, unsound ones included."""
    sound: int
    """How many of them can become papers."""
    error: str | None
    """What arXiv complains about, when the page is its error entry."""
    understood: str | None
    """The query as arXiv has read it, which a feed has in its title; None: unsaid."""


def read(body: bytes) -> Feed:
    """Return what one answer of arXiv's API holds.

    Entries that are ill-formed or lack an id, a title, an abstract or a date are left out and
    logged.

    Raises:
        DocumentError: the bytes are not one whole Atom feed that says how large the answer is.

    """
    text, root, spoilt = xml_document.read(body, root="feed", entry="entry")
    if root.tag != f"{_ATOM}feed":
        reason = f"a {root.tag[:80]!r} document instead of a feed"
        raise DocumentError(reason)
    entries = root.findall(f"{_ATOM}entry")
    unsound = [entry for entry in entries if not _is_sound(entry)]
    complaint = next(filter(None, map(_complaint, unsound)), None)
    for entry in unsound:
        root.remove(entry)
    if (unsound or spoilt) and complaint is None:
        _log.warning(
            "arxiv_entries_skipped",
            ill_formed=spoilt,
            unusable=[(entry.findtext(f"{_ATOM}id") or "?")[:80] for entry in unsound][:10],
        )
    return Feed(
        body=ET.tostring(root) if unsound or spoilt else text.encode(),
        total=_number(root, "totalResults"),
        page_size=_number(root, "itemsPerPage", missing=0),
        entries=len(entries) + spoilt,
        sound=len(entries) - len(unsound),
        error=complaint,
        understood=_understood(root),
    )


def to_paper(result: "arxiv.Result") -> Paper:
    """Return the paper that a sound entry describes.

    The id loses its version, text its line breaks, double spaces and control characters; TeX
    stays as it is. Raises ValueError where the entry is not one that `read` calls sound.
    """
    place = _PAPER_URL.fullmatch(result.entry_id.strip())
    if place is None:
        message = f"{result.entry_id[:80]!r} is no paper's address"
        raise ValueError(message)
    abstract = field("abstract", result.summary)
    comment = field("comment", result.comment) or None
    return Paper(
        id=place["id"],
        version=int(place["version"] or 1),
        title=field("title", result.title),
        abstract=abstract,
        authors=names_of(author.name for author in result.authors),
        categories=categories_of(result.primary_category, result.categories),
        comment=comment,
        journal_ref=field("journal_ref", result.journal_ref) or None,
        doi=field("doi", result.doi) or None,
        code_url=code_link(abstract, comment),
        withdrawn=is_withdrawn(abstract, comment or ""),
        published_at=result.published,
        updated_at=result.updated,
    )


def _is_sound(entry: ET.Element) -> bool:
    address = _PAPER_URL.fullmatch((entry.findtext(f"{_ATOM}id") or "").strip())
    return (
        address is not None
        and len(address["id"]) <= _LONGEST_ID
        and field("title", entry.findtext(f"{_ATOM}title")) != ""
        and field("abstract", entry.findtext(f"{_ATOM}summary")) != ""
        and all(_is_moment(entry.findtext(_ATOM + name)) for name in ("published", "updated"))
    )


def _is_moment(text: str | None) -> bool:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return False
    return is_plausible(moment)


def _complaint(entry: ET.Element) -> str | None:
    if ERRORS not in (entry.findtext(f"{_ATOM}id") or ""):
        return None
    return one_line(entry.findtext(f"{_ATOM}summary") or "")[:300] or "no reason given"


def _understood(root: ET.Element) -> str | None:
    title = (root.findtext(f"{_ATOM}title") or "").strip()
    found = _TITLE.fullmatch(title) if len(title) <= _LONGEST_TITLE else None
    return found["query"] if found else None


def _number(root: ET.Element, name: str, *, missing: int | None = None) -> int:
    text = (root.findtext(_OPENSEARCH + name) or "").strip()
    if text.isascii() and text.isdigit() and len(text) < len("1000000000"):
        return int(text)
    if missing is None:
        reason = f"no feed of arXiv's API: {name} is {text[:40]!r}"
        raise DocumentError(reason)
    return missing

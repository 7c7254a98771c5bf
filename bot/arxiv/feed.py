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
from xml.etree import ElementTree as ET

import arxiv
import structlog

from bot.code_links.extract import code_link
from storage.models import Paper

ERRORS = "/api/errors"
"""Where the id of the entry lies by which arXiv reports an error."""

_ATOM = "{http://www.w3.org/2005/Atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
_END = "</feed>"
_ENTRY = re.compile(r"<entry\b.*?</entry\s*>", re.DOTALL)
_ENTRY_START = re.compile(r"<entry\b")

_ILLEGAL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));"
)
"""What XML 1.0 does not allow in any document, as itself or as a character reference."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_C1 = re.compile(r"[\x80-\x9f]")
_DOUBLE_ENCODED = re.compile(
    r"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)

_PAPER_URL = re.compile(
    r"https?://(?:\w+\.)?arxiv\.org/abs/"
    r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/\d{7})(?:v(?P<version>\d{1,4}))?"
)
_WITHDRAWN = (
    r"(?:paper|article|manuscript|preprint|submission|work|note|report|draft|version)\s+"
    r"(?:(?:has|have)\s+(?:now\s+)?been\s+|is\s+(?:being\s+)?|was\s+)?withdrawn\b"
    r"(?!\s+from\s+(?!arxiv))"
)
_WITHDRAWN_COMMENT = re.compile(
    rf"^\W*withdrawn\b(?!\s+from\s+(?!arxiv))|\b{_WITHDRAWN}", re.IGNORECASE
)
_WITHDRAWN_ABSTRACT = re.compile(rf"^\W*(?:th(?:is|e)\s+)?(?:arxiv\s+)?{_WITHDRAWN}", re.IGNORECASE)
"""Authors say it in the comment (https://info.arxiv.org/help/withdraw.html), or instead of the
abstract; to withdraw from a conference is another matter."""

_ARXIV_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[A-Za-z]+)*)?")
_LONGEST_ID = 32
_PLAUSIBLE_YEARS = range(1900, 2200)
_CHUNK = 1 << 16

_log = structlog.get_logger()


class FeedError(Exception):
    """The bytes are no whole feed; `reason` says in a few words why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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


def read(body: bytes) -> Feed:
    """Return what one answer of arXiv's API holds.

    Entries that are ill-formed or lack an id, a title, an abstract or a date are left out and
    logged. Control characters, which no XML may hold, are dropped beforehand: they come from the
    authors' own text. A document type, and with it every entity bomb, is refused unread.

    Raises FeedError when the bytes are not one whole Atom feed that says how large the answer is.
    """
    text = _ILLEGAL.sub("", body.decode("utf-8", errors="replace")).strip().lstrip("\ufeff")
    if _C1.search(text):
        text = _ENTRY.sub(lambda entry: _mended(entry.group()), text)
    spoilt = 0
    try:
        root = _parse(text)
    except ET.ParseError as error:
        root, spoilt = _salvage(text, error)
    if root.tag != f"{_ATOM}feed":
        reason = f"a {root.tag[:80]!r} document instead of a feed"
        raise FeedError(reason)
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
    )


def to_paper(result: arxiv.Result) -> Paper:
    """Return the paper that a sound entry describes.

    The id loses its version, text its line breaks, double spaces and control characters; TeX
    stays as it is. Raises ValueError where the entry is not one that `read` calls sound.
    """
    place = _PAPER_URL.fullmatch(result.entry_id.strip())
    if place is None:
        message = f"{result.entry_id[:80]!r} is no paper's address"
        raise ValueError(message)
    abstract = _one_line(result.summary)
    comment = _one_line(result.comment or "") or None
    return Paper(
        id=place["id"],
        version=int(place["version"] or 1),
        title=_one_line(result.title),
        abstract=abstract,
        authors=[name for author in result.authors if (name := _one_line(author.name))],
        categories=_categories(result.primary_category, result.categories),
        comment=comment,
        journal_ref=_one_line(result.journal_ref or "") or None,
        doi=_one_line(result.doi or "") or None,
        code_url=code_link(abstract, comment),
        withdrawn=_is_withdrawn(abstract, comment or ""),
        published_at=result.published,
        updated_at=result.updated,
    )


def _is_withdrawn(abstract: str, comment: str) -> bool:
    return bool(_WITHDRAWN_COMMENT.search(comment) or _WITHDRAWN_ABSTRACT.match(abstract))


class _NoDoctype(ET.TreeBuilder):
    """Refuses a document type before its entities are read; arXiv's feeds have none."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        del pubid, system
        reason = f"a document with a type ({name[:80]!r}), which no feed of arXiv's has"
        raise FeedError(reason)


def _parse(text: str) -> ET.Element:
    # Expat also bounds the growth of entities by itself; the doctype that could define them is
    # refused above. https://libexpat.github.io/doc/billion-laughs/
    parser = ET.XMLParser(target=_NoDoctype())  # noqa: S314 - see the comment above
    # In pieces, so that a page of several megabytes does not hold the interpreter in one go.
    for start in range(0, len(text), _CHUNK):
        parser.feed(text[start : start + _CHUNK])
    root: ET.Element = parser.close()
    return root


def _salvage(text: str, error: ET.ParseError) -> tuple[ET.Element, int]:
    """Return a feed of the entries that are well-formed alone, and how many are not.

    One author's stray `<` must not cost everybody the page; a feed that is cut off must.
    """
    start = _ENTRY_START.search(text)
    if start is None or not text.endswith(_END):
        reason = f"not well-formed, or cut off: {error}"
        raise FeedError(reason[:200]) from None
    head = text[: start.start()]
    try:
        root = _parse(head + _END)
    except ET.ParseError:
        reason = f"not well-formed: {error}"
        raise FeedError(reason[:200]) from None
    for entry in _ENTRY.findall(text):
        try:
            root.append(_parse(head + entry + _END)[-1])
        except ET.ParseError:
            continue
    return root, len(_ENTRY_START.findall(text)) - len(root.findall(f"{_ATOM}entry"))


def _mended(text: str) -> str:
    r"""Return text that was encoded twice somewhere on its way (`KroiÃ\x9f`) as it was meant.

    Nobody writes the control characters U+0080 to U+009F, so they are the sign of it.
    """

    def meant(found: re.Match[str]) -> str:
        try:
            return found.group().encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return found.group()

    return _DOUBLE_ENCODED.sub(meant, text) if _C1.search(text) else text


def _is_sound(entry: ET.Element) -> bool:
    address = _PAPER_URL.fullmatch((entry.findtext(f"{_ATOM}id") or "").strip())
    return (
        address is not None
        and len(address["id"]) <= _LONGEST_ID
        and all(_one_line(entry.findtext(_ATOM + name) or "") for name in ("title", "summary"))
        and all(_is_moment(entry.findtext(_ATOM + name)) for name in ("published", "updated"))
    )


def _is_moment(text: str | None) -> bool:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return False
    return moment.year in _PLAUSIBLE_YEARS


def _complaint(entry: ET.Element) -> str | None:
    if ERRORS not in (entry.findtext(f"{_ATOM}id") or ""):
        return None
    return _one_line(entry.findtext(f"{_ATOM}summary") or "")[:300] or "no reason given"


def _number(root: ET.Element, name: str, *, missing: int | None = None) -> int:
    text = (root.findtext(_OPENSEARCH + name) or "").strip()
    if text.isascii() and text.isdigit() and len(text) < len("1000000000"):
        return int(text)
    if missing is None:
        reason = f"no feed of arXiv's API: {name} is {text[:40]!r}"
        raise FeedError(reason)
    return missing


def _one_line(text: str) -> str:
    """Return text in one line, without what controls a terminal or the reading direction."""
    return " ".join(_CONTROL.sub("", " ".join(text.split())).split())


def _categories(primary: str, categories: list[str]) -> list[str]:
    """Return the categories once each, the primary one first, MSC and ACM classes never first."""
    cleaned = [name for category in [primary, *categories] if (name := _one_line(category))]
    return sorted(dict.fromkeys(cleaned), key=lambda name: _ARXIV_CATEGORY.fullmatch(name) is None)

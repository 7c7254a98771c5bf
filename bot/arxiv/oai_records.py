"""Parser of arXiv's OAI-PMH: bytes judged a whole answer or a broken one, records made Papers.

The format is `arXivRaw`, because of arXiv's four it alone loses nothing that a Paper has: it gives
every version with the second in which it was submitted. `arXiv` has no version, and the day that
it calls `created` is that of the newest version, so an old paper with a new version would look
new. In return `arXivRaw` hands out what the authors typed, which is read here the way arXiv reads
it for its API, so that a paper is the same whichever way it came.

https://github.com/arXiv/oaipmh: templates/record_formats.xml and serializers/create_records.py
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree as ET

import structlog

from bot.arxiv import xml_document
from bot.arxiv.author_names import author_names
from bot.arxiv.paper_text import LONGEST, categories_of, field, is_plausible, is_withdrawn, one_line
from bot.arxiv.tex_letters import to_letters
from bot.arxiv.xml_document import DocumentError
from bot.code_links.extract import code_link
from storage.models import Paper

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RAW = "{http://arxiv.org/OAI/arXivRaw/}"
_IDENTIFIER = re.compile(r"oai:arXiv\.org:(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/\d{7})")
_VERSION = re.compile(r"v(\d{1,4})", re.ASCII)
_LONGEST_ID = 32
_LONGEST_AUTHORS = 250_000
_LONGEST_TOKEN = 2_000

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: a page of records or of headers, a single record, or an error."""

    papers: list[Paper]
    ids: list[str]
    """The papers that it names, with those whose records are unusable; not the deleted ones."""
    token: str | None
    """What to ask for the next page with; None: this was the last."""
    error: str | None = None
    """The protocol's name for what is wrong with the request."""
    message: str = ""


def read(body: bytes, *, verb: str) -> Answer:
    """Return what one answer holds to a request with this verb.

    Deleted records are left out. Records that are ill-formed or lack an id, a version, a title or
    an abstract are left out as well, and logged.

    Raises:
        DocumentError: the bytes are not one whole answer of OAI-PMH to such a request.

    """
    entry = "header" if verb == "ListIdentifiers" else "record"
    _, root, spoilt = xml_document.read(body, root="OAI-PMH", entry=entry)
    if root.tag != f"{_OAI}OAI-PMH":
        reason = f"a {root.tag[:80]!r} document instead of an answer of OAI-PMH"
        raise DocumentError(reason)
    error = root.find(f"{_OAI}error")
    if error is not None:
        code = one_line(error.get("code") or "")[:40]
        return Answer([], [], None, code or "unknown", one_line(error.text or "")[:300])
    listing = root.find(_OAI + verb)
    if listing is None:
        reason = f"an answer without {verb}"
        raise DocumentError(reason)
    if verb == "Identify":
        return Answer([], [], None)
    entries = listing.findall(_OAI + entry)
    if not entries and not spoilt:
        # The protocol has an error for that.
        reason = f"an answer without a single {entry}"
        raise DocumentError(reason)
    headers = entries if entry == "header" else [record.find(f"{_OAI}header") for record in entries]
    named = [(_id_of(header), record) for header, record in zip(headers, entries, strict=True)]
    ids = [paper_id for paper_id, _ in named if paper_id]
    if entry == "header":
        return Answer([], ids, _token(listing))
    papers = [
        paper for paper_id, record in named if paper_id and (paper := _paper(paper_id, record))
    ]
    unusable = set(ids) - {paper.id for paper in papers}
    if unusable or spoilt:
        _log.warning("arxiv_records_skipped", ill_formed=spoilt, unusable=sorted(unusable)[:10])
    return Answer(papers, ids, _token(listing))


def _id_of(header: ET.Element | None) -> str | None:
    """Return the id of the paper that a header is about; None where it is deleted or no paper's."""
    if header is None or header.get("status") == "deleted":
        return None
    found = _IDENTIFIER.fullmatch((header.findtext(f"{_OAI}identifier") or "").strip())
    return found["id"] if found and len(found["id"]) <= _LONGEST_ID else None


def _token(listing: ET.Element) -> str | None:
    token = (listing.findtext(f"{_OAI}resumptionToken") or "").strip()
    if len(token) > _LONGEST_TOKEN:
        reason = f"a resumption token of {len(token):,} characters"
        raise DocumentError(reason)
    return token or None


def _paper(paper_id: str, record: ET.Element) -> Paper | None:
    """Return the paper that a record describes, None where it does not do so in full."""
    raw = record.find(f"{_OAI}metadata/{_RAW}arXivRaw")
    if raw is None:
        return None

    def text(name: str, kept: str) -> str:
        told = raw.findtext(_RAW + name) or ""
        return field(kept, to_letters(told[: 4 * LONGEST[kept]]))

    versions = _versions(raw)
    title, abstract = text("title", "title"), text("abstract", "abstract")
    if not (title and abstract and versions):
        return None
    comment = text("comments", "comment") or None
    primary, *others = (raw.findtext(f"{_RAW}categories") or "").split() or [""]
    newest = max(versions)
    return Paper(
        id=paper_id,
        version=newest,
        title=title,
        abstract=abstract,
        authors=author_names((raw.findtext(f"{_RAW}authors") or "")[:_LONGEST_AUTHORS]),
        categories=categories_of(primary, others),
        comment=comment,
        journal_ref=text("journal-ref", "journal_ref") or None,
        doi=field("doi", raw.findtext(f"{_RAW}doi")) or None,
        code_url=code_link(abstract, comment),
        # A version's `source_type` tells withdrawals as well, but the API's feeds do not have it,
        # and a paper must not be withdrawn by one road and come back by the other.
        withdrawn=is_withdrawn(abstract, comment or ""),
        published_at=versions[min(versions)],
        updated_at=versions[newest],
        licence=field("licence", raw.findtext(f"{_RAW}license")) or None,
    )


def _versions(raw: ET.Element) -> dict[int, datetime]:
    """Return when each version was submitted; nothing where one of them can't be read."""
    versions: dict[int, datetime] = {}
    for version in raw.findall(f"{_RAW}version"):
        number = _VERSION.fullmatch((version.get("version") or "").strip())
        try:
            moment = parsedate_to_datetime(version.findtext(f"{_RAW}date") or "")
        except (ValueError, OverflowError):
            return {}
        if number is None or not is_plausible(moment):
            return {}
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        versions[int(number[1])] = aware.astimezone(UTC)
    return versions

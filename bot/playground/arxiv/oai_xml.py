"""XML of the fake OAI-PMH: documents, errors and records, in the form of arXiv's templates.

https://github.com/arXiv/oaipmh/tree/main/oaipmh/templates
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from textwrap import wrap
from xml.sax.saxutils import quoteattr
from zlib import crc32

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.papers import ArxivEntry, xml_text

LICENCES = (
    "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "http://creativecommons.org/licenses/by/4.0/",
    "http://creativecommons.org/publicdomain/zero/1.0/",
)

_PHYSICS = frozenset(
    ("astro-ph", "cond-mat", "gr-qc", "hep-ex", "hep-lat", "hep-ph", "hep-th", "math-ph", "nlin",
     "nucl-ex", "nucl-th", "physics", "quant-ph")
)  # fmt: skip
_TYPED = {"\u0301": "'", "\u0300": "`", "\u0302": "^", "\u0308": '"', "\u030c": "v", "\u0327": "c"}
_ACCENTED = frozenset("ÁÉÍÓÚÀÈÌÒÙÂÊÎÔÛÄËÏÖÜáéíóúàèìòùâêîôûäëïöüČŠŽčšžÇç")
_GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "λ": "lambda", "μ": "mu"}


class Code(StrEnum):
    """The protocol's errors, as far as arXiv has them."""

    BAD_ARGUMENT = "badArgument"
    BAD_RESUMPTION = "badResumptionToken"
    BAD_VERB = "badVerb"
    BAD_FORMAT = "cannotDisseminateFormat"
    NO_ID = "idDoesNotExist"
    NO_RECORDS = "noRecordsMatch"


_DESCRIPTIONS = {
    Code.BAD_ARGUMENT: "The request includes illegal arguments, is missing required arguments,"
    " includes a repeated argument, or values for arguments have an illegal syntax.",
    Code.BAD_RESUMPTION: "The value of the resumptionToken argument is invalid or expired.",
    Code.BAD_VERB: "Value of the verb argument is not a legal OAI-PMH verb, the verb argument is"
    " missing, or the verb argument is repeated.",
    Code.BAD_FORMAT: "The metadata format identified by the value given for the"
    " metadataPrefix argument is not supported by the item or by the repository.",
    Code.NO_ID: "The value of the identifier argument is unknown or illegal in this repository.",
    Code.NO_RECORDS: "The combination of the values of the from, until, set and metadataPrefix"
    " arguments results in an empty list.",
}


class OaiError(Exception):
    """An error of the protocol."""

    def __init__(self, code: Code, reason: str = "") -> None:
        super().__init__(code)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Record:
    """A paper, and when something about it changed last."""

    entry: ArxivEntry
    changed: datetime
    deleted: bool = False

    @property
    def sets(self) -> list[str]:
        """The sets that it is in, such as `cs:cs:CV` and `physics:hep-th`."""
        return sets_of(self.entry.classes)

    def is_in(self, name: str) -> bool:
        """Say whether it is in a set, or in one below that."""
        return any(f"{each}:".startswith(f"{name}:") for each in self.sets)

    @property
    def header(self) -> str:
        """What lists of identifiers hold."""
        status = ' status="deleted"' if self.deleted else ""
        sets = "".join(f"<setSpec>{name}</setSpec>\n" for name in self.sets)
        return (
            f"<header{status}>\n<identifier>oai:arXiv.org:{self.entry.id}</identifier>\n"
            f"<datestamp>{self.changed:%Y-%m-%d}</datestamp>\n{sets}</header>\n"
        )

    def xml(self, prefix: str) -> str:
        """Return the record in one of the formats."""
        if self.deleted:
            return f"<record>\n{self.header}</record>\n"
        body = FORMATS[prefix](self.entry)
        return f"<record>\n{self.header}<metadata>\n{body}</metadata>\n</record>\n"


def sets_of(categories: Iterable[str]) -> list[str]:
    """Return the sets of some categories."""
    names = []
    for category in categories:
        archive, _, subject = category.partition(".")
        group = "physics" if archive in _PHYSICS else archive
        names.append(":".join([group, archive, *([subject] if subject else [])]))
    return names


def licence_of(paper_id: str) -> str:
    """Return the licence of a paper, one of those that arXiv has; the same every time."""
    return LICENCES[crc32(paper_id.encode()) % len(LICENCES)]


def as_typed(text: str) -> str:
    r"""Return text as an author may have typed it: `G\"{o}del`, `$\alpha{}$`.

    The API has it after arXiv's conversion, and this is before. Not every sign is typed so: arXiv
    takes Unicode as well.
    """
    typed = []
    for char in text:
        if char in _ACCENTED:
            plain = unicodedata.normalize("NFD", char)
            typed.append(f"\\{_TYPED[plain[1]]}{{{plain[0]}}}")
        elif char in _GREEK:
            typed.append(f"\\{_GREEK[char]}{{}}")
        else:
            typed.append(char)
    return "".join(typed)


def document(arguments: Mapping[str, str], body: str, *, now: datetime) -> str:
    """Return a whole answer."""
    asked = "".join(f" {name}={quoteattr(value)}" for name, value in arguments.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"\n'
        '         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\n'
        '         xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/'
        ' http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd">\n'
        f"    <responseDate>{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</responseDate>\n"
        f"<request{asked}>http://oaipmh.arxiv.org/oai</request>\n{body}\n</OAI-PMH>"
    )


def error(failure: OaiError) -> str:
    """Return what stands for an answer where there is none."""
    reason = f" Reason: {xml_text(failure.reason)}" if failure.reason else ""
    return f"<error code='{failure.code}'>{_DESCRIPTIONS[failure.code]}{reason}</error>"


def token(text: str, expires: datetime) -> str:
    """Return the end of a page; the last one's is empty."""
    if not text:
        return "<resumptionToken/>"
    return (
        f"<resumptionToken expirationDate='{expires:%Y-%m-%dT%H:%M:%SZ}'>{text}</resumptionToken>"
    )


def identify(earliest: date) -> str:
    """Return what arXiv says of itself."""
    return (
        "<Identify>\n<repositoryName>arXiv</repositoryName>\n"
        "<baseURL>https://oaipmh.arxiv.org/oai</baseURL>\n<protocolVersion>2.0</protocolVersion>\n"
        "<adminEmail>help@arxiv.org</adminEmail>\n"
        f"<earliestDatestamp>{earliest}</earliestDatestamp>\n"
        "<deletedRecord>persistent</deletedRecord>\n<granularity>YYYY-MM-DD</granularity>\n"
        "</Identify>"
    )


def formats() -> str:
    """Return the formats that there are here; arXiv has two more."""
    each = (
        f"<metadataFormat>\n<metadataPrefix>{prefix}</metadataPrefix>\n<schema>{_SCHEMAS[prefix]}"
        f"</schema>\n<metadataNamespace>{_NAMESPACES[prefix]}</metadataNamespace>\n</metadataFormat>\n"
        for prefix in FORMATS
    )
    return f"<ListMetadataFormats>\n{''.join(each)}</ListMetadataFormats>"


def sets(names: Iterable[str]) -> str:
    """Return the sets that there are."""
    each = (f"<set>\n<setSpec>{name}</setSpec>\n</set>\n" for name in sorted(names))
    return f"<ListSets>\n{''.join(each)}</ListSets>"


def spoilt(entries: list[str], fault: ArxivFault | None) -> list[str]:
    """Return the records or headers of a page with what happens to them."""
    match fault:
        case ArxivFault.EMPTY_PAGE:
            return []
        case ArxivFault.SHORT_PAGE:
            return entries[: len(entries) // 2]
        case ArxivFault.REPEATED_PAGE:
            return [*entries[:-1], entries[0]]
        case ArxivFault.BAD_ENTRY:
            return [re.sub(r"(?<=<date>)[^<]+", "soon", entries[0]), *entries[1:]]
        case ArxivFault.ILL_FORMED_ENTRY:
            return [entries[0].replace("<title>", "<title>0 < 1, "), *entries[1:]]
        case _:
            return entries


def _raw(entry: ArxivEntry) -> str:
    authors = [as_typed(name) for name in entry.authors]
    line = " and ".join([", ".join(authors[:-1]), authors[-1]]) if authors[1:] else "".join(authors)
    fields = {
        "id": entry.id,
        "submitter": entry.authors[0] if entry.authors else "",
        "title": _wrapped(entry.title),
        "authors": line,
        "categories": " ".join(entry.classes),
        "comments": as_typed(entry.comment or ""),
        "journal-ref": as_typed(entry.journal_ref or ""),
        "doi": entry.doi or "",
        "license": licence_of(entry.id),
        "abstract": f"  {_wrapped(entry.abstract)}\n",
    }
    shown = [f"<{name}>{xml_text(text)}</{name}>\n" for name, text in fields.items() if text]
    shown[2:2] = [
        f'<version version="v{number}">\n<date>{moment:%a, %d %b %Y %H:%M:%S GMT}</date>\n'
        "<size>1024kb</size>\n<source_type>D</source_type>\n</version>\n"
        for number, moment in enumerate(_history(entry), start=1)
    ]
    schema = f"{_NAMESPACES['arXivRaw']} {_SCHEMAS['arXivRaw']}"
    return (
        f'<arXivRaw xmlns="{_NAMESPACES["arXivRaw"]}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{schema}">\n{"".join(shown)}</arXivRaw>\n'
    )


def _dublin_core(entry: ArxivEntry) -> str:
    fields = [("title", entry.title), *(("creator", name) for name in entry.authors)]
    fields += [("description", entry.abstract), ("date", f"{entry.published:%Y-%m-%d}")]
    fields += [("type", "text"), ("identifier", f"http://arxiv.org/abs/{entry.id}")]
    shown = "".join(f"<dc:{name}>{xml_text(text)}</dc:{name}>\n" for name, text in fields)
    return (
        f'<oai_dc:dc xmlns:oai_dc="{_NAMESPACES["oai_dc"]}"'
        f' xmlns:dc="http://purl.org/dc/elements/1.1/">\n{shown}</oai_dc:dc>\n'
    )


def _history(entry: ArxivEntry) -> list[datetime]:
    """Return when each version was submitted; what is between first and newest is made up."""
    step = (entry.updated - entry.published) / max(entry.version - 1, 1)
    moments = [entry.published + number * step for number in range(entry.version)]
    return [moment.astimezone(UTC) for moment in moments]


def _wrapped(text: str) -> str:
    return "\n  ".join(wrap(as_typed(text), break_long_words=False, break_on_hyphens=False))


FORMATS: Mapping[str, Callable[[ArxivEntry], str]] = {"oai_dc": _dublin_core, "arXivRaw": _raw}
_SCHEMAS = {
    "oai_dc": "https://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    "arXivRaw": "https://oaipmh.arxiv.org/OAI/arXivRaw.xsd",
}
_NAMESPACES = {
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "arXivRaw": "http://arxiv.org/OAI/arXivRaw/",
}

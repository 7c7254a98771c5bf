"""Extract the link to a paper's own code or project page from what its authors write.

Authors put it into the abstract or the comment: as a bare address, inside TeX, with a full stop
or Chinese text stuck to it. Other people's tools are linked there too, so the words before a link
decide whose it is; in doubt there is no link rather than a wrong one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile
from urllib.parse import urlsplit

from bot.regex.lazy_pattern import lazily

_HOSTED = (
    r"github\.com|gitlab\.com|bitbucket\.org|codeberg\.org|gitee\.com|huggingface\.co|hf\.co"
    r"|anonymous\.4open\.science|[\w-]+\.(?:github|gitlab)\.io"
)
_LINK = lazily(
    rf"(?:https?://(?:www\.)?|(?<![\w@./-])(?:www\.)?(?=(?:{_HOSTED})\b))"
    r"[A-Za-z0-9](?:\\[_%#&~]|[A-Za-z0-9\-._~:/?#@!&*+,;=%()']){1,300}",
    re.IGNORECASE,
)
_HINTS = (
    *("http", "github", "gitlab", "bitbucket", "codeberg", "gitee", "huggingface"),
    *("hf.co", "4open"),
)
"""Every address that is found has one of them: most texts have none, and are not searched."""
_TILDE = lazily(r"\$\\sim\$|\\textasciitilde(?:\{\})?|\\~(?:\{\})?")
_SENTENCE_GLUED_ON = lazily(
    r"\.(?:Our|The|We|This|These|Codes?|Project|Data|In|It|To|Supplementary|Accepted)\b.*$"
)

_FORGES = {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitee.com",
    "anonymous.4open.science",
}  # fmt: skip
_NAME = lazily(r"(?=.*[A-Za-z0-9])[A-Za-z0-9._-]+")
_HOST = lazily(r"(?:[a-z0-9_-]+\.)+(?=[a-z])[a-z0-9-]*[a-z0-9]")
"""A name with a domain: neither a number of a machine nor a neighbour in somebody's network."""
_NOT_USERS = {
    "about", "apps", "blog", "collections", "contact", "customer-stories", "docs", "enterprise",
    "events", "explore", "features", "issues", "join", "learn", "login", "marketplace", "new",
    "notifications", "orgs", "papers", "pricing", "pulls", "readme", "search", "security",
    "settings", "site", "sponsors", "stars", "tasks", "topics", "trending", "users",
}  # fmt: skip
_NO_PROJECT = lazily(
    r"(?:^|\.)(?:arxiv\.org|doi\.org|youtube\.com|youtu\.be|vimeo\.com|bilibili\.com|openreview\.net"
    r"|twitter\.com|x\.com|linkedin\.com|drive\.google\.com|docs\.google\.com|goo\.gl|ieee\.org"
    r"|acm\.org|springer\.com|sciencedirect\.com|nature\.com|aclanthology\.org|thecvf\.com|mdpi\.com"
    r"|gist\.github\.com|githubusercontent\.com|creativecommons\.org|wikipedia\.org|dropbox\.com)$"
)

_PROJECT = (
    r"(?:project|paper|home|web|accompanying)[\s-]*(?:web)?[\s-]*(?:page|site|url|link|homepage)s?"
    r"|homepage|website|webpage|\bweb\b|project(?:'s)?"
)
_CODE = (
    r"\bcod(?:es?|ing|ebase)\b|\bsource\b|implementations?\b|\brepo(?:sitory|sitories|s)?\b"
    r"|open[- ]?sourc\w+|\bgithub\b|\bscripts?\b|\bsoftware\b|\btoolkit\b|\btoolbox\b"
)
_GIVEN = (
    r"\breleas\w+|\bavailab\w+|\baccessible\b|\baccessed\b|\bfound\b|\bpublish\w*|\bpublicly\b"
    r"|\bhosted\b|\bmaintain\w*|\bshared? at\b|\bresources?\b|\bmaterials?\b|\bdetails\b|\bours?\b"
    r"|\bprovided\b|\bdatasets?\b|\bbenchmarks?\b|\bmodels?\b|\bcheckpoints?\b|\bweights\b"
    r"|\bdata\b|\bsurvey\b|\bdemos?\b|\bresults?\b"
)
_FOREIGN = (
    r"\bworkshops?\b|\bconference\b|\bcompetition\b|\bchallenge\b|\bshared task\b|\bblog\b"
    r"|\btutorial\b|\btemplate\b|(?<!public )\bus(?:e|es|ed|ing)\b|\butiliz\w+|\blike\b"
    r"|\bbas(?:ed|is) (?:up)?on\b|\bbuil[dt]\w* (?:up)?on\b|\badapted\b|\bdownloaded\b"
    r"|\bobtained from\b|\bfork\w*|\bextend(?:s|ed)\b|\bsuch as\b|\be\.g\b|\bpowered by\b"
    r"|\bimplemented (?:in|with)\b|\bbaselines?\b|\bexisting\b|\bthird[- ]party\b"
    r"|\bsubmitted to\b|\bintegrated? in(?:to)?\b|\bcontributed to\b"
)
_WORDS = lazily(
    rf"(?P<project>{_PROJECT})|(?P<code>{_CODE})|(?P<given>{_GIVEN})|(?P<foreign>{_FOREIGN})",
    re.IGNORECASE,
)
_SENTENCE_END = lazily(r"(?<!e\.g)(?<!i\.e)(?<!et al)[.!?]\s")
_EVENT = lazily(r"\b(?:workshop|conference|competition|challenge|shared task)\b", re.IGNORECASE)
_OURS = lazily(
    r"\bours?\b|\breleas\w+|\bopen[- ]?sourc\w+|\bmad?e (?:\w+ )*?available"
    r"|\bcodes?(?::| (?:at|is|are|can|will)\b)",
    re.IGNORECASE,
)
"""What makes a link the authors' own although something else is said to be used."""


class _Place(IntEnum):
    """What lies behind an address; the better for a reader of code, the larger."""

    PAGE = 1
    HOSTED_PAGE = 2
    HUB = 3
    REPOSITORY = 4


@dataclass(frozen=True, slots=True)
class _Link:
    url: str
    place: _Place


def code_link(*texts: str | None) -> str | None:
    """Return the best link to a paper's own code or project, or None.

    texts: abstract and comment, the more trustworthy first. Repositories (GitHub, GitLab,
    Bitbucket, Codeberg, Gitee, anonymous.4open.science) come before models, data sets and spaces
    on Hugging Face, these before project pages. Never a gist, a user without a repository, a
    paper, a video or somebody else's tool. The result is https and without TeX, trailing
    punctuation, `.git`, query and fragment.
    """
    best: tuple[int, int] = (0, 0)
    url = None
    for text in texts:
        for link, words in _links(_TILDE.sub("~", text or "")):
            weight = _weight(link, words)
            if weight > 0 and (weight, link.place) > best:
                best, url = (weight, link.place), link.url
    return url


def repository(address: str) -> str | None:
    """Return the repository at an address that is said to be a paper's, or None.

    The address alone, nothing around it; the result has the form of `code_link`'s.
    """
    link = _link(address) if _LINK.fullmatch(address) else None
    return link.url if link and link.place is _Place.REPOSITORY else None


def page(address: str) -> str | None:
    """Return the repository, model or project page at such an address, or None."""
    link = _link(address) if _LINK.fullmatch(address) else None
    return link.url if link else None


def _links(text: str) -> Iterator[tuple[_Link, str]]:
    """Yield the addresses in a text, each with the words of its sentence before it."""
    low = text.lower()
    if not any(hint in low for hint in _HINTS):
        return
    for found in _LINK.finditer(text):
        link = _link(found.group())
        if link is None:
            continue
        before = _LINK.sub(" ", text[max(0, found.start() - 160) : found.start()])
        yield link, _SENTENCE_END.split(before)[-1]


def _weight(link: _Link, words: str) -> int:
    """Return how sure it is that a link is the authors' own: 0 not, 3 surely."""
    cues = [cue.lastgroup for cue in _WORDS.finditer(words)]
    last = cues[-1] if cues else None
    if _EVENT.search(words[-50:]) and "code" not in cues:
        return 0
    if last == "foreign" or (
        "foreign" in cues and "project" not in cues and not _OURS.search(words)
    ):
        return 0
    if link.place is _Place.PAGE:
        return int("project" in cues or "code" in cues)
    if "code" in cues and link.place is not _Place.HUB:
        return 3
    if cues:
        return 2
    # Nothing is said about it: a bare address in a comment is the authors' repository.
    return 1 if link.place is _Place.REPOSITORY or not words.strip(" ,;:()[]-") else 0


def _link(raw: str) -> _Link | None:
    """Return an address as it is meant, or None where nothing useful lies."""
    address = re.sub(r"\\(.)", r"\1", raw)
    address = re.sub(r"^(?:https?://)?", "https://", address, flags=re.IGNORECASE)
    address = _trimmed(_SENTENCE_GLUED_ON.sub("", address))
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        known = host.removeprefix("www.")
    except ValueError:
        return None
    path = [piece for piece in map(_trimmed, parts.path.split("/")) if piece]
    if not _HOST.fullmatch(host) or _NO_PROJECT.search(host):
        return None
    if known in {"huggingface.co", "hf.co"}:
        return _on_hub(path)
    if known in _FORGES or host.startswith(("gitlab.", "git.")):
        anonymous = known == "anonymous.4open.science"
        return None if anonymous and path[:1] != ["r"] else _repository(known, path)
    kind = _Place.HOSTED_PAGE if host.endswith((".github.io", ".gitlab.io")) else _Place.PAGE
    query = f"?{parts.query}" if parts.query else ""
    return _Link(f"https://{host}{parts.path}{query}", kind)


def _repository(host: str, path: list[str]) -> _Link | None:
    """Return the repository that a path leads to: a user, a name, perhaps a folder."""
    match path:
        case [user, name, *folder] if user.lower() not in _NOT_USERS:
            name = name.removesuffix(".git")
            if _NAME.fullmatch(user) and _NAME.fullmatch(name):
                folder = list(takewhile(_NAME.fullmatch, folder))
                return _Link(f"https://{'/'.join([host, user, name, *folder])}", _Place.REPOSITORY)
    return None


def _on_hub(path: list[str]) -> _Link | None:
    """Return the model, data set, space or collection that a path of Hugging Face leads to."""
    path = list(takewhile(_NAME.fullmatch, path))
    match path:
        case [("datasets" | "spaces" | "collections") as kind, user, name, *_]:
            return _Link(f"https://huggingface.co/{kind}/{user}/{name}", _Place.HUB)
        case [user, name, *_] if user.lower() not in _NOT_USERS | {"datasets", "spaces"}:
            return _Link(f"https://huggingface.co/{user}/{name}", _Place.HUB)
    return None


def _trimmed(address: str) -> str:
    """Return an address without the punctuation of the sentence around it."""
    while True:
        shorter = address.rstrip(".,;:!?'*&=+@%-~")
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        shorter = shorter.removesuffix("(")
        if shorter == address:
            return address
        address = shorter

r"""The digest as one Markdown page, for GitHub, for Jekyll, and to be read as it is.

The form is that of the pages people know: front matter, a date, a table of four columns a topic.
Nothing that an author, a translator or a chat wrote can leave its cell:

- GitHub splits a row at every `|` that has no backslash before it, also in code and in formulas,
  so prose has `&#124;` for it and formulas `\vert` (https://github.github.com/gfm/#tables-extension-).
- A formula stays `$...$`. GitHub reads it as Markdown before it draws it, so one that Markdown
  would damage is written `` $`...`$ ``, as GitHub recommends
  (https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/writing-mathematical-expressions).
- Jekyll runs Liquid over the page first: no `{{` and no `{%` comes out of here.
- Only such marks are escaped as both CommonMark and kramdown (Jekyll's parser) unescape.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from bot.digest.view import PaperView
from bot.i18n import Texts, negotiate, texts
from bot.papers.latex import one_line, spans
from storage.models import ORIGINAL

__all__ = ["Digest", "Section", "file_name", "render"]


@dataclass(frozen=True, slots=True)
class Section:
    """A topic under the chat's label for it, with the papers to list, in any order."""

    label: str
    papers: tuple[PaperView, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """What a page is rendered from."""

    updated: date
    sections: tuple[Section, ...]
    language: str = ORIGINAL
    """The language that abstracts are wanted in."""
    usage_url: str = "./docs/README.md#usage"
    """Where the page's second line leads."""


def render(digest: Digest) -> str:
    """Return the page; the same digest gives the same text."""
    head = (
        "---\nlayout: default\n---\n\n"
        f"## Updated on {digest.updated:%Y.%m.%d}\n"
        f"> Usage instructions: [here]({_destination(digest.usage_url)})\n\n"
    )
    sections = "".join(_section(section, digest.language) for section in digest.sections)
    return head + sections + _credits(digest)


def file_name(updated: date) -> str:
    """Return the document's name; names sort by date."""
    return f"paperboy-{updated:%Y-%m-%d}.md"


ENGINES = {
    "google": "Google Translate",
    "mymemory": "MyMemory",
    "libre": "LibreTranslate",
    "microsoft": "Microsoft Translator",
    "deepl": "DeepL",
    "llm": "LLM",
}
"""What readers know engines by; another stands as it is."""


def _credits(digest: Digest) -> str:
    """Return who translated what is on the page, as its last line."""
    papers = {paper.id: paper for section in digest.sections for paper in section.papers}
    done = Counter(paper.engine for paper in papers.values() if paper.translated and paper.engine)
    if not done:
        return ""
    _ = texts(negotiate(digest.language))
    names = ", ".join(ENGINES.get(engine, engine) for engine, _times in done.most_common())
    return _prose(_.plain("Translated by {engines}", engines=names)) + "\n"


def _section(section: Section, language: str) -> str:
    _ = texts(negotiate(language))
    heading = f"## {_heading(section.label)}\n\n"
    if not section.papers:
        return heading + f"{_prose(_.plain('No papers yet.'))}\n\n"
    rows = "".join(_row(paper, _) for paper in _newest_first(section.papers))
    if language != ORIGINAL and not all(paper.translated for paper in section.papers):
        note = _.plain("Some abstracts are shown in English: the translators did not answer.")
        return f"{heading}{_TABLE_HEAD}{rows}\n{_prose(note)}\n\n"
    return f"{heading}{_TABLE_HEAD}{rows}\n"


_TABLE_HEAD = (
    "| Publish Date | Title | Code | Abstract |\n"
    "|:---------|:-----------------------|:------|"
    ":-------------------------------------------------|\n"
)


def _newest_first(papers: Sequence[PaperView]) -> list[PaperView]:
    return sorted(papers, key=lambda paper: (paper.published_at, paper.id), reverse=True)


def _row(paper: PaperView, _: Texts) -> str:
    title = _inline(paper.title) or _prose(paper.id)
    mark = f" **{_prose(_.plain('Withdrawn'))}**" if paper.withdrawn else ""
    code = _web_address(paper.code_url)
    cells = (
        f"**{paper.published_on:%Y-%m-%d}**",
        f"[{title}]({_destination(paper.abs_url)}){mark}",
        f"**[link]({code})**" if code else "null",
        _inline(paper.abstract, links=True),
    )
    return f"|{'|'.join(cells)}|\n"


def _heading(label: str) -> str:
    # A closing `#` would vanish; those behind an `&` are our own entities.
    return re.sub(r"(?<!&)#", r"\#", _prose(one_line(label))) or "—"


def _inline(tex: str, *, links: bool = False) -> str:
    """Return TeX as Markdown on one line: prose that means itself, and formulas."""
    return "".join(
        _formula(span.text) if span.formula else _prose(_marks(span.text), links=links)
        for span in spans(one_line(tex))
    )


def _marks(prose: str) -> str:
    r"""Return TeX's `4.4\%` as people write it."""
    return re.sub(r"\\([%&#_])", r"\1", prose)


# Formulas

_SAFE_FORMULA = re.compile(r"(?:[^\\_*<>\[\]~&!:`]|\\[A-Za-z]|(?<=[^\W_])_)*")
"""What Markdown leaves alone: no escapes, and no mark that could open anything."""


_BARS = {"|": r"\vert ", r"\|": r"\Vert "}


def _formula(tex: str) -> str:
    if "`" in tex or "$" in tex.replace(r"\$", ""):
        return _prose(f"${tex}$")
    tex = re.sub(r"\\.|\|", lambda found: _BARS.get(found[0], found[0]), tex.strip())
    tex = re.sub(r"\{(?=[{%:])", "{ ", tex).strip()
    return f"${tex}$" if _SAFE_FORMULA.fullmatch(tex) else f"$`{tex}`$"


# Prose

_MARKS = re.compile(r"[\\`*_\[\]<>~$]|&(?=#?\w+;)|\{(?=[{%:#])|\|")
_ADDRESS = re.compile(r"https?://(?:[A-Za-z0-9\-._~:/?#@!'()*+,;=%]|&(?!#?\w+;)|\\[_%&#~])+")
_TRAILING = ".,;:!?'*_~)\\"


def _prose(text: str, *, links: bool = False) -> str:
    if not links:
        return _MARKS.sub(_escape, text)
    parts = []
    done = 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_TRAILING)
        # `https://en.wikipedia.org/wiki/Attention_(machine_learning)` keeps its bracket.
        if address.count("(") > address.count(")") and found[0][len(address) :][:1] == ")":
            address += ")"
        if address.endswith("//"):
            continue
        parts += [_MARKS.sub(_escape, text[done : found.start()]), f"<{_untexed(address)}>"]
        done = found.start() + len(address)
    return "".join([*parts, _MARKS.sub(_escape, text[done:])])


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\\" and found.end() == len(found.string):
        return "&#92;"  # two backslashes and the end of a cell are one backslash and a `|`
    return {"|": "&#124;", "{": "&#123;", "&": "&amp;"}.get(found[0], f"\\{found[0]}")


def _untexed(address: str) -> str:
    return re.sub(r"\\(.)", r"\1", address)


# Addresses


def _web_address(url: str | None) -> str | None:
    url = one_line(url or "")
    return _destination(url) if re.match(r"https?://[^\s/]", url) else None


def _destination(url: str) -> str:
    """Return an address as it may stand between the brackets of a link."""
    safe = quote(one_line(url), safe="/:?#@!&'*+,;=%-._~")
    return re.sub(r"&(?=#?\w+;)", "&amp;", safe)

"""Markdown digest: one page for GitHub, for Jekyll, and to be read as it is.

The form is that of the pages people know: front matter, a date, a table of four columns a topic.
What stands in a cell is made safe by `bot.digest.markdown_cells`.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.digest.markdown_cells import destination, inline, prose, web_address
from bot.i18n import Texts, negotiate, texts
from bot.tex.to_unicode import one_line
from bot.translation.engines.registry import engine_label
from bot.translation.paper_view import PaperView, sparing
from storage.models import ORIGINAL

PAPERS = 10
"""How many papers a topic the page has where nobody asked for another number."""


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
    period: tuple[date, date] | None = None
    """The first and the last day of the papers, where it is of certain days."""
    usage_url: str = "./docs/README.md#usage"
    """Where the page's second line leads."""
    menus: str = "en"
    """The catalogue that the page's own words are in."""

    @property
    def papers(self) -> list[PaperView]:
        """All papers, each once."""
        return list({paper.id: paper for one in self.sections for paper in one.papers}.values())

    def showing(self, papers: Iterable[PaperView]) -> "Digest":
        """Return the same with these papers alone, as they are given."""
        by_id = {paper.id: paper for paper in papers}
        sections = (
            replace(one, papers=tuple(by_id[p.id] for p in one.papers if p.id in by_id))
            for one in self.sections
        )
        return replace(self, sections=tuple(sections))


@dataclass(frozen=True, slots=True)
class Form:
    """What the page may have beyond its known form."""

    contents: bool = False
    """A table of contents at the top."""
    authors: bool = False
    """Who wrote a paper, below its title."""
    category: bool = False
    """A paper's first category, below its title."""


PLAIN = Form()
"""The page as people know it."""

DETAILS = Form(contents=True, authors=True, category=True)
"""The page with all that it may have."""


def render(digest: Digest, form: Form = PLAIN) -> str:
    """Return the page; the same digest in the same form gives the same text."""
    _ = texts(digest.menus)
    usage, here = _.plain("Usage instructions"), _.plain("here")
    head = (
        "---\nlayout: default\n---\n\n"
        f"## Updated on {digest.updated:%Y.%m.%d}\n"
        f"> {prose(usage)}: [{prose(here)}]({destination(digest.usage_url)})\n\n"
    )
    if digest.period is not None:
        head += f"**{' – '.join(map(str, dict.fromkeys(digest.period)))}**\n\n"
    shown = [
        Section(section.label, tuple(newest_first(section.papers))) for section in digest.sections
    ]
    contents = _contents(shown) if form.contents else ""
    sections = "".join(
        _section(section, digest, form, number) for number, section in enumerate(shown, 1)
    )
    return head + contents + sections + _credits(shown, digest.language)


def file_name(updated: date, *about: str) -> str:
    """Return the document's name; names sort by date. `about`: what it is of, in a few words."""
    words = re.findall(r"[a-z0-9.-]+", " ".join(about).lower())
    return "-".join(["paperboy", f"{updated:%Y-%m-%d}", *words])[:80].rstrip("-.") + ".md"


def _credits(sections: Sequence[Section], language: str) -> str:
    """Return who translated what is on the page, as its last line."""
    papers = {paper.id: paper for section in sections for paper in section.papers}
    done = Counter(paper.engine for paper in papers.values() if paper.translated and paper.engine)
    if not done:
        return ""
    _ = texts(negotiate(language))
    names = ", ".join(engine_label(engine) for engine, _times in done.most_common())
    return prose(_.plain("Translated by {engines}", engines=names)) + "\n"


def _contents(sections: Sequence[Section]) -> str:
    entries = (
        f"- [{_heading(section.label)}](#topic-{number}) ({len(section.papers)})\n"
        for number, section in enumerate(sections, 1)
    )
    return "".join([*entries, "\n"])


def _section(section: Section, digest: Digest, form: Form, number: int) -> str:
    _ = texts(negotiate(digest.language))
    # GitHub and kramdown make different anchors of the same heading, so it gets one of ours.
    anchor = f'<a id="topic-{number}"></a>\n\n' if form.contents else ""
    heading = f"{anchor}## {_heading(section.label)}\n\n"
    if not section.papers:
        none = _.plain("No papers known yet.")
        if digest.period is not None:
            none = _.plain("No papers known from these days.")
        return f"{heading}{prose(none)}\n\n"
    no_code = prose(texts(digest.menus).plain("null"))
    rows = "".join(_row(paper, _, form, no_code) for paper in section.papers)
    if digest.language != ORIGINAL and not all(paper.translated for paper in section.papers):
        note = _.plain("Some abstracts are shown in English: the translators did not answer.")
        return f"{heading}{_table_head(digest)}{rows}\n{prose(note)}\n\n"
    return f"{heading}{_table_head(digest)}{rows}\n"


def _table_head(digest: Digest) -> str:
    _ = texts(digest.menus)
    names = (_.plain("Publish Date"), _.plain("Title"), _.plain("Code"), _.plain("Abstract"))
    return (
        f"| {' | '.join(map(prose, names))} |\n"
        "|:---------|:-----------------------|:------|"
        ":-------------------------------------------------|\n"
    )


def newest_first(papers: Sequence[PaperView]) -> list[PaperView]:
    """Return the papers in the order of pages and feeds, the same one every time."""
    return sorted(papers, key=lambda paper: (paper.published_at, paper.id), reverse=True)


def _row(paper: PaperView, _: Texts, form: Form, no_code: str) -> str:
    title = inline(paper.title) or prose(paper.id)
    withdrawn = prose(_.plain("Withdrawn"))
    mark = f" **{withdrawn}**" if paper.withdrawn else ""
    code = web_address(paper.code_url)
    cells = (
        f"**{paper.published_on:%Y-%m-%d}**",
        f"[{title}]({destination(paper.abs_url)}){mark}{_about(paper, form)}",
        f"**[link]({code})**" if code else no_code,
        inline(paper.abstract, links=True),
    )
    return f"|{'|'.join(cells)}|\n"


def _about(paper: PaperView, form: Form) -> str:
    """Return the second line of a title's cell, where the form wants one."""
    parts = []
    if form.authors and paper.authors:
        names = ", ".join(map(inline, paper.authors[:_MOST_NAMED]))
        more = len(paper.authors) - _MOST_NAMED
        parts.append(f"{names} … (+{more})" if more > 0 else names)
    if form.category and paper.categories and _CATEGORY.fullmatch(paper.categories[0]):
        parts.append(paper.categories[0])
    return "<br>" + " · ".join(parts) if parts else ""


_MOST_NAMED = 5
_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")


def _heading(label: str) -> str:
    # A closing `#` would vanish; those behind an `&` are our own entities.
    return re.sub(r"(?<!&)#", r"\#", prose(one_line(label))) or "—"


def files(digest: Digest, form: Form, *about: str, most_bytes: int) -> list[tuple[str, bytes]]:
    """Split a digest into files of a size: return name and content of each, in reading order.

    `about` goes into the names, as in `file_name`.
    """
    pages = sparing(lambda some: _pages(digest.showing(some), form, most_bytes), digest.papers)
    if len(pages) == 1:
        return [(file_name(digest.updated, *about), pages[0])]
    digits = len(str(len(pages)))
    return [
        (file_name(digest.updated, *about, f"{number:0{digits}}of{len(pages)}"), page)
        for number, page in enumerate(pages, 1)
    ]


def _pages(digest: Digest, form: Form, most_bytes: int) -> list[bytes]:
    page = render(digest, form).encode()
    halves = _halves(digest)
    if len(page) <= most_bytes or halves is None:
        return [page]
    return [part for half in halves for part in _pages(half, form, most_bytes)]


def _halves(digest: Digest) -> tuple[Digest, Digest] | None:
    """Return the digest in two; None where there is nothing left to divide."""
    sections = digest.sections
    if len(sections) > 1:
        middle = len(sections) // 2
        return (
            replace(digest, sections=sections[:middle]),
            replace(digest, sections=sections[middle:]),
        )
    if not sections or len(sections[0].papers) < 2:  # noqa: PLR2004 - what can be halved
        return None
    label = sections[0].label
    papers = newest_first(sections[0].papers)
    middle = len(papers) // 2
    first, second = Section(label, tuple(papers[:middle])), Section(label, tuple(papers[middle:]))
    return replace(digest, sections=(first,)), replace(digest, sections=(second,))

"""The site's HTML page: everything in one file that needs no server and no network.

Whatever others wrote passes `escaped`, also within formulas, and the browser is told to run and
load nothing but what stands in the page itself.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from string import Template

from bot.digest.markdown import newest_first
from bot.digest.markdown_cells import web_address
from bot.i18n import Texts, negotiate, texts
from bot.tex.mathml import escaped, with_formulas
from bot.tex.to_unicode import to_text
from bot.translation.paper_view import PaperView


@dataclass(frozen=True, slots=True)
class PageTopic:
    """One topic of a site."""

    slug: str
    """Its name in addresses."""
    label: str
    papers: tuple[PaperView, ...]
    weeks: tuple[int, ...]
    """How many papers a week, the oldest week first."""


def page(
    topics: Sequence[PageTopic], original: Mapping[str, PaperView], *, language: str, updated: date
) -> str:
    """Return the page; `original` has by id the papers as their authors wrote them."""
    _ = texts(negotiate(language))
    style, script = (_resource(name) for name in ("page.css", "page.js"))
    return Template(_resource("page.html")).substitute(
        tongue=escaped(_tongue(_.language)),
        policy=(
            f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
        updated=updated,
        style=style,
        script=script,
        heading=escaped(_.plain("New papers")),
        search=escaped(_.plain("Search")),
        one=escaped(_.plain("Topic")),
        every=escaped(_.plain("All topics")),
        as_written=escaped(_.plain("Original")),
        choices="".join(
            f'<option value="{escaped(topic.slug)}">{_plain(topic.label)}</option>'
            for topic in topics
        ),
        sections="".join(_section(topic, original, _, language) for topic in topics),
    )


def _section(topic: PageTopic, original: Mapping[str, PaperView], _: Texts, language: str) -> str:
    papers = newest_first(topic.papers)
    name = escaped(topic.slug)
    articles = "".join(
        _article(paper, original.get(paper.id, paper), _, language) for paper in papers
    )
    none = escaped(_.plain("No papers known yet."))
    return (
        f'<section data-topic="{name}" aria-labelledby="{name}">\n'
        f'<h2 id="{name}">{with_formulas(topic.label) or "—"}</h2>\n{_below(topic, _)}'
        f"{articles or f'<p>{none}</p>'}</section>\n"
    )


def _article(paper: PaperView, original: PaperView, _: Texts, language: str) -> str:
    title = with_formulas(paper.title) or escaped(paper.id)
    withdrawn = escaped(_.plain("Withdrawn"))
    mark = f" <strong>{withdrawn}</strong>" if paper.withdrawn else ""
    about = [f'<time datetime="{paper.published_on}">{paper.published_on}</time>']
    about += [", ".join(map(_plain, paper.authors))] if paper.authors else []
    about += [escaped(", ".join(paper.categories))] if paper.categories else []
    if code := web_address(paper.code_url):
        word = escaped(_.plain("Code"))
        about.append(f'<a href="{escaped(code)}" rel="noreferrer">{word}</a>')
    if paper.translated:
        body = (
            f'<p class="translated" lang="{escaped(language)}">{with_formulas(paper.abstract)}</p>'
            f'<p class="original" lang="en" hidden>{with_formulas(original.abstract)}</p>'
        )
    else:
        body = f'<p lang="en">{with_formulas(paper.abstract)}</p>'
    link = web_address(paper.abs_url) or f"https://arxiv.org/abs/{paper.id}"
    return (
        f'<article><h3><a href="{escaped(link)}" rel="noreferrer">{title}</a>{mark}</h3>'
        f'<p class="about">{" · ".join(about)}</p>{body}</article>\n'
    )


def _below(topic: PageTopic, _: Texts) -> str:
    """Return the line below a topic's heading: its weeks, and its feed."""
    weeks = escaped(_.plain("Papers per week"))
    said = [f"{_picture(topic.weeks, _)} {weeks}"] if any(topic.weeks) else []
    said.append(f'<a href="topics/{escaped(topic.slug)}.xml">Atom</a>')
    return f'<p class="about">{" · ".join(said)}</p>\n'


_BAR, _HEIGHT = 10, 24


def _picture(weeks: Sequence[int], _: Texts) -> str:
    """Return bars of papers a week, with the numbers in words for who can't see them."""
    said = escaped(_.plain("Papers per week: {numbers}", numbers=", ".join(map(str, weeks))))
    heights = [max(1, -(-count * _HEIGHT // max(weeks))) for count in weeks]
    bars = "".join(
        f'<rect x="{place * _BAR}" y="{_HEIGHT - height}" width="{_BAR - 2}" height="{height}"/>'
        for place, height in enumerate(heights)
    )
    size = f'width="{len(weeks) * _BAR}" height="{_HEIGHT}"'
    return f'<svg {size} role="img" aria-label="{said}"><title>{said}</title>{bars}</svg>'


def _resource(name: str) -> str:
    return files("bot.site").joinpath(name).read_text(encoding="utf-8")


def _hash(inline: str) -> str:
    digest = hashlib.sha256(inline.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _plain(tex: str) -> str:
    return escaped(to_text(tex))


def _tongue(catalogue: str) -> str:
    """Return a catalogue's language as HTML calls it."""
    return catalogue.replace("_", "-")

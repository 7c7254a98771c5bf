"""The site's HTML page: everything in one file that needs no server and no network.

Whatever others wrote passes `escaped`, also within formulas, and the browser is told to run and
load nothing but what stands in the page itself.
"""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import Literal

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
    topics: Sequence[PageTopic],
    original: Mapping[str, PaperView],
    *,
    language: str,
    updated: date,
    menus: str | None = None,
    alone: bool = False,
) -> str:
    """Return the page; `original` has by id the papers as their authors wrote them.

    menus: the language of the words around them, if it is another; alone: no feed and no other
    file of the site lies beside it.
    """
    _ = texts(negotiate(menus or language))
    style, script = (_resource(name) for name in ("page.css", "page.js"))
    return Template(_resource("page.html")).substitute(
        tongue=escaped(_tongue(_.language)),
        policy=(
            f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
        updated=updated,
        day=escaped(_.date(updated)),
        style=style,
        script=script,
        heading=escaped(_.plain("New papers")),
        search=escaped(_.plain("Search")),
        one=escaped(_.plain("Topic")),
        beside=(
            "" if alone else ' · <a href="README.md">Markdown</a> · <a href="papers.json">JSON</a>'
        ),
        every=escaped(_.plain("All topics")),
        as_written=escaped(_.plain("Original")),
        nothing=escaped(_.plain("Nothing matches this.")),
        everything=escaped(_.plain("Show all papers")),
        choices="".join(
            f'<option value="{escaped(topic.slug)}">{_plain(topic.label)}</option>'
            for topic in topics
        ),
        # Feed readers find a page's feeds by these (https://www.rssboard.org/rss-autodiscovery).
        feeds="".join(
            f'<link rel="alternate" type="application/atom+xml" title="{_plain(topic.label)}"'
            f' href="topics/{escaped(topic.slug)}.xml">\n'
            for topic in ([] if alone else topics)
        ),
        topics="" if alone else _topics(topics, _),
        days=_days(topics, original, _, language),
    )


def _topics(topics: Sequence[PageTopic], _: Texts) -> str:
    name = escaped(_.plain("Topics and feeds"))
    lines = "".join(_topic(topic, _) for topic in topics)
    return (
        f'<nav><details class="topics"><summary>{name}</summary>\n'
        f"<ul>\n{lines}</ul>\n</details></nav>\n"
    )


def _topic(topic: PageTopic, _: Texts) -> str:
    """Return a topic's line in the list of topics: its weeks, how many papers, and its feed."""
    name = escaped(topic.slug)
    label = with_formulas(topic.label) or "—"
    feed = f'href="topics/{name}.xml" aria-label="Atom: {_plain(topic.label)}"'
    return (
        f'<li><a href="#topic={name}">{label}</a> {_picture(topic.weeks, _)}'
        f'<span class="count">{len(topic.papers)}</span> <a class="feed" {feed}>Atom</a></li>\n'
    )


def _days(
    topics: Sequence[PageTopic], original: Mapping[str, PaperView], _: Texts, language: str
) -> str:
    """Return each paper once, the newest day first, below all the topics that it is on."""
    on: defaultdict[str, list[PageTopic]] = defaultdict(list)
    papers: dict[str, PaperView] = {}
    for topic in topics:
        for paper in topic.papers:
            papers.setdefault(paper.id, paper)
            on[paper.id].append(topic)
    sections = [
        f'<section><h2><time datetime="{day}">{escaped(_.date(day))}</time></h2>\n'
        + "".join(
            _article(paper, original.get(paper.id, paper), on[paper.id], _, language)
            for paper in of_the_day
        )
        + "</section>\n"
        for day, of_the_day in groupby(
            newest_first(list(papers.values())), key=lambda paper: paper.published_on
        )
    ]
    none = escaped(_.plain("No papers known yet."))
    return "".join(sections) or f"<p>{none}</p>\n"


def _article(
    paper: PaperView, original: PaperView, on: Sequence[PageTopic], _: Texts, language: str
) -> str:
    withdrawn = escaped(_.plain("Withdrawn"))
    mark = f" <strong>{withdrawn}</strong>" if paper.withdrawn else ""
    link = web_address(paper.abs_url) or f"https://arxiv.org/abs/{paper.id}"
    title = _in_both(paper, original, "span", "title", language) or escaped(paper.id)
    key = _in_both(paper, original, "p", "key_sentence", language)
    abstract = _in_both(paper, original, "p", "abstract", language)
    if key:
        name = escaped(_.plain("Abstract"))
        abstract = f"<details><summary>{name}</summary>{abstract}</details>"
    return (
        f'<article data-topics="{escaped(" ".join(topic.slug for topic in on))}">'
        f'<h3><a href="{escaped(link)}" rel="noreferrer">{title}</a>{mark}</h3>'
        f'<p class="about">{_about(paper, on, _)}</p>{key}{abstract}</article>\n'
    )


def _about(paper: PaperView, on: Sequence[PageTopic], _: Texts) -> str:
    """Return the line below a title: authors, topics, categories, PDF and code."""
    about = [", ".join(map(_plain, paper.authors))] if paper.authors else []
    about += [
        f'<a class="topic" href="#topic={escaped(topic.slug)}">{_plain(topic.label) or "—"}</a>'
        for topic in on
    ]
    about += [escaped(", ".join(paper.categories))] if paper.categories else []
    about += [
        f'<a href="{escaped(address)}" rel="noreferrer">{escaped(word)}</a>'
        for word, url in (("PDF", paper.pdf_url), (_.plain("Code"), paper.code_url))
        if (address := web_address(url))
    ]
    return " · ".join(about)


def _in_both(
    paper: PaperView,
    original: PaperView,
    tag: str,
    field: Literal["title", "abstract", "key_sentence"],
    language: str,
) -> str:
    """Return a field in the page's language, and hidden beside it as its authors wrote it."""
    shown, wrote = (with_formulas(getattr(view, field)) for view in (paper, original))
    mark = " key" if field == "key_sentence" else ""
    if not paper.translated or shown == wrote:
        return f'<{tag} class="text{mark}" lang="en">{shown}</{tag}>' if shown else ""
    return (
        f'<{tag} class="translated{mark}" lang="{escaped(language)}">{shown}</{tag}>'
        f'<{tag} class="original{mark}" lang="en" hidden>{wrote}</{tag}>'
    )


_BAR, _HEIGHT = 6, 18


def _picture(weeks: Sequence[int], _: Texts) -> str:
    """Return bars of papers a week, with the numbers in words for who can't see them."""
    if not any(weeks):
        return ""
    said = escaped(_.plain("Papers per week: {numbers}", numbers=", ".join(map(str, weeks))))
    heights = [max(1, -(-count * _HEIGHT // max(weeks))) for count in weeks]
    bars = "".join(
        f'<rect x="{place * _BAR}" y="{_HEIGHT - height}" width="{_BAR - 2}" height="{height}"/>'
        for place, height in enumerate(heights)
    )
    size = f'width="{len(weeks) * _BAR}" height="{_HEIGHT}"'
    return f'<svg {size} role="img" aria-label="{said}"><title>{said}</title>{bars}</svg> '


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

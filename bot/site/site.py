"""Static site: what it is made of, and the files that it becomes."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.digest.markdown import Digest, render
from bot.site.feed import feed
from bot.site.page import PageTopic, page
from bot.tex.to_unicode import to_text
from bot.translation.paper_view import PaperView

FEEDS = f"topics/*-{'[0-9a-f]' * 8}.xml"
"""How the paths of all feeds look."""


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that is published of some topics."""

    shown: Digest
    """In the language of the site."""
    original: Mapping[str, PaperView]
    """The same papers as their authors wrote them, by id."""
    queries: tuple[str, ...]
    """Of the sections, in their order."""
    weeks: tuple[tuple[int, ...], ...]
    """How many papers each section had a week, the oldest week first."""


def files(site: Site) -> dict[str, str]:
    """Return the files by their path in the folder; the same site gives the same files."""
    topics = [
        PageTopic(slug(section.label, query), section.label, section.papers, weeks)
        for section, query, weeks in zip(site.shown.sections, site.queries, site.weeks, strict=True)
    ]
    made = {
        "README.md": render(replace(site.shown, usage_url="index.html")),
        f"archive/{site.shown.updated}.md": render(replace(site.shown, usage_url="../index.html")),
        "papers.json": _json(site, topics),
        "index.html": page(
            topics, site.original, language=site.shown.language, updated=site.shown.updated
        ),
    }
    return made | {f"topics/{topic.slug}.xml": feed(topic) for topic in topics}


def slug(label: str, query: str) -> str:
    """Return a topic's slug, its name in addresses: it depends on nothing but the topic."""
    words = "-".join(re.findall(r"[a-z0-9]+", label.lower()))[:40].strip("-")
    mark = hashlib.sha256(query.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{words or 'topic'}-{mark}"


def _json(site: Site, topics: list[PageTopic]) -> str:
    papers: dict[str, dict[str, object]] = {}
    listed: defaultdict[str, list[str]] = defaultdict(list)
    for topic in topics:
        for paper in topic.papers:
            original = site.original.get(paper.id, paper)
            listed[paper.id].append(topic.slug)
            papers[paper.id] = {
                "id": paper.id,
                "published": str(paper.published_on),
                "title": to_text(original.title),
                "abstract": to_text(original.abstract),
                "key_sentence": to_text(original.key_sentence) or None,
                "translation": _translation(paper, site.shown.language),
                "authors": [to_text(name) for name in paper.authors],
                "categories": list(paper.categories),
                "url": paper.abs_url,
                "code": paper.code_url,
                "withdrawn": paper.withdrawn,
                "topics": listed[paper.id],
            }
    content = {
        "updated": str(site.shown.updated),
        "topics": [
            {"id": topic.slug, "label": topic.label, "papers_per_week": topic.weeks}
            for topic in topics
        ],
        "papers": list(papers.values()),
    }
    # What no file in UTF-8 can hold (lone surrogates) is escaped; the rest stays readable.
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _translation(paper: PaperView, language: str) -> dict[str, str | None] | None:
    if not paper.translated:
        return None
    return {
        "language": language,
        "title": to_text(paper.title),
        "abstract": to_text(paper.abstract),
        "key_sentence": to_text(paper.key_sentence) or None,
    }

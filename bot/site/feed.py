"""A topic as an Atom feed (RFC 4287)."""

import re
import uuid
from datetime import UTC, datetime
from html import escape
from xml.etree import ElementTree as ET

from bot.digest.markdown import newest_first
from bot.digest.markdown_cells import web_address
from bot.site.page import PageTopic
from bot.tex.to_unicode import to_text
from bot.translation.paper_view import PaperView

_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = datetime(1991, 8, 14, tzinfo=UTC)
"""arXiv's first day: when a feed without papers was updated."""


def feed(topic: PageTopic) -> str:
    """Return the feed, newest first; ids of feed and entries never change."""
    papers = newest_first(topic.papers)
    root = ET.Element("feed", xmlns=_ATOM)
    _text(root, "id", uuid.uuid5(uuid.NAMESPACE_URL, f"paperboy:{topic.slug}").urn)
    _text(root, "title", to_text(topic.label) or "—")
    _text(root, "updated", _moment(max(map(_updated, papers), default=_NEVER)))
    _text(ET.SubElement(root, "author"), "name", "arXiv")
    for paper in papers:
        root.append(_entry(paper))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _entry(paper: PaperView) -> ET.Element:
    entry = ET.Element("entry")
    _text(entry, "id", f"https://arxiv.org/abs/{paper.id}")
    _text(entry, "title", to_text(paper.title) or paper.id)
    _text(entry, "updated", _moment(_updated(paper)))
    _text(entry, "published", _moment(paper.published_at))
    for name in paper.authors:
        _text(ET.SubElement(entry, "author"), "name", to_text(name))
    ET.SubElement(entry, "link", rel="alternate", href=paper.abs_url)
    if code := web_address(paper.code_url):
        ET.SubElement(entry, "link", rel="related", href=code)
    abstract = to_text(paper.abstract)
    if key := to_text(paper.key_sentence):
        _text(entry, "summary", f"<b>{escape(key)}</b><br>{escape(abstract)}", type="html")
    else:
        _text(entry, "summary", abstract)
    return entry


def _updated(paper: PaperView) -> datetime:
    """Return when a reader sees something else than before: a new version, a translation."""
    return max(paper.published_at, paper.changed_at or paper.published_at)


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = _UNFIT.sub("", text)


_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML 1.0 may hold."""


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

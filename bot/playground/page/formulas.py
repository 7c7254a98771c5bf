"""Formulas of rich messages and documents as MathML: trees that the page builds itself."""

import re
from collections.abc import Iterable
from html import unescape
from itertools import islice
from typing import Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from bot.playground.telegram.world import Json
from bot.tex.mathml import mathml
from bot.tex.to_unicode import readable

_IN_MARKDOWN: Final = re.compile(
    r"\$`([^`\n]+)`\$|\$\$([^$\n]+)\$\$|\$(?![\s$])((?:\\[^\n]|[^$\\\n])*?)\$(?!\d)"
)
_MOST: Final = 1_000
"""Formulas of a document: each takes about a millisecond."""
_FORMULA: Final = re.compile(r"<tg-math(?:-block)?>([^<]*)</tg-math(?:-block)?>")


def formulas(rich: Json) -> Json:
    """Return a rich message's formulas by their TeX: lists of [name, attributes, children].

    One that can't be drawn is left out; its TeX is shown then.
    """
    return _drawn(map(unescape, _FORMULA.findall(str(rich.get("html", "")))))


def formulas_of_markdown(document: str) -> Json:
    """Return the formulas of a document in the same form, as the page finds them in it."""
    found = (next(filter(None, one)) for one in _IN_MARKDOWN.findall(document))
    return _drawn(islice(dict.fromkeys(found), _MOST))


def _drawn(sources: Iterable[str]) -> Json:
    drawn: Json = {}
    for tex in sources:
        text = "".join(span.text for span in readable(f"${tex}$"))
        try:
            if made := mathml(tex, text):
                # A long formula is several lines, an element each.
                lines = fromstring(f"<p>{made}</p>")  # noqa: S314 - it is our own
                drawn[tex] = [_tree(line) for line in lines]
        except ParseError:
            continue
    return drawn


def _tree(element: Element) -> list[object]:
    children: list[object] = [element.text] if element.text else []
    for child in element:
        children.append(_tree(child))
        if child.tail:
            children.append(child.tail)
    return [element.tag.rpartition("}")[2], dict(element.attrib), children]

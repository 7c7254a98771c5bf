"""Pagination: the buttons that turn pages, and lists of papers whose numbers open their cards."""

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from bot.i18n import Texts
from bot.telegram.keyboards import Row, button
from bot.telegram.routes import SHOW_PAPER
from bot.tex.to_unicode import to_text
from storage.models import Paper

PAGE = 5
"""Papers a page."""

_LONGEST_TITLE = 200
_LONGEST_NOTE = 120


def lines(
    papers: Sequence[Paper], _: Texts, *, first: int, notes: Sequence[str | None] = ()
) -> list[str]:
    """Return a line (HTML) a paper, numbered from `first`, with its day and its note."""
    told = []
    for number, paper in enumerate(papers):
        title = _cut(to_text(paper.title) or paper.id, _LONGEST_TITLE)
        link = Markup('<a href="{}">{}</a>').format(paper.abs_url, title)
        line = f"{first + number}. {link} · {escape(_.date(paper.published_at))}"
        note = notes[number] if number < len(notes) else None
        if note:
            line += f"\n    ✏️ <i>{escape(_cut(note, _LONGEST_NOTE))}</i>"
        told.append(line)
    return told


def number_row(papers: Sequence[Paper], *, first: int) -> Row:
    """Return a button a paper, by its number."""
    return [
        button(str(first + number), SHOW_PAPER.data(paper.id))
        for number, paper in enumerate(papers)
    ]


def page_row(data: Callable[[int], str], *, offset: int, total: int, size: int = PAGE) -> Row:
    """Return the buttons to the pages before and after; `data` says what one to an offset sends."""
    row = []
    if offset > 0:
        row.append(button("‹", data(max(0, offset - size))))
    if offset + size < total:
        row.append(button("›", data(offset + size)))
    return row


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"

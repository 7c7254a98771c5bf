"""Pagination: the buttons that turn pages, and lists of papers whose numbers open their cards."""

from collections.abc import Callable, Sequence

from markupsafe import Markup, escape

from bot.i18n import Texts, unlinked
from bot.telegram.keyboards import Row, button
from bot.telegram.routes import SHOW_PAPER
from bot.tex.to_unicode import to_text
from storage.models import Paper

PAGE = 5
"""Papers a page."""

_LONGEST_TITLE = 200
_LONGEST_NOTE = 120
_AUTHORS = 3


def paper_page(
    entries: Sequence[tuple[Paper, str | None]],
    _: Texts,
    data: Callable[[int], str],
    *,
    offset: int,
    total: int,
) -> tuple[list[str], list[Row]]:
    """Return a page of papers with their notes: a line (HTML) each, and the buttons below.

    A number opens a paper's card; `data` says what a button to the page at an offset sends.
    """
    lines, numbers = [], []
    for number, (paper, note) in enumerate(entries, offset + 1):
        title = _cut(to_text(paper.title) or paper.id, _LONGEST_TITLE)
        link = Markup('<a href="{}">{}</a>').format(paper.abs_url, title)
        line = f"{number}. {link} · {escape(_.date(paper.published_at))}"
        if paper.authors:
            line += f"\n    {unlinked(_authors(paper))}"
        if note:
            line += f"\n    ✏️ <i>{unlinked(_cut(note, _LONGEST_NOTE))}</i>"
        lines.append(line)
        numbers.append(button(str(number), SHOW_PAPER.data(paper.id)))
    if total > PAGE:
        pages = {"n": offset // PAGE + 1, "all": _.number(-(-total // PAGE))}
        lines.append(_("Page {n} of {all}", **pages))
    return lines, [numbers, page_row(data, offset=offset, total=total)]


def paper_line(paper: Paper, _: Texts) -> str:
    """Return what a paper is on one line of HTML: title with a link, authors, date."""
    title = _cut(to_text(paper.title) or paper.id, _LONGEST_TITLE)
    link = Markup('<a href="{}">{}</a>').format(paper.abs_url, title)
    authors = f" · {unlinked(_authors(paper))}" if paper.authors else ""
    return f"📄 {link}{authors} · {escape(_.date(paper.published_at))}"


def page_row(data: Callable[[int], str], *, offset: int, total: int, size: int = PAGE) -> Row:
    """Return the buttons to the pages before and after; `data` says what one to an offset sends."""
    row = []
    if offset > 0:
        row.append(button("‹", data(max(0, offset - size))))
    if offset + size < total:
        row.append(button("›", data(offset + size)))
    return row


def _authors(paper: Paper) -> str:
    named = ", ".join(map(to_text, paper.authors[:_AUTHORS]))
    return _cut(named, _LONGEST_NOTE) + (" …" if len(paper.authors) > _AUTHORS else "")


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"

"""Lists of papers to turn the pages of: numbered lines, and a button that opens each card."""

from collections.abc import Sequence

from markupsafe import Markup, escape
from telegram import InlineKeyboardButton

from bot.i18n import Texts
from bot.telegram.keyboards import button
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


def number_row(papers: Sequence[Paper], *, first: int) -> list[InlineKeyboardButton]:
    """Return a button a paper, by its number."""
    return [button(str(first + number), f"show:{paper.id}") for number, paper in enumerate(papers)]


def page_row(place: str, *, offset: int, total: int, rest: str = "") -> list[InlineKeyboardButton]:
    """Return the buttons to the pages before and after; `place:offset` and `rest` is their data."""
    row = []
    if offset > 0:
        row.append(button("‹", f"{place}:{max(0, offset - PAGE)}{rest}"))
    if offset + PAGE < total:
        row.append(button("›", f"{place}:{offset + PAGE}{rest}"))
    return row


def _cut(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"

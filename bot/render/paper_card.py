"""Paper card: one paper as a message of its own, with the buttons of what one may do with it."""

from typing import NamedTuple

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import InlineKeyboardButtonLimit

from bot.i18n import Texts, code
from bot.render.push_message import push_messages
from bot.telegram.keyboards import button
from bot.telegram.routes import (
    AUTHORS,
    CITE_PAPER,
    MARK_PAPER,
    MORE_LIKE,
    NOTE_PAPER,
    SUMMARY_PAPER,
    SWITCH_PAPER,
)
from bot.translation.engines.registry import engine_label
from bot.translation.paper_view import PaperView
from storage.models import ORIGINAL

_LONGEST_URL = 500
_LONGEST_NOTE = 500


class Marks(NamedTuple):
    """What a chat did with a paper."""

    saved: bool = False
    passed: bool | None = False
    """It wants less like this; None: no order can be learned, so no button asks for it."""
    note: str | None = None


def card(paper: PaperView, _: Texts, *, language: str = ORIGINAL, note: str | None = None) -> str:
    """Return one paper as HTML: what a push shows of it, its categories, who translated it, a note.

    `language` is the one that its abstract was wanted in.
    """
    # As code: cs.CV looks like an address to Telegram.
    about = [f"🏷 {code(', '.join(paper.categories[:6]))}"] if paper.categories else []
    if paper.translated and paper.engine:
        about.append(_("🌐 Translated by {engines}", engines=engine_label(paper.engine)))
    if note:
        about.append(_("✏️ {note}", note=note[:_LONGEST_NOTE]))
    (message,) = push_messages([paper], _=_, footer="\n".join(about) or None, language=language)
    return message.html


def buttons(
    paper: PaperView,
    _: Texts,
    *,
    marks: Marks,
    bibtex: str,
    original: bool | None,
    summary: bool | None = None,
) -> InlineKeyboardMarkup:
    """Return what one may do with a paper.

    `original`: whether the card shows the original; None where there is no other language.
    `summary`: whether a model has said something of it; None: as `paper` has it.
    """
    rows = [_links(paper, _)]
    if original is not None:
        if original:
            switch = button(_.plain("🌐 Translation"), SWITCH_PAPER.data("translated", paper.id))
        else:
            switch = button(_.plain("🔤 Original"), SWITCH_PAPER.data("original", paper.id))
        rows.append([switch])
    if (paper.summary is not None) if summary is None else summary:
        rows[-1].append(button(_.plain("🤖 AI summary"), SUMMARY_PAPER.data(paper.id)))
    rows.append([_save(paper, marks, _), *_pass(paper, marks, _)])
    rows.append(
        [
            button(_.plain("➕ More like this"), MORE_LIKE.data(paper.id)),
            button(_.plain("👤 Follow an author"), AUTHORS.data(paper.id)),
        ]
    )
    note = button(_.plain("✏️ Note"), NOTE_PAPER.data(paper.id))
    rows.append([note, _share(paper, _), _copy(paper, bibtex)])
    return InlineKeyboardMarkup(rows)


def links(paper: PaperView, _: Texts) -> InlineKeyboardMarkup:
    """Return the buttons that work in every chat, also where the bot is not."""
    return InlineKeyboardMarkup([_links(paper, _)])


def _links(paper: PaperView, _: Texts) -> list[InlineKeyboardButton]:
    row = [InlineKeyboardButton(_.plain("📄 PDF"), url=paper.pdf_url)]
    code = paper.code_url
    if code and code.startswith(("https://", "http://")) and len(code) <= _LONGEST_URL:
        row.append(InlineKeyboardButton(_.plain("💻 Code"), url=code))
    return row


def _save(paper: PaperView, marks: Marks, _: Texts) -> InlineKeyboardButton:
    if marks.saved:
        return button(_.plain("★ Saved"), MARK_PAPER.data("unsave", paper.id))
    return button(_.plain("☆ Save"), MARK_PAPER.data("save", paper.id))


def _pass(paper: PaperView, marks: Marks, _: Texts) -> list[InlineKeyboardButton]:
    if marks.passed is None:
        return []
    if marks.passed:
        return [button(_.plain("↩ Undo “less like this”"), MARK_PAPER.data("undo", paper.id))]
    return [button(_.plain("👎 Less like this"), MARK_PAPER.data("less", paper.id))]


def _share(paper: PaperView, _: Texts) -> InlineKeyboardButton:
    # https://core.telegram.org/widgets/share#custom-buttons
    return InlineKeyboardButton(
        _.plain("↗️ Share"), url=f"https://t.me/share/url?url={paper.abs_url}"
    )


def _copy(paper: PaperView, bibtex: str) -> InlineKeyboardButton:
    """Return a button that copies the entry, or where it is too long one that sends it."""
    if len(bibtex) <= InlineKeyboardButtonLimit.MAX_COPY_TEXT:
        return InlineKeyboardButton("📋 BibTeX", copy_text=CopyTextButton(bibtex))
    return button("📋 BibTeX", CITE_PAPER.data(paper.id))

"""Messages of a push: papers in the chat's style, numbered, with the buttons below them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Texts, texts
from bot.render.brief import brief_messages
from bot.render.paper_card import Marks, buttons
from bot.render.push_message import (
    PAPERS_PER_MESSAGE,
    PushMessage,
    new_papers,
    numbers,
    push_messages,
)
from bot.render.rich_message import as_rich
from bot.telegram.keyboards import style_button
from bot.telegram.routes import DIGEST_BELOW, SETTINGS_BELOW, TOPIC_BELOW
from bot.translation.paper_view import PaperView
from storage.models import Chat, ChatKind, Paper, PushStyle
from storage.pending import Followed

_OTHER = {PushStyle.LIST: PushStyle.BRIEF, PushStyle.BRIEF: PushStyle.LIST}


@dataclass(frozen=True, slots=True)
class Around:
    """What a push says beside its papers."""

    before: int
    """Papers that the same push brought before it was interrupted."""
    owed: int
    """Papers that the chat is owed, those that come now among them."""
    now: datetime | None = None
    """When it comes by the clock; None: somebody asked for it."""
    busiest: Followed | None = None
    """The subscription that most of the papers come for; it matters where the cap is told of."""


class CardMarks(NamedTuple):
    """What a card shows of its paper below it."""

    marks: Marks
    bibtex: str


def busiest(followed: Mapping[str, Sequence[Followed]], papers: Sequence[Paper]) -> Followed | None:
    """Return the subscription that most of the papers come for."""
    entries = Counter(
        entry for paper in papers for entry in followed.get(paper.id, ()) if not entry.paused
    )
    return entries.most_common(1)[0][0] if entries else None


def messages_of(
    shown: Sequence[PaperView], *, chat: Chat, around: Around, marks: Mapping[str, CardMarks]
) -> list[PushMessage]:
    """Return papers, of which those with `marks` get their own buttons, as messages to a chat."""
    _ = texts(chat.ui_language, chat.kind)
    held_back = around.owed > len(shown)
    public = chat.kind is ChatKind.CHANNEL  # what its readers tap is not theirs to decide
    tells = held_back and around.now is not None and not chat.told_of_cap and not public
    messages = _styled(
        shown, chat, _, header=_header(len(shown), chat, around, _), first=around.before + 1,
        footer=_about_cap(chat, _) if tells else None,
    )  # fmt: skip
    by_id = {paper.id: paper for paper in shown}
    below = [] if public else [
        _digest(_) if held_back else [],
        _ways_out(around.busiest, _) if tells else [],
        _other_style(chat, around, _),
    ]  # fmt: skip
    *first, last = [_rows(one, by_id, marks, _) if marks or not public else [] for one in messages]
    messages = [_with(*each) for each in zip(messages, [*first, [*last, *below]], strict=True)]
    messages[-1] = replace(messages[-1], tells_of_cap=tells) if tells else messages[-1]
    if chat.push_style is PushStyle.RICH:
        # Their numbers stand inside, and what is about all papers below.
        messages = as_rich(messages, shown, _, taps=not public)
        messages[-1] = _with(messages[-1], below if messages[-1].rich else [])
    return messages


def _with(message: PushMessage, below: Sequence[Sequence[InlineKeyboardButton]]) -> PushMessage:
    """Return a message with more rows of buttons; empty ones are left out."""
    rows = [*(message.keyboard.inline_keyboard if message.keyboard else ()), *filter(None, below)]
    return replace(message, keyboard=InlineKeyboardMarkup(rows) if rows else None)


def _styled(
    shown: Sequence[PaperView],
    chat: Chat,
    _: Texts,
    *,
    header: str | None,
    footer: str | None,
    first: int,
) -> list[PushMessage]:
    if chat.push_style is PushStyle.BRIEF:
        return brief_messages(
            shown, _=_, header=header, footer=footer, language=chat.language, first=first
        )
    return push_messages(
        shown,
        _=_,
        header=header,
        footer=footer,
        language=chat.language,
        first=first if len(shown) > 1 or first > 1 else 0,
        most=1 if chat.push_style is PushStyle.CARDS else PAPERS_PER_MESSAGE,
    )


def _rows(
    message: PushMessage,
    by_id: Mapping[str, PaperView],
    marks: Mapping[str, CardMarks],
    _: Texts,
) -> Sequence[Sequence[InlineKeyboardButton]]:
    """Return the buttons below a message: a number a paper, or all that a card has."""
    known = marks.get(message.paper_ids[0])
    if known is None:
        return numbers(message, _)
    paper = by_id[message.paper_ids[0]]
    # What could not be translated has nothing to switch to yet.
    original = False if paper.translated else None
    card = buttons(paper, _, marks=known.marks, bibtex=known.bibtex, original=original)
    return card.inline_keyboard


def _header(count: int, chat: Chat, around: Around, _: Texts) -> str | None:
    """Return what stands above the papers, as HTML; None where a push goes on."""
    if around.before:
        return None
    if around.owed <= count:
        return new_papers(count, _)
    counts = {"n": count, "total": around.owed}
    if chat.kind is ChatKind.CHANNEL:
        return _("☀️ <b>{n} of {total} new papers</b>", **counts)
    if around.now and _comes_tomorrow(chat, around.now):
        return _("☀️ <b>{n} of {total} new papers</b> · the rest: tomorrow or /digest", **counts)
    return _("☀️ <b>{n} of {total} new papers</b> · the rest: next time or /digest", **counts)


def _comes_tomorrow(chat: Chat, now: datetime) -> bool:
    tomorrow = now.astimezone(ZoneInfo(chat.timezone)) + timedelta(days=1)
    return bool(chat.weekdays >> tomorrow.weekday() & 1)


def _about_cap(chat: Chat, _: Texts) -> str:
    return _.plural(
        "📥 Up to {n} paper at a time, newest first. The rest waits for up to 30 days.",
        "📥 Up to {n} papers at a time, newest first. The rest waits for up to 30 days.",
        chat.papers_per_push,
    )


def _digest(_: Texts) -> list[InlineKeyboardButton]:
    text = _.plain("📄 All of them as a digest")
    return [InlineKeyboardButton(text, callback_data=DIGEST_BELOW.data())]


def _ways_out(topic: Followed | None, _: Texts) -> list[InlineKeyboardButton]:
    """Return the buttons for who gets too little, and for who gets too much."""
    more = InlineKeyboardButton(
        _.plain("➕ Show more a day"), callback_data=SETTINGS_BELOW.data("papers")
    )
    if topic is None:
        return [more]
    narrower = InlineKeyboardButton(
        _.plain("🔎 Narrow this topic"), callback_data=TOPIC_BELOW.data(topic.topic_id)
    )
    return [more, narrower]


def _other_style(chat: Chat, around: Around, _: Texts) -> list[InlineKeyboardButton]:
    """Return the button of the other style, below the first push of a chat."""
    other = _OTHER.get(chat.push_style)
    if other is None or chat.last_push_on is not None or around.before:
        return []
    return [style_button(other, _)]

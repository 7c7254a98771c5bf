"""Keyboards that more than one conversation shows, and the answer to taps on them."""

from collections.abc import Iterable, Sequence
from functools import cache

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.constants import MessageEntityType
from telegram.error import BadRequest, NetworkError

from bot.i18n import Texts
from bot.query.categories import TREE, above
from bot.query.parser import normalise, parse
from bot.query.presets import PRESETS
from bot.translation.languages import Language

FIELDS_SHOWN = 10
"""Fields of arXiv a page."""

TOPICS_SHOWN = 10
"""Followed topics a page."""


async def acknowledge(
    query: CallbackQuery, text: str | None = None, *, alert: bool = False
) -> None:
    """Stop the spinner of the button that was tapped, with a word to show if there is one.

    A tap that waited too long, over a restart say, can't be answered any more; what it asks for is
    done all the same.
    """
    try:
        await query.answer(text, show_alert=alert)
    except NetworkError as error:
        if isinstance(error, BadRequest) and "query is too old" not in error.message.lower():
            raise


def label_of(message: Message) -> str | None:
    """Return what stands first in bold in a message of ours: the topic that it is about."""
    return next(iter(message.parse_entities([MessageEntityType.BOLD]).values()), None)


def button(text: str, data: str) -> InlineKeyboardButton:
    """Return a button that sends `data` (at most 64 bytes) back to the bot."""
    return InlineKeyboardButton(text, callback_data=data)


def rows(
    buttons: Iterable[InlineKeyboardButton], *, width: int
) -> list[list[InlineKeyboardButton]]:
    """Arrange buttons in rows of `width`."""
    row = list(buttons)
    return [row[start : start + width] for start in range(0, len(row), width)]


def chooser(
    buttons: Iterable[InlineKeyboardButton], *last: InlineKeyboardButton, width: int
) -> InlineKeyboardMarkup:
    """Return a keyboard of choices with the ways out in a row of their own."""
    return InlineKeyboardMarkup([*rows(buttons, width=width), *([list(last)] if last else [])])


def language_rows(
    languages: Sequence[Language], *, prefix: str, chosen: str | None = None
) -> list[list[InlineKeyboardButton]]:
    """Return a button a language, each in its own words; the chosen one has a tick."""
    return rows(
        (
            button(
                f"✓ {language.name}" if language.code == chosen else language.name,
                f"{prefix}:{language.code}",
            )
            for language in languages
        ),
        width=3,
    )


def readymade(_: Texts, *, followed: Iterable[str] = ()) -> list[list[InlineKeyboardButton]]:
    """Return a button a ready-made topic; the queries that are followed have a tick."""
    known = set(followed)
    named = ((topic, topic.label(_)) for topic in PRESETS)
    offers = (
        button(f"✓ {name}" if _stored(topic.query) in known else name, f"pick:{topic.key}")
        for topic, name in named
    )
    return [
        *rows(offers, width=2),
        [button(_.plain("🗂 Browse arXiv's fields"), field_place())],
    ]


def field_place(field: str = "") -> str:
    """Return what a button sends to show a field of arXiv among its neighbours, or the top."""
    upper = above(field) if field else ""
    page = TREE[upper].index(field) // FIELDS_SHOWN if field else 0
    return f"field:{upper}:{page}"


def known_as(query: str, _: Texts) -> str | None:
    """Return what a normalised query is called where it is a ready-made topic, else None."""
    return next((topic.label(_) for topic in PRESETS if _stored(topic.query) == query), None)


@cache
def _stored(query: str) -> str:
    return normalise(parse(query))

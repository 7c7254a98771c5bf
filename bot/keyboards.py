"""Keyboards that more than one conversation shows."""

from collections.abc import Iterable, Sequence
from functools import cache

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.i18n import Texts
from bot.papers.query import normalise, parse
from bot.papers.readymade import READYMADE, ReadyMade
from bot.translation.languages import Language

__all__ = ["button", "chooser", "language_rows", "name_of", "readymade", "rows"]


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
    return rows(
        (
            button(
                f"✓ {name_of(topic, _)}" if _stored(topic.query) in known else name_of(topic, _),
                f"pick:{topic.key}",
            )
            for topic in READYMADE
        ),
        width=2,
    )


@cache
def _stored(query: str) -> str:
    return normalise(parse(query))


def name_of(topic: ReadyMade, _: Texts) -> str:
    """Return a ready-made topic's name in the chat's language, in English where it has none."""
    return topic.names.get(_.language, topic.names["en"])

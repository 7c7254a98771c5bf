"""The settings of a chat as its file names them: how each is written, and read."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

from bot.preferences.time_zones import is_zone
from bot.preferences.values import MOST_PAPERS
from bot.transfer.entries import Value
from storage.models import PaperOrder, PushStyle

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Choice:
    """One setting."""

    column: str
    """Of the `chat` table."""
    example: str
    """A good value, as it stands in a file."""
    read: Callable[[object], Value | None]
    """Return what a value means, None where it means nothing."""
    written: Callable[[Any], object] = lambda value: value
    """Return what stands in the file for what the table has."""


def choices(*, languages: Collection[str], menus: Collection[str]) -> Mapping[str, Choice]:
    """Return the settings by their names, in the order of a file."""
    return {
        "abstracts": Choice("language", '"en"', _one_of(languages)),
        "titles": Choice("translate_titles", '"original"', _titles, _written_titles),
        "menus": Choice("ui_language", '"en"', _one_of(menus)),
        "push_time": Choice("push_time", '"07:30"', _time, "{:%H:%M}".format),
        "weekdays": Choice("weekdays", '["mon", "tue", "wed"]', _days, _written_days),
        "timezone": Choice("timezone", '"Europe/Berlin"', _zone),
        "papers_per_push": Choice("papers_per_push", "10", papers),
        "order": Choice("paper_order", '"newest"', _member(PaperOrder), str),
        "style": Choice("push_style", '"list"', _member(PushStyle), str),
        "tells_nothing_new": Choice("tells_nothing_new", "true", _switch),
        "shows_previews": Choice("shows_previews", "true", _switch),
    }


def papers(value: object) -> int | None:
    """Return a count of papers, None for what is none."""
    good = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_PAPERS
    return value if good and isinstance(value, int) else None


def _one_of(known: Collection[str]) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and value in known else None


def _member(kind: type[_E]) -> Callable[[object], _E | None]:
    return lambda value: kind(value) if isinstance(value, str) and value in set(kind) else None


def _titles(value: object) -> bool | None:
    return {"translated": True, "original": False}.get(value) if isinstance(value, str) else None


def _written_titles(translated: bool) -> str:  # noqa: FBT001 - one value in, one out
    return "translated" if translated else "original"


def _time(value: object) -> time | None:
    good = isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value)
    return time.fromisoformat(value) if good and isinstance(value, str) else None


def _days(value: object) -> int | None:
    if not isinstance(value, list) or not value or not all(day in DAYS for day in value):
        return None
    return sum(1 << DAYS.index(day) for day in set(value))


def _written_days(weekdays: int) -> list[str]:
    return [day for bit, day in enumerate(DAYS) if weekdays >> bit & 1]


def _zone(value: object) -> str | None:
    return value if isinstance(value, str) and is_zone(value) else None


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None

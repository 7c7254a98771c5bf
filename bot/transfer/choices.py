"""Settings in export files: how each is written, read and validated."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from bot.preferences.values import MOST_PAPERS, TITLES, member, one_of, zone
from bot.transfer.entries import Value
from storage.models import NO_DAY, PaperOrder, PushStyle

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_EVENINGS = {**{day: number for number, day in enumerate(DAYS)}, "off": NO_DAY}
_TITLES = {translated: name for name, translated in TITLES.items()}


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
        "abstracts": Choice("language", '"en"', _text(one_of(languages))),
        "titles": Choice("translate_titles", '"original"', _text(TITLES.get), _TITLES.get),
        "menus": Choice("ui_language", '"en"', _text(one_of(menus))),
        "push_time": Choice("push_time", '"07:30"', _text(_time), "{:%H:%M}".format),
        "weekdays": Choice("weekdays", '["mon", "tue", "wed"]', _days, _written_days),
        "timezone": Choice("timezone", '"Europe/Berlin"', _text(zone)),
        "papers_per_push": Choice("papers_per_push", "10", papers),
        "order": Choice("paper_order", '"newest"', _text(member(PaperOrder)), str),
        "style": Choice("push_style", '"list"', _text(member(PushStyle)), str),
        "tells_nothing_new": Choice("tells_nothing_new", "true", _switch),
        "shows_previews": Choice("shows_previews", "true", _switch),
        "sends_pages": Choice("sends_pages", "true", _switch),
        "answers_links": Choice("answers_links", "true", _switch),
        "week": Choice("week_day", '"sun"', _text(_EVENINGS.get), [*_EVENINGS].__getitem__),
        "watches_saved": Choice("watches_saved", "true", _switch),
    }


def papers(value: object) -> int | None:
    """Return a count of papers, None for what is none."""
    # A switch is a number in Python.
    return value if type(value) is int and 1 <= value <= MOST_PAPERS else None


def _text(read: Callable[[str], Value | None]) -> Callable[[object], Value | None]:
    return lambda value: read(value) if isinstance(value, str) else None


def _time(value: str) -> time | None:
    good = re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value)
    return time.fromisoformat(value) if good else None


def _days(value: object) -> int | None:
    if not isinstance(value, list) or not value or not all(day in DAYS for day in value):
        return None
    return sum(1 << DAYS.index(day) for day in set(value))


def _written_days(weekdays: int) -> list[str]:
    return [day for bit, day in enumerate(DAYS) if weekdays >> bit & 1]


def _switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None

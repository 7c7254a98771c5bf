"""Settings of a chat: which values are valid, and how people write them."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from bot.i18n import catalogues
from bot.preferences import times_of_day, weekdays
from bot.preferences.place_names import is_zone
from bot.preferences.time_zones import find_zone
from storage import chats
from storage.models import EVERY_DAY, NO_DAY, Chat, ChatState, PaperOrder, PushStyle

MOST_PAPERS = 50
_SWITCH = {"on": True, "off": False}
_WEEK_DAYS = {"off": NO_DAY, **{str(day): day for day in range(7)}}
TITLES = {"original": False, "translated": True}
"""Whether titles are translated."""

_E = TypeVar("_E", bound=StrEnum)


def read(words: str) -> tuple[str, str] | None:
    """Return which setting words mean, and its value, as `put` takes both; None: no setting.

    `07:30`, `8点半`, `15`, `Mon-Fri`, `Tokyo`. The first city takes some tenths of a second.
    """
    if words.isdecimal():
        return "papers", words
    if (moment := times_of_day.read(words)) is not None:
        return "time", f"{moment:%H:%M}"
    if (days := weekdays.read(words)) is not None:
        return "days", str(days)
    zone = find_zone(words)
    return None if zone is None else ("zone", zone)


def put(chat: Chat, name: str, value: str, *, languages: Collection[str], now: datetime) -> bool:
    """Change one setting of a chat, and its next push with it; False: no such value.

    `languages`: the codes of those that abstracts can be had in.
    """
    if (setting := _settings(languages).get(name)) is None:
        return False
    column, read_value = setting
    if (chosen := read_value(value)) is None:
        return False
    setattr(chat, column, chosen)
    if name == "state":
        chat.state_reason = chat.paused_until = None
    if name in {"time", "zone", "days", "state"}:
        chats.reschedule(chat, now=now)
    if name in {"zone", "week", "watch"}:
        chat.next_week_at = None
    return True


def _settings(
    languages: Collection[str],
) -> Mapping[str, tuple[str, Callable[[str], object | None]]]:
    """Return by the names of settings their columns, and how a button's value is read."""
    return {
        "language": ("language", one_of(languages)),
        "titles": ("translate_titles", TITLES.get),
        "ui": ("ui_language", one_of(catalogues())),
        "style": ("push_style", member(PushStyle)),
        "previews": ("shows_previews", _SWITCH.get),
        "pages": ("sends_pages", _SWITCH.get),
        "time": ("push_time", times_of_day.read),
        "days": ("weekdays", _up_to(EVERY_DAY)),
        "zone": ("timezone", zone),
        "papers": ("papers_per_push", _up_to(MOST_PAPERS)),
        "order": ("paper_order", member(PaperOrder)),
        "nothing": ("tells_nothing_new", _SWITCH.get),
        "week": ("week_day", _WEEK_DAYS.get),
        "watch": ("watches_saved", _SWITCH.get),
        "links": ("answers_links", _SWITCH.get),
        "state": ("state", {"active": ChatState.ACTIVE, "paused": ChatState.PAUSED}.get),
    }


def one_of(known: Collection[str]) -> Callable[[str], str | None]:
    """Return what reads a word, None for one that is not known."""
    return lambda value: value if value in known else None


def member(kind: type[_E]) -> Callable[[str], _E | None]:
    """Return what reads the value of an enumeration."""
    return {str(one): one for one in kind}.get


def zone(value: str) -> str | None:
    """Read the exact name of a time zone."""
    return value if is_zone(value) else None


def _up_to(most: int) -> Callable[[str], int | None]:
    def read_number(value: str) -> int | None:
        number = int(value) if value.isdecimal() and len(value) <= len(str(most)) else 0
        return number if 1 <= number <= most else None

    return read_number

"""What a chat can choose: which values there are, and how people write them."""

import re
from collections.abc import Collection
from datetime import datetime, time

from bot.i18n import catalogues
from bot.preferences import weekdays
from bot.preferences.time_zones import find_zone, is_zone
from storage import chats
from storage.models import (
    EVERY_DAY,
    Chat,
    ChatState,
    PaperOrder,
    PushStyle,
)

MOST_PAPERS = 50
NOON = 12

_TIME = re.compile(
    r"(?P<hour>\d{1,2})([:：.h点时](?P<minute>\d{2})分?|(?P<oclock>点半?))?( ?(?P<half>[ap])m)?"
)
_SWITCH = {"on": True, "off": False}


def read(words: str) -> tuple[str, str] | None:
    """Return which setting words mean, and its value, as `put` takes both; None: no setting.

    `07:30`, `8点半`, `15`, `Mon-Fri`, `Tokyo`. The first city takes some tenths of a second.
    """
    if words.isdecimal():
        return "papers", words
    if (moment := read_time(words)) is not None:
        return "time", f"{moment:%H:%M}"
    if (days := weekdays.read(words)) is not None:
        return "days", str(days)
    zone = find_zone(words)
    return None if zone is None else ("zone", zone)


def read_time(words: str) -> time | None:
    """Read a time of day: `07:30`, `7.30`, `7:30 pm`, `8am`, `8点`, `8点半`; not a mere `8`."""
    found = _TIME.fullmatch(words.lower())
    if found is None or words.isdecimal():
        return None
    hour = int(found["hour"])
    minute = 30 if found["oclock"] == "点半" else int(found["minute"] or 0)
    if found["half"] and not 1 <= hour <= NOON:
        return None
    if found["half"]:
        hour = hour % NOON + (NOON if found["half"] == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None


def put(chat: Chat, name: str, value: str, *, languages: Collection[str], now: datetime) -> bool:
    """Change one setting of a chat, and its next push with it; False: no such value.

    `languages`: the codes of those that abstracts can be had in.
    """
    if not (_put_words(chat, name, value, languages) or _put_push(chat, name, value)):
        return False
    if name in {"time", "zone", "days", "state"}:
        chats.reschedule(chat, now=now)
    return True


def _put_words(chat: Chat, name: str, value: str, languages: Collection[str]) -> bool:
    match name:
        case "language" if value in languages:
            chat.language = value
        case "titles" if value in {"original", "translated"}:
            chat.translate_titles = value == "translated"
        case "ui" if value in catalogues():
            chat.ui_language = value
        case "style" if value in set(PushStyle):
            chat.push_style = PushStyle(value)
        case "previews" if value in _SWITCH:
            chat.shows_previews = _SWITCH[value]
        case _:
            return False
    return True


def _put_push(chat: Chat, name: str, value: str) -> bool:
    match name:
        case "time" if (moment := read_time(value)) is not None:
            chat.push_time = moment
        case "days" if re.fullmatch(r"\d{1,3}", value) and 1 <= int(value) <= EVERY_DAY:
            chat.weekdays = int(value)
        case "zone" if is_zone(value):
            chat.timezone = value
        case "papers" if re.fullmatch(r"\d{1,2}", value) and 1 <= int(value) <= MOST_PAPERS:
            chat.papers_per_push = int(value)
        case "order" if value in set(PaperOrder):
            chat.paper_order = PaperOrder(value)
        case "nothing" if value in _SWITCH:
            chat.tells_nothing_new = _SWITCH[value]
        case "state" if value in {ChatState.ACTIVE, ChatState.PAUSED}:
            chat.state = ChatState(value)
            chat.state_reason = None
        case _:
            return False
    return True

"""Times of day, as people write them: `07:30`, `7:30 p.m.`, 下午三点半, `las 3 de la tarde`."""

import re
from datetime import time
from typing import NamedTuple

NOON = 12

_HAN = {han: str(number) for number, han in enumerate("零一二三四五六七八九十")} | {"两": "2"}
_HAN |= {"十一": "11", "十二": "12"}
_HAN_HOUR = re.compile(r"(?:十[一二]?|[零一二两三四五六七八九])(?=[点时])")
_TIME = re.compile(
    r"(?<![\d.:])(?P<hour>\d{1,2})(?!\d)"
    r"(?:(?:[:：.h]| ?[点時时]) ?(?P<minute>\d{2})(?!\d)(?:分|h)?|(?P<oclock> ?点半?| ?o.?clock)?)?"
    r"(?: ?(?P<half>[ap])\.? ?m\b\.?)?"
)
_EARLY = re.compile(r"早|上午|凌晨|\b(?:mornings?|manana|madrugada)\b")
_AFTER = re.compile(r"下午|傍晚|中午|(?<!mas )\btardes?\b|\b(?:afternoons?|evenings?)\b")
_NIGHT = re.compile(r"晚|夜|\bnoches?\b|\bnights?\b")
_AT = re.compile(r"\b(?:at|around|by|to|las?) $")
"""What stands before a mere number that is an hour."""
_LATE = 5
"""From here to noon an hour of the night is before midnight, and below it after."""
_NAMED = {
    time(NOON): re.compile(r"\bnoon\b|\bmediodia\b|中午"),
    time(0): re.compile(r"\bmidnight\b|\bmedianoche\b|半夜|午夜"),
}


class Told(NamedTuple):
    """A time of day in a text."""

    at: time
    either_half: bool
    """Whether nothing says if it is before noon or after: `it's 3:40`."""


def read(words: str) -> time | None:
    """Read a time of day: `07:30`, `7.30`, `7:30 pm`, `8am`, `8点`, `8点半`; not a mere `8`."""
    found = _TIME.fullmatch(words.lower())
    return None if found is None or words.isdecimal() else _moment(found)


def told(text: str, *, bare: bool = False) -> Told | None:
    """Return the last time of day that a text tells: who changes one names the old one first.

    text: in small, simplified letters without accents. bare: whether a mere number is an hour.
    """
    text = _HAN_HOUR.sub(lambda found: _HAN[found[0]], text)
    early, after, night = (part.search(text) is not None for part in (_EARLY, _AFTER, _NIGHT))
    bare = bare or early or after or night
    for found in reversed(list(_TIME.finditer(text))):
        moment = _moment(found)
        is_hour = bare or not found[0].strip().isdecimal() or _AT.search(text[: found.start()])
        if moment is None or not is_hour:
            continue
        if found["half"] or early:
            return Told(moment, either_half=False)
        if night and moment.hour in {*range(_LATE, NOON), NOON}:
            moment = moment.replace(hour=(moment.hour + NOON) % 24)
        elif after and not night and 0 < moment.hour < NOON:
            moment = moment.replace(hour=moment.hour + NOON)
        said = after or night or not 0 < moment.hour <= NOON or found["hour"].startswith("0")
        return Told(moment, either_half=not said)
    named = (at for at, name in _NAMED.items() if name.search(text))
    return next((Told(at, either_half=False) for at in named), None)


def _moment(found: re.Match[str]) -> time | None:
    hour = int(found["hour"])
    minute = 30 if (found["oclock"] or "").endswith("半") else int(found["minute"] or 0)
    if found["half"] and not 1 <= hour <= NOON:
        return None
    if found["half"]:
        hour = hour % NOON + (NOON if found["half"] == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None

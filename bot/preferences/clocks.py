"""Clocks of time zones: offsets from UTC, and which zones always show the same time."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel.core import get_global

from storage.columns import utc_now

_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
_HOUR = timedelta(hours=1)

_NAME = r"utc|gmt|z|zulu|tu|ut"
_OFFSET = re.compile(
    rf"(?:(?P<name>{_NAME}) ?)?(?P<sign>[+-]) ?"
    r"(?P<hours>\d{1,2})(?:(?P<colon>:)?(?P<minutes>\d{2})|[.,](?P<part>\d{1,2}))?"
    r"(?: ?(?:h|hours?|horas?|小时))?",
)
_UNSIGNED = re.compile(rf"(?:{_NAME}) ?(?P<hours>\d{{1,2}})(?::(?P<minutes>\d{{2}}))?")
_CHINESE = re.compile(
    r"(?P<side>[东東西])(?P<number>\d{1,2}|[一二三四五六七八九十]{1,2})区?(?:时区)?"
)
_DIGITS = "零一二三四五六七八九"
_MINUS = str.maketrans(dict.fromkeys("−–—‐‑﹣", "-"))


@cache
def zones() -> frozenset[str]:
    """Return the names of the IANA list."""
    return frozenset(available_timezones())


@cache
def seasons() -> tuple[datetime, ...]:
    """Return moments of all seasons of the year to come."""
    start = datetime(utc_now().year, 1, 1, 12, tzinfo=UTC)
    return tuple(start + timedelta(days=15 * half) for half in range(30))


@cache
def clock(zone: str) -> tuple[timedelta, ...]:
    """Return a zone's distance from UTC through the year."""
    there = ZoneInfo(zone)
    return tuple(moment.astimezone(there).utcoffset() or timedelta() for moment in seasons())


def same_clock(one: str, other: str) -> bool:
    """Tell whether two zones show the same time all year round."""
    return clock(one) == clock(other)


def distinct(names: Iterable[str]) -> list[str]:
    """Return the first zone of each clock, in their order."""
    found: dict[tuple[timedelta, ...], str] = {}
    for name in names:
        found.setdefault(clock(name), name)
    return list(found.values())


def offset(zone: str, at: datetime) -> str:
    """Return a zone's distance from UTC at a moment, such as `+8` or `+5:30`."""
    return written(at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta())


def written(distance: timedelta) -> str:
    """Return a distance from UTC as it is written behind "UTC"."""
    minutes = int(distance.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02}" if rest else f"{sign}{hours}"


def read_offset(words: str) -> timedelta | None:
    """Read a distance from UTC with the sign as people mean it: `UTC+10`, `GMT-3:30`, `+0530`."""
    text = unicodedata.normalize("NFKC", words).translate(_MINUS).strip().lower()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    if chinese := _CHINESE.fullmatch(text):
        hours = _number(chinese["number"])
        return _bounded(timedelta(hours=-hours if chinese["side"] == "西" else hours))
    found = _OFFSET.fullmatch(text) or _UNSIGNED.fullmatch(text)
    if found is None:
        return None
    parts = found.groupdict()
    distance = timedelta(hours=int(parts["hours"]), minutes=int(parts["minutes"] or 0))
    if part := parts.get("part"):
        distance += timedelta(hours=float(f"0.{part}"))
    if int(parts["minutes"] or 0) >= 60:  # noqa: PLR2004 - an hour has so many
        return None
    return _bounded(-distance if parts.get("sign") == "-" else distance)


def zone_of_offset(distance: timedelta) -> str | None:
    """Return the zone that is always so far from UTC; where there is none, one that is in winter.

    Etc/GMT-8 is eight hours before UTC: POSIX counts to the west.
    """
    if not distance:
        return "UTC"
    if not distance % _HOUR:
        hours = distance // _HOUR
        return f"Etc/GMT{-hours:+d}"
    former = get_global("zone_aliases")
    rooms = sorted(
        zone
        for zone in zones()
        if "/" in zone and not zone.startswith(("Etc/", "posix/", "right/")) and zone not in former
    )
    always = [zone for zone in rooms if set(clock(zone)) == {distance}]
    # Only few places are a part of an hour off, and each has one clock.
    winter = [zone for zone in rooms if min(clock(zone)) == distance]
    return next(iter(_well_known(always) or _well_known(winter)), None)


def fixed_name(zone: str) -> str | None:
    """Return what a zone that is only an offset is called, such as `UTC+8` for Etc/GMT-8."""
    if not zone.startswith("Etc/GMT"):
        return None
    return f"UTC{written(clock(zone)[0])}" if clock(zone)[0] else "UTC"


def _well_known(found: list[str]) -> list[str]:
    known = {
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Asia/Yangon",
        "Australia/Darwin",
        "America/St_Johns",
    }
    return [zone for zone in found if zone in known] or found


def _bounded(distance: timedelta) -> timedelta | None:
    quarters = distance % timedelta(minutes=15)
    return distance if _WEST <= distance <= _EAST and not quarters else None


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, _ten, ones = text.rpartition("十")
    if "十" not in text:
        return _DIGITS.index(text[0])
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)

"""Time zones by the names of cities."""

import re
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import get_timezone_location

__all__ = ["CITIES", "city_name", "find_zone", "offset"]

CITIES = (
    "UTC",
    "Asia/Shanghai",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Paris",
    "Europe/Berlin",
    "Europe/Zurich",
    "Europe/Moscow",
    "Africa/Johannesburg",
    "America/Sao_Paulo",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Australia/Sydney",
    "Pacific/Auckland",
)
"""Offered as buttons; every other zone can be typed."""

_ALIASES = {
    "beijing": "Asia/Shanghai",
    "北京": "Asia/Shanghai",
    "shenzhen": "Asia/Shanghai",
    "hangzhou": "Asia/Shanghai",
    "boston": "America/New_York",
    "washington": "America/New_York",
    "san francisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "delhi": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "bangalore": "Asia/Kolkata",
    "munich": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "barcelona": "Europe/Madrid",
    "milan": "Europe/Rome",
    "kyoto": "Asia/Tokyo",
    "gmt": "UTC",
}
"""Where people live whose city names no zone."""


@cache
def _cities() -> dict[str, str]:
    """Every zone by its own name and by its city's, folded."""
    found: dict[str, str] = {}
    for zone in sorted(available_timezones()):
        # Etc/GMT+8 means the opposite of what people read in it.
        if zone.startswith(("Etc/", "posix/", "right/", "SystemV/")) or zone == "localtime":
            continue
        found[_fold(zone)] = zone
        if "/" in zone:
            found.setdefault(_fold(zone.rpartition("/")[2]), zone)
    for zone in CITIES:
        found[_fold(zone.rpartition("/")[2])] = zone
        found[_fold(city_name(zone, "zh_CN"))] = zone
    return {**found, **_ALIASES}


def find_zone(words: str) -> str | None:
    """Return the IANA zone of a zone's or city's name, also misspelt; None: unknown."""
    if len(words) > 64:  # noqa: PLR2004 - no zone's name is so long
        return None
    wanted = _fold(words)
    cities = _cities()
    if wanted in cities:
        return cities[wanted]
    near = get_close_matches(wanted, cities, n=1, cutoff=0.85)
    return cities[near[0]] if near else None


def city_name(zone: str, language: str) -> str:
    """Return what a language calls a zone's city, such as 上海 for Asia/Shanghai."""
    if "/" not in zone:
        return zone
    locale = Locale.parse(language, sep="_")
    return get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def offset(zone: str, at: datetime) -> str:
    """Return a zone's distance from UTC at a moment, such as `+8` or `+5:30`."""
    distance = at.astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(distance.total_seconds() // 60) if distance else 0
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02}" if rest else f"{sign}{hours}"


def _fold(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()

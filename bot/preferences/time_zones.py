"""Time zone lookup: by the names of cities and countries, and by coordinates."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from tzfpy import get_tz

from bot.i18n import catalogues

_DATA = tomllib.loads(files("bot.preferences").joinpath("places.toml").read_text(encoding="utf-8"))

CITIES: Sequence[str] = _DATA["offered"]
"""Offered as buttons; every other zone can be typed."""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _places() -> dict[str, str]:
    """Every zone by its own name and by those of its city and country, folded."""
    found: dict[str, str] = {}
    # Etc/GMT+8 means the opposite of what people read in it.
    odd = ("Etc/", "posix/", "right/", "SystemV/")
    zones = [zone for zone in _zones() if not zone.startswith(odd) and zone != "localtime"]
    former = get_global("zone_aliases")
    zones.sort(key=lambda zone: (zone in former or "/" not in zone, zone))
    countries: Mapping[str, str] = get_global("zone_territories")
    for zone in zones:
        country = countries.get(zone)
        alone = list(countries.values()).count(country or "") == 1
        for locale in map(Locale.parse, catalogues()):
            if "/" in zone:
                found.setdefault(_fold(city_name(zone, str(locale))), zone)
            if alone and country in locale.territories:
                found.setdefault(_fold(locale.territories[country]), zone)
        found.setdefault(_fold(zone.rpartition("/")[2]), zone)
        found.setdefault(_fold(zone), zone)
    for zone in CITIES:
        for language in catalogues():
            found[_fold(city_name(zone, language))] = zone
    return found | {_fold(name): zone for zone, names in _DATA["also"].items() for name in names}


def is_zone(name: str) -> bool:
    """Say whether this is the exact name of a time zone of the IANA list."""
    return name in _zones()


def find_zone(words: str) -> str | None:
    """Return the IANA zone of a zone, city or country, also misspelt; None: unknown.

    The first call gathers their names, which takes some tenths of a second.
    """
    if len(words) > 64:  # noqa: PLR2004 - no zone's name is so long
        return None
    wanted = _fold(words)
    places = _places()
    if wanted in places:
        return places[wanted]
    near = get_close_matches(wanted, places, n=1, cutoff=0.85)
    return places[near[0]] if near else None


def zone_at(latitude: float, longitude: float) -> str:
    """Return the IANA zone of a place in degrees; at sea one by the longitude, such as Etc/GMT+2.

    The first call loads the borders of all zones: a tenth of a second, and 34 MB.
    """
    zone = get_tz(longitude, latitude)
    return zone if is_zone(zone) else "UTC"


def city_name(zone: str, language: str) -> str:
    """Return what a language calls a zone's city, such as 上海 for Asia/Shanghai."""
    if "/" not in zone:
        return zone
    locale = Locale.parse(language, sep="_")
    if zone not in locale.time_zones:
        # CLDR keeps zones under the names that they first had, such as Asia/Calcutta, and Babel
        # looks for the new name only.
        for former, new in get_global("zone_aliases").items():
            if new == zone and (city := locale.time_zones.get(former, {}).get("city")):
                return str(city)
    return get_timezone_location(ZoneInfo(zone), locale=locale, return_city=True)


def offset(zone: str, at: datetime) -> str:
    """Return a zone's distance from UTC at a moment, such as `+8` or `+5:30`."""
    distance = at.astimezone(ZoneInfo(zone)).utcoffset()
    minutes = int(distance.total_seconds() // 60) if distance else 0
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02}" if rest else f"{sign}{hours}"


def _fold(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\s_-]+", " ", plain).strip().casefold()

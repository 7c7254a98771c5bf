"""Time zone lookup: by offsets, by the names of places and clocks, and by coordinates.

A name that may mean clocks that differ, or that is misspelt, is never decided here: the zones that
it may mean are asked back.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_timezone_location

from bot.i18n import catalogues
from bot.preferences import clocks
from bot.preferences.clocks import distinct, fixed_name, zone_of_offset
from bot.preferences.place_names import (
    Place,
    fold,
    is_zone,
    places_called,
    plain_name,
    well_known,
)

_DATA = tomllib.loads(files("bot.preferences").joinpath("places.toml").read_text(encoding="utf-8"))

CITIES: Sequence[str] = _DATA["offered"]
"""Offered as buttons; every other zone can be typed."""

_LIKELY: Mapping[str, Sequence[str]] = _DATA["likely"]
_ALIASES: Mapping[str, str] = {
    fold(name): zone for zone, names in _DATA["also"].items() for name in names
}
_AROUND = re.compile(
    r"^(?:(?:i am|i m|i live|we are|we re|we live|estoy|estamos|vivo|vivimos|somos|soy) )?"
    r"(?:(?:now|living|based|ahora) )?(?:in|from|at|en|de)? ?(?:the )?(?=\w)"
    r"|^(?:我住在|我在|我是|在|位于)"
    r"|^(?:hora|horario|zona horaria)(?: estandar)? (?:de |del )?(?:la )?"
    r"| (?:standard |local )?time(?: ?zone)?$| time ?zone$"
    r"|(?:人|当地)?(?:标准)?(?:时间|時間|时区|時區)$"
)
_MOST_LENGTH = 64
"""No place has a longer name."""
_SURE = 5
"""A place of so many times the people of all others of its name is meant."""
_MOST_ASKED = 8
_MOST_GUESSED = 3
_LIKENESS = 0.8
_KNOWN_FROM = 200
"""Thousands of people of a place whose name is guessed where it is misspelt."""
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_SHORTEST_GUESS = 4
_LONG = 7
"""A name of so many letters may be misspelt in its first."""
_LONGEST_ABBREVIATION = 4
_CONTINENTS = {
    "002": "Africa/",
    "142": "Asia/",
    "150": "Europe/",
    "009": "Australia/",
    "019": "America/",
    "003": "America/",
    "005": "America/",
}
"""How the zones begin of the parts of the world that have a name in CLDR, by UN M49 codes."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A zone that may be meant, and the name that it is offered by; "" is its city's."""

    zone: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody may mean: one zone, or several that are to be asked back."""

    zone: str | None = None
    offers: Sequence[Offer] = field(default=())


def find_zone(words: str) -> str | None:
    """Return the zone that words mean for sure; None: unknown, misspelt or of several clocks."""
    return look_up(words).zone


def look_up(words: str) -> Meant:
    """Return which zone is meant, or those that may be.

    The first call reads the names of places, which takes some tenths of a second.
    """
    if len(words) > _MOST_LENGTH:
        return Meant()
    if (distance := clocks.read_offset(words)) is not None:
        return Meant(zone_of_offset(distance))
    if (told := _beside_an_offset(words)) is not None:
        return told
    wanted = _wanted(words)
    for name in wanted:
        found = _named(name, words.strip())
        if found.zone is not None or found.offers:
            return found
    return _guessed(wanted[-1])


def zone_at(latitude: float, longitude: float) -> str:
    """Return the IANA zone of a place in degrees; at sea one by the longitude, such as Etc/GMT+2.

    The first call loads the borders of all zones: a tenth of a second, and 34 MB.
    """
    from tzfpy import get_tz  # a map of the world, which hardly anybody asks for

    zone = get_tz(longitude, latitude)
    return zone if is_zone(zone) else "UTC"


def likely_zones(language: str) -> list[str]:
    """Return where somebody is likely to be whose Telegram is in a language, by its IETF tag."""
    try:
        locale = Locale.parse(language.replace("_", "-"), sep="-")
    except (ValueError, UnknownLocaleError):
        return list(_LIKELY["en"])
    spoken = "_".join(filter(None, (locale.language, locale.script)))
    country = locale.territory or get_global("likely_subtags").get(spoken, "").rpartition("_")[2]
    own = _of_country(country)
    usual = _LIKELY.get(locale.language, own)
    first = own if locale.territory or locale.script == "Hant" else ()
    return distinct([*first[:3], *usual, *_LIKELY["en"]])[:_MOST_ASKED]


def city_name(zone: str, language: str) -> str:
    """Return what a language calls a zone's city, such as 上海 for Asia/Shanghai."""
    if (offset := fixed_name(zone)) is not None:
        return offset
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


def _wanted(words: str) -> list[str]:
    """Return the names that words may hold, as they stand and without what stands around."""
    whole = fold(words)
    bare = whole
    for _ in range(2):
        bare = _AROUND.sub("", bare).strip()
    return [name for name in dict.fromkeys((whole, bare, fold(plain_name(bare)))) if name] or [""]


def _beside_an_offset(words: str) -> Meant | None:
    """Read `UTC+8 Beijing`: the place is meant where it is known, or else the offset."""
    parts = [part for part in re.split(r"[\s,()]+", words) if part]
    told = [part for part in parts if clocks.read_offset(part) is not None]
    rest = [part for part in parts if part not in told]
    if len(told) != 1 or not rest:
        return None
    if place := look_up(" ".join(rest)).zone:
        return Meant(place)
    # The number of "papers -1" is that of something else.
    distance = clocks.read_offset(told[0]) if any(map(str.isalpha, told[0])) else None
    return Meant(zone_of_offset(distance)) if distance is not None else None


def _named(name: str, words: str) -> Meant:
    """Return what a name means, the first that is known of its meanings."""
    if name in _ALIASES:
        return Meant(_ALIASES[name])
    if (cities := _continents().get(name)) is not None:
        return _asked(Offer(zone) for zone in cities)
    if len(name) <= _LONGEST_ABBREVIATION and (known := _abbreviations().get(name)):
        return _of_clocks(known)
    if places := _countries(name, words) or [*_countries(name), *places_called(name)]:
        # "hora del este" is no town of Italy.
        return _of_places(list(dict.fromkeys(places)), is_whole=name == fold(words))
    zone = _cldr_cities().get(name) or _clock_names().get(name) or _zone_names().get(name)
    return Meant(zone) if zone else _within(name)


def _of_clocks(zones: Sequence[str]) -> Meant:
    kept = distinct(zones)
    return Meant(kept[0]) if len(kept) == 1 else _asked(Offer(zone) for zone in kept)


def _of_places(places: Sequence[Place], *, is_whole: bool = True) -> Meant:
    """Decide between places of one name: all have one clock, or one has nearly all people."""
    first, *others = sorted(places, key=lambda place: -place.people)
    others = [one for one in others if one.zones[:1] != first.zones[:1]]
    told = sum(place.people for place in others) * _SURE > first.people
    weighed = [first, *others] if told else [first]
    zones = distinct(zone for place in weighed for zone in place.zones)
    if len(zones) == 1 and (is_whole or first.people >= _KNOWN_FROM):
        return Meant(zones[0])
    offers = [
        Offer(zone, f"{place.name}, {place.region}" if told and len(place.zones) == 1 else "")
        for place in weighed
        for zone in place.zones
    ]
    offers += [Offer(zone) for place in weighed for zone in place.few]
    return _asked(offers)


def _within(name: str) -> Meant:
    """Read a place and where it is: `Portland OR`, `Paris France`, 中国北京."""
    for inner, outer in _parts(name):
        regions = {place.region for place in (*_countries(outer), *places_called(outer))}
        regions |= {
            f"US-{outer.upper()}",
            *(one.region for one in [_country(outer.upper())] if one),
        }
        inside = [
            place
            for place in places_called(inner)
            if any(
                place.region == region or place.region.startswith(f"{region}-")
                for region in regions
            )
        ]
        if inside:
            return _of_places(inside)
    return Meant()


def _parts(name: str) -> Iterator[tuple[str, str]]:
    words = name.split(" ")
    for cut in range(1, len(words)):
        yield " ".join(words[:cut]), " ".join(words[cut:])
    if len(words) == 1 and not name.isascii():
        for cut in range(2, len(name) - 1):
            yield plain_name(name[cut:]), plain_name(name[:cut])


def _guessed(name: str) -> Meant:
    """Return what a misspelt name may be; nothing is decided."""
    if len(name) < (_SHORTEST_GUESS if name.isascii() else 2):
        return Meant()
    if any(char.isdecimal() for char in name):
        return Meant()
    known = _guessable()
    offers: list[Offer] = []
    for near in get_close_matches(name, known, n=_MOST_GUESSED, cutoff=_LIKENESS):
        if near[0] != name[0] and len(name) < _LONG:
            continue
        found = _named(near, near)
        offers += [Offer(found.zone, known[near])] if found.zone else found.offers
    return _asked(offers)


def _asked(offers: Iterable[Offer]) -> Meant:
    kept: dict[object, Offer] = {}
    for offer in offers:
        # Zürich and Zurich are one.
        kept.setdefault((clocks.clock(offer.zone), fold(plain_name(offer.name))), offer)
    return Meant(offers=tuple(kept.values())[:_MOST_ASKED])


def _of_country(code: str) -> tuple[str, ...]:
    country = _country(code)
    return country.zones if country else ()


def _is_code(words: str) -> bool:
    return bool(_FLAG.fullmatch(words)) or (len(words) == 2 and words.isascii() and words.isupper())  # noqa: PLR2004


def _country(code: str) -> Place | None:
    """Return a country by its ISO code or its flag."""
    if _FLAG.fullmatch(code):
        code = "".join(chr(ord(sign) - 0x1F1E6 + ord("A")) for sign in code)
    code = {"UK": "GB"}.get(code, code)
    return next(iter(places_called(fold(f"@{code}"))), None) if len(code) == 2 else None  # noqa: PLR2004


def _countries(name: str, words: str = "") -> list[Place]:
    """Return the countries of a name; or only the one of a code, as it was written."""
    codes = [words] if _is_code(words) else [] if words else _country_names().get(name, [])
    return [place for code in codes if (place := _country(code)) is not None]


@cache
def _country_names() -> dict[str, list[str]]:
    """Every country's ISO code by its names in the languages that the bot speaks."""
    found: dict[str, list[str]] = {}
    for locale in map(Locale.parse, catalogues()):
        for code, name in locale.territories.items():
            if len(code) == 2:  # noqa: PLR2004 - others are parts of the world
                found.setdefault(fold(name.partition("（")[0]), []).append(code)
    return {name: list(dict.fromkeys(codes)) for name, codes in found.items()}


@cache
def _continents() -> dict[str, list[str]]:
    """Return the cities that are offered on each continent, by its names."""
    return {
        fold(locale.territories[code]): [zone for zone in CITIES if zone.startswith(start)]
        for locale in map(Locale.parse, catalogues())
        for code, start in _CONTINENTS.items()
        if code in locale.territories
    }


@cache
def _cldr_cities() -> dict[str, str]:
    """Every zone by what the languages that the bot speaks call its city."""
    found: dict[str, str] = {}
    for zone in _zone_names().values():
        if "/" in zone:
            for language in catalogues():
                found.setdefault(fold(city_name(zone, language)), zone)
    for zone in CITIES:
        found |= {fold(city_name(zone, language)): zone for language in catalogues()}
    return found


@cache
def _zone_names() -> dict[str, str]:
    """Every zone of a place by its own name; those that are former names last."""
    # Etc/GMT+8 means the opposite of what people read in it.
    odd = ("Etc/", "posix/", "right/", "SystemV/")
    none = {"Factory", "localtime"}
    former = get_global("zone_aliases")
    names = [zone for zone in clocks.zones() if not zone.startswith(odd) and zone not in none]
    names.sort(key=lambda zone: (zone in former or "/" not in zone, zone))
    found: dict[str, str] = {}
    for zone in names:
        found.setdefault(fold(zone), zone)
    for zone in names:
        found.setdefault(fold(zone.rpartition("/")[2]), zone)
    return found


@cache
def _abbreviations() -> dict[str, list[str]]:
    """Return the zones of abbreviations such as CST, those of most people first."""
    found: dict[str, list[str]] = {}
    for zone in by_people():
        for moment in clocks.seasons():
            name = moment.astimezone(ZoneInfo(zone)).tzname() or ""
            if name.isalpha():
                found.setdefault(fold(name), []).append(zone)
    return {name: list(dict.fromkeys(zones)) for name, zones in found.items()}


@cache
def _clock_names() -> dict[str, str]:
    """Return the zones of what CLDR calls clocks, such as Pacific Time, 北美东部时间."""
    clocks_of = get_global("meta_zones")
    by_clock: dict[str, list[str]] = {}
    for zone in by_people():
        if zone in clocks_of:
            by_clock.setdefault(clocks_of[zone], []).append(zone)
    found: dict[str, str] = {}
    for locale in map(Locale.parse, catalogues()):
        for clock, forms in locale.meta_zones.items():
            for names in forms.values():
                if clock in by_clock and hasattr(names, "values"):
                    for name in names.values():
                        for form in _wanted(str(name)):
                            found.setdefault(form, by_clock[clock][0])
    for name, zone in get_global("windows_zone_mapping").items():
        found.setdefault(fold(name), zone)
    return found


@cache
def by_people() -> list[str]:
    """Return the zones, those first in which the most people live."""
    people: Counter[str] = Counter()
    for _names, zone, count, _name in well_known(1):
        if ";" not in zone:
            people[zone] += count
    return [zone for zone, _count in people.most_common() if is_zone(zone)]


@cache
def _guessable() -> dict[str, str]:
    """Return the names that a misspelt one is compared with, and how each is written."""
    found = {name: name.title() for name in _ALIASES}
    for names, _zones, _count, own in well_known(_KNOWN_FROM):
        found |= dict.fromkeys((name for name in names.split("|") if name and name[0] != "@"), own)
    found |= {name: name.title() for name in (*_country_names(), *_cldr_cities())}
    return found

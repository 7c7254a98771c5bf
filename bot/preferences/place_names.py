"""Gazetteer: cities, regions and countries by name, with their time zones.

`places.tsv.xz` is made by `docs/place_names.py`; a line is a place: its folded names, its zones
(those of few people in brackets), where it is, thousands of people, its own name.
"""

import lzma
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bot.preferences.clocks import zones

_ALSO = 10
"""So many people of a place that has a name as its second count as one of a place's own name."""

_SUFFIX = re.compile(
    r"(?<=[\u4e00-\u9fff]{2})(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|自治州|省|市|州|县|區|区|都|府)$"
)
_WORDS_AROUND = re.compile(
    r"^(?:provincia|province|estado|state|departamento|departement|region) (?:de |of |du |di )?"
    r"| (?:sheng|shi|zizhiqu|province|state|prefecture|oblast|krai)$"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where people live."""

    zones: tuple[str, ...]
    """Those of its people, most of them first."""
    few: tuple[str, ...]
    """Those of less than one of a hundred."""
    region: str
    """The country, with the part of it where that is known: `GB`, `US-OR`."""
    people: int
    """Thousands."""
    name: str
    names: tuple[str, ...]
    """Folded."""


def is_zone(name: str) -> bool:
    """Say whether this is the exact name of a time zone of the IANA list."""
    return name in zones()


def fold(name: str) -> str:
    """Return a name as it is looked up: without case, accents, hyphens and dots."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\s_.,'’`·・|-]+", " ", plain).strip().casefold()


def plain_name(name: str) -> str:
    """Return a region's name without what kind of region it is: 广东 of 广东省."""
    return _WORDS_AROUND.sub("", _SUFFIX.sub("", name.strip())).strip()


def places_called(folded: str) -> list[Place]:
    """Return every place of a folded name, the one with most people first.

    One that is only also called so, as Austin once was Waterloo, counts for less beside those that
    are.
    """
    text, wanted = _text(), f"|{folded}|".encode()
    found, at = [], text.find(wanted)
    while at >= 0:
        start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
        found.append(_place(text[start : end if end >= 0 else None].decode()))
        at = text.find(wanted, end) if end >= 0 else -1
    if any(fold(place.name) == folded for place in found):
        found = [
            place if folded in fold(place.name) else replace(place, people=place.people // _ALSO)
            for place in found
        ]
    return sorted(found, key=lambda place: -place.people)


def well_known(at_least: int) -> Iterator[tuple[str, str, int, str]]:
    """Yield the names, zones, thousands of people and own name of places of so many or more."""
    for line in _text().decode().split("\n"):
        names, zone_names, _region, people, name = line.split("\t")
        if int(people) >= at_least:
            yield names, zone_names, int(people), name


@cache
def _text() -> bytes:
    packed = files("bot.preferences").joinpath("places.tsv.xz").read_bytes()
    return lzma.decompress(packed)


def _place(line: str) -> Place:
    names, zone_names, region, people, name = line.split("\t")
    every = zone_names.split(";")
    return Place(
        zones=tuple(zone for zone in every if not zone.startswith("(")),
        few=tuple(zone.strip("()") for zone in every if zone.startswith("(")),
        region=region,
        people=int(people),
        name=name,
        names=tuple(names.strip("|").split("|")),
    )

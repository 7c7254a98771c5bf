"""Dates to come as people write them: days of the year, weekdays, and so long from today."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Literal

from babel import Locale

from bot.i18n import catalogues
from bot.preferences import weekdays
from bot.preferences.place_names import fold

MOST = 2
"""So many days one spelling may mean."""

_LONGEST = 60
_WEEK = 7
_MONTHS_A_YEAR = 12

_BEFORE = re.compile(
    r"^(?:(?:until|till|til|to|up to|for|in|on|the|through"
    r"|hasta|durante|por|en|dentro de|el(?! (?:dia )?\d+$)|la|los|las) )+"
    r"|^(?:直到|一直到|到|至|截至|在)\s*"
)
_AFTER = re.compile(
    r"\s*(?:为止|之前|以前|前|之后|以后|后|再说)$| (?:from now|de ahora|please|por favor)$"
)
_WEEKDAY_BEFORE = re.compile(r"^(?:this|coming|next|proximo|este|下个?|这个?|本)\s*")
_NEXT = ("next", "proximo", "下")

_NAMED = {
    "tomorrow": 1,
    "manana": 1,
    "明天": 1,
    "day after tomorrow": 2,
    "pasado manana": 2,
    "后天": 2,
}
_UNITS = {
    "day": (1, 0), "days": (1, 0), "dia": (1, 0), "dias": (1, 0), "天": (1, 0), "日": (1, 0),
    "week": (7, 0), "weeks": (7, 0), "semana": (7, 0), "semanas": (7, 0),
    "周": (7, 0), "星期": (7, 0), "礼拜": (7, 0),
    "fortnight": (14, 0),
    "month": (0, 1), "months": (0, 1), "mes": (0, 1), "meses": (0, 1), "个月": (0, 1),
    "year": (0, 12), "years": (0, 12), "ano": (0, 12), "anos": (0, 12), "年": (0, 12),
}  # fmt: skip
"""Days and months."""
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "un": 1, "una": 1, "uno": 1, "一": 1,
    "two": 2, "a couple of": 2, "dos": 2, "两": 2, "二": 2, "three": 3, "tres": 3, "三": 3,
    "four": 4, "cuatro": 4, "四": 4, "five": 5, "cinco": 5, "五": 5, "six": 6, "seis": 6, "六": 6,
    "seven": 7, "siete": 7, "七": 7, "eight": 8, "ocho": 8, "八": 8, "nine": 9, "nueve": 9, "九": 9,
    "ten": 10, "diez": 10, "十": 10,
}  # fmt: skip
_LENGTH = re.compile(
    rf"(?P<count>\d{{1,3}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\s*"
    rf"(?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
)
_NEGATIVE = re.compile(r"(?:^|\s)[-−–]\d")
"""Days ago: the sign would be lost among those between numbers."""
_NEXT_WEEK = {"next week", "proxima semana", "semana proxima", "semana que viene", "下周", "下星期"}
_NEXT_MONTH = {"next month", "proximo mes", "mes proximo", "mes que viene", "下月", "下个月"}
_DAY_OF_MONTH = re.compile(r"(?:el |dia )+(\d{1,2})|(\d{1,2})(?:st|nd|rd|th|号|日)")
_HALF_A_YEAR = {"half a year", "medio ano", "半年"}
_YEAR_FIRST = re.compile(r"(\d{4})(?:[ /]|年)\s*(\d{1,2})(?:[ /]|月)\s*(\d{1,2})\s*[日号]?")
_CHINESE = re.compile(r"(?:(?P<next>明年)\s*)?(\d{1,2})月\s*(?:(\d{1,2})\s*[日号]?|初|底)?")
_SLASHES = re.compile(r"(\d{1,2})(?P<sign>[ /])(\d{1,2})(?:[ /](\d{2}|\d{4}))?")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of| de)? (?P<month>[^\W\d]+)"
    r"(?:(?: de| del)? (?P<year>\d{4}))?"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[^\W\d]+)(?: (?P<day>\d{1,2})(?:st|nd|rd|th)?)?(?:(?: de| del)? (?P<year>\d{4}))?"
)


def dates(words: str, today: date) -> list[date]:
    """Return the days to come that words may mean, the likeliest first; none where they mean none.

    `10 Jan`, `January 10th, 2027`, `10 de enero`, `1月10日`, `2027-01-10`, `10/1` (two of them),
    `3 weeks`, `un mes`, `两周`, `Monday`, `下周一`.
    """
    if len(words) > _LONGEST or _NEGATIVE.search(words):
        return []
    folded = fold(words).replace("º", "")
    wanted = _AFTER.sub("", _BEFORE.sub("", folded)).strip()
    found = dict.fromkeys(_read(wanted, today))
    return [one for one in found if one > today][:MOST]


def _read(words: str, today: date) -> Iterator[date]:
    if (ahead := _ahead(words, today)) is not None:
        yield ahead
    elif number := _DAY_OF_MONTH.fullmatch(words):
        for months in range(3):  # not every month has as many days
            first = _later(today.replace(day=1), months=months)
            coming = list(_day(first.year, first.month, int(number[1] or number[2]), today))
            if coming and coming[0] > today:
                yield from coming
                return
    elif parts := _YEAR_FIRST.fullmatch(words):
        yield from _day(int(parts[1]), int(parts[2]), int(parts[3]), today)
    elif parts := _CHINESE.fullmatch(words):
        year = today.year + 1 if parts["next"] else None
        yield from _day(year, int(parts[2]), int(parts[3] or 1), today)
    elif parts := _SLASHES.fullmatch(words):
        first_number, second = int(parts[1]), int(parts[3])
        year = None if parts[4] is None else int(parts[4]) % 2000 + 2000
        yield from _day(year, second, first_number, today)
        if parts["sign"] == "/":
            yield from _day(year, first_number, second, today)
    else:
        yield from _named(words, today)


def _ahead(words: str, today: date) -> date | None:
    """Read how long it is from today."""
    if words in _NAMED:
        return today + timedelta(days=_NAMED[words])
    if words in _HALF_A_YEAR:
        return _later(today, months=6)
    if words in _NEXT_WEEK:
        return today + timedelta(days=_WEEK - today.weekday())
    if words in _NEXT_MONTH:
        return _later(today, months=1).replace(day=1)
    if length := _LENGTH.fullmatch(words):
        days, months = _UNITS[length["unit"]]
        count = _NUMBERS.get(length["count"]) or int(length["count"])
        return _later(today, months=months * count) + timedelta(days=days * count)
    return None


def _named(words: str, today: date) -> Iterator[date]:
    """Read what has the name of a weekday or a month."""
    bare = _WEEKDAY_BEFORE.sub("", words)
    mask = weekdays.read(bare)
    if mask and mask.bit_count() == 1:
        ahead = (mask.bit_length() - 1 - today.weekday()) % _WEEK or _WEEK
        coming = today + timedelta(days=ahead)
        of_next_week = today + timedelta(days=_WEEK - today.weekday() + mask.bit_length() - 1)
        if words.startswith("下"):
            yield of_next_week
        else:
            yield coming
            if words.startswith(_NEXT):
                yield of_next_week
        return
    found = _DAY_FIRST.fullmatch(words) or _MONTH_FIRST.fullmatch(words)
    if found is not None and (month := _months().get(found["month"])):
        year = int(found["year"]) if found["year"] else None
        yield from _day(year, month, int(found["day"] or 1), today)


def _day(year: int | None, month: int, day: int, today: date) -> Iterator[date]:
    """Yield a day where there is such a one; without a year the next that comes."""
    for one in (year,) if year is not None else range(today.year, today.year + 9):
        try:
            found = date(one, month, day)
        except ValueError:
            continue
        if year is not None or found > today:
            yield found
            return


def _later(today: date, *, months: int) -> date:
    """Return a day so many months later; in a shorter month its last."""
    ahead = today.month - 1 + months
    year, month = today.year + ahead // _MONTHS_A_YEAR, ahead % _MONTHS_A_YEAR + 1
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(today.day, last.day))


@cache
def _months() -> dict[str, int]:
    """Every name of a month that the bot's languages know, long and short, folded."""
    found: dict[str, int] = {}
    for language in catalogues():
        months = Locale.parse(language, sep="_").months
        widths: tuple[Literal["wide", "abbreviated"], ...] = ("wide", "abbreviated")
        for use in ("format", "stand-alone"):
            for width in widths:
                found |= {fold(name): month for month, name in months[use][width].items()}
    return {name: month for name, month in found.items() if not name[0].isdigit()} | {"sep": 9}

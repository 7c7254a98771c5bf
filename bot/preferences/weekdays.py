"""Weekdays as people write and read them: a set of days is a bit mask, bit 0 is Monday."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal

from babel import Locale

from bot.i18n import Texts, catalogues, texts
from storage.models import EVERY_DAY

WORKDAYS = 0b0011111
"""Monday to Friday."""

_WEEKEND = 0b1100000
_LONGEST = 64
_SHORTEST = 2

_GROUPS = {
    "weekdays": WORKDAYS,
    "workdays": WORKDAYS,
    "工作日": WORKDAYS,
    "weekend": _WEEKEND,
    "weekends": _WEEKEND,
    "周末": _WEEKEND,
    "daily": EVERY_DAY,
    "everyday": EVERY_DAY,
    "每日": EVERY_DAY,
}
_CHINESE = "一二三四五六日"
_PART = re.compile(
    r"\s*(?P<first>[^\s,，、–—-]+)(\s*(?:[–—-]|至|到|to)\s*(?P<last>[^\s,，、–—-]+))?\s*"
)


def read(words: str) -> int | None:
    """Read `Mon-Fri`, `Tue, Thu`, `weekdays`, `周一至周五`, `周二、周四`; None: no days."""
    folded = " ".join(words.casefold().split())
    if len(folded) > _LONGEST:
        return None
    if folded in _groups():
        return _groups()[folded]
    # In Chinese nothing stands between a day and what joins it to another.
    spaced = re.sub(r"(?<=[一二三四五六日天])\s*(至|到)\s*", "-", folded)
    mask = 0
    for part in re.split(r"[,，、;；&]|\band\b|和", spaced):
        found = _PART.fullmatch(part)
        first = _days().get(found["first"].rstrip(".")) if found else None
        last = _days().get(found["last"].rstrip(".")) if found and found["last"] else first
        if first is None or last is None:
            return None
        for day in range(first, first + (last - first) % 7 + 1):
            mask |= 1 << day % 7
    return mask


def names(_: Texts) -> Sequence[str]:
    """Return the short names of the days in a language, Monday first."""
    return [_name(_.language, day, "abbreviated") for day in range(7)]


def name(mask: int, _: Texts) -> str:
    """Return how a language calls some days, such as `Mon–Fri` or `Tue, Thu`."""
    if mask == EVERY_DAY:
        return _.plain("every day")
    short, runs, day = names(_), [], 0
    while day < len(short):
        end = day
        while mask >> end & 1:
            end += 1
        match end - day:
            case 0:
                end += 1
            case 1:
                runs.append(short[day])
            case 2:
                runs += [short[day], short[end - 1]]
            case _:
                runs.append(_.plain("{first}–{last}", first=short[day], last=short[end - 1]))
        day = end
    return _.plain(", ").join(runs)


@cache
def _groups() -> dict[str, int]:
    """Words for several days; among them what each of the bot's languages calls all seven."""
    every_day = (texts(language).plain("every day").casefold() for language in catalogues())
    return _GROUPS | dict.fromkeys(every_day, EVERY_DAY)


@cache
def _days() -> dict[str, int]:
    """Every name of a day that the bot's languages know, long and short, folded."""
    found: dict[str, int] = {}
    for language in catalogues():
        for day in range(7):
            long = _name(language, day, "wide").casefold()
            short = _name(language, day, "abbreviated").casefold().rstrip(".")
            found |= {long: day, short: day}
            if long.isascii():
                found |= {long[:length]: day for length in range(_SHORTEST, 5)}
    for day, character in enumerate(_CHINESE):
        found |= {f"{week}{character}": day for week in ("周", "星期", "礼拜")}
    return found | {"星期天": 6, "周天": 6, "礼拜天": 6}


def _name(language: str, day: int, width: Literal["abbreviated", "wide"]) -> str:
    return str(Locale.parse(language, sep="_").days["stand-alone"][width][day])

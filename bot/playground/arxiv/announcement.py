"""Announcement months of the fake arXiv, which a year or month in `all` also means."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bot.playground.arxiv.calendar import EASTERN, announced_at
from bot.playground.arxiv.papers import ArxivEntry

_FIRST_YEAR: Final = 1991
_DATE: Final = (
    re.compile(r"(?:^|\s+)(\d{4}-\d\d)(?:$|\s+)"),
    re.compile(r"(?:^|\s+)(\d{4})(?:$|\s+)"),
)
_SHORT_MONTH: Final = re.compile(r"(\d\d)(0[1-9]|1[0-2])")


def date_within(value: str) -> tuple[str, str]:
    """Return a date that stands among words, and the rest; an empty date where there is none."""
    for date in _DATE:
        found = date.search(value)
        if found:
            return found[1], f"{value[: found.start()]} {value[found.end() :]}".strip()
    return "", value


def announced_in(date: str) -> Callable[[ArxivEntry], bool]:
    """Return the test of a paper for `2025`, `2025-05`, or `2505`, which may be a month as well."""
    year = int(date[:4])
    months = {date} if len(date) > len("2025") else set()
    is_year = not months and _FIRST_YEAR <= year <= datetime.now(UTC).year
    if short := _SHORT_MONTH.fullmatch(date):
        century = 19 if int(short[1]) >= _FIRST_YEAR % 100 else 20
        months.add(f"{century}{short[1]}-{short[2]}")

    def announced(entry: ArxivEntry) -> bool:
        month = announced_month(entry.published)
        return month in months or (is_year and month.startswith(date))

    return announced


def announced_month(published: datetime) -> str:
    """Return the month of the announcement, by arXiv's clock."""
    return f"{announced_at(published).astimezone(EASTERN):%Y-%m}"

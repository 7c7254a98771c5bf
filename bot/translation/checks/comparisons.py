"""Comparisons: what is more than a number in one language is not less than it in another."""

import csv
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from bot.translation.checks.quantities import Quantity

_NEAR = 24
"""Signs between a comparison's words and its number."""
_ARTICLE = r"\s?(?:about |as |the |one |der |das |le |la |el )?$"
_UNIT = r"\s?[^\s，。、,.;]{0,5}?\s?"
_WITHOUT_SPACES = {"zh", "ja", "ko"}

_Expressions = list[tuple[str, re.Pattern[str], re.Pattern[str]]]
"""More or less, and how it is said before a number and behind it."""


def are_turned(
    source: str, wanted: list[Quantity], translated: str, found: list[Quantity], *, language: str
) -> bool:
    """Tell whether more than a number has become less than it, or the reverse."""
    language = language[:2]
    if language not in _languages():
        return False
    theirs = list(_bounds(translated, found, language))
    for one, bound in _bounds(source, wanted, "en"):
        alike = [other for other in wanted if not one.values.isdisjoint(other.values)]
        same = [there for other, there in theirs if not one.values.isdisjoint(other.values)]
        if len(alike) == 1 and len(same) == 1 and same[0] != bound:
            return True
    return False


def _bounds(text: str, found: list[Quantity], language: str) -> Iterator[tuple[Quantity, str]]:
    for one in found:
        bound = _bound(one, text, language) if one.written else None
        if bound:
            yield one, bound


def _bound(one: Quantity, text: str, language: str) -> str | None:
    start = max(0, one.start - _NEAR)
    for bound, before, behind in _languages()[language]:
        if behind.match(text, one.stop) or before.search(text, start, one.start):
            return bound
    return None


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, _Expressions]:
    table = (files("bot.translation.checks") / "comparisons.csv").read_text(encoding="utf-8")
    found: dict[str, _Expressions] = {}
    for row in csv.DictReader(table.splitlines()):
        start = "" if row["language"] in _WITHOUT_SPACES else r"(?<!\w)"
        # `no more than` is less, so that is looked for first.
        found[row["language"]] = [
            (
                bound,
                re.compile(f"{start}(?:{row[bound]}){_ARTICLE}", re.IGNORECASE),
                re.compile(f"{_UNIT}(?:{row[f'{bound}_behind'] or '(?!)'})"),
            )
            for bound in ("less", "more")
        ]
    return found

"""Units of measurement behind numbers, and what they are worth in their dimension."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

from bot.regex.lazy_pattern import lazily


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: what it measures, and what one of it is worth there."""

    dimension: str
    factor: Decimal


_PREFIXES = {
    "k": 3, "K": 3, "M": 6, "G": 9, "T": 12, "m": -3, "µ": -6, "μ": -6, "n": -9, "p": -12, "f": -15,
}  # fmt: skip
_SYMBOLS = {  # the symbol, its dimension, its prefixes; `B` and `T` alone are a billion, a trillion
    "s": ("time", "mµμnpf"),
    "m": ("length", "kmµμnp"),
    "g": ("mass", "mµμn"),
    "Hz": ("frequency", "kMGT"),
    "W": ("power", "kMGmµ"),
    "V": ("voltage", "kMmµμ"),
    "A": ("current", "mµμn"),
    "J": ("energy", "kMm"),
    "eV": ("electronvolt", "kMGTm"),
    "K": ("temperature", "mµμ"),
    "B": ("bytes", "kKMGT"),
    "Pa": ("pressure", "kMG"),
    "pc": ("parsec", "kMG"),
    "L": ("volume", "mµμ"),
    "T": ("field", "mµμn"),
}
_NEVER_BARE = {"A", "B", "T"}


def _table() -> list[dict[str, str]]:
    """Return rows of names, as expressions; behind `=` a symbol."""
    text = (files("bot.translation.text") / "units.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _symbols() -> Iterator[tuple[str, Unit]]:
    for symbol, (dimension, prefixes) in _SYMBOLS.items():
        if symbol not in _NEVER_BARE:
            yield symbol, Unit(dimension, Decimal(1))
        for prefix in prefixes:
            yield prefix + symbol, Unit(dimension, Decimal(1).scaleb(_PREFIXES[prefix]))
    for row in _table():
        if row["others"].startswith("="):
            yield row["others"][1:], Unit(row["dimension"], Decimal(row["factor"]))


SYMBOLS: dict[str, Unit] = dict(_symbols())
"""Units by their symbols."""
SYMBOL = "|".join(sorted(map(re.escape, SYMBOLS), key=len, reverse=True))
"""An expression for any of them."""
_SYMBOL = lazily(rf"[\s\u00a0]?({SYMBOL})(?![A-Za-z\d_'’À-ӿ])")


def _named(column: str, end: str) -> list[tuple[re.Pattern[str], Unit]]:
    return [
        (
            lazily(rf"[\s\u00a0-]{{0,2}}(?:{row['english']}|{row[column]}){end}", re.IGNORECASE),
            Unit(row["dimension"], Decimal(row["factor"])),
        )
        for row in _table()
        if row["english"]
    ]


_EAST_ASIAN, _OTHER = _named("east_asian", ""), _named("others", r"\w*")


def unit_after(text: str, place: int, language: str) -> Unit | None:
    """Return the unit that stands at a place in a text, in words or as its symbol."""
    table = _EAST_ASIAN if language[:2] in {"zh", "ja", "ko"} else _OTHER
    for pattern, unit in table:
        if pattern.match(text, place):
            return unit
    symbol = _SYMBOL.match(text, place)
    return SYMBOLS[symbol[1]] if symbol else None

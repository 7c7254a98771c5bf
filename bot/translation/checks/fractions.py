"""Fractions in words and figures: two thirds are 三分之二, and no third."""

import re
from fractions import Fraction

from bot.translation.checks import quantities

_DENOMINATORS = {
    2: r"hal(?:f|ves)",
    3: r"thirds?|tercios?|tercer[ao]s? partes?|tiers|Drittel\w*|terç[oa]s?|трет\w+",
    4: r"quarters?|fourths?|cuartos?|cuartas? partes?|quarts?|Viertel\w*|quartos?|четверт\w+"
    r"|чверт\w+",
    5: r"fifths?|quintos?|quintas? partes?|cinquièmes?|Fünftel\w*|пят(?:ая|ых|ые)|п'ят(?:а|их)",
    10: r"tenths?|décim[oa]s?(?: partes?)?|dixièmes?|Zehntel\w*|десят(?:ая|ых|ые)",
}
_NUMERATORS = {
    1: "one|a|un|une|una|uno|ein|eine|um|uma|одна|одну|одной",
    2: "two|dos|deux|zwei|dois|duas|две|двух|дві|двох",
    3: "three|tres|trois|drei|três|три|трёх|трех|трьох",
    4: "four|cuatro|quatre|vier|quatro|четыре|четырёх|чотири",
    9: "nine|nueve|neuf|neun|nove|девять|дев'ять",
}
_IN_WORDS = re.compile(
    r"\b(?:" + "|".join(f"(?P<n{value}>{words})" for value, words in _NUMERATORS.items())
    + r")[\s-](?:" + "|".join(f"(?P<d{value}>{words})" for value, words in _DENOMINATORS.items())
    + r")(?!\w)", re.IGNORECASE,
)  # fmt: skip
_COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_OF_SO_MANY = re.compile(
    rf"\b({'|'.join(_COUNTS)}) (?:in|out of)(?: every)? ({'|'.join(_COUNTS)})\b"
)
_SIGNS = "[零一二三四五六七八九十百两兩0-9]{1,4}"
_IN_HAN = re.compile(
    rf"({_SIGNS})\s?分之\s?({_SIGNS})|({_SIGNS})\s?分の\s?({_SIGNS})|(\d+)분의\s?(\d+)"
)
_IN_FIGURES = re.compile(r"(?<![\w/.,])(\d{1,2})/(\d{1,3})(?![\w/.,])")


def _found(text: str) -> set[Fraction]:
    found = {Fraction(int(a), int(b)) for a, b in _IN_FIGURES.findall(text) if int(b)}
    for match in _IN_WORDS.finditer(text):
        value = {name[0]: int(name[1:]) for name, word in match.groupdict().items() if word}
        found.add(Fraction(value["n"], value["d"]))
    for above, below in _OF_SO_MANY.findall(text.casefold()):
        found.add(Fraction(_COUNTS.index(above) + 1, _COUNTS.index(below) + 1))
    for match in _IN_HAN.finditer(text):
        below, above = (_value(sign) for sign in match.groups() if sign)
        if below and below != 100:  # noqa: PLR2004 - a percentage
            found.add(Fraction(above, below))
    return found


def _value(signs: str) -> int:
    values = [value for one in quantities.read(signs, language="zh-CN") for value in one.values]
    return int(values[0]) if values else 0


def changed(source: str, translated: str) -> bool:
    """Tell whether a fraction has taken another one's place."""
    before, after = _found(source), _found(translated)
    return bool(before - after) and bool(after - before)

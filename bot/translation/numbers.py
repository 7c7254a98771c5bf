"""A text's numbers in its translation, however the language writes them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

__all__ = ["changed"]

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w]|[.,]\d)")
_SCALE = re.compile(r"[\s-]*(hundred|thousand|million|billion|trillion)", re.IGNORECASE)
_POWERS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_COUNTED_IN = (0, 2, 3, 4, 5, 6, 7, 8, 9, 12)
"""Powers of ten that languages have words for: 4 and 8 are 万 and 亿, 5 and 7 lakh and crore."""

_WORDS = {
    "one": "1", "first": "1", "once": "1", "single": "1", "a": "1", "an": "1", "two": "2",
    "second": "2", "both": "2", "twice": "2", "dual": "2", "double": "2", "pair": "2",
    "pairwise": "2", "half": "2", "bi": "2", "three": "3", "third": "3", "triple": "3",
    "four": "4", "fourth": "4", "quarter": "4", "five": "5", "fifth": "5", "six": "6",
    "sixth": "6", "seven": "7", "eight": "8", "nine": "9", "zero": "0",
}  # fmt: skip
_SINGLE = re.compile(r"(?<![\w.,])\d(?![\w]|[.,]\d)")


def changed(prose: str, untouchables: Sequence[str], translated: str) -> bool:
    """Tell whether a number of the prose is missing in the translation, or another in its place.

    `20 million` may have become `2000 万`. A single digit may have become a word, and a word a
    digit; but where one digit is gone and another has come, it was changed. `untouchables` stand in
    the translation as they are: their numbers count for no others.
    """
    found = _numbers(translated)
    found.subtract(_numbers(" ".join(untouchables)))
    times: Counter[frozenset[str]] = Counter()
    lost = False
    for match in _NUMBER.finditer(prose):
        number = match[0].replace(",", "")
        wanted = {number}
        if scale := _SCALE.match(prose, match.end()):
            value = Decimal(number).scaleb(_POWERS[scale[1].lower()])
            wanted |= {_plain(value.scaleb(-power)) for power in _COUNTED_IN}
        forms = frozenset(wanted)
        times[forms] += 1
        if sum(found[form] for form in forms) < times[forms]:
            if len(number) > 1:
                return True
            lost = True
    return lost and bool(_new_digits(prose, untouchables, translated))


def _new_digits(prose: str, untouchables: Sequence[str], translated: str) -> set[str]:
    known = set("".join(untouchables)) | set(re.findall(r"\d", prose))
    known |= {_WORDS[word] for word in re.findall(r"[a-z]+", prose.lower()) if word in _WORDS}
    return set(_SINGLE.findall(_european(translated))) - known


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _european(text: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def _numbers(text: str) -> Counter[str]:
    """Count all numbers, as `1200.5`, however the text writes, groups and points them."""
    digits = _european(text)
    ungrouped = re.sub(r"(?<=\d)[.,'’\s\u066c](?=\d{3}(?!\d))", "", digits)
    readings = (
        re.findall(r"\d+[.,\u066b]\d+", digits),
        re.findall(r"\d+", digits),
        re.findall(r"\d+(?:[.,]\d+)?", ungrouped),
    )
    counted: Counter[str] = Counter()
    for reading in readings:
        counted |= Counter(number.replace(",", ".").replace("\u066b", ".") for number in reading)
    return counted

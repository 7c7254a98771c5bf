"""Number check: a text's numbers are in its translation, however the language writes them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

_NUMBER = re.compile(
    r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?:(?P<ordinal>st|nd|rd|th)\b)?(?![\w]|[.,]\d)"
)
_SCALE = re.compile(r"[\s-]*(hundred|thousand|million|billion|trillion)", re.IGNORECASE)
_POWERS = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_COUNTED_IN = (0, 2, 3, 4, 5, 6, 7, 8, 9, 12)
"""Powers of ten that languages have words for: 4 and 8 are 万 and 亿, 5 and 7 lakh and crore."""

_WORD = re.compile(r"[a-z]+")
_WORDS = {
    "one": "1", "first": "1", "once": "1", "single": "1", "two": "2",
    "second": "2", "both": "2", "twice": "2", "dual": "2", "double": "2", "pair": "2",
    "pairwise": "2", "half": "2", "bi": "2", "three": "3", "third": "3", "triple": "3",
    "four": "4", "fourth": "4", "quarter": "4", "five": "5", "fifth": "5", "six": "6",
    "sixth": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "tenth": "10", "dozen": "12", "hundred": "100", "thousand": "1000",
}  # fmt: skip


def changed(prose: str, untouchables: Sequence[str], translated: str) -> bool:
    """Tell whether a number of the prose is missing in the translation, or another in its place.

    `20 million` may have become `2000 万`. A single digit and an ordinal may have become a word,
    and a word a digit; but where one number is gone and another has come, it was changed.
    `untouchables` stand in the translation as they are: their numbers count for no others.
    """
    found = _numbers(translated)
    found.subtract(_numbers(" ".join(untouchables)))
    strangers = _runs(translated)
    strangers.subtract(_runs(" ".join(untouchables)))
    strangers.subtract(_WORDS[word] for word in _WORD.findall(prose.lower()) if word in _WORDS)
    numbers = [(match, _forms(match)) for match in _NUMBER.finditer(prose)]
    lost = False
    # What has one form only takes its own first.
    for match, forms in sorted(numbers, key=lambda number: len(number[1])):
        form = next((form for form in forms if found[form] > 0), None)
        if form is not None:
            found[form] -= 1
        elif _may_be_a_word(match):
            lost = True
        else:
            return True
        strangers.subtract(_runs(" ".join(forms if form is None else [form])).keys())
    return lost and any(times > 0 for times in strangers.values())


def _forms(match: re.Match[str]) -> list[str]:
    """Return how a number may stand in a translation, as it is first."""
    number = match[0].removesuffix(match["ordinal"] or "").replace(",", "")
    forms = {number: None}
    if scale := _SCALE.match(match.string, match.end()):
        value = Decimal(number).scaleb(_POWERS[scale[1].lower()])
        forms |= dict.fromkeys(_plain(value.scaleb(-power)) for power in _COUNTED_IN)
    return list(forms)


def _may_be_a_word(match: re.Match[str]) -> bool:
    # `(1)` counts points, in every language.
    point = match.string.startswith(")", match.end())
    return match["ordinal"] is not None or (len(match[0]) == 1 and not point)


def _runs(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", _european(text)))


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

"""Number check: a text's numbers are in its translation, by their values."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from bot.translation.checks import comparisons, dimensions, fractions, quantities
from bot.translation.checks.quantities import Quantity

_SPOKEN = re.compile(
    r"\b(?:(?P<half>half|halv\w+)|(?P<two>both|twice|dual|double\w*|doubling|pairs?|pairwise|two\w+|second)|(?P<three>third|"
    r"triple\w*|thrice|three\w+)|(?P<four>quarter|quadruple\w*|fourth|four\w+)|(?P<five>fifth|five\w+)|(?P<six>sixth)"
    r"|(?P<seven>seventh)|(?P<eight>eighth)|(?P<nine>ninth)|(?P<one>first|once|single|an?)"
    r"|(?P<magnitude>orders? of magnitude|decades?|tenth|ten\w+)|(?P<many>dozens?|hundreds?|"
    r"thousands?|millions?|billions?|trillions?|century|centuries)|(?P<month>January|February|"
    r"March|April|May|June|July|August|September|October|November|December"
    r"|(?-i:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec))|(?P<zero>zero|no))\b",
    re.IGNORECASE,
)
_WORTH = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
          "seven": "7", "eight": "8", "nine": "9"}  # fmt: skip
_SPOKEN_WORTH = {name: frozenset({Decimal(worth)}) for name, worth in _WORTH.items()} | {
    "half": frozenset(map(Decimal, ("2", "0.5", "50", "1"))),
    "four": frozenset(map(Decimal, ("4", "25", "0.25"))),
    "three": frozenset(map(Decimal, ("3", "33"))),
    "magnitude": frozenset(map(Decimal, ("10", "100", "1000", "10000"))),
}
_MANY = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9,
         "trillion": 10**12, "centur": 100}  # fmt: skip
_MANY_YEARS = re.compile(r"[\s-](?:(?P<decades>decade)|(?P<dozen>dozen)|centur)")
_YEARS = re.compile(r"\b(1[5-9]|20)(\d0)(?=['’]?s\b)")
"""`1990s`: in other languages the nineties, or those of the 20th century."""
_HALF_OF = re.compile(r"\bhalf (?:a|an|of a) (thousand|million|billion|trillion)", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MAGNITUDE = re.compile(
    r"数量级|數量級|orden(?:es)? de magnitud|ordres? de grandeur|Größenordnung|порядк|桁|자릿수"
)
_WITH_SMALL_WORDS = {"zh", "es", "pt", "it", "fr", "de", "ru", "uk"}
"""Languages whose small numbers are all known, whatever their case."""
_TIMES = re.compile(r"[\s-]?(?:fold|times|[x×](?!\w))")
_HALF = re.compile(
    "一半|半数|半數|半分|절반|mitad|moitié|hälfte|metade|metà|половин", re.IGNORECASE
)
_MONTH = re.compile(r"(?<!\d)(\d{1,2})\s?[月월](?![份内內間间])")
_LETTERS = re.compile(r"\\?[A-Za-z]+(?=\d)")
_LIST_POINT = re.compile(r"[(（]?\d{1,2}[)）]")
_STOP_POINT = re.compile(r"(?<![\w.,] )(?<![\w.,])\d\.\s(?=[A-Z])|(?<=[.;:]\s)\d\.\s")
_POINTS = re.compile(r"(?<![\w.,])(\d)(?:[)）]|\.(?=\s[a-z]))|([①-⑨])")
_COUNTER_WORD = re.compile("[个個项項种種名组組张張层層类類步阶階篇条條位つ人冊本枚台匹頭]")
_DIMENSIONS = re.compile(r"(?<![A-Za-z0-9.])\d-?\s?(?:[Dd](?![A-Za-zÀ-ɏ])|-dimension)")
_FROM_TO = re.compile(r"\bfrom\s+(?:about |over |only )?[$]?$", re.IGNORECASE)
_FROM = re.compile(
    r"(?:从|從|由|自|\bdel?|\bdesde|\bvon|\bde|\bda|\bс|\bот|\bз|\bod|\bz)\s?$", re.IGNORECASE
)


def changed(source: str, translated: str, *, language: str, kept: str = "") -> bool:
    """Tell whether a number is missing in a translation, or another has come.

    Both are without formulas, links and names. Numbers are compared as values: `2 billion` is
    `20 亿`, `5` may be a word and a word a digit. One of a single digit may be left to a word that
    is not known, but not where another digit has come. A value that came is a change where it has
    two digits or more, or is a percentage. Numbers in what was `kept` from the engine are no news.
    """
    if dimensions.changed(source, translated) or fractions.changed(source, translated):
        return True
    figures = set(re.findall(r"\d+", quantities.european(translated)))
    # Blanked, not cut out: their neighbours must not grow together.
    source = _DIMENSIONS.sub(" ", quantities.european(source))
    translated = _DIMENSIONS.sub(" ", quantities.european(translated))
    wanted = quantities.read(source, language="en")
    found = quantities.read(translated, language=language)
    free = list(found)
    missing: list[Quantity] = []
    # What has one value only takes its own first; what is in digits before words.
    for one in sorted(wanted, key=lambda q: (not q.written, len(q.values), q.unit is None)):
        # `(1)` is no article: `una`.
        is_point = _is_point(one, source) and language[:2] not in {"zh", "ja", "ko"}
        match = _taken(one, [other for other in free if other.written or not is_point])
        if match is not None:
            free.remove(match)
        else:
            missing.append(one)
    spoken = list(_spoken(source, wanted))
    known = [*wanted, *quantities.read(_LETTERS.sub(" ", kept), language="en")]
    strangers = [one for one in free if one.written and not _explained(one, known, spoken)]
    if (
        comparisons.are_turned(source, wanted, translated, found, language=language)
        or _turned_around(source, wanted, translated, found)
        or _has_other_points(source, translated)
        or _has_other_months(translated, wanted, spoken, source)
        or any(_is_loss(one, source, translated, language) for one in missing)
        or (
            language[:2] in _WITH_SMALL_WORDS
            and any(_is_nowhere(one, source, found, figures) for one in missing)
        )
        or any(one.percent or not one.is_digit for one in strangers)
    ):
        return True
    if any(_is_counted(one, source, "en") for one in missing if not one.written) and any(
        _is_counted(one, translated, language) and not _explained(one, known, spoken)
        for one in free
        if not one.written
    ):
        return True
    if any(one.written for one in missing):
        # One that stands there once more than in the source has taken another's place.
        strangers = [one for one in free if one.written and not _explained(one, [], spoken)]
    if any(one.ordinal and not one.is_digit for one in missing):
        # `21st` is no `1st`, whatever article stands there too.
        strangers += [one for one in free if one.written and not _explained(one, known, [])]
    return bool(strangers) and not all(_is_one(one) for one in missing)


def added(source: str, text: str, *, language: str, kept: str = "") -> bool:
    """Tell whether a text says a number that its English source does not, or turns a range around.

    What it leaves out is its right. A percentage stays one, and a unit is of the same kind.
    """
    source = _DIMENSIONS.sub(" ", quantities.european(source))
    text = _DIMENSIONS.sub(" ", quantities.european(text))
    wanted = quantities.read(source, language="en")
    found = quantities.read(text, language=language)
    known = [*wanted, *quantities.read(quantities.european(kept), language="en")]
    spoken = list(_spoken(source, wanted))
    return (
        comparisons.are_turned(source, wanted, text, found, language=language)
        or _turned_around(source, wanted, text, found)
        or not all(_is_told(one, known, spoken) for one in found)
    )


def _is_told(one: Quantity, known: list[Quantity], spoken: list[frozenset[Decimal]]) -> bool:
    alike = [other for other in known if _same(other, one) or _same(one, other)]
    if one.percent:
        return any(other.percent for other in alike)
    if one.unit:
        return any(other.unit and other.unit.dimension == one.unit.dimension for other in alike)
    if alike or any(not one.values.isdisjoint(values) for values in spoken):
        return True
    return _is_one(one)  # an article, in many languages


def _turned_around(
    source: str, wanted: list[Quantity], translated: str, found: list[Quantity]
) -> bool:
    """Tell whether `from 12 to 45` has become from 45 to 12."""
    for one, following in pairwise(wanted):
        between = source[one.stop : following.start]
        if (
            not _FROM_TO.search(source, max(0, one.start - 15), one.start)
            or " to " not in f" {between} "
        ):
            continue
        later = [other for other in found if _same(following, other)]
        first = [other for other in found if _same(one, other)]
        if (
            len(later) == len(first) == 1
            and later[0].start < first[0].start
            and not _same(one, following)
            and (_FROM.search(translated, max(0, later[0].start - 8), later[0].start))
        ):
            return True
    return False


def _taken(one: Quantity, free: list[Quantity]) -> Quantity | None:
    alike = [other for other in free if _same(one, other)]
    # Digits before words, and its own unit before none.
    alike.sort(
        key=lambda other: (not other.written, other.unit != one.unit, other.percent != one.percent)
    )
    return alike[0] if alike else None


def _same(one: Quantity, other: Quantity) -> bool:
    if one.unit and other.unit and one.unit.dimension != other.unit.dimension:
        return False
    if one.unit and other.unit:
        mine = {value * one.unit.factor for value in one.values}
        return not mine.isdisjoint(value * other.unit.factor for value in other.values)
    return not one.values.isdisjoint(other.values)


def _has_other_months(
    translated: str, wanted: list[Quantity], spoken: list[frozenset[Decimal]], source: str
) -> bool:
    """Say whether a date has got another month; in other languages months have names."""
    if not any(match["month"] for match in _SPOKEN.finditer(source)):
        return False
    values = [*(one.values for one in wanted), *spoken]
    months = (frozenset({Decimal(month)}) for month in _MONTH.findall(translated))
    return any(all(month.isdisjoint(one) for one in values) for month in months)


def _has_other_points(source: str, translated: str) -> bool:
    """Say whether a point of a list has become another, or stands there twice."""
    points = _points(source)
    return bool(points) and not _points(translated) <= points


def _points(text: str) -> Counter[str]:
    return Counter(
        figure or str(ord(circled) - ord("①") + 1) for figure, circled in _POINTS.findall(text)
    )


def _is_counted(one: Quantity, text: str, language: str) -> bool:
    """Say whether a number word counts things, by its size or what stands behind it."""
    if one.percent or (one.stop - one.start > 1 and min(one.values) >= 10):  # noqa: PLR2004
        return True
    if language[:2] not in {"zh", "ja", "ko"}:
        return min(one.values) > 1
    return min(one.values) > 1 and bool(_COUNTER_WORD.match(text, one.stop))


def _is_loss(one: Quantity, source: str, translated: str, language: str) -> bool:
    if not one.written or one.ordinal or _YEARS.match(source, one.start):
        return False
    if _is_point(one, source):
        return False
    if one.is_digit and not one.scaled and not one.percent and one.unit is None:
        return False
    if Decimal(10) in one.values and _MAGNITUDE.search(translated):
        return False
    if one.percent and Decimal(50) in one.values and _HALF.search(translated):
        return False
    # In a language whose number words are unknown it may stand there as one.
    return quantities.knows_words(language) or not _is_round(one) or one.scaled or one.percent


def _is_nowhere(one: Quantity, source: str, found: list[Quantity], figures: set[str]) -> bool:
    """Say whether a digit has no translation at all; one and two are articles, pairs and both."""
    return (
        one.written
        and one.is_digit
        and not one.ordinal
        and min(one.values) > 2  # noqa: PLR2004
        and not _is_point(one, source)
        and not _TIMES.match(source, one.stop)  # `triplica`
        and str(min(one.values)) not in figures
        and not any(_same(one, other) for other in found)
    )


def _is_point(one: Quantity, source: str) -> bool:
    around = source[max(0, one.start - 1) : one.stop + 1].strip()
    return bool(_LIST_POINT.fullmatch(around) or _STOP_POINT.match(source, one.start))


def _is_round(one: Quantity) -> bool:
    return any(value <= 12 or value in {20, 30, 50, 100, 1000} for value in one.values)  # noqa: PLR2004


def _is_one(one: Quantity) -> bool:
    return one.values == {Decimal(1)} and not one.written


def _explained(one: Quantity, wanted: list[Quantity], spoken: list[frozenset[Decimal]]) -> bool:
    if any(_same(other, one) or _same(one, other) for other in wanted):
        return True
    return any(not one.values.isdisjoint(values) for values in spoken)


def _spoken(source: str, wanted: list[Quantity]) -> Iterator[frozenset[Decimal]]:
    for one in wanted:
        if many := _MANY_YEARS.match(source, one.stop):
            times = 10 if many["decades"] else 12 if many["dozen"] else 100
            yield frozenset(value * times for value in one.values)
    for match in _YEARS.finditer(source):
        yield from (frozenset({Decimal(part)}) for part in (match[0], match[2], int(match[1]) + 1))
    for match in _HALF_OF.finditer(source):
        yield frozenset({Decimal(_MANY[match[1].lower()]) / 2})
    for match in _SPOKEN.finditer(source):
        kind, word = str(match.lastgroup), match[0].lower()
        if kind == "month":
            yield frozenset({Decimal(_MONTHS.index(word[:3]) + 1)})
        elif kind == "many":
            base = next(worth for name, worth in _MANY.items() if word.startswith(name))
            yield frozenset(Decimal(base) * times for times in (1, 10, 100))
        else:
            yield _SPOKEN_WORTH[kind]

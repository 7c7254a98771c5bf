"""Tokenizer of quantities: numbers as values, with scale word, sign, percent and unit."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

from bot.translation.text.units import Unit, unit_after


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text."""

    values: frozenset[Decimal]
    """What it may be worth: `1.500` is one and a half here and fifteen hundred there."""
    written: bool
    """In digits; a number word may mean something else."""
    start: int
    stop: int
    percent: bool = False
    unit: Unit | None = None
    scaled: bool = False
    """With a scale word behind it, such as million."""
    ordinal: bool = False

    @property
    def is_digit(self) -> bool:
        """Whether it is worth less than ten, and whole."""
        return all(value < 10 and value % 1 == 0 for value in self.values)  # noqa: PLR2004


_FIGURES = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,3}(?:[   '’٬]\d{3})+(?!\d)"
    r"(?:[.,]\d+)?|\d+(?:[.,٫]\d+)?"
)
# A minus touches its number, and nothing before it that it could join: `3-5`, `)-5`.
_SIGN = (
    r"(?:(?<![\w)\]%.\s–−¤-])|(?<=[^\w)\]%.–−¤-]\s)|(?<=[^\W\d]\s)|(?<=^))[-−–](?=\d)"
    r"|(?<=[=<>≈]\s)[-−–]\s?(?=\d)|(?<=[=<>≈(])[-−–]\s?(?=\d)"
)
_NUMBER = re.compile(
    rf"(?P<sign>{_SIGN})?(?<![A-Za-z_])(?P<figures>{_FIGURES})"
    r"(?:\s?[x×·]\s?10(?:\^?\{?(?P<times>[-−]?\d{1,3})\}?|(?P<raised>[⁻⁰¹²³⁴-⁹]+))"
    r"|(?P<power>\^\{?[-−]?\d{1,3}\}?|[⁻⁰¹²³⁴-⁹]+)|[eE](?P<e>[-−+]?\d{1,3})(?![A-Za-z\d]))?"
)
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")
_PERCENT = re.compile(
    r"\s?(?:\\?[%％]|‰|٪|(?:-|\s)?per\s?cent|(?:por|per) (?:ciento|cento|cent)\b"
    r"|pour cent|prozent|процент|відсот"
    r"|パーセント|퍼센트|个百分点|個百分點|百分点|प्रतिशत|(?:\s|-)(?:percentage )?points?\b"
    r"|puntos porcentuales)",
    re.IGNORECASE,
)
_PERCENT_BEFORE = re.compile(r"(?:百分之|yüzde |%|٪)\s?$", re.IGNORECASE)
_LETTERED = re.compile(r"\+?\s?(?P<scale>[kKMBT]|bn|mn)(?![A-Za-zÀ-ɏ\d])")
_LETTERS = {"k": 3, "K": 3, "M": 6, "mn": 6, "B": 9, "bn": 9, "T": 12}
_TENTHS = re.compile("成(?=[以的左多上下，。、；])")
_CURRENCY, _MILLIONS = re.compile(r"[$£€¥]"), re.compile(r"m(?!\w)")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?![a-z])|\.?[ºª°]|(?:er|ème|e)\b|-?(?:й|я|е|го|м|х)\b")
_MINUS_WORD = re.compile(
    r"(?:负|負|零下|氷点下|マイナス|마이너스|영하|\bmin(?:us|os)|(?<!au )(?<!de )\bmoins|минус"
    r"|мінус)\s?$",
    re.IGNORECASE,
)
_BELOW_ZERO = re.compile(
    r"[^\w.,;]{0,3}\w{0,12}\s(?:below zero|bajo cero|abaixo de zero|sotto zero"
    r"|(?:au-dessous|en dessous) de zéro|unter null|ниже нуля|нижче нуля)",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"분의\s?$")
"""`3분의 1만`: behind a denominator 만 is no ten thousand."""

_WITH_POINT = {"en", "zh", "ja", "ko", "th", "hi", "he", "ms", "bn", "ta", "te", "ur", "sw"}
"""Languages in which a comma groups and a point divides; others may keep the source's way."""

_HAN_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "兩": 2,
}
_HAN_SCALES = {
    "十": (10,), "百": (100,), "千": (1000,), "万": (10**4,), "萬": (10**4,), "亿": (10**8,),
    "億": (10**8,), "兆": (10**12, 10**6), "십": (10,), "백": (100,), "천": (1000,),
    "만": (10**4,), "억": (10**8,), "조": (10**12,),
}  # fmt: skip
_HAN_SCALE = re.compile(r"\s?[多余餘+]?\s?([十百千万萬亿億兆십백천만억조]+)")
_HAN_WORD = re.compile(
    rf"[{''.join(_HAN_DIGITS)}十百千万萬亿億十百千]+|[십백천만억조]{{2,}}|十|[①-⑳]"
)
_RANGE = re.compile(
    r"\s*(?:-|–|—|−|~|～|至|到|〜|から|에서|\bto\b|\band\b|\bor\b|\by\b|\ba\b|\bet\b"
    r"|\bà\b|\bund\b|\bbis\b"
    r"|\bou\b|\be\b|\bдо\b|\bи\b|和|与|與|、|,|/|,? and\b|或)\s*(?:[$€£]|over |about )?$",
    re.IGNORECASE,
)
# `miles de millones` is one number.
_WORDS_BETWEEN = re.compile(r"\+?(?:\sde\s(?=mill|bill|mil\b|milh|bilh)|[\s\u00a0-]{0,2})")
_MARKS = r"\u0300-\u036f\u0900-\u0dff\u064b-\u065f"
# With the vowel signs of Indian scripts, which are no letters by themselves.
_LATIN_WORD = re.compile(rf"(?:[^\W\d_]|[{_MARKS}])+(?:['’][^\W\d_]+)?\.?")
_HIGHEST_POWER = 40
_SCALE_AT_LEAST = 100


def european(text: str) -> str:
    """Return a text with all its decimal digits as 0 to 9."""
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def read(text: str, *, language: str) -> list[Quantity]:
    """Return every number of a text in a language, in order, in digits and in words."""
    text = european(text)
    found = sorted([*_written(text, language), *_in_words(text, language)], key=lambda q: q.start)
    kept: list[Quantity] = []
    for one in found:
        # `20 million`: the word behind the figures is a part of them.
        if kept and one.start < kept[-1].stop:
            continue
        if kept and language[:2] in {"zh", "ja", "ko"} and _goes_on(text, kept[-1], one):
            kept[-1] = replace(
                kept[-1],
                values=frozenset(a + b for a in kept[-1].values for b in one.values),
                stop=one.stop,
                unit=one.unit,
            )
            continue
        kept.append(one)
    return _shared(text, kept)


def _goes_on(text: str, one: Quantity, following: Quantity) -> bool:
    """Say whether both are one number, as in `1 亿 5000 万`."""
    return (
        one.scaled
        and following.scaled
        and text[one.stop : following.start] in {"", " "}
        and max(one.values) > max(following.values)
    )


def knows_words(language: str) -> bool:
    """Say whether the number words of a language are known."""
    return language in {"zh-CN", "zh-TW"} or len(_words(language)[0]) > 12  # noqa: PLR2004


def _written(text: str, language: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text):
        values = _values(match, with_point=language[:2] in _WITH_POINT)
        stop = match.end()
        scaled = False
        if _CURRENCY.search(text, max(0, match.start() - 1), match.start()) and (
            millions := _MILLIONS.match(text, stop)
        ):
            values, stop, scaled = (
                frozenset(value.scaleb(6) for value in values), millions.end(), True,
            )  # fmt: skip
        elif not _PART_OF.search(text, max(0, match.start() - 3), match.start()):
            values, stop, scaled = _scaled(text, values, stop, language)
        sign = match["sign"] or _MINUS_WORD.search(text, max(0, match.start() - 12), match.start())
        if sign:
            values = frozenset(-value for value in values)
        elif _BELOW_ZERO.match(text, stop):
            values |= {-value for value in values}
        percent = _PERCENT.match(text, stop)
        before = _PERCENT_BEFORE.search(text, max(0, match.start() - 8), match.start())
        if percent:
            stop = percent.end()
            # A decline of -5 % is one of 5 %.
            values |= {abs(value) for value in values}
        ordinal = _ORDINAL.match(text, stop)
        unit = None if percent else unit_after(text, stop, language)
        yield Quantity(
            values, written=True, start=match.start(), stop=stop, percent=bool(percent or before),
            unit=unit, scaled=scaled, ordinal=bool(ordinal),
        )  # fmt: skip


def _power(written: str) -> int:
    plain = written.translate(_SUPERSCRIPTS)
    digits = re.sub(r"[^0-9]", "", plain)[:3]
    return (-1 if "-" in plain else 1) * int(digits or 1)


def _values(match: re.Match[str], *, with_point: bool) -> frozenset[Decimal]:
    figures = re.sub(r"[\s'’٬]", "", match["figures"]).replace("٫", ".")
    readings = {figures.replace(",", "")} if with_point and figures.count(".") < 2 else set()  # noqa: PLR2004 - one point
    if not readings:
        for point, group in ((".", ","), (",", ".")):
            read = figures.replace(group, "").replace(point, ".")
            whole = re.fullmatch(
                rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+(?:{re.escape(point)}\d+)?|[^{group}]*",
                figures,
            )
            if whole and read.count(".") < 2:  # noqa: PLR2004 - one point
                readings.add(read)
    values = {Decimal(reading) for reading in readings or {re.sub("[.,]", "", figures)}}
    exponent = match["times"] or match["raised"] or match["e"]
    if exponent:
        power = _power(exponent)
        values = {value.scaleb(power) for value in values}
    elif match["power"]:
        power = _power(match["power"].strip("^{}"))
        # `10^6` is a million, `m2` of `10 m²` no power of ours.
        raised = {value**power for value in values if value and abs(power) <= _HIGHEST_POWER}
        values = raised or values
    return frozenset(values)


def _scaled(
    text: str, values: frozenset[Decimal], stop: int, language: str
) -> tuple[frozenset[Decimal], int, bool]:
    if letter := _LETTERED.match(text, stop):
        power = _LETTERS[letter["scale"]]
        as_they_are = (
            values if letter[0][0].isspace() or letter["scale"] in "kKT" else frozenset[Decimal]()
        )
        return frozenset(value.scaleb(power) for value in values) | as_they_are, letter.end(), True
    scaled = False
    if language[:2] in {"zh", "ja", "ko"}:
        while found := _HAN_SCALE.match(text, stop):
            signs = found[1]
            following = text[found.end() : found.end() + 1]
            if signs in {"十", "千", "百", "万", "조"} and following in {
                "足",
                "分",
                "全",
                "般",
                "건",
                "합",
            }:
                break
            for sign in signs:
                values = frozenset(v * scale for v in values for scale in _HAN_SCALES[sign])
            stop, scaled = found.end(), True
        return values, stop, scaled
    words, stems = _words(language)
    while True:
        gap = _WORDS_BETWEEN.match(text, stop)
        place = gap.end() if gap else stop
        if language == "th":
            scale, end = _thai_scale(text, place)
        else:
            word = _LATIN_WORD.match(text, place)
            scale = _word_value(word[0], words, stems) if word else None
            end = word.end() if word else place
            if word and word[0].endswith(".") and scale == _word_value(word[0][:-1], words, stems):
                end -= 1
        if scale is None or scale < _SCALE_AT_LEAST:
            return values, stop, scaled
        values, stop, scaled = frozenset(value * scale for value in values), end, True


def _thai_scale(text: str, place: int) -> tuple[Decimal | None, int]:
    words, _ = _words("th")
    for word, value in words.items():
        if value >= _SCALE_AT_LEAST and text.startswith(word, place):
            return value, place + len(word)
    return None, place


def _in_words(text: str, language: str) -> Iterator[Quantity]:
    if language[:2] in {"zh", "ja", "ko"}:
        for match in _HAN_WORD.finditer(text):
            values, percent = _han_value(match[0]), text.endswith("百分之", 0, match.start())
            tenths = language.startswith("zh") and _TENTHS.match(text, match.end())
            if tenths or text.endswith("千分之", 0, match.start()):
                # 四成 is forty percent, 千分之一 a tenth of one.
                values = frozenset(v * 10 if tenths else v / 10 for v in values)
                percent = True
            yield Quantity(
                values, written=False, start=match.start(), stop=match.end(),
                percent=percent, unit=unit_after(text, match.end(), language),
            )  # fmt: skip
    words, stems = _words(language)
    total, start, stop, before = Decimal(0), 0, 0, Decimal(0)
    for match in _LATIN_WORD.finditer(text):
        value = _word_value(match[0].rstrip("."), words, stems)
        if value is None:
            continue
        between = text[stop : match.start()]
        near = total and (_WORDS_BETWEEN.fullmatch(between) or _is_of(between, total, value))
        if near and value > before and value >= 10:  # noqa: PLR2004 - ten and more multiply
            total *= value
        elif near and value < before:
            total += value
        else:
            if total:
                yield _word(total, start, stop, text, language)
            total, start = value, match.start()
        before, stop = value, match.end()
    if total:
        yield _word(total, start, stop, text, language)


def _is_of(between: str, total: Decimal, value: Decimal) -> bool:
    """Say whether both are one number, as `miles de millones` and `sesenta y cuatro` are."""
    if between in {" y ", " et ", " e "} and 20 <= total < 100 and value < 10:  # noqa: PLR2004
        return True
    return between == " de " and total >= 10**3 and value >= 10**6


def _word(value: Decimal, start: int, stop: int, text: str, language: str) -> Quantity:
    return Quantity(
        frozenset({value}), written=False, start=start, stop=stop,
        percent=bool(_PERCENT.match(text, stop)), unit=unit_after(text, stop, language),
    )  # fmt: skip


def _han_value(signs: str) -> frozenset[Decimal]:
    if "①" <= signs <= "⑳":
        return frozenset({Decimal(ord(signs) - ord("①") + 1)})
    total = section = digit = 0
    for sign in signs:
        if sign in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[sign] if digit else _HAN_DIGITS[sign]
            continue
        scale = _HAN_SCALES[sign][0]
        if scale < 10**4:
            section += (digit or 1) * scale
        else:
            total = (total + section + digit or 1) * scale
            section = 0
        digit = 0
    return frozenset({Decimal(total + section + digit)})


def _shared(text: str, quantities: list[Quantity]) -> list[Quantity]:
    """Let `7` of `7 to 70 billion` or `91.2 and 85.3%` share what stands behind the last."""
    for place in range(len(quantities) - 2, -1, -1):
        one, following = quantities[place], quantities[place + 1]
        if not (one.written and following.written) or one.scaled or one.percent:
            continue
        if not _RANGE.fullmatch(text, one.stop, following.start):
            continue
        values = one.values
        if following.scaled:
            factors = _factors(text, following)
            values = values | {value * factor for value in values for factor in factors}
        quantities[place] = replace(
            one, values=values, percent=following.percent, unit=one.unit or following.unit
        )
    return quantities


def _factors(text: str, scaled: Quantity) -> set[Decimal]:
    figures = re.match(r"[-−–]?\s?\d+(?:[.,]\d+)?", text[scaled.start :])
    if not figures:
        return set()
    number = abs(Decimal(re.sub(r"[-−–\s]", "", figures[0]).replace(",", ".")))
    return {abs(value) / number for value in scaled.values if number}


def _word_value(
    word: str, words: Mapping[str, Decimal], stems: Mapping[str, Decimal]
) -> Decimal | None:
    small = word.casefold()
    if small in words:
        return words[small]
    bare = small.rstrip(".")
    if bare in words:
        return words[bare]
    one, und, tens = bare.partition("und")
    if und and one and tens and {one, tens} <= {*(stem for stem in stems), "acht"}:
        return (stems.get(one) or words["acht"]) + stems[tens]
    # The longest stem first: `zwölf` is not `zw`.
    return next((stems[bare[:n]] for n in range(len(bare), 1, -1) if bare[:n] in stems), None)


@lru_cache(maxsize=64)
def _words(language: str) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    table = (files("bot.translation.checks") / "number_words.csv").read_text(encoding="utf-8")
    words: dict[str, Decimal] = {}
    stems: dict[str, Decimal] = {}
    for row in csv.DictReader(table.splitlines()):
        if row["language"] == language:
            for word in row["words"].split():
                target = stems if word.endswith("*") else words
                target[word.rstrip("*").casefold()] = Decimal(row["value"])
    # Ordered for Thai, which is searched from the longest.
    return dict(sorted(words.items(), key=lambda item: -len(item[0]))), stems

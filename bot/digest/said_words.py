"""Words that people write behind /digest, in its short forms: "last 2 weeks", 7天, "en inglés"."""

import re
from collections.abc import Iterable, Iterator
from functools import partial

from bot.regex.lazy_pattern import lazily
from bot.translation.languages import LANGUAGES

_UNITS = (
    (r"days?|d[ií]as?|天|日", 1),
    (r"weeks?|semanas?|星期|周", 7),
    (r"months?|mes(?:es)?|月", 30),
)
_NUMBERS = {"": 1, "一": 1, "两": 2, "二": 2, "三": 3}
_SPANS = [
    (
        lazily(rf"(?<![\w-])(\d{{1,3}}|[一两二三]|) ?个?(?:{unit})(?![a-zíé])", re.IGNORECASE),
        days,
    )
    for unit, days in _UNITS
]
_AROUND = lazily(
    r"(?<![\w-])(?:today|hoy|all|everything|todos?|the|last|past|this|from|los|las|el|la"
    r"|últim[oa]s?|est[ea]|please|papers?|topics?)(?![\w-])"
    r"|今天|今日|最近|近|过去|本|这|上一?个?|全部|所有|的|论文|主题|用",
    re.IGNORECASE,
)
_TODAY = lazily(r"(?<![\w-])(?:today|hoy)(?![\w-])|今天|今日", re.IGNORECASE)
_CALLED = {
    "en": "english|inglés|ingles|英文|英语|原文",
    "zh-CN": "chinese|chino|中文|汉语",
    "es": "spanish|español|espanol|西班牙[语文]",
    "fr": "french|francés|法[语文]",
    "de": "german|alemán|德[语文]",
    "ja": "japanese|japonés|日[语文]",
}


def short_forms(words: str, languages: Iterable[str]) -> list[str]:
    """Return words with days and languages as `/digest` has them, without what stands around."""
    for code, names in _names(languages):
        called = rf"(?<![a-z-])(?:(?:in|en) )?(?:{names})(?![a-z])"
        words = re.sub(called, f" {code} ", words, flags=re.IGNORECASE)
    words = _AROUND.sub(" ", _TODAY.sub(" 1d ", words))
    for pattern, days in _SPANS:
        words = pattern.sub(partial(_in_days, days), words)
    return words.split()


def _in_days(days: int, found: re.Match[str]) -> str:
    return f" {int(_NUMBERS.get(found[1], found[1])) * days}d "


def _names(languages: Iterable[str]) -> Iterator[tuple[str, str]]:
    for code in languages:
        language = LANGUAGES.get(code)
        own = [language.name, language.english] if language else []
        yield code, "|".join([*map(re.escape, own), _CALLED.get(code, code)])

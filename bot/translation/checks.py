"""Validation: an answer is a translation, and no echo, error page, quota notice or loop."""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from bot.translation import numbers
from bot.translation.boilerplate import is_chatter, is_notice
from bot.translation.hanzi import is_of_the_other_kind
from bot.translation.languages import LANGUAGES, Script
from bot.translation.untouchable import spans


class Reject(StrEnum):
    """Why an answer is no translation."""

    EMPTY = "empty"
    NOTICE = "notice"
    """An error or quota page, passed off as a translation."""
    CHATTER = "chatter"
    """A language model talks beside its translation, or instead."""
    ECHO = "echo"
    PLACEHOLDERS = "placeholders"
    """Something untouchable is missing, or there is more of it than in the source."""
    NUMBERS = "numbers"
    SCRIPT = "script"
    LENGTH = "length"
    UNTRANSLATED = "untranslated"
    """A long run of the source was left as it is."""
    LOOP = "loop"


class Rejected(Exception):  # noqa: N818 - it is named by what happened
    """An answer that must be neither stored nor shown."""

    def __init__(self, reason: Reject) -> None:
        super().__init__(reason.value)
        self.reason = reason


_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTERS: dict[Script, str] = {
    Script.LATIN: r"a-zA-Z\u00aa-\u024f\u1e00-\u1eff",
    Script.HAN: _HAN,
    Script.JAPANESE: rf"\u3041-\u30ff{_HAN}",
    Script.HANGUL: r"\u1100-\u11ff\uac00-\ud7af",
    Script.CYRILLIC: r"\u0400-\u052f",
    Script.GREEK: r"\u0370-\u03ff\u1f00-\u1fff",
    Script.ARMENIAN: r"\u0530-\u058f",
    Script.GEORGIAN: r"\u10a0-\u10ff",
    Script.HEBREW: r"\u0590-\u05ff",
    Script.ARABIC: r"\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
    Script.DEVANAGARI: r"\u0900-\u097f",
    Script.BENGALI: r"\u0980-\u09ff",
    Script.TAMIL: r"\u0b80-\u0bff",
    Script.TELUGU: r"\u0c00-\u0c7f",
    Script.THAI: r"\u0e00-\u0e7f",
}
_WITHOUT_SPACES = {Script.HAN, Script.JAPANESE, Script.THAI}
_WORD_OF = {
    script: re.compile(f"[{letters}]" if script in _WITHOUT_SPACES else f"[{letters}]+")
    for script, letters in _LETTERS.items()
}
_KANA = re.compile(r"[\u3041-\u30ff]")
# Of the scripts above with their vowel signs, and of any other.
_ANY_WORD = re.compile("|".join([*(word.pattern for word in _WORD_OF.values()), r"[^\W\d_]+"]))
_LATIN_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")

_LEAST_SHARE = 0.55
"""Of a translation's words, so many are in its script; names and acronyms are the others."""
_LENGTH_RATIO = {
    Script.HAN: (0.12, 1.0),
    Script.JAPANESE: (0.2, 1.4),
    Script.HANGUL: (0.2, 1.4),
}
_USUAL_RATIO = (0.5, 2.2)
_ENOUGH_CHARS = 60
"""Of shorter texts length says nothing."""
_ENOUGH_WORDS = 4
"""A title of fewer words may rightly be the same in both languages."""
_FOREIGN_RUN = 7
_SAME_RUN = 12
"""Words of the source in a row, in another script and in the same."""
_ECHO_SHARE = 0.75

_LOOP = re.compile(r"(.{8,120}?)\1{3,}|(\w[\w\s]{0,6}?)\2{9,}", re.DOTALL)
_ADDRESS = re.compile(
    r"www\.|[\w.+-]+@[\w-]|(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|me|dev|app)\b",
    re.IGNORECASE,
)


def check(source: str, translated: str, *, language: str) -> None:
    """Validate a translation of an English source into one of `LANGUAGES`.

    Raises:
        Rejected: it is none, or none to be trusted.

    """
    script = LANGUAGES[language].script
    if not translated.strip():
        raise Rejected(Reject.EMPTY)
    refuse_notices(source, translated)
    source_spans = list(spans(source))
    _check_untouchables(source, source_spans, translated)
    source_prose, prose = _prose(source, source_spans), _prose(translated, spans(translated))
    _check_echo(source_prose, prose)
    _check_script(source_prose, prose, script, language)
    _check_length(source_prose, prose, script)
    untouchables = [source[start:stop] for start, stop in source_spans]
    if numbers.changed(source_prose, untouchables, translated):
        raise Rejected(Reject.NUMBERS)
    _check_runs(source_prose, prose, script)
    if _loops(prose) and not _loops(source_prose):
        raise Rejected(Reject.LOOP)


def refuse_notices(source: str, answer: str) -> None:
    """Accept any answer, also to a piece of a text, but what engines say in place of one.

    Raises:
        Rejected: with Reject.NOTICE or Reject.CHATTER.

    """
    if is_notice(source, answer):
        raise Rejected(Reject.NOTICE)
    if is_chatter(source, answer):
        raise Rejected(Reject.CHATTER)


def _check_untouchables(source: str, places: list[tuple[int, int]], translated: str) -> None:
    wanted = Counter(source[start:stop] for start, stop in places)
    for original, times in wanted.items():
        # `5%` is not in `15%`, nor an address in a longer one.
        whole = _whole(original)
        if translated.count(original) < times or (
            len(whole.findall(translated)) < min(times, len(whole.findall(source)))
        ):
            raise Rejected(Reject.PLACEHOLDERS)
    for sign in ("⟦", "⟧", "$", "http", "\\"):
        if translated.count(sign) > source.count(sign):
            raise Rejected(Reject.PLACEHOLDERS)
    known = source.casefold()
    if any(address[0].casefold() not in known for address in _ADDRESS.finditer(translated)):
        raise Rejected(Reject.PLACEHOLDERS)


@lru_cache(maxsize=128)
def _whole(original: str) -> re.Pattern[str]:
    before = "(?<![A-Za-z0-9])" if original[:1].isalnum() else ""
    after = "(?![A-Za-z0-9])" if original[-1:].isalnum() else ""
    if "://" in original or original.startswith("www."):
        after = "(?![A-Za-z0-9/_-])"
    return re.compile(before + re.escape(original) + after)


def _check_echo(source: str, translated: str) -> None:
    before, after = (
        _LATIN_WORD.findall(source.casefold()),
        _LATIN_WORD.findall(translated.casefold()),
    )
    if len(before) < _ENOUGH_WORDS:
        # One word may be a name that stays as it is.
        if len(before) > 1 and before == after:
            raise Rejected(Reject.ECHO)
        return
    pairs = Counter(pairwise(before))
    kept = (pairs & Counter(pairwise(after))).total()
    if kept >= _ECHO_SHARE * pairs.total():
        raise Rejected(Reject.ECHO)


def _check_script(source: str, translated: str, script: Script, language: str) -> None:
    if len(_ANY_WORD.findall(source)) < _ENOUGH_WORDS:
        return
    words = len(_ANY_WORD.findall(translated))
    right = len(_WORD_OF[script].findall(translated))
    if not right or right < _LEAST_SHARE * words:
        raise Rejected(Reject.SCRIPT)
    # Long Japanese has kana, Chinese has none.
    kana = len(_KANA.findall(translated))
    if language == "ja" and len(translated) > _ENOUGH_CHARS and kana < 0.1 * right:
        raise Rejected(Reject.SCRIPT)
    if script is Script.HAN and kana > 0.1 * right:
        raise Rejected(Reject.SCRIPT)
    if is_of_the_other_kind(translated, language):
        raise Rejected(Reject.SCRIPT)


def _check_length(source: str, translated: str, script: Script) -> None:
    length = len(source)
    if length < _ENOUGH_CHARS:
        return
    least, most = _LENGTH_RATIO.get(script, _USUAL_RATIO)
    if not least * length <= len(translated) <= most * length:
        raise Rejected(Reject.LENGTH)


def _check_runs(source: str, translated: str, script: Script) -> None:
    longest = _SAME_RUN if script is Script.LATIN else _FOREIGN_RUN
    words = " ".join(_LATIN_WORD.findall(source.casefold()))
    for run in re.findall(r"[A-Za-z][A-Za-z'’\- ]*", translated):
        found = _LATIN_WORD.findall(run.casefold())
        for start in range(len(found) - longest + 1):
            if " ".join(found[start : start + longest]) in words:
                raise Rejected(Reject.UNTRANSLATED)


def _loops(text: str) -> bool:
    # The expression takes milliseconds, counting does not: a loop has eight signs four times.
    often = Counter(text[start : start + 8] for start in range(len(text) - 7)).most_common(1)
    return bool(often and often[0][1] > 3 and _LOOP.search(text))  # noqa: PLR2004 - as in _LOOP


def _prose(text: str, places: Iterable[tuple[int, int]]) -> str:
    """Return what is left for a translator to do."""
    pieces: list[str] = []
    end = 0
    for start, stop in places:
        pieces.append(text[end:start])
        end = stop
    pieces.append(text[end:])
    return " ".join(" ".join(pieces).split())

"""Validation: an answer is a translation, and no echo, error page, quota notice or loop."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from bot.translation import glossary
from bot.translation.checks import denials, numbers, sentences
from bot.translation.checks.boilerplate import is_chatter, is_notice
from bot.translation.checks.hanzi import is_of_the_other_kind
from bot.translation.checks.language_profile import (
    is_a_strange_sentence,
    is_clause,
    is_english,
    is_in_another_language,
)
from bot.translation.checks.rejection import Reject, Rejected
from bot.translation.checks.scripts import KANA, any_word, has_strange_letters, word_of
from bot.translation.languages import LANGUAGES, Script
from bot.translation.text.names import names, pattern_of
from bot.translation.text.untouchable import Kind, Piece, pieces, spans

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
_SMALL_RUN = 6
"""Words of the source in a row: in another script, in the same, and there in small letters."""
_ECHO_SHARE = 0.75

_BLANK = "¤"
_NUMBERED = re.compile(r"\d[\d.,]*(?:[kKMBT]|bn|D|D[oO]F)?[-‐–][^\W\d_]")
_MOST_LEFTOVERS = 4
_LEFTOVER = re.compile(r"(?<![\w-])[a-z]{4,}(?![\w-])")
_SMALL_WORD = re.compile(r"(?<![\w-])[a-zà-ÿ]{3,}(?![\w-])")
_MOST_HAN = 10
_QUOTED = re.compile(r"[\"“「『«][^\"“”「」『』«»]{3,300}[\"”」』»]|``.{3,300}?''")
_IN_BRACKETS = re.compile(r"[(（][\x20-\x7e]{3,200}?[)）]")

_LOOP = re.compile(r"(.{8,120}?)\1{3,}|(\w[\w\s]{0,6}?)\2{9,}", re.DOTALL)
_ADDRESS = re.compile(
    r"www\.|[\w.+-]+@[\w-]|(?<![\w.@-])(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|me|dev|app)\b",
    re.IGNORECASE,
)


def check(source: str, translated: str, *, language: str, title: str = "") -> None:
    """Validate a translation of an English source into one of `LANGUAGES`.

    title: that of the paper which the source is of, for its name.

    Raises:
        Rejected: it is none, or none to be trusted.

    """
    script = LANGUAGES[language].script
    if not translated.strip():
        raise Rejected(Reject.EMPTY)
    refuse_notices(source, translated)
    known = list(pieces(source))
    _check_untouchables(source, known, translated)
    own_names = names(source, title=title)
    _check_names(source, known, own_names, translated)
    places = [(start, stop) for _kind, start, stop in known]
    source_prose, prose = _prose(source, places), _prose(translated, spans(translated))
    said, answered = without(source_prose, {*own_names}), without(prose, {*own_names})
    if len(_LATIN_WORD.findall(said)) > 1 and not any(map(str.isalpha, answered)):
        raise Rejected(Reject.EMPTY)
    _check_echo(source_prose, prose)
    _check_language(source, source_prose, prose, script, language)
    _check_length(source_prose, prose, script)
    kept = {source[start:stop] for kind, start, stop in known if kind is not Kind.NUMBER}
    if numbers.changed(
        without(source, {*kept, *own_names}), without(translated, {*kept, *own_names}),
        language=language, kept=" ".join(kept),
    ):  # fmt: skip
        raise Rejected(Reject.NUMBERS)
    if _loops(prose) and not _loops(source_prose):
        raise Rejected(Reject.LOOP)
    _check_runs(source_prose, prose, script)
    _check_sentences(_shortened(source, kept), _shortened(translated, kept), language)
    if glossary.is_mistaken(source, translated, language):
        raise Rejected(Reject.TERM)


def check_language(source: str, text: str, *, language: str) -> None:
    """Accept a text of any length about an English source, if it is in this language.

    Raises:
        Rejected: with Reject.SCRIPT or Reject.UNTRANSLATED.

    """
    source_prose, prose = _prose(source, spans(source)), _prose(text, spans(text))
    _check_language(source, source_prose, prose, LANGUAGES[language].script, language)


def refuse_notices(source: str, answer: str) -> None:
    """Accept any answer, also to a piece of a text, but what engines say in place of one.

    Raises:
        Rejected: with Reject.NOTICE or Reject.CHATTER.

    """
    if is_notice(source, answer):
        raise Rejected(Reject.NOTICE)
    if is_chatter(source, answer):
        raise Rejected(Reject.CHATTER)


def _check_untouchables(source: str, known: list[Piece], translated: str) -> None:
    wanted = Counter(source[start:stop] for kind, start, stop in known if kind is Kind.HARD)
    for original, times in wanted.items():
        # An address is not in a longer one. Spaces around a sign are typography.
        whole = _whole(original)
        if len(whole.findall(translated)) < min(times, len(whole.findall(source))):
            raise Rejected(Reject.PLACEHOLDERS)
    for sign in ("⟦", "⟧", "$", "http", "\\"):
        if translated.count(sign) > source.count(sign):
            raise Rejected(Reject.PLACEHOLDERS)
    lower = source.casefold()
    if any(address[0].casefold() not in lower for address in _ADDRESS.finditer(translated)):
        raise Rejected(Reject.PLACEHOLDERS)


def _check_names(
    source: str, known: list[Piece], own_names: tuple[str, ...], translated: str
) -> None:
    """Refuse where a name is not there to the letter; once is enough."""
    found = {source[start:stop] for kind, start, stop in known if kind is Kind.NAME}
    # Languages have other plurals.
    found = {name.removesuffix("s") if name[-2:-1].isupper() else name for name in found}
    if any(not pattern_of(name).search(translated) for name in {*found, *own_names}):
        raise Rejected(Reject.PLACEHOLDERS)


def without(text: str, kept: set[str]) -> str:
    """Return a text with signs for what is kept, and for identifiers of its own.

    With nothing in its place, `BERT-2` would leave a number below zero.
    """
    for original in sorted(kept, key=len, reverse=True):
        text = _whole(original).sub(_BLANK, text)
    blanked: list[str] = []
    end = 0
    for kind, start, stop in pieces(text):
        # `8B-Modell` is a number and a word.
        if kind is not Kind.NUMBER and not _NUMBERED.match(text, start):
            blanked += (text[end:start], _BLANK)
            end = stop
    return "".join([*blanked, text[end:]])


def _shortened(text: str, kept: set[str]) -> str:
    """Return a text in which what is kept is as short in every language, and ends no sentence."""
    for original in sorted(kept, key=len, reverse=True):
        text = text.replace(original, "⟦0⟧")
    return text


@lru_cache(maxsize=128)
def _whole(original: str) -> re.Pattern[str]:
    before = "(?<![A-Za-z0-9])" if original[:1].isalnum() else ""
    after = "(?![A-Za-z0-9])" if original[-1:].isalnum() else ""
    if "://" in original or original.startswith("www."):
        after = "(?![A-Za-z0-9/_-])"
    written = re.escape(original)
    if re.search(r"[<>=≤≥≈]", original) and not re.search(r"[\\$]", original):
        written = r"\s?".join(
            re.sub(r"(?<=\d)\\\.(?=\d)", "[.,]", re.escape(part))
            for part in re.findall(r"[\w.,%^{}+-]+|[^\s\w]", original)
        )
    return re.compile(before + written + after)


def _check_echo(source: str, translated: str) -> None:
    before, after = (
        _LATIN_WORD.findall(source.casefold()),
        _LATIN_WORD.findall(translated.casefold()),
    )
    if len(before) < _ENOUGH_WORDS:
        # One word may be a name that stays as it is, and two with capitals: `Segment Anything`.
        is_name = len(before) == 2 and all(word.istitle() for word in source.split())  # noqa: PLR2004
        if len(before) > 1 and before == after and not (is_name and before[0] != "the"):
            raise Rejected(Reject.ECHO)
        return
    pairs = Counter(pairwise(before))
    kept = (pairs & Counter(pairwise(after))).total()
    if kept >= _ECHO_SHARE * pairs.total():
        raise Rejected(Reject.ECHO)


def _check_language(
    whole_source: str, source: str, translated: str, script: Script, language: str
) -> None:
    if len(any_word().findall(source)) < _ENOUGH_WORDS:
        return
    words = len(any_word().findall(translated)) - _names_among(source, translated)
    right = len(word_of(script).findall(translated))
    if not right or right < _LEAST_SHARE * words:
        raise Rejected(Reject.SCRIPT)
    if has_strange_letters(whole_source, translated, script):
        raise Rejected(Reject.SCRIPT)
    # Long Japanese has kana, Chinese has none.
    kana = len(KANA.findall(translated))
    if language == "ja" and len(translated) > _ENOUGH_CHARS and kana < 0.1 * right:
        raise Rejected(Reject.SCRIPT)
    if script is Script.HAN and kana > 0.1 * right:
        raise Rejected(Reject.SCRIPT)
    if is_of_the_other_kind(translated, language) or is_in_another_language(translated, language):
        raise Rejected(Reject.SCRIPT)
    outside = _QUOTED.sub(" ", translated) if _QUOTED.search(whole_source) else translated
    _check_each_sentence(source, outside, script, language)


def _check_each_sentence(source: str, outside: str, script: Script, language: str) -> None:
    """Refuse where one sentence among others is in another language; quotations may be."""
    said = sentences.split(outside)
    if any(
        is_of_the_other_kind(one, language)
        or is_a_strange_sentence(one, language)
        or (language == "ja" and KANA.search(outside) and _is_chinese(one))
        for one in said
    ):
        raise Rejected(Reject.SCRIPT)
    if any(is_english(one, language) for one in said):
        raise Rejected(Reject.UNTRANSLATED)
    if script is not Script.LATIN and (
        _has_leftovers(source, _IN_BRACKETS.sub(" ", outside))
        or any(_is_in_letters(one, script) for one in said)
    ):
        raise Rejected(Reject.UNTRANSLATED)


def _names_among(source: str, translated: str) -> int:
    """Count words in Latin letters that the source writes with a capital too."""
    theirs = set(re.findall(r"\b[A-Z]\w*", source))
    return sum(word in theirs for word in re.findall(r"[A-Za-z]\w*", translated))


def _has_leftovers(source: str, translated: str) -> bool:
    """Say whether English words of the source stand in a text of another script."""
    theirs = set(_LEFTOVER.findall(source))
    return sum(word in theirs for word in _LEFTOVER.findall(translated)) >= _MOST_LEFTOVERS


def _is_chinese(sentence: str) -> bool:
    """Say whether a sentence of some length has no kana; among Japanese ones it is another's."""
    return len(word_of(Script.HAN).findall(sentence)) >= _MOST_HAN and not KANA.search(sentence)


def _is_in_letters(sentence: str, script: Script) -> bool:
    """Say whether a sentence is a transcription, or in a language that has nothing to do here."""
    words = _SMALL_WORD.findall(sentence)
    return len(words) > _ENOUGH_WORDS and not word_of(script).search(sentence)


def _check_sentences(source: str, translated: str, language: str) -> None:
    if sentences.are_repeated(source, translated):
        raise Rejected(Reject.LOOP)
    if sentences.are_missing(source, translated, language=language):
        raise Rejected(Reject.LENGTH)
    if denials.are_lost(source, translated, language=language):
        raise Rejected(Reject.LENGTH)


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
    if _QUOTED.search(source):
        translated = _QUOTED.sub(" ", translated)
    translated = _IN_BRACKETS.sub(" ", translated) if script is not Script.LATIN else translated
    if script is Script.LATIN and any(
        one in translated and len(_LEFTOVER.findall(one)) >= _ENOUGH_WORDS
        for one in sentences.split(source)
    ):
        raise Rejected(Reject.UNTRANSLATED)
    for run in re.findall(r"[A-Za-z][A-Za-z'’\- ]*", translated):
        found = _LATIN_WORD.findall(run.casefold())
        if script is not Script.LATIN and is_clause(found) and " ".join(found) in words:
            raise Rejected(Reject.UNTRANSLATED)
        if run in source and _is_a_name(run):
            continue
        if script is Script.LATIN and _has_small_run(run, words):
            raise Rejected(Reject.UNTRANSLATED)
        for start in range(len(found) - longest + 1):
            if " ".join(found[start : start + longest]) in words:
                raise Rejected(Reject.UNTRANSLATED)


def _has_small_run(run: str, words: str) -> bool:
    """Say whether words of the source stand in a row that are no name, and not the same in both."""
    found = _LATIN_WORD.findall(run)
    for start in range(len(found) - _SMALL_RUN + 1):
        some = found[start : start + _SMALL_RUN]
        if all(map(str.islower, some)) and " ".join(some) in words:
            return True
    return False


def _is_a_name(run: str) -> bool:
    """Say whether a run of words is written like a name: `Multi Step Planning with Memory`."""
    words = run.split()
    return sum(word[0].isupper() for word in words) >= 0.6 * len(words)


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

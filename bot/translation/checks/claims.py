"""Checks of a claim: what a model says of a paper must stand in the sentences that it cites.

Nothing here understands a sentence. What can be told by form is held against the cited sentences:
numbers, names, acronyms, links, formulas, praise. A false word in plain words passes, a negation
for one; docs/translation.md says so.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from bot.translation.checks import denials, numbers, sentences
from bot.translation.checks.boilerplate import is_chatter, is_notice
from bot.translation.checks.language_profile import is_function_word
from bot.translation.checks.rejection import Rejected
from bot.translation.checks.validation import check_language, without
from bot.translation.languages import LANGUAGES, Script
from bot.translation.text.masking import PLACEHOLDER
from bot.translation.text.untouchable import Kind, pieces


class Doubt(StrEnum):
    """Why a claim is not shown."""

    CITATION = "citation"
    """It cites nothing, or nothing that is there."""
    LENGTH = "length"
    PLACEHOLDER = "placeholder"
    """A formula, link or citation that is none of the cited sentences'."""
    FORMULA = "formula"
    LINK = "link"
    NUMBER = "number"
    NAME = "name"
    LANGUAGE = "language"
    PRAISE = "praise"
    CHATTER = "chatter"
    DENIAL = "denial"


class Doubted(Exception):  # noqa: N818 - it is named by what happened
    """A claim must be neither stored nor shown."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(doubt.value)
        self.doubt = doubt


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a claim is held against."""

    cited: str
    """The sentences that it cites, in English."""
    source: str
    """The whole abstract."""
    translated: str
    """The abstract in the claim's language, which passed its own checks."""
    language: str


_LONGEST = {Script.HAN: 120, Script.JAPANESE: 160, Script.HANGUL: 170}
_USUAL_LONGEST = 300
_SHORTEST = 4
_MOST_SENTENCES = 2
_WITHOUT_CAPITALS = {"zh-CN", "zh-TW", "ja", "ko"}
_LINK = re.compile(r"https?|www\.|://|[\w.+-]+@\w|\b[\w-]+\.(?:com|org|net|io|ai|dev|app|edu|me)\b")
_SIGNS_OF_TEX = frozenset("$\\^_{}`*#@~|")
_LATIN = re.compile(r"[A-Za-z0-9]*[A-Za-z][A-Za-z0-9]*(?:[-_./+'’][A-Za-z0-9]+)*\+*")
_WORD = re.compile(r"[^\W_]+(?:[-'’./+][^\W_]+)*")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]{3,}")
_SENTENCE_STARTS = re.compile(r"(?:^|[.!?…:;]\s+|[¿¡«„“\"(]\s*)([^\W_][\w-]*)")
_ELIDED = re.compile(r"^(?:[ldjmtscnLDJMTSCN]|qu|Qu|dell|nell|sull|all|un|Un|L|Dell|Nell)['’]")
_ACRONYMS: Mapping[str, str] = {"IA": "AI", "KI": "AI", "ИИ": "AI"}
"""Which languages have of their own, and for what they stand."""
_PREFIX = 5
"""Letters that two forms of a word have in common."""


def check_claim(text: str, grounds: Grounds) -> None:
    """Hold a claim, its placeholders filled in, against the sentences that it cites.

    Raises:
        Doubted: something in it is not there.

    """
    cited, language = grounds.cited, grounds.language
    _check_length(text, grounds)
    if is_notice(cited, text) or is_chatter(cited, text):
        raise Doubted(Doubt.CHATTER)
    try:
        check_language(cited, text, language=language)
    except Rejected:
        raise Doubted(Doubt.LANGUAGE) from None
    _check_untouchables(text, cited)
    plain, known = without(text, set()), without(cited, set())
    if numbers.added(known, plain, language=language, kept=_kept(cited)):
        raise Doubted(Doubt.NUMBER)
    _check_names(text, grounds)
    if _praises(text, cited, language):
        raise Doubted(Doubt.PRAISE)
    if denials.are_lost(cited, text, language=language):
        raise Doubted(Doubt.DENIAL)


def _praises(text: str, cited: str, language: str) -> bool:
    """Tell whether a text praises in a way that the cited sentences do not."""
    return any(
        in_text.search(text) and not in_source.search(cited)
        for in_source, in_text in _praise(language)
    )


def is_summarised(language: str) -> bool:
    """Say whether praise is known in a language: where it is not, nothing can be checked."""
    return bool(_praise(language))


def _check_length(text: str, grounds: Grounds) -> None:
    script = LANGUAGES[grounds.language].script
    letters = sum(map(str.isalpha, text))
    too_long = len(text) > _LONGEST.get(script, _USUAL_LONGEST) or "\n" in text.strip()
    if letters < _SHORTEST or too_long or len(sentences.split(text)) > _MOST_SENTENCES:
        raise Doubted(Doubt.LENGTH)


def _check_untouchables(text: str, cited: str) -> None:
    if any(found[0] not in cited for found in _LINK.finditer(text)):
        raise Doubted(Doubt.LINK)
    if PLACEHOLDER.search(text):
        raise Doubted(Doubt.PLACEHOLDER)
    for kind, start, stop in pieces(text):
        written = text[start:stop]
        if kind is Kind.HARD and _squeezed(written) not in _squeezed(cited):
            raise Doubted(Doubt.FORMULA)
        if kind is Kind.NAME and not _stands_in(written, cited):
            raise Doubted(Doubt.NAME)
    if any(sign not in cited and _is_of_formulas(sign) for sign in text):
        raise Doubted(Doubt.FORMULA)


def _is_of_formulas(sign: str) -> bool:
    if sign in _SIGNS_OF_TEX or unicodedata.category(sign) == "Sm":
        return True
    name = unicodedata.name(sign, "")
    return name.startswith(("SUPERSCRIPT", "SUBSCRIPT", "GREEK", "MATHEMATICAL"))


def _check_names(text: str, grounds: Grounds) -> None:
    if grounds.language in _WITHOUT_CAPITALS:
        strange = [word for word in _LATIN.findall(text) if not _stands_in(word, grounds.cited)]
        foreign = [run for run in _KATAKANA.findall(text) if run not in grounds.translated]
        if strange or foreign:
            raise Doubted(Doubt.NAME)
        return
    starts = {match.start(1) for match in _SENTENCE_STARTS.finditer(text)}
    for match in _WORD.finditer(text):
        word = _ELIDED.sub("", match[0])
        if _looks_like_a_name(word) and not _is_explained(word, grounds, match.start() in starts):
            raise Doubted(Doubt.NAME)


def _looks_like_a_name(word: str) -> bool:
    has_digit = any(map(str.isdigit, word)) and any(map(str.isalpha, word))
    return has_digit or any(map(str.isupper, word))


def _is_explained(word: str, grounds: Grounds, starts_sentence: bool) -> bool:  # noqa: FBT001
    if _stands_in(word, grounds.cited):
        return True
    if word in _ACRONYMS and _stands_in(_ACRONYMS[word], grounds.cited):
        return True
    # A name of another sentence is none of these.
    if _stands_in(word, grounds.source) and word.casefold() != word:
        is_plain = word[1:].islower() and re.search(rf"\b{word.lower()}", grounds.source)
        if not (starts_sentence and is_plain):
            return False
    if not word[1:].islower():
        return False  # an acronym, or a name with a capital or digit inside
    may_be_plain = starts_sentence or grounds.language == "de"
    if may_be_plain and is_function_word(word, grounds.language):
        return True
    said = grounds.translated if not may_be_plain else grounds.translated.casefold()
    return _has_form_of(word if not may_be_plain else word.casefold(), said)


def _has_form_of(word: str, text: str) -> bool:
    return any(
        other == word or (len(word) >= _PREFIX and other.startswith(word[:_PREFIX]))
        for other in _WORD.findall(text)
    )


def _stands_in(word: str, text: str) -> bool:
    """Say whether a word, or each of the parts that a hyphen joins, stands in a text as one."""
    known = {one.casefold().removesuffix("'s").removesuffix("’s") for one in _all_words(text)}
    lower = word.casefold()
    if lower in known or f"{lower}s" in known or lower.removesuffix("s") in known:
        return True
    parts = [part for part in re.split(r"[-/]", lower) if part]
    return len(parts) > 1 and all(part in known for part in parts)


def _all_words(text: str) -> Iterable[str]:
    for word in _WORD.findall(text):
        yield word
        yield from re.split(r"[-/.]", word)
    for word in _LATIN.findall(text):
        yield word


def _kept(cited: str) -> str:
    return " ".join(
        cited[start:stop] for kind, start, stop in pieces(cited) if kind is not Kind.NUMBER
    )


def _squeezed(text: str) -> str:
    return "".join(text.split())


@lru_cache
def _praise(language: str) -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    table = (files("bot.translation.checks") / "praise.csv").read_text(encoding="utf-8")
    column = language.partition("-")[0]
    return [
        (re.compile(row["en"], re.IGNORECASE), re.compile(row[column], re.IGNORECASE))
        for row in csv.DictReader(table.splitlines())
        if column in row
    ]

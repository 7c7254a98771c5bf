"""Glossary: how a field's terms are said in a language, and words that they are mistaken for.

One CSV a language: `english,term,wrong,unless`. `wrong` are words, between semicolons, that no
translation has for the term, except where the source speaks of what `unless` says (an expression):
a transformer of a substation is a 变压器. Operators add files of their own, whose rows come first.
"""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

_MOST = 24
"""Terms that a model is told of with one text."""
_WITHOUT_ENDINGS = {"zh-CN", "zh-TW", "ja", "ko"}


@dataclass(frozen=True, slots=True)
class Term:
    """A term in English and in a language."""

    english: str
    term: str
    wrong: tuple[str, ...] = ()
    unless: str = ""

    def applies(self, source: str) -> bool:
        """Say whether a text does not speak of another thing of that name."""
        return not self.unless or not re.search(self.unless, source, re.IGNORECASE)

    def mistaken(self, source: str, translated: str) -> list[str]:
        """Return the wrong words in a translation of a text in which the term stands."""
        if not self.applies(source):
            return []
        there = translated.casefold()
        return [word for word in self.wrong if word.casefold() in there]


def occurring(source: str, language: str, *, folder: Path | None = None) -> list[Term]:
    """Return the terms of a language that stand in an English text, the longest first."""
    terms, pattern = _glossary(language, folder)
    if pattern is None:
        return []
    found = {match[1].casefold() for match in pattern.finditer(source)}
    longest_first = sorted(found, key=lambda name: (-len(name), name))
    return [terms[name] for name in longest_first if terms[name].applies(source)]


def certain(language: str, folder: Path | None = None) -> dict[str, str]:
    """Return the terms of a language that mean one thing in every text."""
    terms, _ = _glossary(language, folder)
    plain = re.compile(r"[^\t\r\n]+")
    return {
        english: term.term
        for english, term in sorted(terms.items())
        if not term.unless and plain.fullmatch(english) and plain.fullmatch(term.term)
    }


def in_english(words: str, language: str) -> str | None:
    """Return the English term that words of a language are, whatever their number."""
    wanted = _singular(words)
    terms, _pattern = _glossary(language, None)
    return next((term.english for term in terms.values() if _singular(term.term) == wanted), None)


def told(terms: Sequence[Term]) -> tuple[tuple[str, str], ...]:
    """Return what an engine is told of terms."""
    return tuple((term.english, term.term) for term in terms[:_MOST])


def mended(source: str, translated: str, language: str, terms: Sequence[Term]) -> str:
    """Return a translation with the right words for the wrong ones, where words have no endings."""
    if language not in _WITHOUT_ENDINGS:
        return translated
    for term in terms:
        for word in term.mistaken(source, translated):
            translated = translated.replace(word, term.term)
    return translated


def is_mistaken(source: str, translated: str, language: str) -> bool:
    """Tell whether a term was mistaken for another thing's name."""
    return any(term.mistaken(source, translated) for term in occurring(source, language))


def _singular(words: str) -> str:
    """Return words without accents, and without the endings of a Spanish plural."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.sub(r"(?<=\w{3})(?:e?s)$", "", word) for word in bare.split())


@lru_cache(maxsize=64)
def _glossary(language: str, folder: Path | None) -> tuple[dict[str, Term], re.Pattern[str] | None]:
    known = files("bot.translation") / "glossaries" / f"{language}.csv"
    tables = [known.read_text(encoding="utf-8")] if known.is_file() else []
    if folder is not None and (own := folder / f"{language}.csv").is_file():
        tables.append(own.read_text(encoding="utf-8-sig"))
    terms: dict[str, Term] = {}
    for table in tables:
        for row in csv.DictReader(table.splitlines()):
            english, term = (row.get("english") or "").strip(), (row.get("term") or "").strip()
            if english and term:
                wrong = tuple(filter(None, (row.get("wrong") or "").split(";")))
                terms[english.casefold()] = Term(english, term, wrong, row.get("unless") or "")
    if not terms:
        return {}, None
    longest_first = sorted(map(re.escape, terms), key=len, reverse=True)
    return terms, re.compile(rf"\b({'|'.join(longest_first)})(?:e?s)?\b", re.IGNORECASE)

"""Languages that abstracts can be read in, and the codes that each engine has for them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any


class Script(StrEnum):
    """What a language is written with; `bot.translation.checks` knows it by its letters."""

    LATIN = "latin"
    HAN = "han"
    JAPANESE = "japanese"
    HANGUL = "hangul"
    CYRILLIC = "cyrillic"
    GREEK = "greek"
    ARMENIAN = "armenian"
    GEORGIAN = "georgian"
    HEBREW = "hebrew"
    ARABIC = "arabic"
    DEVANAGARI = "devanagari"
    BENGALI = "bengali"
    TAMIL = "tamil"
    TELUGU = "telugu"
    THAI = "thai"


@dataclass(frozen=True, slots=True)
class Language:
    """One language; an engine's code is None where the engine does not have the language."""

    code: str
    """Ours: an IETF tag, as stored in `Chat.language`."""
    name: str
    """In the language itself."""
    english: str
    script: Script
    google: str | None
    """As in `GOOGLE_LANGUAGES_TO_CODES` of deep_translator.constants."""
    mymemory: str | None
    """As in `MY_MEMORY_LANGUAGES_TO_CODES` of deep_translator.constants."""
    libre: str | None
    """As LibreTranslate's `/languages` has it where the model is installed; `zh` and `zt` are
    understood by old servers and, as aliases of `zh-Hans` and `zh-Hant`, by new ones."""
    microsoft: str | None
    """As in https://learn.microsoft.com/azure/ai-services/translator/language-support; `pt` is
    Brazil's."""
    deepl: str | None
    """As in https://developers.deepl.com/docs/getting-started/supported-languages, without what is
    in beta there."""


def _read() -> Iterator[Language]:
    table = (files("bot.translation") / "languages.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines()):
        named: dict[str, Any] = {column: text or None for column, text in row.items()}
        yield Language(**named | {"script": Script(row["script"])})


LANGUAGES: dict[str, Language] = {language.code: language for language in _read()}
"""By our code, in the order in which a person is shown them."""

_SAME = {"iw": "he", "no": "nb", "nn": "nb", "in": "id", "zh": "zh-CN"}
_TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})


def nearest(code: str | None) -> str | None:
    """Return our code for a language tag such as Telegram's `language_code`, or None.

    `zh-hans` gives `zh-CN`, `zh-hant-tw` and `zh-HK` give `zh-TW`, `pt-br` gives `pt`.
    """
    subtags = (code or "").strip().lower().replace("_", "-").split("-")
    first = subtags[0]
    if first == "zh" and "hans" not in subtags and not _TRADITIONAL.isdisjoint(subtags):
        return "zh-TW"
    known = _SAME.get(first, first)
    return known if known in LANGUAGES else None

import re

import pytest
from babel import Locale
from deep_translator import constants

from bot.translation.languages import LANGUAGES, nearest


def test_there_are_at_least_thirty_languages_and_no_name_twice() -> None:
    assert len(LANGUAGES) >= 30
    assert len({language.name for language in LANGUAGES.values()}) == len(LANGUAGES)
    assert len({language.english for language in LANGUAGES.values()}) == len(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_what_babel_knows_by_its_code(code: str) -> None:
    language = LANGUAGES[code]
    known = Locale.parse(code, sep="-")
    assert known.english_name is not None
    english = {"Bengali": "Bangla"}.get(language.english, language.english)
    assert english.partition(" ")[0] in known.english_name


@pytest.mark.parametrize("code", LANGUAGES)
def test_deep_translator_knows_every_code(code: str) -> None:
    language = LANGUAGES[code]
    if language.google:
        assert language.google in constants.GOOGLE_LANGUAGES_TO_CODES.values()
    if language.mymemory:
        assert language.mymemory in constants.MY_MEMORY_LANGUAGES_TO_CODES.values()
    libre = constants.LIBRE_LANGUAGES_TO_CODES
    if language.libre in libre.values():
        assert libre[language.english.removesuffix(" (simplified)")] == language.libre


def test_no_language_of_deep_translators_libre_table_is_missing() -> None:
    # Irish is in no other engine's good hands; it is left out on purpose.
    ours = {language.libre for language in LANGUAGES.values()}
    assert set(constants.LIBRE_LANGUAGES_TO_CODES.values()) - ours == {"ga"}


def test_google_and_mymemory_speak_every_language() -> None:
    assert all(language.google and language.mymemory for language in LANGUAGES.values())


def test_codes_fit_the_column_that_stores_them() -> None:
    assert all(re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", code) for code in LANGUAGES)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-hans", "zh-CN"),
        ("zh-hant-tw", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh_TW", "zh-TW"),
        ("zh-hans-hk", "zh-CN"),
        ("zh", "zh-CN"),
        ("pt-br", "pt"),
        ("en-us", "en"),
        ("iw", "he"),
        ("no", "nb"),
        ("nn", "nb"),
        ("RU", "ru"),
        (" es-419 ", "es"),
        ("tlh", None),
        ("", None),
        (None, None),
        ("-", None),
    ],
)
def test_telegrams_language_codes_find_ours(tag: str | None, code: str | None) -> None:
    assert nearest(tag) == code


@pytest.mark.parametrize("code", LANGUAGES)
def test_our_own_codes_find_themselves(code: str) -> None:
    assert nearest(code) == code
    assert nearest(code.lower()) == code


DEEPL = (
    "AR BG CS DA DE EL EN ES ET FI FR HE HU ID IT JA KO LT LV NB NL PL PT-BR RO RU SK SL SV TH TR "
    "UK VI ZH-HANS ZH-HANT"
)
"""https://developers.deepl.com/docs/getting-started/supported-languages, of what we have."""

MICROSOFT = (
    "ar az bg bn ca cs da de el en es et fa fi fr he hi hr hu hy id it ja ka kk ko lt lv ms nb nl "
    "pl pt ro ru sk sl sr-Cyrl sv sw ta te th tr uk ur vi zh-Hans zh-Hant"
)
"""https://learn.microsoft.com/azure/ai-services/translator/language-support, of what we have."""


def test_deepls_and_microsofts_codes_are_the_documented_ones() -> None:
    deepl = sorted(language.deepl for language in LANGUAGES.values() if language.deepl)
    assert deepl == sorted(DEEPL.split())
    microsoft = sorted(language.microsoft for language in LANGUAGES.values() if language.microsoft)
    assert microsoft == sorted(MICROSOFT.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_code_of_deepl_or_microsoft_begins_with_the_languages_own(code: str) -> None:
    first = code.partition("-")[0]
    for theirs in (LANGUAGES[code].deepl, LANGUAGES[code].microsoft):
        assert theirs is None or theirs.lower().partition("-")[0] == first


def test_deep_translators_deepl_table_is_covered() -> None:
    ours = {(language.deepl or "").lower().partition("-")[0] for language in LANGUAGES.values()}
    assert set(constants.DEEPL_LANGUAGE_TO_CODE.values()) <= ours

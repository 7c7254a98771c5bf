"""Translations made by hand in ten languages, good and bad: the good are used, the bad are not.

`cases.json` groups them by their source. With `masked` a translation is an engine's answer to the
masked text. `missed` are bad ones that only meaning tells.
"""

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.checks.rejection import Rejected
from bot.translation.checks.validation import check
from bot.translation.engines.engine import Engine
from bot.translation.languages import LANGUAGES, Language
from bot.translation.service import AllEnginesFailed, Translator
from storage.database import Database
from tests.material import shared_data

_SOURCES = json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8"))
_LEAST = {"good": 0.95, "bad": 0.9}


async def _is_used(of: dict[str, Any], made: dict[str, Any], database: Database) -> bool:
    title = of.get("title", "")
    if not of.get("masked"):
        try:
            check(of["source"], made["translation"], language=made["language"], title=title)
        except Rejected:
            return False
        return True

    async def ask(text: str, source: Language, target: Language) -> str:
        del text, source, target
        return str(made["translation"])

    engine = Engine("says", max_chars=10_000, code=lambda of: of.code, ask=ask)
    translator = Translator(engines=[engine], database=database)
    try:
        await translator.translate(of["source"], language=made["language"], title=title)
    except AllEnginesFailed:
        return False
    return True


@pytest.mark.parametrize("kind", ["good", "bad"])
async def test_our_own_cases_are_told_apart(kind: str, database: Database) -> None:
    cases = [(of, made) for of in _SOURCES for made in of[kind]]
    told = [
        await _is_used(of, made, database) is (kind == "good") or "missed" in made
        for of, made in cases
    ]
    wrong = [
        f"{made['language']}: {made['case']}"
        for (_of, made), right in zip(cases, told, strict=True)
        if not right
    ]
    assert not wrong
    missed = sum("missed" in made for _of, made in cases)
    assert missed <= (1 - _LEAST[kind]) * len(cases)
    assert len(cases) >= 200


@pytest.mark.parametrize("kind", ["good", "bad"])
async def test_of_the_handed_cases_nearly_all_are_told_apart(kind: str, database: Database) -> None:
    with shared_data("translation_cases.jsonl").open(encoding="utf-8") as lines:
        cases = [case for case in map(json.loads, lines) if case["kind"] == kind]
    wrong = [
        case["case"]
        for case in cases
        if await _is_used({**case, "masked": "raw" in case}, case, database) is not (kind == "good")
    ]
    assert len(wrong) <= (1 - _LEAST[kind]) * len(cases), wrong


_PIECES = re.findall(
    r"\S+",
    "a The of we 3 12 1.5 million billion 亿 万 % $x$ ⟦0⟧ . ; : ? ! ( ) (1) ① 3D 二维 two thirds "
    "三分之 less than 超过 мы и 。 ， この https://a.org/b <|x|> ** ’ « » — / \\ñ é 한국어 "
    "et al. U.S. -5 °C",
)
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join)


@given(_TEXTS, _TEXTS, st.sampled_from(sorted(LANGUAGES.keys() - {"en"})))
def test_any_answer_to_any_text_is_a_translation_or_rejected(
    source: str, answer: str, language: str
) -> None:
    with suppress(Rejected):
        check(source, answer, language=language, title=source)

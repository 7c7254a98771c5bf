"""A real engine: Debian's apertium, English to Spanish, behind LibreTranslate's interface."""

import asyncio
import re
import shutil
from collections import Counter

import pytest
from tornado.web import RequestHandler

from bot.translation.engines.deep_translator import libre
from bot.translation.service import AllEnginesFailed, Translator
from storage.database import Database
from tests.translation.conftest import Serve

pytestmark = pytest.mark.skipif(
    shutil.which("apertium") is None, reason="needs Debian's apertium and apertium-eng-spa"
)


async def apertium(handler: RequestHandler) -> None:
    assert handler.get_body_argument("target") == "es"
    process = await asyncio.create_subprocess_exec(
        "apertium", "-u", "eng-spa",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    translated, _ = await process.communicate(handler.get_body_argument("q").encode())
    handler.finish({"translatedText": translated.decode().strip()})


@pytest.mark.parametrize("of_each", [2, pytest.param(6, marks=pytest.mark.slow)])
async def test_real_abstracts_come_out_of_a_real_engine_in_spanish_with_everything_kept(
    database: Database, serve: Serve, abstracts: list[str], of_each: int
) -> None:
    translator = Translator(engines=[libre(url=serve(apertium))], database=database, failures=10**6)
    # From both ends: with formulas, and without.
    chosen = [*abstracts[:of_each], *abstracts[-of_each:]]
    outcomes = await asyncio.gather(
        *(translator.translate(abstract, language="es") for abstract in chosen),
        return_exceptions=True,
    )
    refused: Counter[str] = Counter()
    for abstract, outcome in zip(chosen, outcomes, strict=True):
        if isinstance(outcome, AllEnginesFailed):
            refused[str(outcome)] += 1
            continue
        assert not isinstance(outcome, BaseException), outcome
        for url in re.findall(r"https?://[\w./-]*\w", abstract):
            assert url in outcome.text
        for percentage in re.findall(r"(?<![\w.])\d+(?:\.\d+)?\\?%", abstract):
            assert percentage in outcome.text
        assert len(re.findall(r"\b(?:de|que|la|el|los|y|en)\b", outcome.text)) > 5
    assert refused.total() <= 1, refused

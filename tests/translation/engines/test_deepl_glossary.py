"""DeepL gets our terms once, uses them where they occur, and translates without them too."""

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.web import RequestHandler

from bot.translation.engines.deepl import deepl
from bot.translation.engines.engine import Context, Engine
from bot.translation.glossary import certain
from tests.translation.conftest import Serve

TEXT = "We study gauge theory on a lattice."
TERMS = Context(terms=(("gauge theory", "Eichtheorie"),))


class Fake:
    """DeepL's two addresses, as its reference describes them."""

    def __init__(self, *, refuses: str = "") -> None:
        self.stored: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.refuses = refuses

    async def behave(self, handler: RequestHandler) -> None:
        method, path = handler.request.method, handler.request.path
        question = json.loads(handler.request.body or b"{}")
        if path == "/v3/glossaries" and method == "GET":
            handler.finish({"glossaries": self.stored})
        elif path == "/v3/glossaries":
            if self.refuses == "storing":
                handler.set_status(456)
                return
            number = f"id-{len(self.stored)}"
            self.stored.append({**question, "glossary_id": number})
            handler.set_status(201)
            handler.finish(self.stored[-1])
        else:
            assert path == "/v2/translate"
            self.asked.append(question)
            if self.refuses == "using" and "glossary_id" in question:
                handler.set_status(404)
                return
            handler.finish({"translations": [{"text": "Gut."}]})


def engine_at(fake: Fake, serve: Serve) -> Engine:
    return deepl(url=serve(fake.behave) + "/v2", key="k:fx", timeout=5)


async def test_terms_are_stored_once_for_all_languages_that_have_some(serve: Serve) -> None:
    fake = Fake()
    engine = engine_at(fake, serve)
    for target in ("de", "zh-CN", "es"):
        await engine.translate(TEXT, source="en", target=target, context=TERMS)
    assert [one["glossary_id"] for one in fake.asked] == ["id-0"] * 3
    (stored,) = fake.stored
    pairs = {(one["source_lang"], one["target_lang"]) for one in stored["dictionaries"]}
    assert pairs == {("en", "zh"), ("en", "es"), ("en", "de")}
    assert all(one["entries_format"] == "tsv" for one in stored["dictionaries"])
    german = next(one for one in stored["dictionaries"] if one["target_lang"] == "de")
    assert "gauge theory\tEichtheorie" in german["entries"].splitlines()
    # The next start finds it.
    again = deepl(url=serve(fake.behave) + "/v2", key="k:fx", timeout=5)
    await again.translate(TEXT, source="en", target="de", context=TERMS)
    assert len(fake.stored) == 1
    assert fake.asked[-1]["glossary_id"] == "id-0"


@pytest.mark.parametrize(
    ("target", "context"), [("fr", TERMS), ("de", Context())], ids=["no such language", "no term"]
)
async def test_without_terms_nothing_is_stored(target: str, context: Context, serve: Serve) -> None:
    fake = Fake()
    await engine_at(fake, serve).translate(TEXT, source="en", target=target, context=context)
    assert "glossary_id" not in fake.asked[0]
    assert fake.stored == []


@pytest.mark.parametrize(("refuses", "questions"), [("storing", 2), ("using", 3)])
async def test_where_deepl_takes_no_glossary_it_translates_all_the_same(
    refuses: str, questions: int, serve: Serve
) -> None:
    fake = Fake(refuses=refuses)
    engine = engine_at(fake, serve)
    for _ in range(2):
        made = await engine.translate(TEXT, source="en", target="de", context=TERMS)
        assert made == "Gut."
    assert len(fake.asked) == questions
    assert "glossary_id" not in fake.asked[-1]


async def test_where_no_more_can_be_stored_an_older_one_is_used(serve: Serve) -> None:
    fake = Fake(refuses="storing")
    pair = {"source_lang": "EN", "target_lang": "DE", "entry_count": 1}
    fake.stored = [
        {"name": "somebody's", "glossary_id": "theirs", "dictionaries": [pair]},
        {"name": "paperboy-of-old", "glossary_id": "old", "dictionaries": [pair]},
    ]
    await engine_at(fake, serve).translate(TEXT, source="en", target="de", context=TERMS)
    assert fake.asked[0]["glossary_id"] == "old"


async def test_an_operator_s_terms_are_among_them(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "fr.csv").write_text("english,term,wrong,unless\nqubit,qubit,,\n", "utf-8")
    fake = Fake()
    context = Context(terms=TERMS.terms, glossaries=tmp_path)
    await engine_at(fake, serve).translate(TEXT, source="en", target="fr", context=context)
    assert {one["target_lang"] for one in fake.stored[0]["dictionaries"]} == {
        "zh", "es", "de", "fr",
    }  # fmt: skip


def test_words_with_two_meanings_are_not_certain() -> None:
    assert "gauge theory" in certain("de")
    assert "transformer" not in certain("zh-CN")

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.translator import stand_in
from bot.playground.translator.pseudo import LANGUAGES, pseudo_translate
from bot.playground.translator.recorded import RecordedTranslations, UnknownText
from bot.playground.translator.stand_in import FakeLibreTranslate, TranslateCall, TranslatorFault
from tests.few_examples import few_examples

RECORDED = {
    "2401.00001": {
        "en": [
            "We render $x^2 + y$ scenes with 3D-GS, faster than 3DGS (13B).",
            "It gains 4.5% over $k$-means and $x^2 + y$ again.",
            "Code: https://a.org/x_y.",
        ],
        "zh-CN": [
            "我们用 3D-GS 渲染 $x^2 + y$ 场景，比 3DGS（13B）更快。",
            "它比 $k$ 均值提高 4.5%，又一次 $x^2 + y$。",
            "代码：https://a.org/x_y 。",
        ],
        "es": [
            "Con 3D-GS representamos escenas $x^2 + y$ más rápido que 3DGS (13B).",
            "Gana un 4.5% frente a $k$-medias y otra vez $x^2 + y$.",
            "Código: https://a.org/x_y.",
        ],
    },
    "2401.00002": {
        "en": ["Another paper about weather over the sea."],
        "es": ["Otro artículo sobre el tiempo en el mar."],
    },
}
ENGLISH = RECORDED["2401.00001"]["en"]


@pytest.fixture
async def box() -> AsyncIterator[FakeLibreTranslate]:
    standin = FakeLibreTranslate(RECORDED)
    yield standin
    await standin.stop()


async def ask(url: str, **fields: Any) -> httpx.Response:
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        return await client.post(
            f"{url}/translate", json={"source": "en", "target": "es", **fields}
        )


async def test_json_forms_and_queries_are_answered_alike(box: FakeLibreTranslate) -> None:
    url = await box.start()
    fields = {"q": ENGLISH[2], "source": "en", "target": "zh", "format": "text"}
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [
            await client.post(f"{url}/translate", json=fields),
            await client.post(f"{url}/translate", data=fields),
            await client.post(f"{url}/translate", params=fields),
        ]
    assert [answer.json() for answer in answers] == [
        {"translatedText": "代码：https://a.org/x_y 。"}
    ] * 3
    assert box.calls == [TranslateCall(ENGLISH[2], "en", "zh")] * 3


async def test_a_list_of_texts_gets_a_list_of_translations(box: FakeLibreTranslate) -> None:
    answer = await ask(await box.start(), q=[ENGLISH[2], RECORDED["2401.00002"]["en"][0]])
    assert answer.json()["translatedText"] == [
        "Código: https://a.org/x_y.",
        "Otro artículo sobre el tiempo en el mar.",
    ]


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"q": ""}, 400, "Invalid request: missing q parameter"),
        ({"q": "x", "target": ""}, 400, "Invalid request: missing target parameter"),
        ({"q": "x", "target": "tlh"}, 400, "tlh is not supported"),
        ({"q": "x", "format": "pdf"}, 400, "pdf format is not supported"),
        ({"q": "100% unknown"}, 500, "Cannot translate text: it was not recorded"),
    ],
)
async def test_bad_requests_are_refused_as_libretranslate_does(
    fields: dict[str, str], status: int, error: str, box: FakeLibreTranslate
) -> None:
    answer = await ask(await box.start(), **fields)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_a_key_is_asked_for_and_looked_at() -> None:
    box = FakeLibreTranslate(RECORDED, api_key="right")
    url = await box.start()
    assert (await ask(url, q=ENGLISH[2])).status_code == 400
    wrong = await ask(url, q=ENGLISH[2], api_key="wrong")
    assert (wrong.status_code, wrong.json()) == (403, {"error": "Invalid API key"})
    assert (await ask(url, q=ENGLISH[2], api_key="right")).status_code == 200
    await box.stop()


async def test_the_other_pages_say_what_there_is(box: FakeLibreTranslate) -> None:
    url = await box.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        languages = (await client.get(f"{url}/languages")).json()
        settings = (await client.get(f"{url}/frontend/settings")).json()
        detected = (await client.post(f"{url}/detect", data={"q": "Hello"})).json()
    assert [language["code"] for language in languages] == ["en", "es"]
    assert settings["keyRequired"] is False
    assert detected == [{"confidence": 100.0, "language": "en"}]


@pytest.mark.parametrize(
    ("text", "language", "translated"),
    [
        (" ".join(ENGLISH), "zh-CN", "".join(RECORDED["2401.00001"]["zh-CN"])),
        (" ".join(ENGLISH[1:]), "es", " ".join(RECORDED["2401.00001"]["es"][1:])),
        (
            "We render ⟦0⟧ scenes with ⟦1⟧, faster than ⟦2⟧ (⟦3⟧).",
            "zh-CN",
            "我们用 ⟦1⟧ 渲染 ⟦0⟧ 场景，比 ⟦2⟧（⟦3⟧）更快。",
        ),
        (
            "It gains ⟦4⟧ over ⟦5⟧-means and ⟦6⟧ again. Code: ⟦7⟧.",
            "zh-CN",
            "它比 ⟦5⟧ 均值提高 ⟦4⟧，又一次 ⟦6⟧。代码：⟦7⟧ 。",
        ),
        (
            "We render <a/> scenes with 3D-GS, faster than __B__ (13B).",
            "es",
            "Con 3D-GS representamos escenas <a/> más rápido que __B__ (13B).",
        ),
        ("Code: {v7}.", "es", "Código: {v7}."),
    ],
)
def test_what_a_client_exchanged_stands_where_the_exchanged_part_stood(
    text: str, language: str, translated: str
) -> None:
    recorded = RecordedTranslations(RECORDED)
    assert recorded.translate(text, language) == translated
    assert recorded.misplaced == []


def test_what_has_no_place_in_the_recording_goes_to_the_sentences_end_and_is_noted() -> None:
    recorded = RecordedTranslations(RECORDED)
    text = "Another paper about ⟦0⟧ over the sea."
    assert recorded.translate(text, "es") == "Otro artículo sobre el tiempo en el mar (⟦0⟧)."
    assert recorded.misplaced == ["⟦0⟧"]


@pytest.mark.parametrize("text", ["", "⟦0⟧", "Something else entirely about cats and dogs."])
def test_what_was_not_recorded_is_unknown(text: str) -> None:
    with pytest.raises(UnknownText):
        RecordedTranslations(RECORDED).translate(text, "es")
    with pytest.raises(UnknownText):
        RecordedTranslations({}).translate(text, "es")


def test_the_sample_that_is_shipped_answers_for_every_paper_word_for_word() -> None:
    feeds = Path(stand_in.__file__).parents[1] / "feeds" / "translations.json"
    sample: dict[str, dict[str, list[str]]] = json.loads(feeds.read_text("utf-8"))
    recorded = RecordedTranslations(sample)
    assert set(recorded.languages()) >= {"en", "es", "zh-CN"}
    for paper in sample.values():
        text = " ".join(paper["en"])
        assert recorded.translate(text, "es") == " ".join(paper["es"])
        assert recorded.translate(text, "zh-CN") == "".join(paper["zh-CN"])


@pytest.mark.parametrize(
    ("fault", "status", "answer"),
    [
        (TranslatorFault.TOO_MANY_REQUESTS, 429, {"error": "Slowdown: 10 per 1 minute"}),
        (TranslatorFault.SERVER_ERROR, 500, {"error": "Cannot translate text: out of memory"}),
        (TranslatorFault.ECHO, 200, {"translatedText": "Code: ⟦7⟧."}),
        (TranslatorFault.MANGLE, 200, {"translatedText": "Código: 7."}),
    ],
)
async def test_it_misbehaves_when_told_to(
    fault: TranslatorFault, status: int, answer: dict[str, str], box: FakeLibreTranslate
) -> None:
    url = await box.start()
    box.fault = fault
    got = await ask(url, q="Code: ⟦7⟧.")
    assert (got.status_code, got.json()) == (status, answer)
    box.fault = None
    assert (await ask(url, q="Code: ⟦7⟧.")).json() == {"translatedText": "Código: ⟦7⟧."}


async def test_a_quota_notice_looks_like_success(box: FakeLibreTranslate) -> None:
    url = await box.start()
    box.fault = TranslatorFault.QUOTA
    got = await ask(url, q="Code: ⟦7⟧.")
    assert got.status_code == 200
    assert "MYMEMORY WARNING" in got.json()["translatedText"]


async def test_it_can_be_down_or_hang(box: FakeLibreTranslate) -> None:
    url = await box.start()
    box.fault = TranslatorFault.DOWN
    with pytest.raises(httpx.RemoteProtocolError):
        await ask(url, q=ENGLISH[2])
    box.fault = TranslatorFault.HANG
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ask(url, q=ENGLISH[2]), 0.2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nonsense_is_always_the_same_and_keeps_what_is_no_plain_word(language: str) -> None:
    text = "The model ⟦12⟧ gains 3.5% over GPT-4o on $x$, see https://a.org/Some_Page."
    nonsense = pseudo_translate(text, language)
    assert nonsense == pseudo_translate(text, language)
    for kept in ("⟦12⟧", "3.5%", "GPT-4o"):
        assert kept in nonsense
    assert "model" not in nonsense


@few_examples
@given(st.text(), st.sampled_from(LANGUAGES))
def test_anything_can_be_made_nonsense(text: str, language: str) -> None:
    assert pseudo_translate(text, language) == pseudo_translate(text, language)


async def test_unknown_texts_may_get_nonsense_in_every_language() -> None:
    box = FakeLibreTranslate(RECORDED, unknown="pseudo")
    url = await box.start()
    assert (await ask(url, q=ENGLISH[2])).json() == {"translatedText": "Código: https://a.org/x_y."}
    assert (await ask(url, q="Unknown words", target="ja")).json()["translatedText"] != ""
    assert len(box.languages()) > 30
    await box.stop()

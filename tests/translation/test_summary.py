"""An AI summary: what a lying model invents is caught, field by field, and costs nothing else."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from tornado.web import RequestHandler

from bot.container import engines
from bot.settings.model import load as load_settings
from bot.translation.checks.claims import Doubt, Doubted, Grounds, check_claim, is_summarised
from bot.translation.engines.engine import Context
from bot.translation.engines.llm import llm
from bot.translation.engines.llm_answers import parted
from bot.translation.engines.registry import build_engines
from bot.translation.exchange import Exchanged, through
from bot.translation.paper_view import view
from bot.translation.service import Translator
from bot.translation.summary import FIELDS, Summary, load
from storage import papers
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper
from tests.translation.conftest import Serve

TITLE = "GaitNet: stairs for robots"
ABSTRACT = (
    "Robots often fall down on stairs and nobody has mended that for 20 years. "
    "We propose GaitNet, a two-stage network that plans each step in 3.5 ms with $n^2$ samples. "
    "On StairBench it raises the success rate from 71% to 93% and needs less power than LIPM."
)
TRANSLATED = {
    "zh-CN": (
        "机器人经常在楼梯上摔倒，20 年来没有人解决这个问题。"
        "我们提出 GaitNet，一种两阶段网络，用 $n^2$ 个样本在 3.5 毫秒内规划每一步。"
        "在 StairBench 上，它将成功率从 71% 提高到 93%，并且比 LIPM 需要更少的功率。"
    ),
    "es": (
        "Los robots a menudo se caen en las escaleras y nadie lo ha arreglado en 20 años. "
        "Proponemos GaitNet, una red de dos etapas que planifica cada paso en 3,5 ms con $n^2$ "
        "muestras. En StairBench eleva la tasa de éxito del 71 % al 93 % y necesita menos energía "
        "que LIPM."
    ),
}
HONEST: dict[str, dict[str, tuple[str, list[int]]]] = {
    "zh-CN": {
        "tldr": ("GaitNet 是一种两阶段网络，在 3.5 毫秒内规划机器人的每一步。", [2]),
        "problem": ("机器人经常在楼梯上摔倒。", [1]),
        "method": ("用 ⟦0⟧ 个样本规划每一步的两阶段网络。", [2]),
        "result": ("在 StairBench 上成功率从 71% 升至 93%。", [3]),
    },
    "es": {
        "tldr": ("GaitNet planifica cada paso en 3,5 ms con una red de dos etapas.", [2]),
        "problem": ("Los robots a menudo se caen en las escaleras.", [1]),
        "method": ("Una red de dos etapas planifica los pasos con ⟦0⟧ muestras.", [2]),
        "result": ("En StairBench la tasa de éxito pasa del 71 % al 93 %.", [3]),
    },
}


def said(claims: Mapping[str, tuple[Any, Any]]) -> str:
    return json.dumps({field: {"text": t, "sentences": s} for field, (t, s) in claims.items()})


async def asked_of(
    serve: Serve, language: str, written: str, *, summary: bool = True
) -> tuple[Exchanged, list[dict[str, Any]]]:
    """Return what comes of a server that answers with a good translation and this summary."""
    questions: list[dict[str, Any]] = []

    async def behave(handler: RequestHandler) -> None:
        questions.append(json.loads(handler.request.body))
        [formula] = re.findall(r"⟦\d+⟧", questions[-1]["messages"][1]["content"])
        answer = TRANSLATED[language].replace("$n^2$", "⟦0⟧") + "\n\n" + written
        content = answer.replace("⟦0⟧", formula).replace("\\u27e60\\u27e7", formula)
        handler.finish({"choices": [{"message": {"content": content}}]})

    engine = llm(url=serve(behave), model="qwen3-8b", timeout=5, summary=summary)
    made = await through(engine, ABSTRACT, language, context=Context(title=TITLE))
    return made, questions


@pytest.mark.parametrize("language", list(TRANSLATED))
async def test_an_honest_summary_comes_with_the_translation_in_one_request(
    serve: Serve, language: str
) -> None:
    made, [question] = await asked_of(serve, language, said(HONEST[language]))
    assert made.text == TRANSLATED[language]
    assert made.summary is not None
    assert made.summary.model == "qwen3-8b"
    assert tuple(claim.field for claim in made.summary.claims) == FIELDS
    assert made.summary.tldr is not None
    assert made.summary.tldr.cited == (ABSTRACT.split(". ")[1] + ".",)
    assert "$n^2$" in made.summary.claims[2].text, "formulas are put back"
    told = question["messages"][0]["content"]
    assert "2: We propose GaitNet, a two-stage network" in told
    assert load(made.summary.dumped()) == made.summary


async def test_it_is_off_unless_it_is_switched_on(serve: Serve) -> None:
    made, [question] = await asked_of(serve, "es", "", summary=False)
    assert made == Exchanged(TRANSLATED["es"])
    assert "JSON" not in question["messages"][0]["content"]


LIES: list[tuple[str, str, str, list[int], Doubt]] = [
    # language, field, what it says, what it cites, why it is not believed
    ("zh-CN", "result", "在 StairBench 上成功率从 71% 升至 98%。", [3], Doubt.NUMBER),
    ("zh-CN", "result", "在 StairBench 上成功率从 93% 降至 71%。", [3], Doubt.NUMBER),
    ("zh-CN", "result", "成功率提高了 22 个百分点。", [3], Doubt.NUMBER),
    ("zh-CN", "problem", "三十年来机器人在楼梯上摔倒。", [1], Doubt.NUMBER),
    ("zh-CN", "problem", "20% 的机器人在楼梯上摔倒。", [1], Doubt.NUMBER),
    ("zh-CN", "method", "一种五阶段网络规划每一步。", [2], Doubt.NUMBER),
    ("zh-CN", "method", "网络在 3.5 秒内规划每一步。", [2], Doubt.NUMBER),
    ("zh-CN", "problem", "机器人经常在楼梯上摔倒 93 次。", [1], Doubt.NUMBER),
    ("zh-CN", "method", "两阶段网络由 Google 提出，规划每一步。", [2], Doubt.NAME),
    ("zh-CN", "method", "基于 Transformer 的网络规划每一步。", [2], Doubt.NAME),
    ("zh-CN", "result", "在 StairBench 上优于 GaitNet-2。", [3], Doubt.NAME),
    ("zh-CN", "problem", "机器人 GaitNet 经常在楼梯上摔倒。", [1], Doubt.NAME),
    ("zh-CN", "method", "一种 CNN 规划机器人的每一步。", [2], Doubt.NAME),
    ("zh-CN", "method", "用 RL 训练的网络规划每一步。", [2], Doubt.NAME),
    ("zh-CN", "method", "代码见 https://github.com/gait/net。", [2], Doubt.LINK),
    ("zh-CN", "method", "代码见 gaitnet.io 的页面说明。", [2], Doubt.LINK),
    ("zh-CN", "method", "网络的复杂度为 O(n log n)。", [2], Doubt.FORMULA),
    ("zh-CN", "method", "网络最小化损失 $x^2$ 来规划。", [2], Doubt.FORMULA),
    ("zh-CN", "method", "网络最小化损失 x² 来规划步伐。", [2], Doubt.FORMULA),
    ("zh-CN", "method", "网络满足 α ≤ β 的条件来规划。", [2], Doubt.FORMULA),
    ("zh-CN", "method", "用 ⟦7⟧ 个样本规划每一步。", [2], Doubt.PLACEHOLDER),
    ("zh-CN", "result", "用 ⟦0⟧ 个样本提高成功率。", [3], Doubt.PLACEHOLDER),
    ("zh-CN", "tldr", "GaitNet 革命性地规划机器人的每一步。", [2], Doubt.PRAISE),
    ("zh-CN", "result", "成功率达到惊人的 93%。", [3], Doubt.PRAISE),
    ("zh-CN", "tldr", "机器人经常在楼梯上摔倒。", [1], Doubt.CITATION),
    ("zh-CN", "tldr", "GaitNet 规划机器人的每一步。", [4], Doubt.CITATION),
    ("zh-CN", "tldr", "GaitNet 规划机器人的每一步。", [], Doubt.CITATION),
    ("zh-CN", "problem", "Robots often fall down on stairs.", [1], Doubt.LANGUAGE),
    ("zh-CN", "problem", "好的，以下是您要的摘要：机器人摔倒。", [1], Doubt.CHATTER),
    ("zh-CN", "problem", "机器人经常摔倒" * 20, [1], Doubt.LENGTH),
    ("es", "result", "En StairBench la tasa de éxito llega al 98 %.", [3], Doubt.NUMBER),
    ("es", "result", "La tasa de éxito pasa del 93 % al 71 %.", [3], Doubt.NUMBER),
    ("es", "problem", "Tres robots se caen en las escaleras.", [1], Doubt.NUMBER),
    ("es", "method", "La red de Google planifica cada paso.", [2], Doubt.NAME),
    ("es", "method", "Newton planifica cada paso con una red.", [2], Doubt.NAME),
    ("es", "method", "Una red basada en BERT planifica cada paso.", [2], Doubt.NAME),
    ("es", "problem", "Los robots de StairBench se caen.", [1], Doubt.NAME),
    ("es", "method", "Una red CNN planifica cada paso.", [2], Doubt.NAME),
    ("es", "method", "La red está en www.gaitnet.org desde hoy.", [2], Doubt.LINK),
    ("es", "method", "La red tiene un coste de O(n^2) por paso.", [2], Doubt.FORMULA),
    ("es", "method", "La red planifica con p < 0.05 cada paso.", [2], Doubt.FORMULA),
    ("es", "tldr", "GaitNet revoluciona cada paso de los robots.", [2], Doubt.PRAISE),
    ("es", "result", "La tasa de éxito es impresionante.", [3], Doubt.PRAISE),
    ("es", "problem", "The robots often fall down on the stairs.", [1], Doubt.LANGUAGE),
]


@pytest.mark.parametrize("lie", LIES, ids=[f"{lie[0]} {lie[2]}" for lie in LIES])
async def test_a_lie_is_left_away_alone(
    serve: Serve, lie: tuple[str, str, str, list[int], Doubt]
) -> None:
    language, field, text, cites, doubt = lie
    made, questions = await asked_of(
        serve, language, said({**HONEST[language], field: (text, cites)})
    )
    assert made.text == TRANSLATED[language], "the translation is as good as without"
    assert len(questions) == 1
    assert made.summary is not None
    kept = [claim.field for claim in made.summary.claims]
    assert kept == [one for one in FIELDS if one != field], f"{text!r} was believed"
    if not text.count("⟦") and doubt is not Doubt.CITATION:
        with pytest.raises(Doubted) as caught:
            check_claim(text, grounds(language, cites))
        assert caught.value.doubt is doubt


def grounds(language: str, cites: list[int]) -> Grounds:
    sentences = [f"{one.removesuffix('.')}." for one in ABSTRACT.split(". ")]
    cited = " ".join(sentences[place - 1] for place in cites)
    return Grounds(cited, ABSTRACT, TRANSLATED[language], language)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{}",
        '{"tldr": ',
        '{"tldr": "GaitNet"}',
        '{"tldr": {"text": 5, "sentences": [2]}}',
        '{"tldr": {"text": "GaitNet", "sentences": ["2"]}}',
        '{"tldr": {"text": "GaitNet planifica.", "sentences": [true]}}',
        '{"tldr": {"text": "GaitNet planifica.", "sentences": [1, 2, 3, 2, 99]}}',
        '{"tldr": null, "problem": []}',
        "{" * 100_000,
        '{"a":' * 50_000,
    ],
)
async def test_whatever_stands_in_its_place_costs_the_translation_nothing(
    serve: Serve, written: str
) -> None:
    made, _questions = await asked_of(serve, "es", written)
    assert made == Exchanged(TRANSLATED["es"])


async def test_a_model_that_translates_worse_with_a_summary_is_asked_for_none_in_the_end(
    serve: Serve,
) -> None:
    """First again without one, and after three times in a row no more."""
    asked: list[bool] = []

    async def behave(handler: RequestHandler) -> None:
        [system, user] = json.loads(handler.request.body)["messages"]
        asked.append("JSON" in system["content"])
        [formula] = re.findall(r"⟦\d+⟧", user["content"])
        good = TRANSLATED["es"].replace("$n^2$", formula)
        content = "Sorry, I can't do that." if asked[-1] else good
        handler.finish({"choices": [{"message": {"content": content}}]})

    engine = llm(url=serve(behave), model="m", timeout=5, summary=True)
    for _ in range(5):
        made = await through(engine, ABSTRACT, "es", context=Context(title=TITLE))
        assert made == Exchanged(TRANSLATED["es"])
    assert asked == [True, False] * 3 + [False, False]


@pytest.mark.parametrize(
    "answer",
    [
        'Hola.\n{"tldr": 1}',
        'Hola.\n\n```json\n{"tldr": 1}\n```',
        '<think>{"tldr": 2}</think>Hola.\n{"tldr": 1}<|im_end|>',
        '{"translation": "Hola.", "tldr": 1}',
        '```json\n{"translation": "Hola.", "tldr": 1}\n```',
    ],
)
def test_the_summary_is_found_behind_the_translation_or_around_it(answer: str) -> None:
    translation, summary = parted(answer)
    assert (translation, json.loads(summary)) == ("Hola.", {"tldr": 1})


def test_an_answer_without_one_is_a_translation() -> None:
    assert parted("Una {llave} y $x_{1}$.\nOtra.") == ("Una {llave} y $x_{1}$.\nOtra.", "")


def test_a_summary_is_only_wanted_where_praise_is_known() -> None:
    assert all(map(is_summarised, ("zh-CN", "zh-TW", "es", "de", "fr", "ja")))
    assert not is_summarised("sw")


def test_what_no_form_tells_passes() -> None:
    """As the documentation says: who turns the words around turns the sense around."""
    check_claim("GaitNet 不规划机器人的每一步。", grounds("zh-CN", [2]))


def test_a_summary_without_claims_is_none() -> None:
    assert load(None) is None
    assert Summary("m", ()).tldr is None


def test_the_setting_switches_it_on_for_models_that_chat_alone() -> None:
    values = {"LLM_API_URL": "http://localhost:1/v1", "LLM_MODEL": "qwen3-8b"}
    [off], [on] = (build_engines(["llm"], values | more) for more in ({}, {"LLM_SUMMARY": "True"}))
    assert (off.summarises, on.summarises) == ("", "qwen3-8b")
    [made_for_it] = build_engines(["llm"], values | {"LLM_MODEL": "Hy-MT2", "LLM_SUMMARY": "True"})
    assert made_for_it.summarises == ""
    wanted = load_settings(
        None,
        translators=("llm",),
        llm_summary=True,
        **{name.lower(): value for name, value in values.items()},
    )
    assert [one.summarises for one in engines(wanted)] == ["qwen3-8b"]


async def test_it_is_stored_with_the_translation_and_made_once(
    serve: Serve, database: Database
) -> None:
    asked = 0

    async def behave(handler: RequestHandler) -> None:
        nonlocal asked
        asked += 1
        body = json.loads(handler.request.body)
        [text] = re.findall(r"<text>(.*)</text>", body["messages"][1]["content"], re.DOTALL)
        formula = re.findall(r"⟦\d+⟧", text)[-1]
        key = "GaitNet, una red de dos etapas, planifica cada paso en 3,5 ms con ⟦0⟧ muestras."
        answer = f"{key}\n{TRANSLATED['es'].replace('$n^2$', '⟦0⟧')}\n{said(HONEST['es'])}"
        content = answer.replace("⟦0⟧", formula).replace("\\u27e60\\u27e7", formula)
        handler.finish({"choices": [{"message": {"content": content}}]})

    now = utc_now()
    paper = Paper(id="2611.00001", title=TITLE, abstract=ABSTRACT, published_at=now, updated_at=now)
    async with database.transaction() as session:
        await papers.store(session=session, papers=[paper])
    engine = llm(url=serve(behave), model="qwen3-8b", timeout=5, summary=True)
    translator = Translator(engines=[engine], database=database)
    for _time in range(2):
        found = (await translator.papers([paper], "es"))[paper.id]
        shown = view(paper, translation=found)
        assert shown.summary is not None
        assert tuple(claim.field for claim in shown.summary.claims) == FIELDS
        assert shown.key_sentence.startswith("GaitNet, una red")
    assert asked == 1, "one request, and one translation for everybody"
    assert view(paper).summary is None, "arXiv's own words have none"

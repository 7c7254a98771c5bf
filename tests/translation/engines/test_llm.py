"""Language models behind servers that speak chat completions, each in its own dialect."""

import asyncio
import json
from typing import Any

import pytest
from tornado.web import RequestHandler

from bot.translation.engines.engine import Cause, Context, EngineError
from bot.translation.engines.llm import is_local, llm, tidy
from bot.translation.engines.llm_dialect import Dialect, without_thoughts
from bot.translation.engines.llm_prompts import profile_of, prompt
from bot.translation.languages import LANGUAGES
from tests.translation.conftest import Serve

KEY = "sk-that-nobody-may-see"
TEXT = "A secret sentence of some length about models."


@pytest.mark.parametrize(
    ("field", "complaint"),
    [
        ("temperature", "Unsupported value: 'temperature' does not support 0 with this model."),
        ("stream", "Streaming is not supported."),
        ("chat_template_kwargs", "Extra inputs are not permitted"),
    ],
)
async def test_what_a_server_does_not_take_is_left_away_and_never_sent_again(
    field: str, complaint: str, serve: Serve
) -> None:
    asked: list[dict[str, Any]] = []

    async def behave(handler: RequestHandler) -> None:
        asked.append(json.loads(handler.request.body))
        if field in asked[-1]:
            handler.set_status(400)
            handler.finish({"error": {"message": complaint}})
        else:
            handler.finish({"choices": [{"message": {"content": "Bien."}}]})

    engine = llm(url=serve(behave), model="qwen3-8b", timeout=5)
    for _ in range(2):
        assert await engine.translate(TEXT, source="en", target="es") == "Bien."
    assert [field in question for question in asked] == [True, False, False]


async def test_a_template_without_a_system_role_gets_all_in_one_message(serve: Serve) -> None:
    async def behave(handler: RequestHandler) -> None:
        messages = json.loads(handler.request.body)["messages"]
        if messages[0]["role"] == "system":
            handler.set_status(400)
            handler.finish({"error": "System role not supported"})
        else:
            assert "Leave nothing out" in messages[0]["content"]
            handler.finish({"choices": [{"message": {"content": "Bien."}}]})

    engine = llm(url=serve(behave), model="m", timeout=5)
    assert await engine.translate(TEXT, source="en", target="es") == "Bien."


async def test_a_busy_server_is_waited_for_in_the_queue(serve: Serve) -> None:
    asked = 0

    async def behave(handler: RequestHandler) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            handler.set_status(429)
            handler.set_header("Retry-After", "1")
            handler.finish({"error": {"message": "Rate limit reached"}})
        else:
            handler.finish({"choices": [{"message": {"content": "Bien."}}]})

    engine = llm(url=serve(behave), model="m", timeout=5)
    assert await engine.translate(TEXT, source="en", target="es") == "Bien."
    assert asked == 2


async def test_a_stream_may_last_longer_than_a_silence(serve: Serve) -> None:
    async def behave(handler: RequestHandler) -> None:
        handler.set_header("Content-Type", "text/event-stream")
        for word in ("Una ", "frase ", "larga ", "más."):
            handler.write(f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n")
            await handler.flush()
            await asyncio.sleep(0.4)
        handler.finish("data: [DONE]\n\n")

    engine = llm(url=serve(behave), model="m", timeout=1)
    assert await engine.translate(TEXT, source="en", target="es") == "Una frase larga más."


@pytest.mark.parametrize(
    ("status", "message", "cause"),
    [
        (400, "The response was filtered by content management policy", Cause.FILTERED),
        (400, "This model's maximum context length is 2048 tokens", Cause.TOO_LONG),
        (429, "You exceeded your current quota", Cause.QUOTA),
        (401, f"Incorrect API key provided: {KEY}", Cause.REFUSED),
        (404, "model m not found", Cause.REFUSED),
        (500, f"could not translate: {TEXT}", Cause.SERVER),
    ],
)
async def test_a_server_s_complaint_is_told_without_key_or_text(
    status: int, message: str, cause: Cause, serve: Serve
) -> None:
    async def behave(handler: RequestHandler) -> None:
        handler.set_status(status)
        handler.finish({"error": {"message": message}})

    engine = llm(url=serve(behave), model="m", key=KEY, timeout=2)
    with pytest.raises(EngineError) as caught:
        await engine.translate(TEXT, source="en", target="es")
    assert caught.value.cause is cause
    assert KEY not in str(caught.value)
    assert TEXT not in str(caught.value)
    assert cause is Cause.FILTERED or str(status) in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("<think>hm</think>\nBien.", "Bien."),
        ("hm\n</think>\n\nBien.", "Bien."),
        ("◁think▷hm◁/think▷Bien.", "Bien."),
        ("<|channel|>analysis<|message|>hm<|end|><|channel|>final<|message|>Bien.", "Bien."),
        ("<|channel>thought\nhm<channel|>Bien.<turn|>", "Bien."),
        ("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>Bien.<|END_RESPONSE|>", "Bien."),
        ("<thinking>hm</thinking>\n<response>Bien.</response>", "Bien."),
        ("Bien.<|im_end|>", "Bien."),
        ("Bien.</s>", "Bien."),
        ('{"target": "Bien."}', "Bien."),
        ("<think>hm, and no end", "<think>hm, and no end"),
    ],
)
def test_thoughts_and_signs_are_cut_off_where_the_answer_clearly_begins(
    answer: str, text: str
) -> None:
    assert tidy(answer) == text


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("tencent/Hy-MT2-7B", "hy-mt"),
        ("hunyuan-mt-7b", "hy-mt"),
        ("translategemma:12b", "translategemma"),
        ("qwen-mt-plus", "qwen-mt"),
        ("qwen3-8b", "chat"),
    ],
)
def test_a_model_made_for_translation_is_known_by_its_name(model: str, profile: str) -> None:
    assert profile_of(model) == profile
    assert profile_of(model, "chat") == "chat"


def test_a_chat_model_is_told_title_field_names_and_terms() -> None:
    context = Context("COMPASS: Maps", "cs.RO", ("COMPASS",), (("token", "词元"),))
    asked = prompt("chat", TEXT, LANGUAGES["en"], LANGUAGES["zh-CN"], context)
    for told in ("COMPASS: Maps", "cs.RO", "token = 词元", "sentence by sentence"):
        assert told in str(asked.system)
    assert asked.user == f"<text>\n{TEXT}\n</text>"


@pytest.mark.parametrize("profile", ["hy-mt", "translategemma", "qwen-mt"])
def test_models_made_for_translation_get_no_system_message(profile: str) -> None:
    asked = prompt(profile, TEXT, LANGUAGES["en"], LANGUAGES["zh-CN"], Context())
    assert asked.system is None
    assert asked.user.endswith(TEXT)


def test_hy_mt_is_asked_in_the_words_that_it_was_made_for() -> None:
    terms = Context(terms=(("token", "词元"),))
    chinese = prompt("hy-mt", TEXT, LANGUAGES["en"], LANGUAGES["zh-CN"], terms)
    assert chinese.user == (
        "参考下面的翻译：\ntoken 翻译成 词元\n"
        f"将以下文本翻译为中文，注意只需要输出翻译后的结果，不要额外解释：\n\n{TEXT}"
    )
    german = prompt("hy-mt", TEXT, LANGUAGES["en"], LANGUAGES["de"], Context())
    assert german.user.startswith("Translate the following text into German. Note that you should")
    assert german.extra["top_k"] == 20


@pytest.mark.parametrize(
    ("model", "templated"), [("google/translategemma-12b-it", True), ("translategemma:12b", False)]
)
async def test_translategemma_s_template_makes_the_prompt_where_there_is_one(
    model: str,
    templated: bool,  # noqa: FBT001 - a row of a table
    serve: Serve,
) -> None:
    asked: list[dict[str, Any]] = []

    async def behave(handler: RequestHandler) -> None:
        asked.append(json.loads(handler.request.body))
        handler.finish({"choices": [{"message": {"content": "Bien."}}]})

    await llm(url=serve(behave), model=model, timeout=5).translate(TEXT, source="en", target="es")
    (question,) = asked
    content = question["messages"][0]["content"]
    codes = {"source_lang_code": "en", "target_lang_code": "es"}
    if templated:
        assert content == [{"type": "text", **codes, "text": TEXT}]
        assert question["chat_template_kwargs"] == codes
    else:
        assert content.startswith("You are a professional English (en) to Spanish (es) translator.")
        assert content.endswith(f"into Spanish:\n\n\n{TEXT}")


async def test_translategemma_without_its_template_gets_the_prompt_itself(serve: Serve) -> None:
    async def behave(handler: RequestHandler) -> None:
        if isinstance(json.loads(handler.request.body)["messages"][0]["content"], list):
            handler.set_status(400)
            handler.finish({"error": {"message": "content must be a string"}})
        else:
            handler.finish({"choices": [{"message": {"content": "Bien."}}]})

    engine = llm(url=serve(behave), model="translategemma-4b", timeout=5)
    assert await engine.translate(TEXT, source="en", target="es") == "Bien."


async def test_qwen_mt_is_not_streamed_and_gets_options_and_terms(serve: Serve) -> None:
    asked: list[dict[str, Any]] = []

    async def behave(handler: RequestHandler) -> None:
        asked.append(json.loads(handler.request.body))
        handler.finish({"choices": [{"message": {"content": "好。"}}]})

    engine = llm(url=serve(behave), model="qwen-mt-plus", timeout=5)
    context = Context(terms=(("token", "词元"),))
    await engine.translate(TEXT, source="en", target="zh-CN", context=context)
    assert asked == [
        {
            "model": "qwen-mt-plus",
            "messages": [{"role": "user", "content": TEXT}],
            "translation_options": {
                "source_lang": "English",
                "target_lang": "Chinese",
                "terms": [{"source": "token", "target": "词元"}],
            },
        }
    ]


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("length", Cause.NO_ANSWER),
        ("content_filter", Cause.FILTERED),
        ("tool_calls", Cause.NO_ANSWER),
        ("error", Cause.NO_ANSWER),
        ("stop", None),
        ("eos", None),
        ("end_turn", None),
        (None, None),
        (f"{TEXT} {KEY}", Cause.NO_ANSWER),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
async def test_an_answer_counts_only_where_it_came_to_its_end(
    reason: str | None,
    cause: Cause | None,
    streamed: bool,  # noqa: FBT001 - a row of a table
    serve: Serve,
) -> None:
    async def behave(handler: RequestHandler) -> None:
        if not streamed:
            choice = {"message": {"content": "Bien."}, "finish_reason": reason}
            handler.finish({"choices": [choice]})
            return
        handler.set_header("Content-Type", "text/event-stream")
        for delta, why in (({"content": "Bien."}, None), ({}, reason)):
            event = {"choices": [{"delta": delta, "finish_reason": why}]}
            handler.write(f"data: {json.dumps(event)}\n\n")
        handler.finish("data: [DONE]\n\n")

    engine = llm(url=serve(behave), model="m", key=KEY, timeout=5)
    if cause is None:
        assert await engine.translate(TEXT, source="en", target="es") == "Bien."
        return
    with pytest.raises(EngineError) as caught:
        await engine.translate(TEXT, source="en", target="es")
    assert caught.value.cause is cause
    assert TEXT not in str(caught.value)
    assert KEY not in str(caught.value)


def test_thinking_is_switched_off_where_a_server_can_be_told() -> None:
    assert without_thoughts("https://openrouter.ai/api/v1", "x") == {
        "reasoning": {"enabled": False}
    }
    local = without_thoughts("http://localhost:8000/v1", "Qwen3-8B")
    assert local == {"chat_template_kwargs": {"enable_thinking": False}}
    assert without_thoughts("http://localhost:8000/v1", "gemma-3") == {}


def test_one_thing_at_a_time_at_home() -> None:
    assert is_local("http://localhost:8080/v1")
    assert is_local("http://192.168.1.5/v1")
    assert is_local("http://ollama:11434/v1")
    assert not is_local("https://api.openai.com/v1")


def test_a_longer_answer_is_asked_for_by_the_name_that_the_server_knows() -> None:
    dialect = Dialect()
    assert dialect.wants_longer()
    assert dialect.limit == "max_tokens"
    assert dialect.learn("Use 'max_completion_tokens' instead of 'max_tokens'")
    assert dialect.limit == "max_completion_tokens"
    assert not dialect.wants_longer()

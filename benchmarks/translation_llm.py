"""Forms of answers of real servers of chat completions: the right ones used, the wrong refused.

    python benchmarks/translation_llm.py

A fake server speaks as hosts and models of 2026 do: what they refuse in a question, how they
stream, think, wrap, talk, break off and filter. Then a server with one slot, and one
that takes twenty requests a minute, their times divided by twenty and by a hundred.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot import log
from bot.translation.engines.llm import llm
from bot.translation.service import AllEnginesFailed, Translator
from storage.database import Database

SOURCE = (
    "We present NeRF-Fusion, a method that reconstructs scenes from 120 images in real time. It "
    "reduces the error by 3.5% over $k$-means. The code is at https://github.com/a/fusion today."
)
GOOD = (
    "我们提出 NeRF-Fusion，一种利用 120 张图像实时重建场景的方法。与 ⟦2⟧ 均值相比，它将误差降低了 "
    "3.5%。"
    "代码现位于 ⟦3⟧。"
)
Behave = Callable[[RequestHandler, dict[str, Any]], Awaitable[None]]


def says(text: object, reason: str | None = "stop", **more: object) -> Behave:
    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        del question
        choice = {
            "message": {"role": "assistant", "content": text, **more},
            "finish_reason": reason,
        }
        handler.finish({"choices": [choice]})

    return behave


def raw(body: str | dict[str, Any]) -> Behave:
    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        del question
        handler.finish(body)

    return behave


def streams(
    *parts: object, reason: str | None = "stop", done: bool = True, pause: float = 0.0
) -> Behave:
    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        del question
        handler.set_header("Content-Type", "text/event-stream")
        handler.write(": keep-alive\n\n")
        for part in parts:
            delta = part if isinstance(part, dict) else {"content": part}
            handler.write(f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n")
            await handler.flush()
            await asyncio.sleep(pause)
        if reason:
            handler.write(
                f"data: {json.dumps({'choices': [{'delta': {}, 'finish_reason': reason}]})}\n\n"
            )
        handler.finish("data: [DONE]\n\n" if done else "")

    return behave


def fails(status: int, message: str, **more: str) -> Behave:
    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        del question
        handler.set_status(status)
        handler.finish({"error": {"message": message, **more}})

    return behave


def refuses(wrong: Callable[[dict[str, Any]], bool], message: str, then: Behave) -> Behave:
    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        await (fails(400, message) if wrong(question) else then)(handler, question)

    return behave


def roles(question: dict[str, Any]) -> list[str]:
    return [message["role"] for message in question["messages"]]


def unlimited(question: dict[str, Any]) -> bool:
    return "max_tokens" not in question and "max_completion_tokens" not in question


async def limited(handler: RequestHandler, question: dict[str, Any]) -> None:
    await (says(GOOD[:40], "length") if unlimited(question) else says(GOOD))(handler, question)


TALK = "Let me think about the names first. 我保留名称。"
HALVES = (GOOD[:50], GOOD[50:])
RIGHT: dict[str, Behave] = {
    "plain": says(GOOD),
    "no finish_reason": says(GOOD, None),
    "finish_reason eos": says(GOOD, "eos"),
    "list of parts": says([{"type": "text", "text": GOOD}]),
    "list with thoughts": says(
        [{"type": "thinking", "thinking": TALK}, {"type": "text", "text": GOOD}]
    ),
    "reasoning_content beside": says(GOOD, reasoning_content=TALK),
    "streamed": streams(*HALVES),
    "streamed without [DONE]": streams(*HALVES, done=False),
    "streamed reasoning first": streams({"reasoning_content": TALK, "content": None}, *HALVES),
    "streamed slower than the time-out": streams(*GOOD[:8], GOOD[8:], pause=0.3),
    "no stream": refuses(lambda q: q.get("stream", False), "stream is not supported", says(GOOD)),
    "no temperature": refuses(
        lambda q: "temperature" in q,
        "Unsupported value: 'temperature' does not support 0",
        says(GOOD),
    ),
    "no system role": refuses(
        lambda q: "system" in roles(q), "System role not supported", says(GOOD)
    ),
    "roles must alternate": refuses(
        lambda q: "system" in roles(q),
        "Conversation roles must alternate user/assistant/user/assistant/...",
        says(GOOD),
    ),
    "neither of both": refuses(
        lambda q: "temperature" in q,
        "temperature is not supported",
        refuses(lambda q: "system" in roles(q), "System role not supported", says(GOOD)),
    ),
    "no switch for thoughts": refuses(
        lambda q: "chat_template_kwargs" in q, "Extra inputs are not permitted", says(GOOD)
    ),
    "short limit of its own": limited,
    "max_completion_tokens only": refuses(
        lambda q: "max_tokens" in q, "Use 'max_completion_tokens' instead of max_tokens", limited
    ),
    "<think>": says(f"<think>{TALK}</think>\n\n{GOOD}"),
    "</think> alone": says(f"{TALK}\n</think>\n\n{GOOD}"),
    "◁think▷": says(f"◁think▷{TALK}◁/think▷{GOOD}"),
    "<|channel|>": says(
        f"<|channel|>analysis<|message|>{TALK}<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}"
    ),
    "<|START_THINKING|>": says(
        f"<|START_THINKING|>{TALK}<|END_THINKING|><|START_RESPONSE|>{GOOD}<|END_RESPONSE|>"
    ),
    "<|channel>thought": says(f"<|channel>thought\n{TALK}<channel|>{GOOD}<turn|>"),
    "<seed:think>": says(f"<seed:think>{TALK}</seed:think>{GOOD}"),
    "<thinking> and <response>": says(f"<thinking>{TALK}</thinking><response>{GOOD}</response>"),
    "<answer>": says(f"<think>{TALK}</think><answer>{GOOD}</answer>"),
    "[THINK]": says(f"[THINK]{TALK}[/THINK]{GOOD}"),
    "</s> at the end": says(GOOD + "</s>"),
    "<|im_end|> at the end": says(GOOD + "<|im_end|>"),
    "<|eot_id|> at the end": says(GOOD + "<|eot_id|>"),
    "<end_of_turn> at the end": says(GOOD + "<end_of_turn>"),
    "<｜end▁of▁sentence｜> at the end": says(GOOD + "<｜end▁of▁sentence｜>"),
    "code fence": says(f"```text\n{GOOD}\n```"),
    "JSON with any key": says(json.dumps({"target": GOOD}, ensure_ascii=False)),
    "tags of the question": says(f"<text>\n{GOOD}\n</text>"),
    "JSON in a fence": says(f"```json\n{json.dumps({'translation': GOOD})}\n```"),
    "an introducing line in bold": says(f"**翻译：**\n\n{GOOD}"),
    "an introducing line": says(f"以下是翻译：\n\n{GOOD}"),
    "quote is never closeds": says(f"“{GOOD}”"),
    "brackets 【2】": says(GOOD.replace("⟦", "【").replace("⟧", "】")),
    "doubled brackets": says(GOOD.replace("⟦", "⟦⟦").replace("⟧", "⟧⟧")),
}
WRONG: dict[str, Behave] = {
    "cut by length": says(GOOD[:40], "length"),
    "cut, and says stop": says(GOOD[:60]),
    "stream broken off": streams(HALVES[0], reason=None, done=False),
    "content filter, finish_reason": says(GOOD, "content_filter"),
    "content filter, HTTP 400": fails(400, "The response was filtered", code="content_filter"),
    "data_inspection_failed": fails(400, "Input data may contain inappropriate content."),
    "thoughts without an end": says(f"<think>{TALK} {GOOD}"),
    "an introduction on the same line": says(f"这是翻译：{GOOD}"),
    "a closing offer": says(f"{GOOD}如需其他帮助，请随时告诉我。"),
    "thoughts and no answer": says(f"<think>{TALK}</think>"),
    "reasoning_content alone": says("", reasoning_content=GOOD),
    "only a call of a tool": says(None, "tool_calls"),
    "finish_reason error": says(GOOD, "error"),
    "refusal beside": says(None, refusal="I can't help with that."),
    "a choice of nothing": raw({"choices": []}),
    "a page of HTML": raw("<html><body>Just a moment...</body></html>"),
    "the source again": says(SOURCE),
    "two versions": says(f"{GOOD}\n\n或者：{GOOD}"),
    "emoji": says("✨ " + GOOD),
    "pieces of words": says(GOOD.replace("一种", "▁一种")),
    "bold": says(GOOD.replace("方法", "**方法**")),
    "a note": says(f"{GOOD}（注：名称未译。）"),
    "an apology": says("抱歉，我无法翻译这段文字。"),
    "template's sign inside": says(GOOD.replace("。", "。<|assistant|>", 1)),
    "another number": says(GOOD.replace("120", "1200")),
    "a translated name": says(GOOD.replace("NeRF-Fusion", "神经融合")),
    "a lost link": says(GOOD.replace("⟦3⟧", "这里")),
    "content null": says(None),
    "error with HTTP 200": fails(200, "Provider returned error"),
    "model is loading": fails(503, "Loading model"),
    "unknown model": fails(404, "model not found"),
    "no credits": fails(429, "You exceeded your current quota", code="insufficient_quota"),
}


@asynccontextmanager
async def serving(behave: Behave) -> AsyncIterator[str]:
    class Handler(RequestHandler):
        async def post(self) -> None:
            await behave(self, json.loads(self.request.body))

    sockets = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(Application([("/.*", Handler)], log_function=lambda _: None))
    server.add_sockets(sockets)
    yield f"http://127.0.0.1:{sockets[0].getsockname()[1]}/v1"
    server.stop()
    await server.close_all_connections()


async def verdict(behave: Behave) -> str | None:
    """Return why it is refused; None: it is used."""
    async with serving(behave) as url:
        engine = llm(url=url, model="qwen3-8b", key="k", timeout=2)
        translator = Translator(engines=[engine], database=Database("sqlite:///never-opened.db"))
        try:
            made = await translator.translate(SOURCE, language="zh-CN")
        except AllEnginesFailed as failure:
            return str(failure.errors["llm"])
        assert "NeRF-Fusion" in made.text
        assert "$k$" in made.text
        return None


async def forms() -> None:
    wrong: list[str] = []
    for expected, table in ((True, RIGHT), (False, WRONG)):
        for name, behave in table.items():
            reason = await verdict(behave)
            if (reason is None) != expected:
                wrong.append(f"{name}: {reason}")
    print(f"{len(RIGHT)} right forms, {len(WRONG)} wrong ones; told wrongly: {wrong or 'none'}")


async def one_slot() -> None:
    slot = asyncio.Lock()

    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        async with slot:
            await asyncio.sleep(1.75)
        await says(GOOD)(handler, question)

    for at_once in (None, 4):
        # A server of its own each: what was given up still holds the slot.
        async with serving(behave) as url:
            engine = llm(url=url, model="m", timeout=5, at_once=at_once)
            done = await _many(engine, 8)
            print(f"one slot, {at_once or 'by itself 1'} at once: {done} of 8")


async def twenty_a_minute() -> None:
    asked: list[float] = []

    async def behave(handler: RequestHandler, question: dict[str, Any]) -> None:
        now = time.monotonic()
        recent = [moment for moment in asked if now - moment < 0.6]
        if len(recent) >= 20:
            handler.set_header("Retry-After", "1")
            await fails(429, "Rate limit reached")(handler, question)
            return
        asked.append(now)
        await says(GOOD)(handler, question)

    async with serving(behave) as url:
        started = time.monotonic()
        done = await _many(llm(url=url, model="m", timeout=5, at_once=4), 60)
        print(f"twenty a window: {done} of 60 in {time.monotonic() - started:.1f} s")


async def _many(engine: Any, count: int) -> int:
    translator = Translator(
        engines=[engine], database=Database("sqlite:///never-opened.db"), failures=3
    )
    made = await asyncio.gather(
        *(translator.translate(SOURCE, language="zh-CN") for _ in range(count)),
        return_exceptions=True,
    )
    return sum(not isinstance(one, BaseException) for one in made)


async def main() -> None:
    log.configure(level="CRITICAL", style="console")
    await forms()
    await one_slot()
    await twenty_a_minute()


if __name__ == "__main__":
    asyncio.run(main())

"""Every failure that looks like success, by every engine over HTTP; and many threads at once.

python benchmarks/translation_faults.py
"""

import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import deep_translator
import requests
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot import log
from bot.translation.engines.deep_translator import google, libre, mymemory
from bot.translation.engines.deepl import deepl
from bot.translation.engines.engine import Engine, EngineError
from bot.translation.engines.llm import llm
from bot.translation.engines.microsoft import microsoft
from bot.translation.service import AllEnginesFailed, Translator
from bot.translation.text.masking import mask
from storage.database import Database

CALLS = 3_000
THREADS = 16

SOURCE = (
    "We present NeRF-Fusion, a method that reconstructs indoor scenes from 120 images in real "
    "time. It reduces the error by 3.5% over $k$-means; code is at https://github.com/a/fusion. "
    "Experiments on three public data sets show that it is faster than earlier approaches."
)
GOOD = (
    "我们提出 NeRF-Fusion，一种利用 120 张图像实时重建室内场景的方法。与 $k$ 均值相比，它将误差"
    "降低了 3.5%；代码位于 https://github.com/a/fusion 。在三个公开数据集上的实验表明，它比以往"
    "的方法更快。"
)
TEXTS = {
    "Google's page of errors": "Error 500 (Server Error)!!1500.That’s an error.There was an error. "
    "Please try again later.That’s all we know.",
    "MyMemory's quota notice": "MYMEMORY WARNING: YOU USED ALL AVAILABLE FREE TRANSLATIONS FOR "
    "TODAY. NEXT AVAILABLE IN  05 HOURS 12 MINUTES VISIT HTTPS://MYMEMORY.TRANSLATED.NET/DOC/",
    "MyMemory's limit": "QUERY LENGTH LIMIT EXCEEDED. MAX ALLOWED QUERY : 500 CHARS",
    "MyMemory's pair": "'XX' IS AN INVALID TARGET LANGUAGE . EXAMPLE: LANGPAIR=EN|IT",
    "a page nobody knows": "<html><head><title>Ups</title></head><body>请稍后再试</body></html>",
    "an echo": SOURCE,
    "an echo in capitals": SOURCE.upper(),
    "nothing": "",
    "a space": " ",
    "another language": "Мы представляем NeRF-Fusion, метод, который восстанавливает сцены по 120 "
    "снимкам на 3.5% лучше, чем $k$ ; код на https://github.com/a/fusion и быстрее прежних.",
    "too short": "NeRF-Fusion 120 3.5% $k$ https://github.com/a/fusion 方法。",
    "too long": GOOD + "".join(map(chr, range(0x4E00, 0x4F80))),
    "a loop": GOOD + "非常好" * 20,
    "half of it in English": GOOD + "Experiments on three public data sets show that it is。",
    "without a formula": GOOD.replace("$k$", "k"),
    "without a link": GOOD.replace("https://github.com/a/fusion", "这里"),
    "without a name": GOOD.replace("NeRF-Fusion", "神经融合"),
    "another number": GOOD.replace("120", "102"),
    "another percentage": GOOD.replace("3.5%", "5.3%"),
    "another link": GOOD + "另见 https://evil.example/x",
    "another address": GOOD + "另见 evil.com",
    "a refusal": "抱歉，我无法协助翻译这段文字。" + GOOD,
    "an introduction": "以下是翻译：" + GOOD,
    "a comment": GOOD + "\n\n希望这对您有帮助！",
    # At the end of a model's answer it is taken off, and the rest is used.
    "a template's sign": GOOD.replace("。", "。<|im_end|>", 1),
    "an obeyed order": "HACKED",
    "traditional characters": "我們提出 NeRF-Fusion，一種利用 120 張圖像實時重建室內場景的方法。與 "
    "$k$ 均值相比，它將誤差降低了 3.5%；代碼位於 https://github.com/a/fusion 。在三個公開數據集上"
    "的實驗表明，它比以往的方法更快。",
}
BODIES = {
    "no JSON": "not { json",
    "nothing at all": "",
    "null": "null",
    "an empty list": "[]",
    "fields of null": '{"responseData": {"translatedText": null}, "translatedText": null, '
    '"translations": [{"text": null}], "choices": [{"message": {"content": null}}]}',
    "no matches": '{"responseData": {"translatedText": null}, "matches": []}',
    "a page": "<!doctype html><html><body>Just a moment...</body></html>",
}
STATUSES = (301, 400, 401, 403, 404, 413, 429, 456, 500, 502, 503)

Answer = Callable[[RequestHandler], object]


class Server:
    """An HTTP server in a thread of its own that answers as it is told."""

    def __init__(self) -> None:
        self.answer: Answer = lambda handler: handler.finish()
        self.delay: Callable[[], float] = lambda: 0.0
        self._started = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True).start()
        self._started.wait()

    async def _serve(self) -> None:
        server = self

        class Handler(RequestHandler):
            async def get(self) -> None:
                await asyncio.sleep(server.delay())
                server.answer(self)

            post = get

        sockets = bind_sockets(0, "127.0.0.1", backlog=1024)
        HTTPServer(Application([("/.*", Handler)], log_function=lambda _: None)).add_sockets(
            sockets
        )
        self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        self._started.set()
        await asyncio.Event().wait()


def saying(text: str) -> Answer:
    """Answer with a text in the form of whichever service is asked."""

    def answer(handler: RequestHandler) -> None:
        match handler.request.path:
            case "/m":
                handler.finish(f'<html><div class="result-container">{text}</div></html>')
            case "/get":
                handler.finish({"responseData": {"translatedText": text}, "matches": []})
            case "/microsoft/translate":
                handler.finish(json.dumps([{"translations": [{"text": text}]}]))
            case "/v2/translate":
                handler.finish({"translations": [{"text": text}]})
            case "/v1/chat/completions":
                handler.finish({"choices": [{"message": {"content": text}}]})
            case _:
                handler.finish({"translatedText": text})

    return answer


def raw(status: int, body: str) -> Answer:
    def answer(handler: RequestHandler) -> None:
        handler.set_status(status)
        handler.finish(body)

    return answer


def engines(url: str) -> list[Engine]:
    return [
        google(url=f"{url}/m", timeout=5),
        mymemory(url=f"{url}/get", timeout=5),
        libre(url=url, key="k", timeout=5),
        microsoft(url=f"{url}/microsoft", key="k", timeout=5),
        deepl(url=f"{url}/v2", key="k", timeout=5),
        llm(url=f"{url}/v1", model="m", timeout=5),
    ]


def masked(text: str) -> str:
    """Return a text as an engine would give it back, which never saw what is kept from it."""
    for number, original in enumerate(mask(SOURCE).originals):
        text = text.replace(original, f"⟦{number}⟧")
    return text


async def faults(server: Server) -> None:
    cases: dict[str, Answer] = {name: saying(masked(text)) for name, text in TEXTS.items()}
    cases |= {f"HTTP 200 with {name}": raw(200, body) for name, body in BODIES.items()}
    cases |= {f"HTTP {status}": raw(status, "") for status in STATUSES}
    cases["a broken connection"] = lambda handler: handler.detach().close()
    built = engines(server.url)
    print(f"{len(cases)} failures by {len(built)} engines\n")
    refused: dict[str, Counter[str]] = {engine.name: Counter() for engine in built}
    passed: list[str] = []
    server.answer = saying(masked(GOOD))
    for engine in built:
        translator = Translator(engines=[engine], database=Database("sqlite:///never-opened.db"))
        assert (await translator.translate(SOURCE, language="zh-CN")).text == GOOD
    print("a good translation is accepted from each")
    for name, answer in cases.items():
        server.answer = answer
        for engine in built:
            # One for each, so that nobody rests.
            translator = Translator(
                engines=[engine], database=Database("sqlite:///never-opened.db")
            )
            try:
                await translator.translate(SOURCE, language="zh-CN")
            except AllEnginesFailed as failure:
                refused[engine.name][str(failure.errors[engine.name]).split(" (")[0]] += 1
            else:
                passed.append(f"{engine.name}: {name}")
    print("engine    | refused | of them by an error | by a check")
    for name, reasons in refused.items():
        errors = sum(n for reason, n in reasons.items() if reason.startswith(f"{name}: "))
        total = reasons.total()
        print(f"{name:<9} | {total:>3}/{len(cases)}  | {errors:>19} | {total - errors:>10}")
    print("taken for a translation:", passed or "none")


def shared(server: Server) -> None:
    """Ask one instance of deep-translator from 16 threads, as many programs do."""
    deep_translator.google.requests = requests  # as it is without us
    translator = deep_translator.GoogleTranslator(source="en", target="es")
    translator._base_url = f"{server.url}/m"  # noqa: SLF001 - there is no other way
    texts = [f"text number {number}" for number in range(CALLS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda text: _tried(translator, text), texts))
    _told("one instance of deep-translator", texts, answers, started)


def _tried(translator: deep_translator.GoogleTranslator, text: str) -> str | None:
    try:
        answer: str | None = translator.translate(text)
    except Exception:  # noqa: BLE001 - it raises anything
        return None
    return answer


async def ours(server: Server) -> None:
    for engine in engines(server.url)[:3]:
        engine._free = asyncio.Semaphore(THREADS)  # type: ignore[attr-defined] # noqa: SLF001 - 4 by itself
        texts = [f"text number {number}" for number in range(CALLS)]
        started = time.perf_counter()

        async def one(text: str, engine: Engine = engine) -> str | None:
            try:
                return await engine.translate(text, source="en", target="es")
            except EngineError:  # on a machine that is busy enough, a time-out
                return None

        gate = asyncio.Semaphore(THREADS * 2)

        async def queued(text: str) -> str | None:
            async with gate:  # noqa: B023 - awaited in this turn
                return await one(text)

        answers = await asyncio.gather(*map(queued, texts))
        _told(f"ours, {engine.name}", texts, list(answers), started)


def _told(side: str, texts: list[str], answers: list[str | None], started: float) -> None:
    pairs = list(zip(texts, answers, strict=True))
    wrong = sum(answer not in {None, f"eco {text}"} for text, answer in pairs)
    none = sum(answer is None for answer in answers)
    seconds = time.perf_counter() - started
    print(
        f"{side:<32} | {len(texts):>5,} | {wrong:>14,} | {none:>6,} | {seconds:>5.1f}", flush=True
    )


async def main() -> None:
    log.configure(level="CRITICAL", style="console")
    server = Server()
    await faults(server)
    dice = random.Random(1)
    server.delay = lambda: dice.random() / 100
    server.answer = lambda handler: saying(f"eco {handler.get_argument('q')}")(handler)
    print(f"\n{THREADS} threads                       | calls | another's text | failed | seconds")
    await asyncio.to_thread(shared, server)
    await ours(server)


if __name__ == "__main__":
    asyncio.run(main())

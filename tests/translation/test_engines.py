import asyncio
import time
import traceback

import pytest
from tornado.web import RequestHandler

from bot.translation.checks import Rejected, check
from bot.translation.engines import (
    Cause,
    Engine,
    EngineError,
    EngineNotConfigured,
    UnknownEngine,
    build_engines,
    google,
    libre,
    mymemory,
)
from tests.translation.conftest import Behaviour, Serve

NAMES = ("google", "mymemory", "libre")
KEY = "key-that-nobody-may-see"
TEXT = "A secret sentence of some length about models."


def engine_at(name: str, url: str, timeout: float = 5.0) -> Engine:
    match name:
        case "google":
            return google(url=url + "/m", timeout=timeout)
        case "mymemory":
            return mymemory(url=url + "/get", timeout=timeout)
        case _:
            return libre(url=url, key=KEY, timeout=timeout)


def answering(text: str) -> Behaviour:
    """Answer as all three services do, each at its own address."""

    async def behave(handler: RequestHandler) -> None:
        match handler.request.path:
            case "/m":
                handler.finish(f'<html><div class="result-container">{text}</div></html>')
            case "/get":
                handler.finish({"responseData": {"translatedText": text}, "matches": []})
            case _:
                handler.finish({"translatedText": text})

    return behave


def saying(status: int, body: str = "") -> Behaviour:
    async def behave(handler: RequestHandler) -> None:
        handler.set_status(status)
        handler.finish(body)

    return behave


async def hanging(handler: RequestHandler) -> None:
    gone: asyncio.Event = handler.client_is_gone  # type: ignore[attr-defined] # conftest's handler
    await gone.wait()


async def breaking(handler: RequestHandler) -> None:
    handler.detach().close()


async def dripping(handler: RequestHandler) -> None:
    gone: asyncio.Event = handler.client_is_gone  # type: ignore[attr-defined] # conftest's handler
    while not gone.is_set():
        handler.write("x")
        await handler.flush()
        await asyncio.sleep(0.02)


async def flooding(handler: RequestHandler) -> None:
    handler.finish("x" * 3_000_000)


async def without_a_translation(handler: RequestHandler) -> None:
    """MyMemory's `StopIteration`, Google's missing element, LibreTranslate's missing field."""
    if handler.request.path == "/get":
        handler.finish({"responseData": {"translatedText": None}, "matches": []})
    else:
        handler.finish({} if handler.request.path == "/translate" else "<html></html>")


@pytest.mark.parametrize("name", NAMES)
async def test_an_answer_is_handed_on(name: str, serve: Serve) -> None:
    engine = engine_at(name, serve(answering("Una frase sobre modelos.")))
    assert engine.name == name
    assert await engine.translate(TEXT, source="en", target="es") == "Una frase sobre modelos."


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (saying(429), {Cause.TOO_MANY_REQUESTS}),
        (saying(500, "oops"), {Cause.SERVER}),
        (saying(503), {Cause.SERVER}),
        (saying(400), {Cause.SERVER}),
        (saying(403), {Cause.SERVER, Cause.REFUSED}),
        (saying(200, "not { json"), {Cause.NO_ANSWER}),
        (saying(200, ""), {Cause.NO_ANSWER}),
        (without_a_translation, {Cause.NO_ANSWER}),
        (breaking, {Cause.UNREACHABLE}),
        (flooding, {Cause.NO_ANSWER}),
    ],
    ids=["429", "500", "503", "400", "403", "no json", "empty", "none", "broken", "flood"],
)
async def test_every_failure_is_an_engine_error_with_its_cause(
    name: str, behaviour: Behaviour, cause: set[Cause], serve: Serve
) -> None:
    engine = engine_at(name, serve(behaviour))
    with pytest.raises(EngineError) as caught:
        await engine.translate(TEXT, source="en", target="es")
    assert caught.value.engine == name
    assert caught.value.cause in cause


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("behaviour", [hanging, dripping], ids=["hangs", "drips"])
async def test_no_server_outlives_the_deadline(
    name: str, behaviour: Behaviour, serve: Serve
) -> None:
    engine = engine_at(name, serve(behaviour), timeout=0.3)
    started = time.monotonic()
    with pytest.raises(EngineError) as caught:
        await engine.translate(TEXT, source="en", target="es")
    assert caught.value.cause is Cause.TIMEOUT
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize("name", NAMES)
async def test_hanging_calls_leave_their_threads_to_the_next(name: str, serve: Serve) -> None:
    hang = True

    async def behave(handler: RequestHandler) -> None:
        await (hanging if hang else answering("Bien."))(handler)

    engine = engine_at(name, serve(behave), timeout=0.3)
    calls = (engine.translate(TEXT, source="en", target="es") for _ in range(8))
    failures = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(failure) for failure in failures} == {EngineError}
    hang = False
    await asyncio.sleep(0.4)
    assert await engine.translate(TEXT, source="en", target="es") == "Bien."


@pytest.mark.parametrize("name", NAMES)
async def test_an_unreachable_server_is_an_engine_error(name: str) -> None:
    engine = engine_at(name, "http://127.0.0.1:1")
    with pytest.raises(EngineError) as caught:
        await engine.translate(TEXT, source="en", target="es")
    assert caught.value.cause is Cause.UNREACHABLE


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("behaviour", [saying(403), saying(429), breaking, saying(200, "{}")])
async def test_no_error_holds_the_text_the_key_or_the_address(
    name: str, behaviour: Behaviour, serve: Serve
) -> None:
    url = serve(behaviour)
    with pytest.raises(EngineError) as caught:
        await engine_at(name, url).translate(TEXT, source="en", target="es")
    error = caught.value
    told = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error))
    assert error.__cause__ is None
    assert error.__context__ is None
    assert TEXT not in told
    assert KEY not in told
    assert url not in told


async def test_libretranslate_gets_text_and_key_in_the_body(serve: Serve) -> None:
    seen: list[tuple[str, str]] = []

    async def behave(handler: RequestHandler) -> None:
        seen.append((handler.request.uri or "", handler.get_body_argument("api_key")))
        handler.finish({"translatedText": handler.get_body_argument("q")})

    for url in (serve(behave), serve(behave) + "/"):
        await libre(url=url, key=KEY).translate(TEXT, source="en", target="zh-TW")
    assert seen == [("/translate", KEY)] * 2


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("google", "he", "iw"),
        ("google", "zh-TW", "zh-TW"),
        ("mymemory", "zh-CN", "en-GB|zh-CN"),
        ("mymemory", "he", "en-GB|he-IL"),
        ("libre", "zh-CN", "zh"),
        ("libre", "zh-TW", "zt"),
        ("libre", "uk", "uk"),
    ],
)
async def test_every_engine_is_asked_by_its_own_codes(
    name: str, language: str, code: str, serve: Serve
) -> None:
    asked: list[str] = []

    async def behave(handler: RequestHandler) -> None:
        asked.extend(handler.get_argument(field, "") for field in ("tl", "langpair", "target"))
        await answering("x")(handler)

    await engine_at(name, serve(behave)).translate("Hello there", source="en", target=language)
    assert code in asked


async def test_a_language_that_an_engine_lacks_is_an_engine_error() -> None:
    engine = libre(url="http://127.0.0.1:1")
    assert not engine.supports("ta")
    assert not engine.supports("tlh")
    for language in ("ta", "tlh"):
        with pytest.raises(EngineError) as caught:
            await engine.translate(TEXT, source="en", target=language)
        assert caught.value.cause is Cause.UNSUPPORTED


@pytest.mark.parametrize("name", NAMES)
async def test_the_longest_text_that_an_engine_takes_is_taken(name: str, serve: Serve) -> None:
    engine = engine_at(name, serve(answering("好")))
    longest = "模" * engine.max_chars
    assert await engine.translate(longest, source="en", target="zh-CN") == "好"


async def test_mymemorys_character_references_are_read(serve: Serve) -> None:
    engine = engine_at("mymemory", serve(answering("l&#39;apprentissage &quot;profond&quot;")))
    answer = await engine.translate(TEXT, source="en", target="fr")
    assert answer == 'l\'apprentissage "profond"'


@pytest.mark.parametrize("name", NAMES)
async def test_an_echo_or_a_page_of_errors_does_not_pass_the_checks(
    name: str, serve: Serve
) -> None:
    for answer in (TEXT, "Error 500 (Server Error)!!1", "MYMEMORY WARNING: YOU USED ALL"):
        engine = engine_at(name, serve(answering(answer)))
        with pytest.raises((EngineError, Rejected)):
            check(
                TEXT,
                await engine.translate(TEXT, source="en", target="zh-CN"),
                language="zh-CN",
            )


@pytest.mark.parametrize("name", NAMES)
async def test_no_call_ever_gets_another_calls_text(name: str, serve: Serve) -> None:
    async def behave(handler: RequestHandler) -> None:
        # The order of answers is not that of questions.
        text = handler.get_argument("q")
        await asyncio.sleep(0.004 if text.endswith("7") else 0)
        await answering(f"eco {text}")(handler)

    engine = engine_at(name, serve(behave), timeout=30)
    texts = [f"text number {number}" for number in range(200)]
    answers = await asyncio.gather(
        *(engine.translate(text, source="en", target="es") for text in texts)
    )
    assert answers == [f"eco {text}" for text in texts]


async def test_no_engine_is_asked_more_than_four_things_at_once(serve: Serve) -> None:
    asked_at_once = [0]
    now = 0

    async def behave(handler: RequestHandler) -> None:
        nonlocal now
        now += 1
        asked_at_once.append(now)
        await asyncio.sleep(0.01)
        now -= 1
        await answering("x")(handler)

    engine = engine_at("libre", serve(behave))
    await asyncio.gather(*(engine.translate(TEXT, source="en", target="es") for _ in range(24)))
    assert max(asked_at_once) == 4


def test_engines_are_built_in_the_order_of_the_setting() -> None:
    engines = build_engines(("libre", "google", "libre"), libre_url="http://127.0.0.1:1")
    assert [engine.name for engine in engines] == ["libre", "google"]
    assert build_engines(()) == ()


def test_an_unknown_engine_is_refused_with_what_is_known() -> None:
    with pytest.raises(UnknownEngine) as caught:
        build_engines(("google", "bing"))
    assert caught.value.name == "bing"
    assert caught.value.known == NAMES


def test_libre_without_an_address_is_refused_with_the_setting() -> None:
    with pytest.raises(EngineNotConfigured) as caught:
        build_engines(("libre",))
    assert caught.value.setting == "LIBRETRANSLATE_URL"

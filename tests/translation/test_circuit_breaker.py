"""An engine that fails is left alone: for how long, and as it says itself."""

import pytest
from tornado.web import RequestHandler

from bot.translation.circuit_breaker import CircuitBreaker
from bot.translation.engines.deepl import deepl
from bot.translation.engines.engine import Cause
from bot.translation.engines.llm import llm
from bot.translation.service import AllEnginesFailed, Translator
from storage.database import Database
from tests.translation.conftest import Serve


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, rest_seconds=300, clock=clock)


def test_it_opens_after_three_failures_in_a_row_and_one_more_opens_it_again() -> None:
    clock = Clock()
    one = breaker(clock)
    for _ in range(2):
        one.failed()
    one.succeeded()
    for _ in range(2):
        one.failed()
    assert not one.is_open
    one.failed()
    assert (one.is_open, one.rests_seconds) == (True, 300)
    clock.now += 300
    assert (one.is_open, one.is_down) == (False, True)
    one.failed()
    assert one.rests_seconds == 300
    one.succeeded()
    assert (one.is_open, one.is_down) == (False, False)


@pytest.mark.parametrize(
    ("asked", "rests"), [(None, 300), (7, 7), (0, 0), (300, 300), (86_400, 300)]
)
def test_it_rests_as_long_as_the_engine_asks_but_never_longer_than_by_itself(
    asked: float | None, rests: float
) -> None:
    one = breaker(Clock())
    one.failed(at_once=True, rest_seconds=asked)
    assert one.rests_seconds == rests
    assert one.is_down


@pytest.mark.parametrize(("header", "rests"), [("7", 7), ("3600", 300), (None, 300), ("soon", 300)])
@pytest.mark.parametrize("name", ["deepl", "llm"])
async def test_a_retry_after_is_how_long_an_engine_rests(
    name: str, header: str | None, rests: float, serve: Serve, database: Database
) -> None:
    async def behave(handler: RequestHandler) -> None:
        handler.set_status(429)
        if header is not None:
            handler.set_header("Retry-After", header)
        handler.finish({"error": {"message": "Too many requests"}})

    url = serve(behave)
    engine = (
        deepl(url=url + "/v2", key="k", timeout=5)
        if name == "deepl"
        # Patience of a second: it is not waited for in the queue.
        else llm(url=url, model="m", timeout=1)
    )
    clock = Clock()
    translator = Translator(engines=[engine], database=database, clock=clock)
    text = "A text of some length that somebody wants to read."
    with pytest.raises(AllEnginesFailed) as caught:
        await translator.translate(text, language="es")
    error = caught.value.errors[name]
    assert getattr(error, "cause", None) is Cause.TOO_MANY_REQUESTS
    (health,) = translator.health()
    assert health.rests_seconds == rests
    with pytest.raises(AllEnginesFailed) as again:
        await translator.translate(text, language="es")
    assert getattr(again.value.errors[name], "cause", None) is Cause.RESTING
    clock.now += rests
    assert translator.health()[0].rests_seconds == 0

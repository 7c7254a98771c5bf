"""Health and metrics, over real HTTP."""

import re

import httpx
import pytest
from telegram.error import BadRequest

from bot.container import telegram_bot
from bot.playground.telegram.faults import refuse
from bot.runtime.health_server import listening
from bot.runtime.metrics import Metrics
from bot.settings import load
from bot.telegram.rate_limiter import RateLimiter
from tests.bot_under_test import BotUnderTest


async def scraped(app: BotUnderTest) -> tuple[str, httpx.Response]:
    async with telegram_bot(app.parts.settings, token=app.telegram.token) as bot:
        pacer = bot.rate_limiter
        assert isinstance(pacer, RateLimiter)
        metrics = Metrics(database=app.database, pacer=pacer, engines=app.parts.translator.health)
        metrics.handled("command", 0.02)
        app.telegram.faults.next(refuse(400, "Bad Request: x"), method="getMe")
        with pytest.raises(BadRequest):
            await bot.get_me()
        async with (
            listening(("127.0.0.1", 0), database=app.database, metrics=metrics) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            return (await client.get("/metrics")).text, await client.get("/healthz")


async def test_metrics_say_how_much_there_is_and_how_things_went(app: BotUnderTest) -> None:
    await app.follow(app.lin, "cat:cs.CV")
    text, health = await scraped(app)
    assert health.status_code == 200
    assert health.json() == {"status": "ok"}
    for line in (
        'paperboy_telegram_requests_total{outcome="refused",what="answer"} 1.0',
        'paperboy_chats{state="active"} 1.0',
        "paperboy_topics 1.0",
        'paperboy_deliveries{state="dead"} 0.0',
        "paperboy_sweep_good 1.0",
        'paperboy_update_seconds_count{kind="command"} 1.0',
        'paperboy_engine_down{engine="libre"} 0.0',
    ):
        assert line in text, line
    assert re.search(r"^paperboy_papers [1-9]", text, re.MULTILINE)
    assert re.search(r'paperboy_deliveries\{state="pending"\} \d', text)
    assert re.search(r"^paperboy_sweep_age_seconds \d", text, re.MULTILINE)


async def test_metrics_hold_no_token_no_text_and_no_name(app: BotUnderTest) -> None:
    await app.follow(app.ada, "zyzzyva")
    text, _health = await scraped(app)
    for secret in (app.telegram.token, "zyzzyva", "Ada", str(app.ada.id)):
        assert secret not in text


async def test_the_running_bot_serves_them_where_a_setting_says(app: BotUnderTest) -> None:
    await app.close()
    settings = app.parts.settings.model_copy(update={"metrics_listen": "0"})
    assert settings.metrics_address == ("127.0.0.1", 0)
    assert load(None, metrics_listen="[::]:9464").metrics_address == ("::", 9464)
    assert load(None).metrics_address is None
    await app.open()

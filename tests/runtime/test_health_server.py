"""Health and metrics, over real HTTP."""

import asyncio
import re
from functools import partial
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from telegram.error import BadRequest

from bot.container import telegram_bot
from bot.conversation.context import App
from bot.conversation.user_limits import UserRateLimit
from bot.playground.telegram.faults import TelegramFault, refuse, server_error
from bot.runtime.health_server import listening
from bot.runtime.intake import Intake
from bot.runtime.metrics import Metrics
from bot.runtime.polling import Polling
from bot.runtime.pulse import Pulse
from bot.settings.model import load
from bot.telegram.rate_limiter import RateLimiter
from tests.bot_under_test import BotUnderTest
from tests.outside import Outside


async def scraped(app: BotUnderTest, pulse: Pulse) -> tuple[str, httpx.Response]:
    async with telegram_bot(app.parts.settings, token=app.telegram.token) as bot:
        pacer = bot.rate_limiter
        assert isinstance(pacer, RateLimiter)
        metrics = Metrics(database=app.database, pacer=pacer, engines=app.parts.translator.health)
        metrics.handled("command", 0.02)
        app.telegram.faults.next(refuse(400, "Bad Request: x"), method="getMe")
        with pytest.raises(BadRequest):
            await bot.get_me()
        async with (
            listening(
                ("127.0.0.1", 0), database=app.database, metrics=metrics, pulse=pulse
            ) as port,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
        ):
            return (await client.get("/metrics")).text, await client.get("/healthz")


async def test_metrics_say_how_much_there_is_and_how_things_went(app: BotUnderTest) -> None:
    await app.follow(app.lin, "cat:cs.CV")
    text, health = await scraped(app, Pulse())
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
    text, _health = await scraped(app, Pulse())
    for secret in (app.telegram.token, "zyzzyva", "Ada", str(app.ada.id)):
        assert secret not in text


async def test_the_running_bot_serves_them_where_a_setting_says(app: BotUnderTest) -> None:
    await app.close()
    settings = app.parts.settings.model_copy(update={"metrics_listen": "0"})
    assert settings.metrics_address == ("127.0.0.1", 0)
    assert load(None, metrics_listen="[::]:9464").metrics_address == ("::", 9464)
    assert load(None).metrics_address is None
    await app.open()


async def test_health_is_that_it_asked_swept_and_pushed_lately(app: BotUnderTest) -> None:
    now = 0.0
    pulse = Pulse(clock=lambda: now)
    for name, every in (("updates", 180), ("sweep", 6 * 3600), ("push", 300)):
        pulse.expect(name, every=every)
    assert (await scraped(app, pulse))[1].json() == {"status": "ok"}
    now += 200
    for name in ("sweep", "push"):
        pulse.beat(name)
    _text, health = await scraped(app, pulse)
    assert (health.status_code, health.json()) == (503, {"status": "late", "late": ["updates"]})
    pulse.beat("updates")
    now += 150
    assert pulse.late == []
    now += 160
    assert pulse.late == ["updates", "push"]


@pytest.mark.parametrize(
    ("refusal", "late"),
    [
        (refuse(409, "Conflict: terminated by other getUpdates request"), ["updates"]),
        (server_error(), []),  # a Telegram that is down is no trouble of this bot's
    ],
)
async def test_who_answers_nobody_because_another_asks_is_not_well(
    outside: Outside, refusal: TelegramFault, late: list[str]
) -> None:
    now = 0.0
    pulse = Pulse(clock=lambda: now)
    outside.telegram.faults.always(refusal, method="getUpdates")
    app = cast("App", SimpleNamespace(bot=outside.bot))
    intake = Intake(app, outside.database, UserRateLimit())
    listening_to = asyncio.create_task(Polling(app, intake, pulse).listen())
    asked = partial(outside.telegram.calls_to, "getUpdates")
    await outside.telegram.wait_for(asked)
    now = 1000.0
    seen = len(asked())
    await outside.telegram.wait_for(lambda: len(asked()) >= seen + 2)
    assert pulse.late == late
    listening_to.cancel()


def test_what_goes_on_for_two_hours_hangs() -> None:
    now = 0.0
    pulse = Pulse(clock=lambda: now)
    pulse.expect("push", every=300)
    with pulse.running("push"):
        now += 7000
        assert pulse.late == []
        now += 300
        assert pulse.late == ["push"]
    assert pulse.late == []
    pulse.clear()
    now += 7000
    assert pulse.late == []

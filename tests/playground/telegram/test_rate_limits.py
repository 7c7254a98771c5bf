"""Telegram's pace: who writes too fast is told how long to wait."""

import httpx
import pytest

from bot.playground.telegram.rate_limits import RateLimits
from bot.playground.telegram.stand_in import FakeTelegram


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def _admitted(pace: RateLimits, chats: list[int], *, shared: bool = False) -> int:
    return sum(pace.admit(chat, shared=shared) is None for chat in chats)


@pytest.mark.parametrize("burst", [1, 5])
def test_a_chat_takes_a_burst_and_then_one_a_second(burst: int) -> None:
    clock = Clock()
    pace = RateLimits(burst, clock)
    assert _admitted(pace, [1] * 20) == burst
    assert pace.admit(1, shared=False) == 1
    clock.now += 1.0
    assert _admitted(pace, [1] * 20) == 1
    clock.now += 60.0
    assert _admitted(pace, [1] * 20) == burst


def test_all_chats_together_take_thirty_a_second() -> None:
    clock = Clock()
    pace = RateLimits(1, clock)
    assert _admitted(pace, list(range(100))) == 30
    clock.now += 0.9
    assert _admitted(pace, list(range(100, 200))) == 0
    clock.now += 0.1
    assert _admitted(pace, list(range(200, 300))) == 30


def test_a_group_takes_twenty_a_minute() -> None:
    clock = Clock()
    pace = RateLimits(1, clock)
    for _ in range(20):
        assert pace.admit(-1, shared=True) is None
        clock.now += 1.0
    assert pace.admit(-1, shared=True) == 40
    clock.now += 39.0
    assert pace.admit(-1, shared=True) == 1
    clock.now += 1.0
    assert pace.admit(-1, shared=True) is None


def test_whoever_waits_as_told_gets_through() -> None:
    clock = Clock()
    pace = RateLimits(5, clock)
    sent = 0
    while sent < 120:
        wait = pace.admit(-1, shared=True)
        if wait is None:
            sent += 1
        else:
            clock.now += wait
    assert 300 <= clock.now - 1_000.0 <= 320


async def test_a_refusal_says_how_long_to_wait_and_sends_nothing(
    paced_telegram: FakeTelegram,
) -> None:
    telegram = paced_telegram
    ada = telegram.world.add_person("Ada")
    telegram.send_text(ada, ada, "/start")
    address = f"{telegram.url}/bot{telegram.token}/sendMessage"
    async with httpx.AsyncClient() as client:
        first = await client.post(address, data={"chat_id": ada.id, "text": "1"})
        second = await client.post(address, data={"chat_id": ada.id, "text": "2"})
    assert first.status_code == 200
    assert (second.status_code, second.headers["Retry-After"]) == (429, "1")
    assert second.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    assert len(telegram.from_bot(ada)) == 1

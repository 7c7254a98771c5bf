"""The bot's pace: never too fast for Telegram, fair, and an answer never waits behind a push."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from telegram.error import RetryAfter
from telegram.ext import ExtBot

from bot.container import telegram_bot
from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Chat, Person
from bot.settings import load
from bot.telegram.rate_limiter import (
    Priority,
    RateLimiter,
)
from tests.virtual_time import in_virtual_time, now

SECONDS = 6.0
RATE = 25
STANDSTILL_SECONDS = 0.2


async def ask(
    pacer: RateLimiter,
    chat: int | str,
    *,
    push: bool = True,
    fails: bool = False,
    clock: Callable[[], float] = time.monotonic,
) -> float:
    """Send something to a chat; return when it went out."""
    went = 0.0

    async def callback() -> bool:
        nonlocal went
        went = clock()
        if fails:
            raise RetryAfter(1)
        return True

    await pacer.process_request(
        callback=callback,
        args=(),
        kwargs={},
        endpoint="sendMessage",
        data={"chat_id": chat},
        rate_limit_args=Priority.PUSH if push else None,
    )
    return went


async def test_pushes_go_out_one_by_one_and_in_the_order_in_which_they_came() -> None:
    pacer = RateLimiter(rate=50)
    went = await asyncio.gather(*(ask(pacer, chat) for chat in range(1, 31)))
    assert went == sorted(went)
    for start in range(len(went) - 10):
        assert went[start + 10] - went[start] > 9 / 50 - 0.1


async def test_an_answer_goes_at_once_however_many_pushes_wait() -> None:
    pacer = RateLimiter(rate=10)
    pushes = [asyncio.create_task(ask(pacer, chat)) for chat in range(1, 15)]
    await asyncio.sleep(0.05)
    began = time.monotonic()
    assert await ask(pacer, 99, push=False) - began < 0.5
    went = [await push for push in pushes]
    # It took one place, so the last push is one later.
    assert went[-1] - went[0] > 1.2


async def test_a_chat_that_must_wait_lets_others_pass() -> None:
    pacer = RateLimiter(rate=100)
    started = time.monotonic()
    busy = [asyncio.create_task(ask(pacer, 1)) for _each in range(2)]
    others = await asyncio.gather(*(ask(pacer, chat) for chat in range(2, 12)))
    assert max(others) - started < 0.9
    first, second = [await push for push in busy]
    assert second - first >= 1


@pytest.mark.parametrize("group", [-100, "@channel"])
def test_a_group_gets_twenty_a_minute_and_no_more(group: int | str) -> None:
    async def push_for_three_minutes() -> list[float]:
        pacer = RateLimiter(rate=1000, clock=now)
        went = [await ask(pacer, group, clock=now)]
        while went[-1] - went[0] < 180:
            went.append(await ask(pacer, group, clock=now))
        return went

    went = in_virtual_time(push_for_three_minutes())
    in_a_minute = [sum(at <= other < at + 60 for other in went) for at in went]
    assert max(in_a_minute) == 20
    assert in_a_minute[0] == 20


async def test_a_chat_that_is_told_to_wait_gets_nothing_meanwhile_and_others_do() -> None:
    pacer = RateLimiter(rate=1000)
    began = time.monotonic()
    with pytest.raises(RetryAfter):
        await ask(pacer, 1, fails=True)
    assert await ask(pacer, 2) - began < 0.9
    answer, push = await asyncio.gather(ask(pacer, 1, push=False), ask(pacer, 1))
    assert answer - began >= 1
    assert push - began >= 1


async def test_when_several_chats_are_told_to_wait_everybody_does() -> None:
    pacer = RateLimiter(rate=1000)
    began = time.monotonic()
    for chat in (1, 2, 3):
        with pytest.raises(RetryAfter):
            await ask(pacer, chat, fails=True)
    went = await asyncio.gather(ask(pacer, 4), ask(pacer, 5, push=False))
    assert min(went) - began >= 1


@pytest.mark.parametrize("push", [True, False])
async def test_nobody_waits_for_longer_than_there_is_patience(push: bool) -> None:  # noqa: FBT001
    pacer = RateLimiter(rate=1000)
    pacer._hold(1, 31)
    began = time.monotonic()
    with pytest.raises(RetryAfter):
        await ask(pacer, 1, push=push)
    assert time.monotonic() - began < 5


async def test_after_a_silence_no_burst_goes_out() -> None:
    pacer = RateLimiter(rate=20)
    await ask(pacer, 1)
    await asyncio.sleep(1)
    went = await asyncio.gather(*(ask(pacer, chat) for chat in range(2, 12)))
    assert went[-1] - went[0] > 6 / 20


async def test_what_a_slow_network_may_let_go_of_at_once_is_never_too_much() -> None:
    pacer = RateLimiter(rate=25)
    stalled, full = asyncio.Event(), asyncio.Event()
    went: list[float] = []

    async def request() -> bool:
        went.append(time.monotonic())
        if len(went) == 30:
            full.set()
        return await stalled.wait()

    def push(chat: int) -> asyncio.Task[Any]:
        data = {"chat_id": chat}
        work = pacer.process_request(request, (), {}, "sendMessage", data, Priority.PUSH)
        return asyncio.create_task(work)

    pushes = [push(chat) for chat in range(40)]
    await asyncio.wait_for(full.wait(), 10)
    await asyncio.sleep(0.3)
    assert len(went) == 30
    stalled.set()
    arrived = time.monotonic()
    await asyncio.gather(*pushes)
    assert went[30] - arrived >= 1


async def test_the_pace_is_used_up_and_telegram_never_complains(
    paced_telegram: FakeTelegram,
) -> None:
    """Over real HTTP, with people and groups, and with commands that are answered meanwhile.

    Where this process stood still, what was to go out since goes out at once, and says nothing of
    the pace: then all is done again.
    """
    telegram = paced_telegram
    people = [telegram.world.add_person(f"P{n}") for n in range(90)]
    groups = []
    for number, person in enumerate(people):
        telegram.send_text(person, person, "/start")
        if number < 20:
            groups.append(telegram.world.add_group(f"G{number}", [person], admins=[person]))
            telegram.add_bot(person, groups[-1])
    readers: list[Person | Chat] = [*people[:70], *groups]
    settings = load(
        None, telegram_bot_token=telegram.token, telegram_api_url=telegram.url, send_rate=RATE
    )
    async with telegram_bot(settings, token=telegram.token) as bot:
        for _ in range(5):
            before = len(telegram.calls_to("sendMessage"))
            stood_still = await keep_busy(bot, readers=readers, asking=people[70:80])
            if stood_still < STANDSTILL_SECONDS:
                break
    sent = telegram.calls_to("sendMessage")[before:]
    assert not [call.error for call in sent if call.error]
    first = sent[0].at
    within = sum(call.at - first <= SECONDS for call in sent)
    assert within >= 0.9 * RATE * SECONDS


async def keep_busy(
    bot: ExtBot[Priority], *, readers: Sequence[Person | Chat], asking: Sequence[Person]
) -> float:
    """Push and answer as fast as the pace allows; return the longest time nothing ran at all."""
    chance = random.Random(1)  # noqa: S311 - no secret
    end = time.monotonic() + SECONDS
    stood_still = 0.0

    async def push(chat: Person | Chat) -> None:
        while time.monotonic() < end:
            await bot.send_message(chat.id, "A paper", rate_limit_args=Priority.PUSH)

    async def answer(chat: Person) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(chance.uniform(1.1, 2))
            await bot.send_message(chat.id, "An answer")

    async def watch() -> None:
        nonlocal stood_still
        while (began := time.monotonic()) < end:
            await asyncio.sleep(0.01)
            stood_still = max(stood_still, time.monotonic() - began)

    await asyncio.gather(watch(), *map(push, readers), *map(answer, asking))
    return stood_still


async def test_a_broken_push_is_not_repeated_by_the_pace(telegram: FakeTelegram) -> None:
    ada = telegram.world.add_person("Ada")
    telegram.send_text(ada, ada, "/start")
    settings = load(None, telegram_bot_token=telegram.token, telegram_api_url=telegram.url)
    telegram.faults.next(faults.flood(1), method="sendMessage")
    async with telegram_bot(settings, token=telegram.token) as bot:
        with pytest.raises(RetryAfter):
            await bot.send_message(ada.id, "A paper", rate_limit_args=Priority.PUSH)
    assert len(telegram.calls_to("sendMessage")) == 1

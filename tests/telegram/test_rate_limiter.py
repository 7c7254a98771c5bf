"""The bot's pace: never too fast for Telegram, fair, and an answer never waits behind a push."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence, Sized
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot

from bot.container import telegram_bot
from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Chat, Person
from bot.settings.model import load
from bot.telegram.rate_limiter import (
    Priority,
    RateLimiter,
    retry_after_seconds,
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


class Paced:
    """A rate limiter in virtual time; `went` tells what left when, in seconds from the start."""

    def __init__(self, rate: float) -> None:
        self.limiter = RateLimiter(rate=rate, clock=now)
        self.began = now()
        self.went: list[tuple[Any, float]] = []

    async def send(
        self,
        chat: Any,
        *errors: Exception,
        push: bool = True,
        endpoint: str = "sendMessage",
        takes: float = 0.0,
    ) -> float:
        """Send something that ends with these errors first; return when it was through."""
        left = list(errors)

        async def request() -> bool:
            self.went.append((chat, self.passed()))
            await asyncio.sleep(takes)
            if left:
                raise left.pop(0)
            return True

        data = {} if chat is None else {"chat_id": chat}
        kind = Priority.PUSH if push else None
        assert await self.limiter.process_request(request, (), {}, endpoint, data, kind)
        return self.passed()

    async def answer(
        self, chat: Any, *errors: Exception, endpoint: str = "sendMessage", takes: float = 0.0
    ) -> float:
        return await self.send(chat, *errors, push=False, endpoint=endpoint, takes=takes)

    async def refused(self, chat: Any, *errors: Exception, **more: Any) -> Exception:
        """Return what the sender hears when it does not work out."""
        with pytest.raises(TelegramError) as caught:
            await self.send(chat, *errors, **more)
        return caught.value

    def passed(self) -> float:
        return round(now() - self.began, 6)

    def times(self, chat: Any = None) -> list[float]:
        return [at for whose, at in self.went if chat in {None, whose}]


def paced(rate: float, story: Callable[[Paced], Coroutine[Any, Any, None]]) -> Paced:
    """Run a story in virtual time, and return what became of it."""

    async def run() -> Paced:
        told = Paced(rate)
        await story(told)
        return told

    return in_virtual_time(run())


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(10, [0, 0, 0.1, 0.2, 0.3]), (25, [0, 0, 0, 0.02, 0.06]), (1, [0, 0.9, 1.9, 2.9, 3.9])],
)
def test_pushes_leave_at_an_even_rate_and_a_tenth_of_a_second_is_made_up_for(
    rate: float, expected: list[float]
) -> None:
    async def story(paced: Paced) -> None:
        await asyncio.gather(*(paced.send(chat) for chat in range(1, 6)))
        silence = 60 - paced.passed()
        await asyncio.sleep(silence)
        await asyncio.gather(*(paced.send(chat) for chat in range(11, 16)))

    times = paced(rate, story).times()
    assert times[:5] == pytest.approx(expected)
    assert times[5:] == pytest.approx([60 + at for at in expected])


def test_answers_go_at_once_and_take_their_place_among_the_pushes() -> None:
    async def story(paced: Paced) -> None:
        pushes = asyncio.gather(*(paced.send(chat) for chat in range(1, 6)))
        await asyncio.sleep(0.05)
        assert await paced.answer(99) == 0.05
        assert await paced.answer(99) == 0.05
        await pushes

    assert paced(10, story).times() == pytest.approx([0, 0, 0.05, 0.05, 0.3, 0.4, 0.5])


@pytest.mark.parametrize(
    ("endpoint", "counts"),
    [
        ("sendMessage", True),
        ("sendDocument", True),
        ("sendChatAction", False),
        ("editMessageText", False),
        ("answerCallbackQuery", False),
    ],
)
def test_only_what_sends_a_message_counts(endpoint: str, *, counts: bool) -> None:
    async def story(paced: Paced) -> None:
        for _each in range(3):
            await paced.answer(7, endpoint=endpoint)
        await paced.send(7)

    assert paced(10, story).times(7)[-1] == pytest.approx(3 if counts else 0)


@pytest.mark.parametrize(
    ("chat", "takes", "second"),
    [
        pytest.param(5, 0, 1, id="private"),
        pytest.param(-5, 0, 3, id="group"),
        pytest.param("@channel", 0, 3, id="channel"),
        pytest.param(5, 0.4, 1.4, id="counted from its arrival"),
        pytest.param(0, 0, 1, id="zero is no group"),
    ],
)
def test_a_chat_gets_one_message_a_second_and_a_group_one_in_three(
    chat: Any, takes: float, second: float
) -> None:
    async def story(paced: Paced) -> None:
        await asyncio.gather(paced.send(chat, takes=takes), paced.send(chat, takes=takes))

    assert paced(1000, story).times() == pytest.approx([0, second])


def test_answers_in_a_row_put_the_next_push_off_by_as_many_seconds() -> None:
    async def story(paced: Paced) -> None:
        for _each in range(4):
            await paced.answer(5)
        await paced.send(5)

    assert paced(1000, story).times() == pytest.approx([0, 0, 0, 0, 4])


@pytest.mark.parametrize("after", [5, timedelta(seconds=5)])
def test_a_push_is_told_how_long_to_wait_and_its_chat_is_left_alone_until_then(
    after: int | timedelta,
) -> None:
    async def story(paced: Paced) -> None:
        refused = await paced.refused(1, RetryAfter(after))
        assert isinstance(refused, RetryAfter)
        assert retry_after_seconds(refused) == 5
        await asyncio.gather(paced.send(1), paced.answer(1), paced.send(2))

    told = paced(1000, story)
    assert told.times(2) == pytest.approx([0.0])
    assert told.times(1) == pytest.approx([0, 5, 5])
    assert told.limiter.outcomes == {
        ("push", "told to wait"): 1,
        ("push", "ok"): 2,
        ("answer", "ok"): 1,
    }


@pytest.mark.parametrize(
    ("error", "again_at"),
    [
        (RetryAfter(5), 5),
        (RetryAfter(30), 30),
        (RetryAfter(31), None),
        (NetworkError("Bad Gateway"), 0.5),
        (TimedOut(), None),
        (BadRequest("Chat not found"), None),
        (Forbidden("bot was blocked by the user"), None),
    ],
)
@pytest.mark.parametrize("endpoint", ["sendMessage", "editMessageText"])
def test_an_answer_is_tried_once_more_where_that_may_help(
    error: TelegramError, again_at: float | None, endpoint: str
) -> None:
    async def story(paced: Paced) -> None:
        if again_at is None:
            assert await paced.refused(1, error, push=False, endpoint=endpoint) is error
        else:
            assert await paced.answer(1, error, endpoint=endpoint) == again_at

    expected = [0] if again_at is None else [0, again_at]
    assert paced(1000, story).times() == pytest.approx(expected)


def test_an_answer_is_not_tried_a_third_time() -> None:
    async def story(paced: Paced) -> None:
        last = NetworkError("still")
        assert await paced.refused(1, NetworkError("first"), last, push=False) is last

    assert len(paced(1000, story).times()) == 2


@pytest.mark.parametrize("push", [True, False])
@pytest.mark.parametrize(("wait", "rest"), [(29, None), (31, 31), (40.2, 41)])
def test_who_would_wait_for_more_than_thirty_seconds_is_told_so_at_once(
    wait: float, rest: int | None, *, push: bool
) -> None:
    async def story(paced: Paced) -> None:
        await paced.refused(1, RetryAfter(timedelta(seconds=wait)))
        if rest is None:
            await paced.send(1, push=push)
            return
        refused = await paced.refused(1, push=push)
        assert isinstance(refused, RetryAfter)
        assert retry_after_seconds(refused) == rest
        assert paced.passed() == 0

    assert paced(1000, story).times() == pytest.approx([0] if rest else [0, wait])


def test_a_push_that_waits_half_a_minute_for_its_turn_goes_back() -> None:
    async def story(paced: Paced) -> None:
        ends = await asyncio.gather(
            *(paced.send(-7) for _each in range(12)), return_exceptions=True
        )
        back = [end for end in ends if isinstance(end, RetryAfter)]
        assert [retry_after_seconds(end) for end in back] == [30, 30]
        assert paced.passed() == 30

    told = paced(1000, story)
    assert told.times() == pytest.approx([3 * n for n in range(10)])
    assert told.limiter.outcomes == {("push", "ok"): 10, ("push", "told to wait"): 2}


async def told_to_wait(paced: Paced, *chats: Any, push: bool = True) -> None:
    for chat in chats:
        await paced.refused(chat, RetryAfter(20), RetryAfter(40), push=push)


@pytest.mark.parametrize("probes", [1, 2])
def test_everybody_waits_once_telegram_says_so_of_three_people_and_of_two_probes(
    probes: int,
) -> None:
    async def story(paced: Paced) -> None:
        await told_to_wait(paced, 1, 2, 3)
        refused = [paced.refused(10 + n, RetryAfter(9), takes=0.5) for n in range(probes)]
        others = [paced.send(chat) for chat in range(50, 53)]
        answered = paced.answer(60)
        await asyncio.gather(*refused, *others, answered)

    happened = paced(1000, story)
    assert happened.times(10) == pytest.approx([0], abs=0.1)
    assert happened.times(60) == pytest.approx([0], abs=0.1), "an answer waits for nobody else"
    first = happened.times(50)[0]
    if probes == 1:
        assert first == pytest.approx(1.5, abs=0.1), "the second probe, a second after the first"
    else:
        assert happened.times(11) == pytest.approx([1.5], abs=0.1)
        assert first == pytest.approx(11, abs=0.1), "nine seconds after the second probe"
    assert happened.times(52)[0] >= first, "behind the probe"


@pytest.mark.parametrize(
    ("chats", "push"),
    [
        pytest.param((-1, -2, -3, -4, "@channel"), True, id="a stranger's groups"),
        pytest.param((1, 2, 3, 4), False, id="answers"),
        pytest.param((1, 1, 1, 2), True, id="two people"),
    ],
)
def test_what_somebody_is_told_for_his_own_chats_is_nobody_else_s_business(
    chats: tuple[Any, ...], *, push: bool
) -> None:
    async def story(paced: Paced) -> None:
        await asyncio.gather(
            *(paced.refused(chat, *[RetryAfter(25)] * 2, push=push) for chat in chats)
        )

    async def others(paced: Paced) -> None:
        theirs = asyncio.create_task(story(paced))
        await asyncio.sleep(1)
        began = paced.passed()
        sent = await asyncio.gather(*(paced.send(50 + n, takes=0.5) for n in range(5)))
        assert max(sent) - began < 0.6, "side by side, behind no probe"
        theirs.cancel()

    paced(1000, others)


def test_a_probe_that_gets_through_ends_the_suspicion() -> None:
    async def story(paced: Paced) -> None:
        await told_to_wait(paced, 1, 2, 3)
        await paced.send(10)
        began = paced.passed()
        sent = await asyncio.gather(*(paced.send(50 + n, takes=0.5) for n in range(5)))
        assert max(sent) - began < 0.6

    paced(1000, story)


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    async def story(paced: Paced) -> None:
        both = asyncio.gather(
            paced.refused(1, RetryAfter(20), push=False, takes=1, endpoint="getChat"),
            paced.refused(1, RetryAfter(40), push=False, takes=0.5, endpoint="getChat"),
        )
        await asyncio.sleep(2)
        refused = await paced.refused(1)
        assert isinstance(refused, RetryAfter)
        assert retry_after_seconds(refused) == 39
        both.cancel()

    paced(1000, story)


def test_what_is_about_no_chat_holds_nobody_up() -> None:
    async def story(paced: Paced) -> None:
        await asyncio.gather(
            *(paced.refused(None, RetryAfter(60), push=False, endpoint="getMe") for _ in range(4))
        )
        assert await paced.send(1) == 0
        assert await paced.answer(None, endpoint="getMe") == 0

    paced(1000, story)


@pytest.mark.parametrize(("rate", "most"), [(25, 30), (28, 33), (100, 120)])
def test_so_many_are_under_way_as_telegram_takes_in_a_second(rate: float, most: int) -> None:
    async def story(paced: Paced) -> None:
        sending = asyncio.gather(*(paced.send(chat, takes=9) for chat in range(1, 200)))
        await asyncio.sleep(8.9)
        assert len(paced.went) == most
        await asyncio.sleep(1)
        assert len(paced.went) == most, "what arrived within the last second counts as well"
        await asyncio.sleep(0.2)
        assert len(paced.went) > most
        sending.cancel()

    paced(rate, story)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RetryAfter(40), "told to wait"),
        (Forbidden("x"), "forbidden"),
        (BadRequest("x"), "refused"),
        (ChatMigrated(-5), "moved"),
        (TimedOut(), "no answer"),
        (NetworkError("x"), "failed"),
        (Conflict("x"), "failed"),
    ],
)
@pytest.mark.parametrize("push", [True, False])
def test_every_outcome_is_counted_under_its_name(
    error: TelegramError, kind: str, *, push: bool
) -> None:
    async def story(paced: Paced) -> None:
        assert await paced.refused(1, error, error, push=push) is error

    assert paced(1000, story).limiter.outcomes == {("push" if push else "answer", kind): 1}


def test_who_ends_the_bot_is_counted_as_well() -> None:
    async def story(paced: Paced) -> None:
        sending = asyncio.create_task(paced.send(1, takes=5))
        await asyncio.sleep(1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await paced.send(1) == 2, "it may have arrived when it was cancelled"

    outcomes = paced(1000, story).limiter.outcomes
    assert outcomes == {("push", "cancelled"): 1, ("push", "ok"): 1}


def test_what_goes_to_a_chat_meanwhile_puts_a_waiting_push_off() -> None:
    async def story(paced: Paced) -> None:
        pushes = asyncio.gather(*(paced.send(chat) for chat in (1, 2, -3)))
        await asyncio.sleep(1)
        await paced.answer(-3)
        await pushes

    assert paced(1, story).times(-3) == pytest.approx([1, 4])


def test_a_chat_that_is_told_to_wait_meanwhile_puts_a_waiting_push_off() -> None:
    async def story(paced: Paced) -> None:
        pushes = asyncio.gather(*(paced.send(chat) for chat in (1, 2, 3)))
        await asyncio.sleep(1)
        await paced.answer(3, RetryAfter(5), endpoint="getChat")
        await pushes

    assert paced(1, story).times(3) == pytest.approx([1, 6, 6])


def test_the_end_of_a_push_does_not_shorten_what_answers_cost_its_chat() -> None:
    async def story(paced: Paced) -> None:
        push = asyncio.create_task(paced.send(5, takes=1))
        await asyncio.sleep(0.5)
        for _each in range(4):
            await paced.answer(5)
        await push
        await paced.send(5)

    assert paced(1000, story).times(5)[-1] == pytest.approx(5)


def test_the_second_wish_for_patience_is_kept_as_well() -> None:
    async def story(paced: Paced) -> None:
        last = RetryAfter(40)
        assert await paced.refused(1, RetryAfter(5), last, push=False) is last
        refused = await paced.refused(1)
        assert isinstance(refused, RetryAfter)
        assert retry_after_seconds(refused) == 40

    paced(1000, story)


def test_while_people_wait_the_bot_may_still_ask_for_itself() -> None:
    async def story(paced: Paced) -> None:
        for chat in (1, 2, 3):
            await paced.refused(chat, RetryAfter(40))
        assert await paced.answer(None, endpoint="getMe") == 0

    paced(1000, story)


async def test_a_request_gets_all_that_it_is_given() -> None:
    async def request(one: int, *, two: int) -> dict[str, Any]:
        return {"one": one, "two": two}

    answer = RateLimiter(rate=10).process_request(request, (1,), {"two": 2}, "getMe", {}, None)
    assert await answer == {"one": 1, "two": 2}


def test_a_year_of_chats_is_not_remembered_for_ever() -> None:
    async def story(paced: Paced) -> None:
        for chat in range(1, 20_002):
            await paced.answer(chat)
            await asyncio.sleep(0.01)
        assert len(paced.limiter._chats) <= 10_001
        await asyncio.sleep(2)
        assert await paced.send(5) == paced.passed()

    paced(1000, story)


async def test_a_turn_that_was_taken_ahead_is_the_chat_s_next_push_and_no_more() -> None:
    pacer = RateLimiter(rate=1000)
    began = time.monotonic()
    async with pacer.turn(1):
        assert await ask(pacer, 1) - began < 0.2
        assert await ask(pacer, 1) - began >= 1, "the second one waits for its own turn"
    assert await ask(pacer, 1) - began >= 2


def test_turns_that_are_used_together_are_no_more_than_telegram_takes_in_a_second() -> None:
    async def story(paced: Paced) -> None:
        async with AsyncExitStack() as turns:
            for chat in range(1, 26):
                await turns.enter_async_context(paced.limiter.turn(chat))
            for chat in range(100, 110):
                await paced.answer(chat)
            await asyncio.gather(*(paced.send(chat) for chat in range(1, 26)))
        times = paced.times()
        most = max(sum(at <= other < at + 1 for other in times) for at in times)
        assert (len(times), most) == (35, 30)

    paced(25, story)


def test_how_long_so_many_more_pushes_take_is_known_while_any_wait() -> None:
    async def story(paced: Paced) -> None:
        assert paced.limiter.seconds_until(2) == 0
        waiting = asyncio.gather(*(paced.send(chat) for chat in range(9)))
        await asyncio.sleep(0.04)
        assert paced.limiter.seconds_until(2) == pytest.approx(0.08)
        await waiting
        assert paced.limiter.seconds_until(2) == 0

    paced(25, story)


async def test_a_turn_counts_as_under_way_until_it_is_used_or_given_back() -> None:
    pacer = RateLimiter(rate=1000)
    async with AsyncExitStack() as turns:
        for chat in range(1, 1201):
            await turns.enter_async_context(pacer.turn(chat))
        # 1.2 times the pace within a second, and none of them has arrived.
        late = asyncio.create_task(ask(pacer, 5000))
        await asyncio.sleep(0.2)
        assert not late.done()
    await asyncio.wait_for(late, 0.5)


async def test_a_turn_is_refused_to_a_chat_that_must_wait_for_long() -> None:
    pacer = RateLimiter(rate=1000)
    with pytest.raises(RetryAfter):
        await pacer.process_request(
            callback=wait_an_hour,
            args=(),
            kwargs={},
            endpoint="sendMessage",
            data={"chat_id": 1},
            rate_limit_args=Priority.PUSH,
        )
    with pytest.raises(RetryAfter):
        async with pacer.turn(1):
            pytest.fail("it had its turn")


async def wait_an_hour() -> bool:
    raise RetryAfter(3600)


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


async def test_answers_alone_leave_nothing_behind(
    telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = telegram.world.add_person("Ada")
    telegram.send_text(ada, ada, "/start")
    settings = load(None, telegram_bot_token=telegram.token, telegram_api_url=telegram.url)
    async with telegram_bot(settings, token=telegram.token) as bot:
        limiter = bot.rate_limiter
        for minute in range(12):
            monkeypatch.setattr(limiter, "_clock", lambda minute=minute: 60.0 * minute)
            await bot.send_message(ada.id, "An answer")
        kept = [len(value) for value in vars(limiter).values() if isinstance(value, Sized)]
    assert max(kept) < 5


@pytest.mark.parametrize("paid", [True, False])
async def test_pushes_say_that_they_are_paid_for_and_answers_never(
    telegram: FakeTelegram, *, paid: bool
) -> None:
    ada = telegram.world.add_person("Ada")
    telegram.send_text(ada, ada, "/start")
    settings = load(
        None,
        telegram_bot_token=telegram.token,
        telegram_api_url=telegram.url,
        paid_broadcast=paid,
    )
    async with telegram_bot(settings, token=telegram.token) as bot:
        await bot.send_message(ada.id, "A paper", rate_limit_args=Priority.PUSH)
        await bot.send_message(ada.id, "An answer")
    push, answer = telegram.calls_to("sendMessage")
    assert (push.params.get("allow_paid_broadcast") is True) is paid
    assert answer.params.get("allow_paid_broadcast") is None


def test_at_a_stop_what_is_in_flight_is_finished_and_what_waits_goes_back_at_once() -> None:
    async def story(paced: Paced) -> None:
        pushes = [asyncio.create_task(paced.send(chat, takes=3)) for chat in range(1, 101)]
        await asyncio.sleep(1)
        in_flight = len(paced.went)
        paced.limiter.stop_pushes()
        ended = await asyncio.gather(*pushes, return_exceptions=True)
        assert paced.passed() <= 4
        assert len(paced.went) == in_flight, "nothing new is sent"
        assert sum(isinstance(end, RetryAfter) for end in ended) == 100 - in_flight
        assert isinstance(await paced.refused(200), RetryAfter)
        assert await paced.answer(201) == paced.passed(), "answers are not held up"
        paced.limiter.resume_pushes()
        assert await paced.send(202)

    paced(10, story)

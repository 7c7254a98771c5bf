"""One message of a push: claimed, sent, and written down, whatever happens on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.playground.telegram import faults
from bot.push.delivery import Outgoing, Pushed, deliver, group_commit
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority, RateLimiter
from storage import admin, statistics
from storage.admin_models import Notice
from storage.columns import utc_now
from storage.models import Chat, ChatState, Delivery, DeliveryState, Paper
from storage.outbox import Rows
from tests.on_connection import claimed
from tests.outside import DAY, Outside

ID = "2611.00001"


async def owed(outside: Outside, count: int = 1) -> Chat:
    """Return a chat that is owed papers, from ID on."""
    _person, chat = await outside.person()
    await outside.follow(chat, "nerf")
    moment = utc_now() - DAY
    papers = [
        Paper(
            id=f"2611.{number:05}",
            title="A NeRF",
            abstract="A.",
            authors=["Ada Lovelace"],
            categories=["cs.CV"],
            published_at=moment,
            updated_at=moment,
        )
        for number in range(1, count + 1)
    ]
    await outside.owe("nerf", papers)
    return chat


def outgoing(chat: Chat, *ids: str, **more: Any) -> Outgoing:
    """Return a message that brings these papers, or ID."""
    return Outgoing(
        PushMessage("Hello", ()), Rows(Delivery, chat.id, ids or (ID,)), chat.telegram_id, **more
    )


async def attempts(outside: Outside) -> list[int]:
    async with outside.database.reading() as session:
        return list((await session.exec(select(Delivery.attempts))).all())


async def states(outside: Outside) -> dict[DeliveryState, int]:
    return (await outside.database.read(statistics.totals)).deliveries


@pytest.mark.parametrize(
    ("seconds", "is_over"),
    [
        pytest.param(180, False, id="three minutes"),
        pytest.param(299, True, id="before another copy may claim it"),
    ],
)
async def test_a_message_is_given_up_before_its_claim_of_five_minutes_ends(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, seconds: float, *, is_over: bool
) -> None:
    """Another copy takes it after five minutes, and then nobody else may be sending it."""
    chat = await owed(outside)
    outside.telegram.faults.always(faults.hang(), method="sendMessage")
    patient: ExtBot[Priority] = ExtBot(
        outside.telegram.token,
        base_url=f"{outside.telegram.url}/bot",
        request=HTTPXRequest(read_timeout=3600),
        rate_limiter=RateLimiter(rate=1000),
    )
    async with patient:
        sending = asyncio.create_task(
            deliver(group_commit(outside.database, outside.bot), patient, outgoing(chat))
        )
        await outside.telegram.wait_for(lambda: outside.telegram.calls_to("sendMessage"), 10)
        loop = asyncio.get_running_loop()
        real = loop.time
        monkeypatch.setattr(loop, "time", lambda: real() + seconds)
        await asyncio.wait([sending], timeout=5 if is_over else 0.5)
        assert sending.done() is is_over
        assert await states(outside) == {
            DeliveryState.PENDING if is_over else DeliveryState.SENDING: 1
        }
        monkeypatch.setattr(loop, "time", lambda: real() + 3600)
        pushed = await sending
    assert pushed.problem == "no answer in time"
    assert pushed.retry_at is not None
    assert pushed.retry_at < utc_now() + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("fault", "left", "counted"),
    [
        pytest.param(faults.server_error(), DeliveryState.DEAD, 7, id="what fails eight times"),
        # For longer than a push waits for its turn: the bot need not ask again to know.
        pytest.param(faults.flood(3600), DeliveryState.PENDING, 0, id="Telegram's own wait"),
    ],
)
async def test_only_a_try_that_says_something_of_the_message_counts_towards_eight(
    outside: Outside, fault: faults.TelegramFault, left: DeliveryState, counted: int
) -> None:
    chat = await owed(outside)
    outside.telegram.faults.always(fault, method="sendMessage")
    for number in range(8):
        assert await states(outside) == {DeliveryState.PENDING: 1}, f"before try {number + 1}"
        [before] = await attempts(outside)
        item = outgoing(chat, attempts=before)
        pushed = await deliver(group_commit(outside.database, outside.bot), outside.bot, item)
        assert pushed.sent == 0
    assert await states(outside) == {left: 1}
    assert await attempts(outside) == [counted]


async def test_nothing_is_claimed_while_it_waits_for_its_turn(outside: Outside) -> None:
    chat = await owed(outside)
    commit = group_commit(outside.database, outside.bot)
    limiter = outside.bot.rate_limiter
    assert isinstance(limiter, RateLimiter)
    async with limiter.turn(chat.telegram_id):
        pass  # the chat's next message is a second away
    sending = asyncio.create_task(deliver(commit, outside.bot, outgoing(chat)))
    await asyncio.sleep(0.5)
    assert await states(outside) == {DeliveryState.PENDING: 1}
    assert await sending == Pushed(sent=1)
    waiting = asyncio.create_task(deliver(commit, outside.bot, outgoing(chat)))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=0.2)
    assert waiting.cancelled(), "nothing was begun, so nothing is waited for"


async def test_messages_that_follow_each_other_share_their_transactions(outside: Outside) -> None:
    """At 25 a second a transaction waits for more: six messages do not cost twelve of them."""
    commit = group_commit(outside.database, outside.bot)
    chats = [chat for _person, chat in [await outside.person() for _each in range(5)]]
    for chat in chats:
        await outside.follow(chat, "nerf")
    chats.append(await owed(outside))
    transactions: list[object] = []
    event.listen(outside.database._in_threads, "commit", transactions.append)
    done = await asyncio.gather(*(deliver(commit, outside.bot, outgoing(chat)) for chat in chats))
    assert done == [Pushed(sent=1)] * 6
    assert len(transactions) <= 7


async def rows(outside: Outside) -> list[Delivery]:
    async with outside.database.reading() as session:
        return list((await session.exec(select(Delivery).order_by(col(Delivery.id)))).all())


async def change(outside: Outside, chat: Chat, state: ChatState) -> None:
    async with outside.database.transaction() as session:
        stored = await session.get_one(Chat, chat.id)
        stored.state = state


async def announced(outside: Outside, chat: Chat) -> Outgoing:
    """Return a broadcast to a chat, as it is going out."""
    async with outside.database.transaction() as session:
        made = await admin.draft(session=session, html="<b>We move</b>")
        await admin.start(session=session, broadcast_id=made.id, now=utc_now())
        return Outgoing(
            PushMessage("We move", ()), Rows(Notice, chat.id, (made.id,)), chat.telegram_id
        )


async def notices(outside: Outside) -> list[tuple[DeliveryState, str | None]]:
    async with outside.database.reading() as session:
        return [(one.state, one.reason) for one in (await session.exec(select(Notice))).all()]


async def delivered(outside: Outside, item: Outgoing) -> Pushed:
    return await deliver(group_commit(outside.database, outside.bot), outside.bot, item)


async def test_what_telegram_accepts_is_sent_for_good(outside: Outside) -> None:
    chat = await owed(outside, 2)
    pushed = await delivered(outside, outgoing(chat, ID, "2611.00002"))
    assert pushed == Pushed(sent=2)
    [message] = outside.telegram.from_bot(chat.telegram_id)
    for row in await rows(outside):
        assert (row.state, row.message_id) == (DeliveryState.SENT, message.id)
        assert row.claimed_at is None
        assert row.sent_at is not None
    assert (await delivered(outside, outgoing(chat))).problem == "another push was faster"
    assert len(outside.telegram.from_bot(chat.telegram_id)) == 1


@pytest.mark.parametrize("silent", [True, False])
async def test_a_message_makes_a_sound_or_none(outside: Outside, *, silent: bool) -> None:
    chat = await owed(outside)
    await delivered(outside, outgoing(chat, silent=silent))
    [call] = outside.telegram.calls_to("sendMessage")
    assert call.params.get("disable_notification", False) is silent


async def test_of_what_another_push_took_a_part_nothing_is_sent(outside: Outside) -> None:
    chat = await owed(outside, 2)
    async with outside.database.transaction() as session:
        theirs = Rows(Delivery, chat.id, ("2611.00002",))
        assert len(await claimed(session, theirs, now=utc_now())) == 1
    pushed = await delivered(outside, outgoing(chat, ID, "2611.00002"))
    assert pushed.problem == "another push was faster"
    assert pushed.retry_at is not None
    assert timedelta(seconds=50) < pushed.retry_at - utc_now() <= timedelta(seconds=60)
    mine, other = await rows(outside)
    assert (mine.state, mine.attempts) == (DeliveryState.PENDING, 0)
    assert mine.reason == "another push was faster"
    assert mine.next_try_at <= utc_now()
    assert other.state is DeliveryState.SENDING
    assert outside.telegram.calls_to("sendMessage") == []


@pytest.mark.parametrize(
    ("state", "by_clock", "sent"),
    [
        (ChatState.ACTIVE, True, 1),
        (ChatState.PAUSED, True, 0),
        (ChatState.PAUSED, False, 1),
        (ChatState.BLOCKED, False, 0),
        (ChatState.BLOCKED, True, 0),
    ],
)
async def test_a_chat_gets_what_it_wants_at_that_moment(
    outside: Outside, state: ChatState, *, by_clock: bool, sent: int
) -> None:
    chat = await owed(outside)
    await change(outside, chat, state)
    pushed = await delivered(outside, outgoing(chat, by_clock=by_clock))
    expected = Pushed(sent=1) if sent else Pushed(problem="not wanted any more")
    assert pushed == expected
    assert await states(outside) == {DeliveryState.SENT if sent else DeliveryState.PENDING: 1}


async def test_a_chat_that_is_forgotten_gets_nothing(outside: Outside) -> None:
    chat = await owed(outside)
    unknown = Outgoing(PushMessage("Hello", ()), Rows(Delivery, chat.id + 1, (ID,)), 1)
    assert await delivered(outside, unknown) == Pushed(problem="not wanted any more")
    assert outside.telegram.calls_to("sendMessage") == []


async def test_a_chat_that_can_t_be_reached_keeps_its_papers_and_loses_its_broadcast(
    outside: Outside,
) -> None:
    chat = await owed(outside)
    broadcast, second = await announced(outside, chat), await announced(outside, chat)
    outside.telegram.faults.always(
        faults.refuse(403, "Forbidden: bot was blocked by the user"), method="sendMessage"
    )
    reason = "Forbidden: bot was blocked by the user"
    assert await delivered(outside, outgoing(chat)) == Pushed(problem=reason)
    stored = await outside.chat(chat)
    assert (stored.state, stored.state_reason) == (ChatState.BLOCKED, reason)
    [row] = await rows(outside)
    assert (row.state, row.reason, row.attempts) == (DeliveryState.PENDING, reason, 0)
    assert row.next_try_at <= utc_now()
    assert await delivered(outside, broadcast) == Pushed()
    await change(outside, chat, ChatState.ACTIVE)
    assert await delivered(outside, second) == Pushed(problem=reason)
    assert await notices(outside) == [(DeliveryState.DEAD, reason)] * 2
    assert len(outside.telegram.calls_to("sendMessage")) == 2


async def test_what_telegram_will_never_take_is_a_dead_letter_with_its_reason(
    outside: Outside,
) -> None:
    chat = await owed(outside)
    answer = faults.refuse(400, "Bad Request: something quite new")
    outside.telegram.faults.always(answer, method="sendMessage")
    assert await delivered(outside, outgoing(chat)) == Pushed()
    [row] = await rows(outside)
    assert (row.state, row.reason) == (DeliveryState.DEAD, "Something quite new")


async def test_the_eighth_try_is_the_last_and_tells_why(outside: Outside) -> None:
    chat = await owed(outside)
    outside.telegram.faults.always(faults.server_error(), method="sendMessage")
    assert await delivered(outside, outgoing(chat, attempts=7)) == Pushed()
    [row] = await rows(outside)
    assert (row.state, row.reason) == (DeliveryState.DEAD, "Bad Gateway")


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 1), (1, 2), (3, 8), (6, 64)])
async def test_tries_are_a_minute_apart_and_then_twice_as_long_each_time(
    outside: Outside, attempts: int, minutes: float
) -> None:
    chat = await owed(outside)
    outside.telegram.faults.always(faults.server_error(), method="sendMessage")
    asked = utc_now()
    pushed = await delivered(outside, outgoing(chat, attempts=attempts))
    assert (pushed.sent, pushed.problem) == (0, "Bad Gateway")
    assert pushed.retry_at is not None
    wait = (pushed.retry_at - asked) / timedelta(minutes=minutes)
    assert 0.75 <= wait < 1.3
    [row] = await rows(outside)
    assert (row.state, row.reason, row.attempts) == (DeliveryState.PENDING, "Bad Gateway", 1)
    assert row.next_try_at == pushed.retry_at


async def test_tries_of_many_chats_do_not_come_all_at_once(outside: Outside) -> None:
    outside.telegram.faults.always(faults.server_error(), method="getMe")
    chat = await owed(outside, 8)
    began = utc_now()
    tried = await asyncio.gather(
        *(delivered(outside, outgoing(chat, f"2611.{n:05}", attempts=6)) for n in range(1, 9))
    )
    waits = [one.retry_at - began for one in tried if one.retry_at]
    assert min(waits) < timedelta(minutes=64) < max(waits)


async def test_telegram_says_when_to_come_again(outside: Outside) -> None:
    chat = await owed(outside)
    outside.telegram.faults.next(faults.flood(500), method="sendMessage")
    asked = utc_now()
    pushed = await delivered(outside, outgoing(chat))
    assert pushed.retry_at is not None
    assert timedelta(seconds=500) <= pushed.retry_at - asked < timedelta(seconds=505)
    [row] = await rows(outside)
    assert (row.attempts, row.next_try_at) == (0, pushed.retry_at)


async def test_a_second_try_begins_with_a_harmless_question(outside: Outside) -> None:
    chat = await owed(outside, 2)
    await delivered(outside, outgoing(chat, attempts=0))
    asked = len(outside.telegram.calls_to("getMe"))
    await delivered(outside, outgoing(chat, "2611.00002", attempts=1))
    assert len(outside.telegram.calls_to("getMe")) == asked + 1
    assert await states(outside) == {DeliveryState.SENT: 2}


async def test_while_telegram_is_down_nothing_is_sent_and_nothing_counted(
    outside: Outside,
) -> None:
    chat = await owed(outside)
    outside.telegram.faults.always(faults.server_error(), method="getMe")
    pushed = await delivered(outside, outgoing(chat, attempts=7))
    assert (pushed.telegram_is_down, pushed.problem) == (True, "Bad Gateway")
    assert outside.telegram.calls_to("sendMessage") == []
    [row] = await rows(outside)
    assert (row.state, row.attempts) == (DeliveryState.PENDING, 0)


async def group(outside: Outside, chat: Chat, times: int) -> list[int]:
    """Let a chat be a group that moves so often; return its ids, the oldest first."""
    person = outside.telegram.world.add_person("Ann")
    lab = outside.telegram.world.add_group("Lab", [person], admins=[person])
    outside.telegram.add_bot(person, lab)
    async with outside.database.transaction() as session:
        (await session.get_one(Chat, chat.id)).telegram_id = lab.id
    ids = [lab.id]
    for _time in range(times):
        lab = outside.telegram.faults.afflict(lab, "migrated")
        ids.append(lab.id)
    return ids


async def test_a_message_follows_a_group_that_moved(outside: Outside) -> None:
    chat = await owed(outside)
    _old, new = await group(outside, chat, 1)
    assert await delivered(outside, outgoing(chat, silent=True)) == Pushed(sent=1)
    assert (await outside.chat(chat)).telegram_id == new
    assert len(outside.telegram.from_bot(new)) == 1
    calls = outside.telegram.calls_to("sendMessage")
    assert [call.params.get("disable_notification", False) for call in calls] == [
        True,
        True,
    ]


async def test_who_ends_the_bot_waits_for_the_message_under_way(outside: Outside) -> None:
    """Between Telegram's yes and the note of it nothing may come."""
    chat = await owed(outside)
    sending = asyncio.create_task(delivered(outside, outgoing(chat)))

    def end(_call: object) -> None:
        sending.cancel()

    outside.telegram.on_call.append(end)
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await states(outside) == {DeliveryState.SENT: 1}


async def test_a_group_that_moves_again_meanwhile_is_tried_later(outside: Outside) -> None:
    chat = await owed(outside)
    _old, new, _newer = await group(outside, chat, 2)
    pushed = await delivered(outside, outgoing(chat))
    assert (pushed.sent, pushed.problem) == (0, "chat moved twice")
    assert (await outside.chat(chat)).telegram_id == new
    [row] = await rows(outside)
    assert (row.state, row.reason, row.attempts) == (
        DeliveryState.PENDING,
        "chat moved twice",
        1,
    )


async def test_a_broadcast_to_a_blocked_chat_is_given_up_unsent(outside: Outside) -> None:
    _person, chat = await outside.person()
    item = await announced(outside, chat)
    await change(outside, chat, ChatState.BLOCKED)
    assert await delivered(outside, item) == Pushed()
    assert await notices(outside) == [(DeliveryState.DEAD, "blocked")]
    assert outside.telegram.calls_to("sendMessage") == []

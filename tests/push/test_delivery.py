"""One message of a push: claimed, sent, and written down, whatever happens on the way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.playground.telegram import faults
from bot.push.delivery import GroupCommit, Outgoing, deliver
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import Priority, RateLimiter
from storage import outbox
from storage.columns import utc_now
from storage.models import Chat, Delivery, DeliveryState, Paper
from storage.outbox import Rows
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
    return Outgoing(PushMessage("Hello", ()), Rows(Delivery, chat.id, ids or (ID,)), **more)


async def attempts(outside: Outside) -> list[int]:
    async with outside.database.reading() as session:
        return list((await session.exec(select(Delivery.attempts))).all())


async def states(outside: Outside) -> dict[DeliveryState, int]:
    async with outside.database.reading() as session:
        return await outbox.count(session=session)


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
            deliver(GroupCommit(outside.database), patient, outgoing(chat))
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
        pushed = await deliver(GroupCommit(outside.database), outside.bot, item)
        assert pushed.sent == 0
    assert await states(outside) == {left: 1}
    assert await attempts(outside) == [counted]

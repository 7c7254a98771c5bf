"""The outside world, for tests: stand-ins that speak real HTTP."""

from collections.abc import AsyncIterator

import pytest

from bot.playground.telegram import TelegramStandIn
from tests.telegram_contract import Contract


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramStandIn]:
    """Telegram, strict about form; it never says 429 by itself, because tests type fast.

    Fails the test when a request or an answer breaks the official description of the Bot API.
    """
    async for standing in _standing(TelegramStandIn(paced=False)):
        yield standing


@pytest.fixture
async def paced_telegram() -> AsyncIterator[TelegramStandIn]:
    """The same with Telegram's pace, and no burst: one message a second in a chat."""
    async for standing in _standing(TelegramStandIn(burst=1)):
        yield standing


async def _standing(telegram: TelegramStandIn) -> AsyncIterator[TelegramStandIn]:
    contract = Contract()
    telegram.on_call.append(contract)
    await telegram.start()
    yield telegram
    await telegram.stop()
    assert not telegram.mistakes
    contract.check()

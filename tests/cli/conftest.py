"""The outside world for the command line: three stand-ins over real HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.playground.arxiv import ArxivStandIn
from bot.playground.libretranslate import LibreTranslateStandIn
from bot.playground.telegram import TelegramStandIn
from tests.cli.paperboy import KEY, Paperboy


@pytest.fixture
async def paperboy(tmp_path: Path, telegram: TelegramStandIn) -> AsyncIterator[Paperboy]:
    arxiv = ArxivStandIn(newest=datetime.now(UTC), hold_back=4)
    libre = LibreTranslateStandIn(unknown="pseudo", api_key=KEY)
    urls = await arxiv.start(), await libre.start()
    paperboy = Paperboy(tmp_path, telegram, arxiv, libre, urls)
    yield paperboy
    await paperboy.stop_all()
    await arxiv.stop()
    await libre.stop()

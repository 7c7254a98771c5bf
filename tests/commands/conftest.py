"""The outside world for the command line: three fake servers over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.playground.telegram.stand_in import FakeTelegram
from tests.commands.paperboy import Nursery, Paperboy


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
async def paperboy(
    nursery: Nursery, tmp_path: Path, telegram: FakeTelegram, empty_database: Path
) -> AsyncIterator[Paperboy]:
    """A folder to start commands in, with everything set for the fake servers."""
    paperboy = Paperboy(nursery, tmp_path, telegram, empty_database)
    await paperboy.open()
    yield paperboy
    await paperboy.close()

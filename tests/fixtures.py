"""The fixtures that most tests begin with: fake servers, databases, the whole bot, a browser."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from selenium import webdriver

from bot.playground.telegram.stand_in import FakeTelegram
from storage.database import Database
from tests.bot_under_test import BotUnderTest, open_bot
from tests.browser import chromium
from tests.telegram_contract import Contract, prepare

# With `rich`, which only packages of the tests bring, a traceback takes a second.
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback


@pytest.fixture(scope="session")
def contract() -> type[Contract]:
    """Return what to hold against Telegram's traffic, ready for use."""
    prepare()
    return Contract


@pytest.fixture
async def telegram(contract: type[Contract]) -> AsyncIterator[FakeTelegram]:
    """Telegram, strict about form; it never says 429 by itself, because tests type fast.

    Fails the test when a request or an answer breaks the official description of the Bot API.
    """
    async for standing in _standing(FakeTelegram(paced=False), contract()):
        yield standing


@pytest.fixture
async def paced_telegram(contract: type[Contract]) -> AsyncIterator[FakeTelegram]:
    """The same with Telegram's pace, and no burst: one message a second in a chat."""
    async for standing in _standing(FakeTelegram(burst=1), contract()):
        yield standing


async def _standing(telegram: FakeTelegram, contract: Contract) -> AsyncIterator[FakeTelegram]:
    telegram.on_call.append(contract)
    await telegram.start()
    yield telegram
    await telegram.stop()
    assert not telegram.mistakes
    contract.check()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file of the newest schema, made once because Alembic takes its time."""
    path = tmp_path_factory.mktemp("schema") / "empty.db"

    async def make() -> None:
        database = Database(f"sqlite:///{path}")
        await database.open()
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def app(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> AsyncIterator[BotUnderTest]:
    """Run the whole bot, over real HTTP, with Ada and Lin to speak with it."""
    async with open_bot(telegram, folder=tmp_path, empty=empty_database) as opened:
        yield opened
    assert not opened.accidental_links(), "names that Telegram takes for addresses"


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """Start a real browser, once."""
    with chromium(tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Start a PostgreSQL server of our own."""
    pgserver = pytest.importorskip("pgserver", reason="pgserver has no build for this platform")
    # Not in pytest's folder: every pytest that starts closes that one to other users, and
    # PostgreSQL refuses to run as root, so pgserver starts it as one.
    with tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        # What is gone with the test need not survive a power cut.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri()
        server.cleanup()

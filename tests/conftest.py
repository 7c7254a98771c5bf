"""The outside world, for tests: fake servers that speak real HTTP."""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import Phase, settings
from selenium import webdriver

from bot.playground.telegram.stand_in import FakeTelegram
from storage.database import Database
from tests import aiogram_models, compiled_statements  # noqa: F401 - before anybody needs them
from tests.bot_under_test import BotUnderTest, open_bot
from tests.browser import chromium
from tests.telegram_contract import Contract, prepare

pytest_plugins = ["tests.databases", "tests.outside", "tests.raw_http", "tests.shown_papers"]

# Nothing here speaks TLS, and reading a list of authorities for each of thousands of HTTP clients
# takes minutes. httpx asks these two: https://www.python-httpx.org/advanced/ssl/
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = tempfile.gettempdir()

# Thousands of databases for a moment each: in memory, where there is enough, no disk is waited for.
_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 4 << 30:
    tempfile.tempdir = os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# With `rich`, which only packages of the tests bring, a traceback takes a second.
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback

# How long one example takes says how busy the machine is, and nothing of the code. What is invented
# is the same in every run, so that a change is blamed for what it does; `make fuzz` invents anew.
# A mutant is only to be noticed: what shows it best is not looked for.
settings.register_profile("paperboy", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=3_000)
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("paperboy")


# Two clients of Telegram are many objects, and to look through them all takes a tenth of the time.
gc.set_threshold(20_000, 20, 100)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the long tests over the workers: one begun last keeps all waiting.

    xdist's `worksteal` cuts the list into as many parts as there are workers. Long tests mostly
    wait, so that some workers begin with them, while others have something to do.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    parts: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])
    for item in items:
        parts[item.path.parent.name in {"tests", "commands"}].append(item)
    short, long = parts
    items.clear()
    for n in range(workers):
        mine = short[n * len(short) // workers : (n + 1) * len(short) // workers]
        before = len(mine) * n // workers
        items += mine[:before] + long[n::workers] + mine[before:]


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

"""Any number of copies, of which one works: who takes over, and when."""

import asyncio
import secrets
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import create_engine, text

from tests.commands.paperboy import Paperboy, Running

TAKEOVER_SECONDS = 10.0
AT_WORK = "Paperboy is running"
STANDING_BY = "another copy is at work, this one stands by"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///data/paperboy.db"
    server: str = request.getfixturevalue("postgresql_url")
    name = f"standby_{secrets.token_hex(6)}"
    execute(server, f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def execute(url: str, statement: str) -> None:
    driver = url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@asynccontextmanager
async def two_copies(paperboy: Paperboy, url: str) -> AsyncIterator[tuple[Running, Running]]:
    first = await paperboy.start("run", DATABASE_URL=url)
    await first.says(AT_WORK)
    second = await paperboy.start("run", DATABASE_URL=url)
    await second.says(STANDING_BY)
    yield first, second
    await second.end()


async def test_another_copy_takes_over_within_ten_seconds_of_a_kill(
    paperboy: Paperboy, database_url: str
) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    async with two_copies(paperboy, database_url) as (first, second):
        await paperboy.subscribed(ada, "cat:cs.*")
        asked = len(paperboy.arxiv.requests)
        assert not [line for line in second.err if AT_WORK in line]
        pushed = await paperboy("push", "--now", DATABASE_URL=database_url)
        assert pushed.code == 0, "commands work beside both"

        began = time.monotonic()
        await first.end(signal.SIGKILL)
        telegram.send_text(ada, ada, "/topics")
        await second.says(AT_WORK, TAKEOVER_SECONDS)
        answer = await telegram.wait_for(
            lambda: any("cs.*" in message.text for message in telegram.from_bot(ada)[-1:])
        )
        assert answer
        assert time.monotonic() - began < TAKEOVER_SECONDS
        again = await paperboy("push", "--now", DATABASE_URL=database_url)
        assert "0 papers sent" in again.out
        sent = paperboy.papers_sent(ada)
        assert len(sent) == len(set(sent)) > 0
        assert not [line for line in second.err if "same token" in line]
        assert asked > 0


async def test_a_copy_that_is_told_to_stop_hands_over(
    paperboy: Paperboy, database_url: str
) -> None:
    async with two_copies(paperboy, database_url) as (first, second):
        ended = await first.end()
        assert ended.code == 0
        await second.says(AT_WORK, TAKEOVER_SECONDS)


@pytest.mark.slow
async def test_a_leader_whose_lock_is_gone_steps_down_and_there_is_one_again(
    paperboy: Paperboy, database_url: str
) -> None:
    async with two_copies(paperboy, database_url) as (first, second):
        if database_url.startswith("sqlite"):
            (paperboy.folder / "data" / "paperboy.db.lead").unlink()
        else:
            holders = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            execute(database_url, holders)
        await first.says("the lead was lost", TAKEOVER_SECONDS)
        copies = [
            asyncio.create_task(copy.says(pattern, TAKEOVER_SECONDS))
            for copy, pattern in ((first, STANDING_BY), (second, AT_WORK))
        ]
        # Whoever is faster leads: here or there, one works and one stands by.
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        for copy in copies:
            copy.cancel()
        assert (await first.end()).code == 0
        await second.says(AT_WORK, TAKEOVER_SECONDS)


@pytest.mark.slow
async def test_a_stranger_with_the_same_token_is_told_of_once_and_left_alone(
    paperboy: Paperboy,
) -> None:
    first = await paperboy.start("run")
    await first.says(AT_WORK)
    second = await paperboy.start("run", DATABASE_URL="sqlite:///elsewhere/paperboy.db")
    await second.says(AT_WORK)
    said = "another copy of this bot is running with the same token"
    await asyncio.wait(
        [asyncio.create_task(copy.says(said)) for copy in (first, second)],
        return_when=asyncio.FIRST_COMPLETED,
    )
    asked = len(paperboy.telegram.calls_to("getUpdates"))
    await asyncio.sleep(3)
    assert len(paperboy.telegram.calls_to("getUpdates")) <= asked + 2
    logs = [line for copy in (first, second) for line in copy.err]
    assert len([line for line in logs if said in line]) == 1
    for copy in (first, second):
        assert (await copy.end()).code == 0

"""Leader election: of all copies that share a database one leads, and another when it is gone."""

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.leader import leader_lock


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Database]:
    """Open the same database once more, as another copy does."""
    url = database._engine.url.render_as_string(hide_password=False)
    again = Database(url.replace("+aiosqlite", "").replace("+psycopg", ""))
    yield again
    await again.close()


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_one_copy_leads_and_another_when_it_gives_the_lead_back(
    database: Database, other: Database
) -> None:
    first, second = leader_lock(database), leader_lock(other)
    assert not await first.held()
    assert await first.take()
    assert await first.held()
    assert not await second.take()
    assert not await second.held()
    assert await first.held(), "who asks in vain takes nothing away"
    await second.give_back()
    assert await first.held()
    await first.give_back()
    assert not await first.held()
    assert await second.take()
    assert await second.held()
    assert not await first.take()
    await second.give_back()
    await second.give_back()


async def test_a_lead_can_be_taken_again_by_who_has_it(database: Database, other: Database) -> None:
    lead = leader_lock(database)
    assert await lead.take()
    assert await lead.take()
    assert await lead.held()
    assert not await leader_lock(other).take()
    await lead.give_back()
    second = leader_lock(other)
    assert await second.take()
    await second.give_back()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_lock_is_a_file_beside_the_database_for_its_owner_alone(
    database: Database,
) -> None:
    lead = leader_lock(database)
    await lead.take()
    assert database.path is not None
    file = database.path.with_name("paperboy.db.lead")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    await lead.give_back()
    assert await lead.take(), "the file stays, the lock does not"
    await lead.give_back()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_program_that_is_started_does_not_inherit_the_lead(
    database: Database, other: Database
) -> None:
    lead = leader_lock(database)
    await lead.take()
    child = await asyncio.create_subprocess_exec("sleep", "30", close_fds=False)
    await lead.give_back()
    second = leader_lock(other)
    assert await second.take()
    await second.give_back()
    child.kill()
    await child.wait()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_has_its_file_removed_leads_no_more(database: Database, other: Database) -> None:
    lead, second = leader_lock(database), leader_lock(other)
    await lead.take()
    assert database.path is not None
    file = database.path.with_name("paperboy.db.lead")
    file.unlink()
    assert not await lead.held()
    assert await second.take(), "with a file of its own"
    assert not await lead.held()
    await lead.give_back()
    assert await second.held()
    await second.give_back()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is open")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_lead_that_is_given_back_leaves_nothing_open(database: Database) -> None:
    lead, rival = leader_lock(database), leader_lock(database)
    before = open_files()
    for _each in range(5):
        assert await lead.take()
        assert not await rival.take()
        await lead.give_back()
    assert open_files() == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_who_is_cut_off_from_the_server_leads_no_more(
    database: Database, other: Database
) -> None:
    lead, second = leader_lock(database), leader_lock(other)
    assert await lead.take()
    async with other.transaction() as session:
        mine = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        await session.exec(text(mine))  # type: ignore[call-overload]
    assert not await lead.held()
    for _each in range(100):
        if await second.take():
            break
        await asyncio.sleep(0.05)
    assert await second.held()
    await lead.give_back()
    assert await second.held()
    await second.give_back()


async def test_a_server_that_is_out_of_reach_gives_nobody_the_lead() -> None:
    gone = Database("postgresql://nobody@127.0.0.1:1/nothing")
    lead = leader_lock(gone)
    assert not await lead.take()
    assert not await lead.held()
    await lead.give_back()
    await gone.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_who_hears_nothing_from_the_server_for_three_seconds_leads_no_more(
    database: Database, other: Database
) -> None:
    lead = leader_lock(database)
    assert await lead.take()
    async with other.reading() as session:
        mine = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
        pid = (await session.exec(text(mine))).scalar_one()  # type: ignore[call-overload]
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert not await asyncio.wait_for(lead.held(), 20)
        assert 2.9 < time.monotonic() - began < 15
    finally:
        os.kill(pid, signal.SIGCONT)
    await lead.give_back()


async def test_a_server_that_says_nothing_for_three_seconds_gives_nobody_the_lead() -> None:
    over = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        mute = Database(f"postgresql://nobody@127.0.0.1:{port}/nothing")
        began = time.monotonic()
        assert not await asyncio.wait_for(leader_lock(mute).take(), 20)
        assert 2.9 < time.monotonic() - began < 15
        over.set()
        await mute.close()

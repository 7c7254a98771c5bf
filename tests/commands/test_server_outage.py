"""A PostgreSQL that goes down under a running bot: it waits, and goes on by itself."""

import os
import signal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.playground.telegram.faults import refuse
from tests.commands.paperboy import Paperboy
from tests.commands.test_standby import AT_WORK, execute


@pytest.mark.slow
async def test_a_server_that_crashes_and_comes_back_finds_the_bot_waiting_and_nothing_lost(
    paperboy: Paperboy, postgresql_url: str
) -> None:
    pgserver = pytest.importorskip("pgserver")
    (folder,) = parse_qs(urlsplit(postgresql_url).query)["host"]
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    execute(postgresql_url, "CREATE DATABASE outage")
    # The others do without, but here the server has to keep what it said it had.
    execute(postgresql_url, "ALTER DATABASE outage SET synchronous_commit = on")
    url = postgresql_url.replace("/postgres?", "/outage?")
    bot = await paperboy.start("run", DATABASE_URL=url)
    await bot.says(AT_WORK)
    await paperboy.subscribed(ada, "cat:cs.*")

    postmaster = (Path(folder) / "postmaster.pid").read_text(encoding="utf-8").split()[0]
    os.kill(int(postmaster), signal.SIGQUIT)
    try:
        await bot.says("the lead was lost")
    finally:
        # The other tests have the same server.
        pgserver.get_server(folder).ensure_postgres_running()
    bot.err.clear()
    await bot.says(AT_WORK)
    told = len(telegram.from_bot(ada))
    telegram.send_text(ada, ada, "/topics")
    await telegram.wait_for(lambda: len(telegram.from_bot(ada)) > told)
    assert "cs.*" in telegram.from_bot(ada)[-1].text
    pushed = await paperboy("push", "--now", DATABASE_URL=url)
    assert pushed.code == 0
    sent = paperboy.papers_sent(ada)
    assert len(sent) == len(set(sent)) > 0
    ended = await bot.end()
    assert ended.code == 0
    assert "Traceback" not in ended.err


async def test_a_database_that_fails_while_the_bot_begins_anew_does_not_end_it(
    paperboy: Paperboy, postgresql_url: str
) -> None:
    pytest.importorskip("pgserver")
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    execute(postgresql_url, "CREATE DATABASE cut_off")
    url = postgresql_url.replace("/postgres?", "/cut_off?")
    bot = await paperboy.start("run", DATABASE_URL=url)
    await bot.says(AT_WORK)
    execute(url, "ALTER TABLE sweep RENAME TO elsewhere")
    telegram.faults.next(refuse(200, "Welcome to our hotel"), method="getMe")
    execute(url, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
    await bot.says("could not go on as the leader, tries again")
    bot.err.clear()
    execute(url, "ALTER TABLE elsewhere RENAME TO sweep")
    await bot.says(AT_WORK)
    told = len(telegram.from_bot(ada))
    telegram.send_text(ada, ada, "/help")
    await telegram.wait_for(lambda: len(telegram.from_bot(ada)) > told)
    ended = await bot.end()
    assert ended.code == 0

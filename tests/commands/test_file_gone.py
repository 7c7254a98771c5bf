"""A database that is deleted, moved or replaced while the bot runs: noticed, said, and kept."""

import asyncio
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.open_file import GONE
from tests.commands.paperboy import Paperboy


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    other = path.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE somebody_else_s (word TEXT)")
        connection.commit()
    other.replace(path)


@pytest.mark.parametrize("deed", [delete, replace], ids=lambda deed: deed.__name__)
async def test_a_file_that_goes_under_the_bot_ends_it_and_what_it_had_is_kept(
    paperboy: Paperboy, deed: Callable[[Path], None]
) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    running = await paperboy.start("run", METRICS_LISTEN="127.0.0.1:0", ADMINS=str(ada.id))
    served = await running.says(r"health and metrics are served.* port=(\d+)")
    await running.says("Paperboy is running")
    await paperboy.subscribed(ada, "cat:cs.*")

    deed(paperboy.database)
    # It is told for as long as it lives.
    health = f"http://127.0.0.1:{served[1]}/healthz"
    assert not await asyncio.to_thread(is_well, health)
    ended = await running.end(None)
    assert ended.code == 1
    assert GONE in ended.err
    assert "Traceback" not in ended.err
    assert ended.complaints[-1].startswith("The database can't be used: sqlite:///")
    assert telegram.from_bot(ada)[-1].text.startswith("🚨 The database's file was deleted, moved")

    (aside,) = paperboy.database.parent.glob("paperboy.db.2*")
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("SELECT count(*) FROM subscription").fetchone() == (1,)


def is_well(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False

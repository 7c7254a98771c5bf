"""`paperboy backup`: whole, verified, and made while others write."""

import asyncio
import contextlib
import os
import sqlite3
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.database import Database
from tests.commands.paperboy import Paperboy


@pytest.fixture
async def used(paperboy: Paperboy) -> Paperboy:
    """Paperboy with a database that is large enough to take a while."""
    await paperboy.follow(5, "nerf")
    with contextlib.closing(sqlite3.connect(paperboy.database)) as connection:
        connection.execute("CREATE TABLE one (n INTEGER, ballast TEXT)")
        connection.execute("CREATE TABLE other (n INTEGER)")
        rows = [(n, "x" * 20_000) for n in range(1_000)]
        connection.executemany("INSERT INTO one VALUES (?, ?)", rows)
        connection.execute("INSERT INTO other SELECT n FROM one")
        connection.commit()
    return paperboy


async def test_a_copy_made_while_others_write_is_whole(used: Paperboy) -> None:
    done = asyncio.Event()
    written = asyncio.create_task(asyncio.to_thread(_write_until, used.database, done))
    ended = await used("backup", "copy.db")
    done.set()
    assert await written > 10
    assert ended.code == 0
    assert ended.complaints == []
    assert "bytes, verified." in ended.out

    copy = used.folder / "copy.db"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    restored = Database(f"sqlite:///{copy}")
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        query = "SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM other)"
        one, other = connection.execute(query).fetchone()
        assert one == other >= 1_000
    await restored.open()
    assert await restored.schema() == used.schema()
    await restored.close()


def _write_until(path: Path, done: asyncio.Event) -> int:
    written = 0
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
        while not done.is_set():
            connection.execute("INSERT INTO one VALUES (0, 'x')")
            connection.execute("INSERT INTO other VALUES (0)")
            connection.commit()
            written += 1
            time.sleep(0.002)  # as people do, who leave the others some of the processor
    return written


async def test_an_older_backup_gives_way_to_the_copy(used: Paperboy) -> None:
    copy = used.folder / "copy.db"
    copy.touch()
    for rows in (1_000, 1_001):
        assert (await used("backup", "copy.db")).code == 0
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            assert connection.execute("SELECT count(*) FROM one").fetchone() == (rows,)
        used.sql("INSERT INTO one VALUES (0, 'x')")
    assert sorted(path.name for path in used.folder.iterdir()) == [".env", "copy.db", "data", "tmp"]


def write_text(path: Path) -> None:
    path.write_text("a thesis", encoding="utf-8")


def write_another_s_database(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0010')")
        connection.commit()


def write_half_a_database(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(1000))


@pytest.mark.parametrize(
    "write",
    [write_text, write_another_s_database, write_half_a_database],
    ids=lambda it: it.__name__,
)
async def test_what_is_no_backup_of_ours_is_not_replaced(
    paperboy: Paperboy, write: Callable[[Path], None]
) -> None:
    await paperboy.follow(5, "nerf")
    there = paperboy.folder / "there"
    write(there)
    (paperboy.folder / "link").symlink_to(there)
    before = there.read_bytes()
    for name in ("there", "link"):
        ended = await paperboy("backup", name)
        assert ended.code == 1
        assert f"{name} is no backup of Paperboy's, and is not replaced" in ended.err
    assert there.read_bytes() == before
    assert sorted(path.name for path in paperboy.folder.glob("*there*")) == ["there"]


async def test_a_device_is_not_replaced(paperboy: Paperboy) -> None:
    await paperboy.follow(5, "nerf")
    pipe = paperboy.folder / "pipe"
    os.mkfifo(pipe)
    ended = await paperboy("backup", "pipe")
    assert ended.complaints == ["no backup was made: pipe is a device, not a file"]
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("data/paperboy.db", "data/paperboy.db is the database itself"),
        ("data", "data is a folder"),
        ("missing/copy.db", "missing/copy.db can't be written: No such file or directory"),
        ("in-use.db", "in-use.db is a database in use"),
    ],
)
async def test_where_no_copy_may_be_none_is_made(used: Paperboy, target: str, words: str) -> None:
    (used.folder / "in-use.db-wal").touch()
    ended = await used("backup", target)
    (line,) = ended.complaints
    assert words in line
    assert (ended.code, ended.out) == (1, "")
    assert used.sql("SELECT count(*) FROM one") == [(1_000,)]


async def test_no_database_and_none_that_can_be_read_are_one_line(paperboy: Paperboy) -> None:
    ended = await paperboy("backup", "copy.db")
    assert ended.complaints == ["there is no database at data/paperboy.db yet"]
    ended = await paperboy("backup", "copy.db", DATABASE_URL="sqlite:///.env")
    assert ended.complaints == ["no backup was made: .env can't be copied: file is not a database"]
    assert not (paperboy.folder / "copy.db").exists()

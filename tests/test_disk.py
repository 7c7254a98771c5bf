"""A disk that is full, read-only or damaged: clear words, nothing lost, nothing twice."""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import select
from structlog.testing import capture_logs

from bot.container import telegram_bot
from bot.playground.telegram.faults import server_error
from bot.playground.telegram.stand_in import FakeTelegram
from bot.runtime.jobs import Jobs
from storage import interrupts
from storage.backups import BackupError, make
from storage.database import Database
from storage.database_problem import DatabaseProblem, DatabaseUnavailableError
from storage.models import Chat, Delivery, DeliveryState
from tests.bot_under_test import BotUnderTest, open_bot

SORRY = "Sorry, that went wrong on my side. Nothing is lost; please try again."
BALLAST = 1 << 16


class Disk:
    """A small disk of its own, in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Take all the room there is."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            for size in (BALLAST, 1):
                with contextlib.suppress(OSError):
                    while True:
                        ballast.write(b"x" * size)

    def make_room(self) -> None:
        (self.folder / "ballast").unlink()

    def freeze(self) -> None:
        """Make it read-only, as a kernel does with a disk that fails."""
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)  # noqa: S603, S607


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:  # noqa: S603
        pytest.skip("only root may mount a small disk")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S603, S607


@pytest.fixture
async def cramped(
    telegram: FakeTelegram, disk: Disk, empty_database: Path
) -> AsyncIterator[BotUnderTest]:
    """The whole bot, with its database on the small disk; Ada follows a topic with two papers."""
    async with open_bot(telegram, folder=disk.folder, empty=empty_database) as app:
        await app.follow(app.ada, "transformer")
        yield app


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def damage(path: Path, *, whole: int = 40_960) -> None:
    """Overwrite ten pages after the first bytes, which stay whole."""
    with path.open("r+b") as file:
        file.seek(whole)
        file.write(b"\xff" * 40_960)


def spoil_name(path: Path) -> None:
    """Damage the schema where it names a table and says what that is, which SQLite quotes."""
    whole = path.read_bytes()
    spoilt = whole.replace(b"tablechatchat", b"table\xffhatchat", 1)
    spoilt = spoilt.replace(b"CREATE TABLE chat (", b"CRXATE TABLE chat (", 1)
    assert spoilt != whole
    path.write_bytes(spoilt)


async def states(app: BotUnderTest) -> list[str]:
    async with app.database.reading() as session:
        return list((await session.exec(select(Delivery.state))).all())


async def test_a_full_disk_loses_nothing_and_all_goes_on_when_there_is_room(
    cramped: BotUnderTest, disk: Disk
) -> None:
    due = (await cramped.chat(cramped.ada)).next_push_at
    disk.fill()
    with capture_logs() as told:
        assert (await cramped.say(cramped.ada, "gaussian splatting")).text == SORRY
        with pytest.raises(OperationalError, match="full"):
            await cramped.push(now=due)
        # What needs no room goes on.
        assert "What I can do" in (await cramped.say(cramped.ada, "/help")).text
    assert {"the database failed, nothing is lost"} == {
        line["event"] for line in told if line["log_level"] == "error"
    }
    assert all("exc_info" not in line for line in told)
    assert await states(cramped) == [DeliveryState.PENDING] * 2
    disk.make_room()
    assert await cramped.push(now=due) == 2
    assert len(cramped.papers(cramped.ada)) == 2
    assert "Follow" in (await cramped.say(cramped.ada, "gaussian splatting")).buttons[0]


async def test_what_telegram_took_while_the_disk_filled_up_is_written_down_and_not_repeated(
    cramped: BotUnderTest, disk: Disk
) -> None:
    due = (await cramped.chat(cramped.ada)).next_push_at
    filled = asyncio.Event()

    def fill_up(call: object) -> None:
        if "transformer" in str(call).lower() and not filled.is_set():
            disk.fill()
            filled.set()

    cramped.telegram.on_call.append(fill_up)
    with capture_logs() as told:
        pushing = asyncio.create_task(cramped.push(now=due))
        await filled.wait()
        await cramped.until(lambda: any("written down" in line["event"] for line in told))
        disk.make_room()
        assert await pushing == 2
    assert await states(cramped) == [DeliveryState.SENT] * 2
    assert await cramped.push(now=due) == 0
    assert len(cramped.papers(cramped.ada)) == 2


async def test_a_read_only_disk_is_told_as_that_and_can_still_be_backed_up(
    disk: Disk, tmp_path: Path
) -> None:
    place = disk.folder / "paperboy.db"
    database = Database(f"sqlite:///{place}")
    await database.open()
    async with database.transaction() as session:
        session.add(Chat(telegram_id=5))
    # As after a crash: the newest rows are in the journal alone.
    for end in ("", "-wal"):
        shutil.copy(f"{place}{end}", disk.folder / f"crashed.db{end}")
    await database.close()
    crashed = disk.folder / "crashed.db"
    disk.freeze()
    with pytest.raises(DatabaseUnavailableError, match="the disk is read-only") as caught:
        await Database(f"sqlite:///{crashed}").open()
    assert caught.value.problem is DatabaseProblem.READ_ONLY
    copy = tmp_path / "copy.db"
    await asyncio.to_thread(make, crashed, copy)
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT telegram_id FROM chat").fetchall() == [(5,)]
    assert names(tmp_path) == {"disk", "copy.db"}


async def test_damage_is_found_at_the_start_and_a_large_file_costs_no_more_than_its_time(
    empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "paperboy.db"
    shutil.copy(empty_database, path)
    database = Database(f"sqlite:///{path}")
    assert await database.look_for_damage(seconds=10)
    damage(path)
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.look_for_damage(seconds=10)
    assert caught.value.problem is DatabaseProblem.CORRUPT
    shutil.copy(empty_database, path)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE many (n INTEGER PRIMARY KEY, ballast TEXT)")
        connection.executemany("INSERT INTO many VALUES (?, 'x')", ((n,) for n in range(300_000)))
        connection.commit()
    monkeypatch.setattr(interrupts, "_LOOK_SECONDS", 0.001)
    assert not await database.look_for_damage(seconds=0)


async def test_damage_that_sqlite_quotes_in_bytes_of_no_text_is_damage_all_the_same(
    empty_database: Path, tmp_path: Path
) -> None:
    path, copy = tmp_path / "paperboy.db", tmp_path / "copy.db"
    shutil.copy(empty_database, path)
    spoil_name(path)
    database = Database(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnavailableError, match="malformed") as caught:
        await database.look_for_damage(seconds=10)
    assert caught.value.problem is DatabaseProblem.CORRUPT
    with pytest.raises(DatabaseUnavailableError, match="malformed") as caught:
        await database.open()
    assert caught.value.problem is DatabaseProblem.CORRUPT
    with pytest.raises(DBAPIError, match="malformed"):
        await database.read(lambda connection: connection.execute(text("SELECT 1 FROM chat")))
    with pytest.raises(BackupError, match="malformed"):
        await asyncio.to_thread(make, path, copy)
    assert not copy.exists()


async def test_damage_while_it_runs_is_named_with_what_to_do(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    path = app.database.path
    assert path is not None
    # Whoever has a page in memory goes on with it; a new connection reads what is there.
    await app.database.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(path, whole=4096)
    await app.database.close()
    with capture_logs() as told:
        assert (await app.say(app.ada, "/topics")).text == SORRY
    assert "the database is damaged: stop the bot, and restore a backup" in {
        line["event"] for line in told
    }


async def test_admins_are_told_once_of_damage_while_it_runs(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> None:
    opening = open_bot(
        telegram, folder=tmp_path, empty=empty_database, admins="700000001", default_language="zh"
    )
    async with (
        opening as app,
        telegram_bot(app.parts.settings, token=telegram.token) as bot,
    ):
        assert app.ada.id in app.parts.settings.admins
        await app.follow(app.ada, "transformer")
        await app.say(app.ada, "/topics")
        jobs = Jobs(app.parts, bot, app.parts.pusher(bot))
        assert app.database.path is not None
        with contextlib.closing(sqlite3.connect(app.database.path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage(app.database.path, whole=4096)
        await app.database.close()
        told = len(telegram.from_bot(app.ada))
        telegram.faults.always(server_error(), method="sendMessage")
        await jobs.push()
        telegram.faults.clear()
        await jobs.push()
        await jobs.tidy()
        messages = telegram.from_bot(app.ada)[told:]
        assert [message.text for message in messages] == [
            "🚨 数据库已损坏。请先停止机器人，再恢复备份。"
        ]

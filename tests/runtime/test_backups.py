"""A backup every night: it never costs an older one, and never hurts the bot."""

import contextlib
import dataclasses
import shutil
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from bot.push.broadcasts import send_notices
from bot.runtime import backups
from bot.runtime.alerts import check_alerts
from bot.runtime.backups import NightlyBackup
from storage.backups import BackupError, make
from storage.columns import utc_now
from tests.bot_under_test import BotUnderTest
from tests.outside import Outside

FIRST = datetime(2026, 11, 26, 4, 47, tzinfo=UTC)


@pytest.fixture
def nights(empty_database: Path, tmp_path: Path) -> NightlyBackup:
    return NightlyBackup(database=empty_database, folder=tmp_path / "backups", keep=3)


def made(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "backups").iterdir())


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def leave(path: Path) -> None:
    path.touch()


async def test_the_newest_are_kept_and_what_is_not_ours_is_left_alone(
    nights: NightlyBackup, tmp_path: Path
) -> None:
    assert nights.is_due(utc_now())
    for night in range(5):
        await nights.run(FIRST + timedelta(days=night))
        leave(tmp_path / "backups" / "paperboy-mine.db")
        leave(tmp_path / "backups" / ".paperboy-2026-11-01.db.4711")
    assert made(tmp_path)[1:] == [
        *(f"paperboy-2026-11-{day}.db" for day in (28, 29, 30)),
        "paperboy-mine.db",
    ]
    assert rights(tmp_path / "backups" / "paperboy-2026-11-30.db") == 0o600
    assert not nights.is_due(utc_now())
    assert nights.is_due(utc_now() + timedelta(hours=27))


@pytest.mark.parametrize("trouble", ["damaged", "no room", "no folder", "stopped"])
async def test_a_backup_that_fails_costs_no_older_one(
    trouble: str, empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "paperboy.db"
    shutil.copy(empty_database, database)
    nights = NightlyBackup(database=database, folder=tmp_path / "backups", keep=1)
    await nights.run(FIRST)
    assert nights.failed is False
    match trouble:
        case "damaged":
            whole = database.read_bytes()
            database.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])
        case "no room":
            monkeypatch.setattr(backups, "ROOM_BYTES", 1 << 60)
        case "no folder":
            database.unlink()
        case "stopped":
            nights.stop()
    await nights.run(FIRST + timedelta(days=1))
    assert nights.failed is (trouble != "stopped")
    assert made(tmp_path) == ["paperboy-2026-11-26.db"]


def test_a_copy_and_its_check_end_when_it_is_told_to(tmp_path: Path) -> None:
    source, target = tmp_path / "large.db", tmp_path / "copy.db"
    with contextlib.closing(sqlite3.connect(source)) as large:
        large.execute("CREATE TABLE one (n INTEGER, ballast TEXT)")
        large.executemany("INSERT INTO one VALUES (?, ?)", ((n, "x" * 500) for n in range(40_000)))
        large.commit()
    for pages in (1, 5000):
        stop = Event()

        def copied(done: int, _total: int, most: int = pages, stop: Event = stop) -> None:
            if done >= most:
                stop.set()

        with pytest.raises(BackupError, match="time to stop"):
            make(source, target, progress=copied, stop=stop)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["large.db"]


async def test_admins_are_told_of_a_backup_that_failed_and_of_one_that_works(
    outside: Outside,
) -> None:
    ada, _chat = await outside.person("Ada")
    for failed, messages in ((None, 0), (True, 1), (True, 1), (None, 1), (False, 2)):
        await check_alerts(
            database=outside.database, operators={ada.id}, engines=[], backup_failed=failed
        )
        await send_notices(database=outside.database, bot=outside.bot)
        assert len(outside.pushed(ada)) == messages


async def test_the_running_bot_makes_one_at_its_start_where_none_is_new(
    app: BotUnderTest, tmp_path: Path
) -> None:
    await app.close()
    folder = tmp_path / "backups"
    settings = app.parts.settings.model_copy(update={"backup_dir": folder})
    app.parts = dataclasses.replace(app.parts, settings=settings)
    await app.open()

    async def is_made() -> bool:
        return bool(list(folder.glob("paperboy-*.db")))

    await app.eventually(is_made)

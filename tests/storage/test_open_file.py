"""SQLite's file under the running bot: nothing is written where nobody would find it."""

import asyncio
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from storage.database import Database
from storage.database_problem import DatabaseProblem, problem_of
from storage.leader import leader_lock

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NOTE = "INSERT INTO note VALUES (:word)"


def delete(path: Path) -> None:
    path.unlink()


def delete_with_its_journal(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def move(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def move_its_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name(f"{path.parent.name}-moved"))


def replace(path: Path) -> None:
    Path(shutil.copy(path, path.with_name("other.db"))).replace(path)


def delete_and_make_anew(path: Path) -> None:
    copy = shutil.copy(path, path.with_name("other.db"))
    path.unlink()
    # Its number is free only where nobody holds the file, and then the next file may get it.
    shutil.copy(copy, path)


DEEDS = (
    delete,
    delete_with_its_journal,
    move,
    move_its_folder,
    replace,
    delete_and_make_anew,
)


@pytest.fixture
async def noted(database: Database) -> Database:
    """Return a database in which something stands, in the journal as well."""
    async with database.transaction() as session:
        await session.exec(text("CREATE TABLE note (word TEXT)"))  # type: ignore[call-overload]
    await note(database, "before")
    return database


async def note(database: Database, word: str) -> None:
    await database.write(lambda connection: connection.execute(text(NOTE), {"word": word}))


async def note_in_a_session(database: Database) -> None:
    async with database.transaction() as session:
        await session.exec(text("INSERT INTO note VALUES ('after')"))  # type: ignore[call-overload]


async def look(database: Database) -> None:
    async with database.reading() as session:
        await session.exec(text("SELECT 1"))  # type: ignore[call-overload]


def size(path: Path) -> int:
    return path.stat().st_size


def words(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM note")]


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_nothing_is_written_into_a_file_that_is_not_in_its_place(
    noted: Database, deed: Callable[[Path], None]
) -> None:
    assert noted.path is not None
    lead = leader_lock(noted)
    assert await lead.take()
    assert noted.is_in_place()
    deed(noted.path)
    assert not noted.is_in_place()
    for work in (note(noted, "after"), note_in_a_session(noted), look(noted)):
        with pytest.raises(OperationalError) as refused:
            await work
        assert problem_of(refused.value) is DatabaseProblem.GONE
    assert not await lead.held()
    assert not await lead.take() if noted.path.parent.exists() else True


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
async def test_what_it_had_is_copied_beside_its_place(
    noted: Database, deed: Callable[[Path], None]
) -> None:
    assert noted.path is not None
    deed(noted.path)
    noted.path.parent.mkdir(exist_ok=True)
    aside = await noted.copy_aside()
    assert aside is not None
    assert aside.parent == noted.path.parent
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert words(aside) == ["before"]
    with closing(sqlite3.connect(aside)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_the_journal_of_what_was_there_never_becomes_that_of_what_comes(
    noted: Database, tmp_path: Path
) -> None:
    assert noted.path is not None
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("CREATE TABLE note (word TEXT)")
        connection.execute("INSERT INTO note VALUES ('of the backup')")
        connection.commit()
    assert size(Path(f"{noted.path}-wal")) > 0
    backup.replace(noted.path)
    await noted.copy_aside()
    await noted.close()
    assert words(noted.path) == ["of the backup"]


async def test_a_file_that_comes_back_is_in_place_again(noted: Database) -> None:
    assert noted.path is not None
    elsewhere = noted.path.with_name("elsewhere.db")
    noted.path.rename(elsewhere)
    assert not noted.is_in_place()
    elsewhere.rename(noted.path)
    assert noted.is_in_place()
    await note(noted, "after")
    await noted.close()
    assert await asyncio.to_thread(words, noted.path) == ["before", "after"]


async def test_a_database_that_is_opened_again_takes_what_is_there(noted: Database) -> None:
    assert noted.path is not None
    replace(noted.path)
    await noted.close()
    await noted.open()
    assert noted.is_in_place()
    await look(noted)

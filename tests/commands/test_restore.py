"""`paperboy restore`: only what is whole, never under a bot, and what was there stays."""

import contextlib
import sqlite3
import stat
from pathlib import Path

import pytest

from tests.commands.paperboy import Paperboy
from tests.seldom import seldom
from tests.storage.test_migrations import make_last_unreleased


@pytest.fixture
async def backed_up(paperboy: Paperboy) -> Paperboy:
    """Paperboy with a database, and with a backup of it in which chat 5 follows a topic."""
    await paperboy.follow(5, "nerf")
    assert (await paperboy("backup", "copy.db")).code == 0
    return paperboy


def beside(paperboy: Paperboy) -> list[Path]:
    """Return the databases that were put aside."""
    return sorted(paperboy.database.parent.glob("paperboy.db.2*Z"))


def set_schema(path: Path, revision: str) -> None:
    """Say that a database is of another revision."""
    with contextlib.closing(sqlite3.connect(path)) as opened:
        opened.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        opened.commit()


async def test_a_restored_backup_is_what_was_backed_up_and_what_was_there_is_put_aside(
    backed_up: Paperboy,
) -> None:
    await backed_up.follow(6, "slam")
    restored = await backed_up("restore", "copy.db", "--force")
    assert (restored.code, restored.complaints) == (0, [])
    assert backed_up.sql("SELECT telegram_id FROM chat") == [(5,)]
    await backed_up.follow(7, "slam")
    # Buttons that came after the backup mean nothing.
    assert backed_up.sql("SELECT max(id) > 1000 FROM topic") == [(1,)]
    (old,) = beside(backed_up)
    assert str(old.name) in restored.out
    with contextlib.closing(sqlite3.connect(old)) as connection:
        assert connection.execute("SELECT count(*) FROM chat").fetchone() == (2,)
    assert (await backed_up("push")).out == "0 papers sent."


async def test_a_damaged_database_gives_way_and_an_older_schema_is_upgraded(
    backed_up: Paperboy,
) -> None:
    old_backup = backed_up.folder / "old.db"
    make_last_unreleased(f"sqlite:///{old_backup}")
    backed_up.database.write_bytes(b"what a dying disk left over" * 1000)
    assert "paperboy restore FILE --force" in (await backed_up("run")).complaints[0]
    assert (await backed_up("restore", "old.db", "--force")).code == 0
    assert backed_up.sql("SELECT version_num FROM alembic_version") == [(backed_up.schema(),)]
    assert (700_000_001,) in backed_up.sql("SELECT telegram_id FROM chat")
    assert stat.S_IMODE(backed_up.database.stat().st_mode) == 0o600
    (old,) = beside(backed_up)
    assert old.read_bytes().startswith(b"what a dying disk")


async def test_what_is_no_whole_backup_changes_nothing(backed_up: Paperboy) -> None:
    folder = backed_up.folder
    whole = (folder / "copy.db").read_bytes()
    (folder / "damaged.db").write_bytes(whole[:8192] + b"\xff" * 4096 + whole[12288:])
    (folder / "text.db").write_text("not a database at all, and long enough to be one" * 100)
    with contextlib.closing(sqlite3.connect(folder / "other.db")) as other:
        other.execute("CREATE TABLE recipe (name TEXT)")
    (folder / "newer.db").write_bytes(whole)
    set_schema(folder / "newer.db", "9999")
    (folder / "older.db").write_bytes(whole)
    set_schema(folder / "older.db", "0007")
    before = backed_up.database.read_bytes()
    for name, words in (
        ("missing.db", "there is no backup at missing.db"),
        ("damaged.db", "nothing was restored or changed: damaged.db"),
        ("text.db", "file is not a database"),
        ("other.db", "other.db is no database of Paperboy's"),
        ("newer.db", "its schema 9999 is of a newer Paperboy; update this one"),
        ("older.db", "its schema 0007 is from before version 0.1.0; `paperboy check` of commit"),
        ("data/paperboy.db", "is the database itself"),
    ):
        refused = await backed_up("restore", name, "--force")
        (line,) = refused.complaints
        assert words in line
        assert refused.code == 1
    assert backed_up.database.read_bytes() == before
    assert not beside(backed_up)
    assert not list(backed_up.database.parent.glob(".*"))


@pytest.mark.parametrize(
    ("change", "words"),
    seldom(
        [
            ("DROP TABLE delivery", "column delivery is not what it should be"),
            ("ALTER TABLE topic DROP COLUMN created_at", "column topic is not what it should be"),
            (
                (
                    "CREATE TRIGGER all_gone AFTER UPDATE ON alembic_version"
                    " BEGIN DELETE FROM chat; END"
                ),
                "trigger all_gone is not of Paperboy",
            ),
            (
                (
                    "DROP TRIGGER paper_leaves_index; CREATE TRIGGER paper_leaves_index"
                    " AFTER DELETE ON paper BEGIN DELETE FROM chat; END"
                ),
                "trigger paper_leaves_index is not of Paperboy",
            ),
            (
                "ALTER TABLE vote RENAME TO held; CREATE VIEW vote AS SELECT * FROM held",
                "view vote is not of Paperboy",
            ),
        ]
    ),
)
async def test_a_backup_whose_schema_somebody_changed_is_not_restored(
    backed_up: Paperboy, change: str, words: str
) -> None:
    hostile = backed_up.folder / "hostile.db"
    hostile.write_bytes((backed_up.folder / "copy.db").read_bytes())
    with contextlib.closing(sqlite3.connect(hostile)) as connection:
        connection.executescript(change)
    before = backed_up.database.read_bytes()
    refused = await backed_up("restore", "hostile.db", "--force")
    assert refused.code == 1
    (line,) = refused.complaints
    assert f"hostile.db is no whole database of Paperboy's: {words}" in line
    assert backed_up.database.read_bytes() == before
    assert not beside(backed_up)
    assert not list(backed_up.database.parent.glob(".*"))


async def test_nothing_is_restored_over_data_unasked_or_under_a_running_bot(
    backed_up: Paperboy,
) -> None:
    refused = await backed_up("restore", "copy.db")
    assert refused.complaints == [
        "there is a database at data/paperboy.db already; --force puts it aside and goes on"
    ]
    async with backed_up.running():
        refused = await backed_up("restore", "copy.db", "--force")
    assert refused.code == 1
    assert refused.complaints == ["a bot is at work on sqlite:///data/paperboy.db; stop it first"]
    assert not beside(backed_up)


async def test_a_postgresql_server_is_left_to_its_own_tools(paperboy: Paperboy) -> None:
    (paperboy.folder / "copy.db").touch()
    for command in ("backup", "restore"):
        refused = await paperboy(command, "copy.db", DATABASE_URL="postgresql://me:hush@host/db")
        (line,) = refused.complaints
        assert "copy it with pg_dump, and restore it with pg_restore" in line
        assert "hush" not in line

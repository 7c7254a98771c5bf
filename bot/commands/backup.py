"""`paperboy backup`: a copy of the database, made while the bot writes to it."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.commands.outcome import CommandError
from bot.commands.progress import Counter
from bot.commands.whole_file import whole_file
from bot.settings import Settings
from storage.database import Database

__all__ = ["backup"]

_PAGES_AT_ONCE = 1000
_PATIENCE_SECONDS = 10.0


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database as it is at this moment, and verify the copy.

    Nothing is asked of the database but to be read: this also saves one that is locked, read-only
    or of another Paperboy's schema.
    """
    size = await asyncio.to_thread(_backup, settings, target)
    print(f"{target}: {size:,} bytes, verified.")


def _backup(settings: Settings, target: Path) -> int:
    source = Database(settings.database_url.get_secret_value()).path
    if source is None:
        raise CommandError("only SQLite is one file to copy; for PostgreSQL there is pg_dump")
    if not source.is_file():
        raise CommandError(f"there is no database at {source} yet")
    with whole_file(target) as copy:
        if target.exists() and target.samefile(source):
            raise CommandError(f"{target} is the database itself")
        # A journal beside the file that goes would be taken for one of the file that comes.
        if Path(f"{target}-wal").exists():
            raise CommandError(f"{target} is a database in use: {target}-wal lies beside it")
        try:
            _copy(source, copy)
        except sqlite3.Error as error:
            raise CommandError(f"no backup of {source} was made: {error}") from error
        return copy.stat().st_size


def _copy(source: Path, target: Path) -> None:
    counter = Counter("copied pages:")

    def progress(_status: int, remaining: int, total: int) -> None:
        counter.show(total - remaining, total)

    with (
        closing(_connect(f"{source.resolve().as_uri()}?mode=ro")) as original,
        closing(_connect(target.as_uri())) as copy,
    ):
        # Within one reading transaction: else every write of the bot would start the copy anew.
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        original.backup(copy, pages=_PAGES_AT_ONCE, progress=progress)
        # Without WAL the copy is one file, and opens also where nothing can be written beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE_SECONDS)

"""A backup in a database's place: it is ready before anything is touched, and the old one stays."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from storage.backups import BackupError, Fault, Progress, copy_verified, revision_of
from storage.database import Database

_BESIDE = ("-wal", "-shm", "-journal")


@asynccontextmanager
async def prepare_restore(backup: Path, place: Path, *, progress: Progress) -> AsyncIterator[Path]:
    """Give a verified copy of a backup, upgraded to the newest schema, beside `place`.

    What is not put in place within the block is removed after it.

    Raises:
        BackupError: the backup can't be read, is damaged or something else, or there is no room.
        DatabaseUnavailableError: its schema is of a newer Paperboy.
        OSError: nothing can be written there.

    """
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        await asyncio.to_thread(copy_verified, backup, fresh, progress=progress)
        if revision_of(fresh) is None:
            raise BackupError(backup, Fault.FOREIGN)
        database = Database(f"sqlite:///{fresh}")
        await database.open()
        # The last connection writes what is in the journal into the file.
        await database.close()
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        yield fresh
    finally:
        _remove(fresh)


def _remove(path: Path) -> None:
    for end in ("", *_BESIDE):
        Path(f"{path}{end}").unlink(missing_ok=True)


def put_in_place(fresh: Path, place: Path) -> Path | None:
    """Put a database in another one's place; return where that one is now, None where none was.

    Nobody uses either of them meanwhile. A whole database is at `place` at every instant, also when
    the power goes, where the file system has links.
    """
    if not place.exists():
        # A journal without its database would be taken for one of the new file.
        _remove(place)
        fresh.replace(place)
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(place)) as old:
        # A damaged one keeps its journal, under the name that belongs to it.
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    aside = place.with_name(f"{place.name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    try:
        aside.hardlink_to(place)
    except OSError:
        if aside.exists():
            raise
        place.rename(aside)
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{place}{end}").rename(f"{aside}{end}")
    fresh.replace(place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return aside

"""Backup and restore of a SQLite file: online copies, verified, replaced atomically."""

import asyncio
import os
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

from sqlalchemy import NullPool, create_engine

from storage import migrate
from storage.columns import IDS_LEFT_OUT
from storage.database import Database
from storage.database_problem import UNREADABLE, said_by
from storage.engines import BUSY_TIMEOUT_SECONDS
from storage.interrupts import interrupted_when
from storage.private_file import create_private
from storage.schema_shape import Part, foreign, parts_of

_PAGES_AT_ONCE = 256
"""A megabyte: after each the copy waits for the disk, and then leaves it to others for as long.
Whoever commits meanwhile waits behind what is written, so that has to be little."""
_LONGEST_REST = 0.1
_STOPPED = "was to be copied when it was time to stop"
_TABLES = ("alembic_version", "chat", "delivery", "paper", "subscription", "topic")
"""By these a database is known as Paperboy's, of whatever schema."""
_BESIDE = ("-wal", "-shm", "-journal")

Progress = Callable[[int, int], None]
"""Told how many of how many pages are copied."""


class BackupError(Exception):
    """No copy was made; the text is one line that says why."""

    def __init__(self, path: Path, what: str, detail: str = "") -> None:
        super().__init__(f"{path} {what}{detail and ': '}{detail}")
        self.path, self.what, self.detail = path, what, detail


def make(
    source: Path,
    target: Path,
    *,
    progress: Progress = lambda _done, _total: None,
    stop: Event | None = None,
) -> int:
    """Copy a database as it is at this moment, verify the copy, and return its size in bytes.

    The copy takes the place of what was at `target` once it is whole; only its owner may read it.
    `stop`, once set, ends it within a second.

    Raises:
        BackupError: what was at `target` is still there, and nothing is left over.

    """
    try:
        place = target.resolve()
        _refuse_what_is_somebody_else_s(target, place)
        with _fresh(place) as fresh:
            _copy_verified(source, fresh, progress=progress, stop=stop)
            fresh.replace(place)
        return place.stat().st_size
    except OSError as error:
        raise BackupError(target, "can't be written", error.strerror or "") from error


def _refuse_what_is_somebody_else_s(target: Path, place: Path) -> None:
    """Raise BackupError where anything but an older backup, or an empty file, would be replaced."""
    if place.is_dir():
        raise BackupError(target, "is a folder, not a file")
    if not place.exists():
        return
    if not place.is_file():
        raise BackupError(target, "is a device, not a file")
    if place.stat().st_size and not _is_paperboy_s(place):
        raise BackupError(target, "is no backup of Paperboy's, and is not replaced")


def _is_paperboy_s(path: Path) -> bool:
    # Immutable: nothing is made beside a file that may be somebody else's.
    uri = f"{path.as_uri()}?mode=ro&immutable=1"
    names = ", ".join(f"'{name}'" for name in _TABLES)
    try:
        with closing(_connect(uri)) as connection:
            found = connection.execute(
                f"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ({names})"  # noqa: S608
            ).fetchone()
    except UNREADABLE:
        return False
    return bool(found[0] == len(_TABLES))


def _copy_verified(
    source: Path,
    target: Path,
    *,
    progress: Progress = lambda _done, _total: None,
    stop: Event | None = None,
) -> None:
    """Copy a database into an empty file, check every page of the copy, and have it on the disk.

    Nothing is asked of the source but to be read: it may be in use, read-only, or of any schema.

    Raises:
        BackupError: it can't be read, it can't be written there, or what was copied is damaged.
        OSError: the disk refuses what was written.

    """
    stopped = stop or Event()

    try:
        with (
            _step_by_step(target) as rest,
            _readable(source, beside=target) as readable,
            closing(_connect(f"{readable.resolve().as_uri()}?mode=ro")) as original,
            closing(_connect(target.resolve().as_uri())) as copy,
        ):
            # Within one reading transaction: else every write would start the copy anew.
            original.execute("BEGIN")
            original.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            # What is there is whole only at the end anyway, and then all of it is on the disk.
            copy.execute("PRAGMA synchronous = OFF")

            def copied(_status: int, left: int, total: int) -> None:
                progress(total - left, total)
                if stopped.is_set():
                    raise BackupError(source, _STOPPED)
                rest()

            original.backup(copy, pages=_PAGES_AT_ONCE, progress=copied)
            # Without WAL the copy is one file, and opens also where nothing can be written beside.
            copy.execute("PRAGMA journal_mode = DELETE")
            with interrupted_when(copy, stopped.is_set):
                (verdict,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except UNREADABLE as error:
        what = _STOPPED if stopped.is_set() else "can't be copied"
        raise BackupError(source, what, said_by(error)) from error
    if verdict != "ok":
        raise BackupError(source, "is damaged", " ".join(verdict.split()))
    _sync(target)


@contextmanager
def _step_by_step(target: Path) -> Iterator[Callable[[], None]]:
    """Give what is to be called between steps: it writes to the disk what a step has written."""
    descriptor = os.open(target, os.O_RDWR)
    try:

        def rest() -> None:
            began = time.monotonic()
            os.fdatasync(descriptor)
            time.sleep(min(time.monotonic() - began, _LONGEST_REST))

        yield rest
    finally:
        os.close(descriptor)


@contextmanager
def _readable(source: Path, *, beside: Path) -> Iterator[Path]:
    """Give a path that SQLite can read from.

    It makes a file beside a database to read it, and on a read-only disk there it can't; but there
    nobody writes either, so the files themselves can be copied.
    """
    try:
        frozen = os.statvfs(source).f_flag & os.ST_RDONLY
    except OSError:
        frozen = 0
    if not frozen:
        yield source
        return
    moved = beside.with_name(f"{beside.name}.source")
    try:
        for end in ("", "-wal"):
            if Path(f"{source}{end}").exists():
                shutil.copyfile(f"{source}{end}", f"{moved}{end}")
                Path(f"{moved}{end}").chmod(0o600)
        yield moved
    finally:
        _remove(moved)


def _revision_of(path: Path) -> str | None:
    """Return the revision of a copy's schema; None where it is none of Paperboy's databases."""
    with closing(_connect(f"{path.resolve().as_uri()}?mode=ro")) as connection:
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
    return str(found[0]) if found else None


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_SECONDS)


@asynccontextmanager
async def prepare_restore(backup: Path, place: Path, *, progress: Progress) -> AsyncIterator[Path]:
    """Give a verified copy of a backup, upgraded to the newest schema, beside `place`.

    Verified: every page is sound, and every table has the rows that the backup had.

    What is not put in place within the block is removed after it.

    Raises:
        BackupError: the backup can't be read, is damaged or something else, or there is no room.
        DatabaseUnavailableError: its schema is of a newer Paperboy, or too old.
        OSError: nothing can be written there.

    """
    with _fresh(place) as fresh:
        await asyncio.to_thread(_copy_verified, backup, fresh, progress=progress)
        if _revision_of(fresh) is None:
            raise BackupError(backup, "is no database of Paperboy's")
        ours = await _parts_of_a_new_one(fresh)
        # Of an older one it is known only what may run in it by itself.
        _refuse_foreign(backup, ours & parts_of(fresh), parts_of(fresh))
        had = await asyncio.to_thread(_rows_in, fresh)
        await _upgrade(fresh)
        _refuse_foreign(backup, ours, parts_of(fresh))
        try:
            migrate.refuse_loss(had, await asyncio.to_thread(_rows_in, fresh))
        except migrate.RowsLostError as error:
            raise BackupError(backup, "would not be restored whole", str(error)) from error
        await asyncio.to_thread(_leave_ids_out, fresh)
        _sync(fresh)
        yield fresh


async def _upgrade(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    await database.open()
    # The last connection writes what is in the journal into the file.
    await database.close()


async def _parts_of_a_new_one(beside: Path) -> frozenset[Part]:
    with _fresh(beside) as new:
        await _upgrade(new)
        return parts_of(new)


def _refuse_foreign(backup: Path, ours: frozenset[Part], theirs: frozenset[Part]) -> None:
    """Raise BackupError where a schema is not the one that a new database has."""
    if problem := foreign(ours, theirs):
        raise BackupError(backup, "is no whole database of Paperboy's", problem)


def _rows_in(path: Path) -> dict[str, int]:
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        return migrate.row_counts(connection)


def _leave_ids_out(path: Path) -> None:
    """Let new rows get ids that no row had which came after the backup: old buttons name those."""
    with closing(_connect(path.resolve().as_uri())) as connection:
        connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT name, 0 FROM sqlite_schema"
            " WHERE sql LIKE '%AUTOINCREMENT%'"
            " AND name NOT IN (SELECT name FROM sqlite_sequence)"
        )
        connection.execute("UPDATE sqlite_sequence SET seq = seq + ?", (IDS_LEFT_OUT,))


@contextmanager
def _fresh(place: Path) -> Iterator[Path]:
    """Give an empty file beside a place; what is left of it in the end is removed."""
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    create_private(fresh)
    try:
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
    with suppress(*UNREADABLE), closing(sqlite3.connect(place)) as old:
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
    _sync(place.parent)
    return aside


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

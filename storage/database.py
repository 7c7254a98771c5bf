"""Database: engine, connection pool, transactions, migrations to the newest schema, errors."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import migrate
from storage.damage import quick_check
from storage.database_problem import (
    UNREADABLE,
    DatabaseProblem,
    DatabaseUnavailableError,
    problem_of,
    said_by,
)
from storage.database_url import file_of, shown
from storage.engines import (
    BUSY_TIMEOUT_SECONDS,
    READ_SECONDS,
    THREADS,
    TO_WRITE,
    async_engine,
    begin,
    limited,
    threads_engine,
    to_read,
)
from storage.open_file import OpenFile
from storage.private_file import create_private
from storage.shielded import ShieldedSession, completed

Result = TypeVar("Result")

FAREWELL_SECONDS = 5
"""How long a database that is closed waits for what is under way."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_KNOWN = sorted(file.stem for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
"""The schema's revisions, each named by its file: known without Alembic."""
_UNRELEASED = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
_LAST_UNRELEASED = "0008"
"""Before version 0.1.0 eight migrations led to the same tables as the first one does now."""

_UPGRADE_KEY = 0x70617065726278
_SYNC_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}


class Database:
    """One database, SQLite or PostgreSQL, and the only place where transactions begin and end."""

    def __init__(
        self,
        url: str,
        *,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        """Take a URL such as `sqlite:///data/paperboy.db`; nothing is opened yet.

        read_seconds: the time limit of readings that are not said to be long.

        Raises:
            DatabaseUnavailableError: the URL or its driver is no good.

        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:  # a port that is no number
            raise DatabaseUnavailableError(
                url="", problem=DatabaseProblem.BAD_URL, detail="not a URL"
            ) from error
        self.url = shown(parsed)
        self.path = file_of(parsed)
        """SQLite's file; None for a server."""
        self._makes = parsed.query.get("mode", "rwc") == "rwc"
        if parsed.drivername == "sqlite" and self.path is None:
            raise DatabaseUnavailableError(
                self.url, DatabaseProblem.BAD_URL, "memory forgets, a file is needed"
            )
        self._file = OpenFile(self.path) if self.path is not None else None
        driver = _DRIVERS.get(parsed.drivername)
        if driver is None:
            raise DatabaseUnavailableError(
                self.url, DatabaseProblem.BAD_URL, f"{parsed.drivername} is not served"
            )
        try:
            self._engine = async_engine(
                parsed.set(drivername=driver), busy_timeout_seconds, self._file
            )
            self._in_threads = threads_engine(
                parsed.set(drivername=_SYNC_DRIVERS[parsed.drivername]),
                busy_timeout_seconds,
                self._file,
            )
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise DatabaseUnavailableError(
                self.url, DatabaseProblem.NO_DRIVER, str(error)
            ) from error
        self.is_sqlite = self._engine.dialect.name == "sqlite"
        self._writing = self._engine.execution_options(**TO_WRITE)
        self._threads = ThreadPoolExecutor(THREADS)
        self._is_closed = False
        event.listen(self._engine.sync_engine, "checkin", self._checked_in)
        self._in_threads_writing = self._in_threads.execution_options(**TO_WRITE)
        reading = to_read(self._engine.dialect.name)
        self._reading_long = self._engine.execution_options(**reading)
        self._reading = self._reading_long.execution_options(**limited(read_seconds))
        self._in_threads_reading_long = self._in_threads.execution_options(**reading)
        self._in_threads_reading = self._in_threads_reading_long.execution_options(
            **limited(read_seconds)
        )
        # SQLite has one writer: a queue of our own is fair, where its busy handler polls.
        self._turn = asyncio.Lock() if self.is_sqlite else nullcontext()

    async def open(self) -> None:
        """Make the file where there is none and upgrade the schema to the newest.

        Raises:
            DatabaseUnavailableError: with what is wrong; nothing was changed.

        """
        self._is_closed = False
        try:
            if self.path is not None and self._makes:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with suppress(FileExistsError):
                    create_private(self.path)
            # Before anything is written: to switch the journal changes the file as well.
            self._refuse_unknown(await self.schema())
            if self.is_sqlite:
                async with self._engine.connect() as connection:
                    await connection.run_sync(_use_wal)
            async with self._writing.connect() as connection:
                await connection.run_sync(migrate.without_foreign_keys)
                try:
                    async with connection.begin():
                        await connection.run_sync(self._upgrade)
                finally:
                    await connection.run_sync(migrate.with_foreign_keys)
            if self._file is not None:
                await asyncio.to_thread(self._file.hold)
        except DatabaseUnavailableError:
            await self.close()
            raise
        except (OSError, SQLAlchemyError, *UNREADABLE) as error:
            await self.close()
            raise self._unavailable(error) from error

    async def look_for_damage(self, *, seconds: float) -> bool:
        """Look through SQLite's file for at most so long; say whether that was all of it.

        A server looks after itself.

        Raises:
            DatabaseUnavailableError: the file is damaged.

        """
        if self.path is None:
            return True
        try:
            verdict = await asyncio.to_thread(quick_check, self.path, time.monotonic() + seconds)
        except UNREADABLE as error:
            verdict = said_by(error)
            if problem_of(error) is not DatabaseProblem.CORRUPT:
                raise DatabaseUnavailableError(self.url, problem_of(error), verdict) from error
        if verdict not in {None, "ok"}:
            raise DatabaseUnavailableError(self.url, DatabaseProblem.CORRUPT, verdict)
        return verdict is not None

    def is_in_place(self) -> bool:
        """Say whether SQLite's file is still the one that was opened; a server looks after its own.

        Where it is not, nothing is written any more: every transaction fails as it begins.
        """
        return self._file is None or self._file.is_in_place()

    async def copy_aside(self) -> Path | None:
        """Copy what a file that is not in place any more holds beside where it was.

        Raises:
            DatabaseUnavailableError: it could not be copied.

        """
        try:
            return await asyncio.to_thread(self._file.copy_aside) if self._file else None
        except (OSError, *UNREADABLE) as error:
            raise self._unavailable(error) from error

    async def close(self) -> None:
        """Give all connections back, as soon as what is under way has ended with its own."""
        # Of one that comes back to a pool that is gone nobody would take care any more.
        end = time.monotonic() + FAREWELL_SECONDS
        while self._in_use() and time.monotonic() < end:  # noqa: ASYNC110 - pools tell nobody
            await asyncio.sleep(0.01)
        self._is_closed = True
        if self._file is not None:
            await asyncio.to_thread(self._file.let_go)
        await self._engine.dispose()
        self._in_threads.dispose()
        self._threads.shutdown(wait=False)
        self._threads = ThreadPoolExecutor(
            THREADS
        )  # of a database that is used again: it connects anew, too

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Write: everything in the block is stored together at its end, or nothing."""
        async with self._turn, self._session(self._writing) as session:
            try:
                yield session
            except BaseException:
                await session.rollback()
                raise
            await session.commit()

    @asynccontextmanager
    async def reading(self, *, long: bool = False) -> AsyncIterator[AsyncSession]:
        """Read one moment's state, in however many statements; nothing is stored.

        Within the time limit, or it fails with DatabaseProblem.SLOW; long: it may take its time.
        """
        async with self._session(self._reading_long if long else self._reading) as session:
            yield session

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """Write in one hop to a thread: all of the work's statements are stored, or none.

        Work runs outside the event loop, and its transaction is begun and ended for it.
        """
        async with self._turn:
            return await completed(self._hop(self._in_threads_writing, work))

    async def read(self, work: Callable[[Connection], Result], *, long: bool = False) -> Result:
        """Read one moment's state in one hop to a thread, in however many statements.

        Within the same time limit.
        """
        engine = self._in_threads_reading_long if long else self._in_threads_reading
        return await completed(self._hop(engine, work))

    def _hop(self, engine: Engine, work: Callable[[Connection], Result]) -> asyncio.Future[Result]:
        def run() -> Result:
            with engine.begin() as connection:
                begin(connection)
                return work(connection)

        return asyncio.get_running_loop().run_in_executor(self._threads, run)

    async def dedicated(self) -> AsyncConnection:
        """Return a connection for one purpose, outside transactions; whoever asks closes it."""
        connection = await self._engine.connect()
        return await connection.execution_options(isolation_level="AUTOCOMMIT")

    async def schema(self) -> str | None:
        """Return the schema's revision; None for an empty database."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(_revision)

    def _checked_in(self, connection: object, record: ConnectionPoolEntry) -> None:
        """Close what somebody opened who comes after the close: nobody else would."""
        if self._is_closed and connection is not None:
            record.invalidate()

    def _in_use(self) -> int:
        pools = (self._engine.pool, self._in_threads.pool)
        return sum(pool.checkedout() for pool in pools if isinstance(pool, QueuePool))

    def _session(self, engine: AsyncEngine) -> AsyncSession:
        return ShieldedSession(engine, expire_on_commit=False)

    def _upgrade(self, connection: Connection) -> None:
        if not self.is_sqlite:
            # Copies that start together upgrade one after the other.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_KEY})
            encoding = connection.scalar(text("SHOW server_encoding"))
            if encoding != "UTF8":
                raise DatabaseUnavailableError(self.url, DatabaseProblem.NOT_UTF8, str(encoding))
        found = _revision(connection)
        self._refuse_unknown(found)
        if found == _LAST_UNRELEASED:
            found = _KNOWN[0]
            connection.execute(text("UPDATE alembic_version SET version_num = :_"), {"_": found})
        if found != _KNOWN[-1]:
            try:
                migrate.upgrade(connection, _MIGRATIONS)
            except migrate.RowsLostError as error:
                raise DatabaseUnavailableError(
                    self.url, DatabaseProblem.OTHER, f"the upgrade was undone: {error}"
                ) from error
        # A write that changes nothing: a read-only file shows itself now, not at the first push.
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))

    def _refuse_unknown(self, revision: str | None) -> None:
        if revision in _UNRELEASED:
            raise DatabaseUnavailableError(self.url, DatabaseProblem.TOO_OLD, revision)
        if revision not in {None, _LAST_UNRELEASED, *_KNOWN}:
            raise DatabaseUnavailableError(self.url, DatabaseProblem.TOO_NEW, str(revision))

    def _unavailable(self, error: Exception) -> DatabaseUnavailableError:
        if isinstance(error, OSError):
            problem, detail = DatabaseProblem.CANNOT_OPEN, error.strerror or str(error)
        else:
            problem, detail = problem_of(error), said_by(error)
            if problem is DatabaseProblem.CANNOT_OPEN and _is_read_only(self.path):
                problem, detail = DatabaseProblem.READ_ONLY, "the disk is read-only"
        return DatabaseUnavailableError(self.url, problem, detail)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _is_read_only(path: Path | None) -> bool:
    try:
        return path is not None and bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _use_wal(connection: Connection) -> None:
    # Not through SQLAlchemy, which begins a transaction: within one it can't be changed.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()

"""Engines: connection pools, how SQLite's connections are prepared, how transactions begin."""

import math
import sqlite3
import time
from typing import Any

from sqlalchemy import URL, AdaptedConnection, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from storage.database_problem import MALFORMED, UNREADABLE
from storage.open_file import OpenFile

THREADS = 4
"""How many blocks of statements run in threads at once."""

BUSY_TIMEOUT_SECONDS = 10
"""How long SQLite waits for another process's write before it says `locked`."""

CONNECT_SECONDS = 10
"""How long a PostgreSQL server has to answer at all."""

_CACHE_KIB = 8 * 1024
"""SQLite's page cache of a connection, by default 2 MB: a sweep's matches come back to each page of
an index by paper many times in one transaction, and each page that had to go is written twice.
https://www.sqlite.org/pragma.html#pragma_cache_size"""

READ_SECONDS = 10.0
"""Time limit of whoever reads, unless it is said to be long: nobody may keep others waiting."""

_STEPS = 10_000
"""How often SQLite asks whether the time is over: many times a second."""

_BEGIN = "paperboy_begin"
_LIMIT = "paperboy_limit"
_DEADLINE = "paperboy_deadline"
_FILE = "paperboy_file"
TO_WRITE = {_BEGIN: "BEGIN IMMEDIATE"}
"""Execution options of an engine whose transactions write."""


def limited(seconds: float) -> dict[str, Any]:
    """Return the same where they end by an error once the time limit is over."""
    return {_LIMIT: seconds}


def to_read(dialect: str) -> dict[str, Any]:
    """Return the same where they read; SQLite's transactions see one moment anyway."""
    if dialect == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def async_engine(url: URL, busy_timeout_seconds: float, file: OpenFile | None) -> AsyncEngine:
    """Return the engine of sessions on the event loop; every statement is a hop to a thread."""
    engine = create_async_engine(url, **_options(url, busy_timeout_seconds, file))
    _prepare(engine.sync_engine)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def threads_engine(url: URL, busy_timeout_seconds: float, file: OpenFile | None) -> Engine:
    """Return the engine of work that runs in a thread as a whole, and first calls `begin`.

    Once an engine listens to one event of its connections, each statement looks for listeners.
    """
    options = _options(url, busy_timeout_seconds, file)
    # The one that was used last comes first: what it holds in its cache is still so.
    engine = create_engine(url, pool_size=THREADS, max_overflow=0, pool_use_lifo=True, **options)
    _prepare(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _enlarge_cache)
    return engine


def _options(url: URL, busy_timeout_seconds: float, file: OpenFile | None) -> dict[str, Any]:
    # An error would show the parameters, and they are what people wrote.
    if url.drivername.startswith("sqlite"):
        timeout = {"timeout": busy_timeout_seconds, "check_same_thread": False}
        said = {_FILE: file}
        return {"connect_args": timeout, "hide_parameters": True, "execution_options": said}
    # A server whose encoding is SQL_ASCII would answer in bytes, before we can refuse it.
    how = {"client_encoding": "utf8", "connect_timeout": CONNECT_SECONDS}
    return {"connect_args": how, "pool_pre_ping": True, "hide_parameters": True}


def begin(connection: Connection) -> None:
    """Begin a transaction as the execution options of its connection say."""
    (_begin_sqlite if connection.dialect.name == "sqlite" else _begin_postgresql)(connection)


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    # The driver's own idea of when to begin is switched off: `_begin_sqlite` does it.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys = ON")
        # FULL: what Telegram accepted is known to be sent also after a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
    except UNREADABLE as error:
        # The pool does not know this connection yet, so nobody else would close it.
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise
        # Where the schema is damaged, SQLite's words quote it, and the driver can't read them.
        raise DatabaseError(None, None, sqlite3.DatabaseError(MALFORMED)) from error
    cursor.close()
    known = record.info

    def is_over() -> bool:
        deadline: float = known.get(_DEADLINE, math.inf)
        return time.monotonic() > deadline

    # https://www.sqlite.org/c3ref/progress_handler.html
    if isinstance(connection, AdaptedConnection):
        connection.run_async(lambda driver: driver.set_progress_handler(is_over, _STEPS))
    else:
        connection.set_progress_handler(is_over, _STEPS)


def _enlarge_cache(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    file: OpenFile | None = options.get(_FILE)
    if file is not None:
        file.require()
    connection.info[_DEADLINE] = time.monotonic() + options.get(_LIMIT, math.inf)
    # A writer takes its lock at once: an upgrade from reading to writing could not wait for it.
    connection.exec_driver_sql(options.get(_BEGIN, "BEGIN"))


def _begin_postgresql(connection: Connection) -> None:
    # https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT
    seconds = connection.get_execution_options().get(_LIMIT)
    if seconds is not None:
        milliseconds = int(seconds * 1000)
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")

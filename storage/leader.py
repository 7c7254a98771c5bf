"""Leader election: flock (SQLite) or an advisory lock (PostgreSQL), freed when its holder dies."""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

ANSWER_SECONDS = 3.0
"""A server that takes longer to answer may have given the lock to another copy."""

_KEY = 0x70617065726279
"""Of PostgreSQL's advisory lock: a number of our own, for one database."""

_KEEP_ALIVE = (
    "SET tcp_keepalives_idle = 3",
    "SET tcp_keepalives_interval = 1",
    "SET tcp_keepalives_count = 3",
)
"""A machine that vanishes says no goodbye: the server has to ask for it."""


class LeaderLock(Protocol):
    """A lock for one database; the one copy at most that holds it is the leader."""

    async def take(self) -> bool:
        """Become the leader if nobody is; say whether it is us."""
        ...

    async def held(self) -> bool:
        """Say whether we still are the leader."""
        ...

    async def give_back(self) -> None:
        """Let another copy lead; safe to call without having it."""
        ...


def leader_lock(database: Database) -> LeaderLock:
    """Return the leader lock of a database; nothing is taken yet."""
    if database.path is None:
        return _ServerLock(database)
    return _FileLock(database, database.path.with_name(f"{database.path.name}.lead"))


class _FileLock:
    """flock on a file beside SQLite's; the system gives it back for whoever is killed."""

    def __init__(self, database: Database, path: Path) -> None:
        self._database = database
        self._path = path
        self._descriptor: int | None = None

    async def take(self) -> bool:
        await self.give_back()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return await self.held()

    async def held(self) -> bool:
        if self._descriptor is None or not self._database.is_in_place():
            return False
        try:
            # Who removes the file lets another copy lock a new one.
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except OSError:
            return False

    async def give_back(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _ServerLock:
    """An advisory lock of PostgreSQL, held by a connection that does nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None

    async def take(self) -> bool:
        await self.give_back()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                self._connection = await self._database.dedicated()
                for setting in _KEEP_ALIVE:
                    await self._connection.execute(text(setting))
                taken = await self._connection.scalar(
                    text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}
                )
        except (SQLAlchemyError, TimeoutError):
            taken = False
        if not taken:
            await self.give_back()
        return bool(taken)

    async def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, TimeoutError):
            return False
        return True

    async def give_back(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # Closed and not returned to the pool, where it would keep the lock.
            await connection.invalidate()
            await connection.close()

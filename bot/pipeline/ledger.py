"""Write down together what happens side by side: to a database a commit is most of the work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.database import PASSING, Database, problem_of

_MOST = 50
"""Entries in one transaction: more would keep others from writing for too long."""

AGAIN_SECONDS = 1.0

_T = TypeVar("_T")
_Entry = Callable[[AsyncSession], Awaitable[_T]]

_log = structlog.get_logger(__name__)


class Ledger:
    """Stores each entry at once while it is alone, and with others in one transaction if not."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[_Entry[Any], asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, entry: _Entry[_T]) -> _T:
        """Run an entry in a transaction; return what it returned, once that is stored.

        An entry that fails is alone in that, and one that shared a transaction with it is run a
        second time.
        """
        stored: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def insist(self, entry: _Entry[_T]) -> _T:
        """Do the same for what has happened already, and wait while the disk is full, say.

        What Telegram accepted is known here alone until it is stored.
        """
        said = False
        while True:
            try:
                return await self.write(entry)
            except DBAPIError as error:
                problem = problem_of(error.orig or error)
                if problem not in PASSING:
                    raise
                if not said:
                    _log.error("what was sent can't be written down yet", problem=problem.value)
                    said = True
                await asyncio.sleep(AGAIN_SECONDS)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            try:
                await self._together(batch)
            except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
                for one in batch:
                    await self._alone(one)

    async def _together(self, batch: list[tuple[_Entry[Any], asyncio.Future[Any]]]) -> None:
        async with self._database.transaction() as session:
            results = [await entry(session) for entry, _stored in batch]
        for (_entry, stored), result in zip(batch, results, strict=True):
            if not stored.done():
                stored.set_result(result)

    async def _alone(self, one: tuple[_Entry[Any], asyncio.Future[Any]]) -> None:
        _entry, stored = one
        try:
            await self._together([one])
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the entry
            if not stored.done():
                stored.set_exception(error)

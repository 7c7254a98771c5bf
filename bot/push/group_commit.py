"""Group commit: one transaction a turn does what many asked for, each kind of work as one set."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.database_problem import PASSING, problem_of

MOST = 200
"""Requests in one transaction: more would keep others from writing for too long."""

AGAIN_SECONDS = 1.0

Request = TypeVar("Request")
Result = TypeVar("Result")
Work = Callable[[Connection, Sequence[Request]], Sequence[Result]]
"""What is done for many requests at once; it returns a result for each, in their order."""

_log = structlog.get_logger(__name__)


class GroupCommit:
    """A commit is most of a write, so whatever is asked for meanwhile comes with the next one."""

    def __init__(
        self,
        database: Database,
        first: Sequence[Work[Any, Any]] = (),
        company: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`first`: what comes before all else in a transaction, in this order.

        `company`: how many seconds a transaction is worth waiting for more requests.
        """
        self.database = database
        self._first = first
        self._company = company
        self._waiting: list[tuple[Work[Any, Any], Any, asyncio.Future[Any]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def write(self, work: Work[Request, Result], request: Request) -> Result:
        """Let a request be done with the next transaction; return its result, once stored.

        Where one fails, each of that transaction is done again in one of its own.
        """
        stored: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, request, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def write_until_stored(self, work: Work[Request, Result], request: Request) -> Result:
        """Retry until stored what has happened already, while the disk is full, say.

        What Telegram accepted is known here alone until it is stored.
        """
        said = False
        while True:
            try:
                return await self.write(work, request)
            except DBAPIError as error:
                problem = problem_of(error)
                if problem not in PASSING:
                    raise
                if not said:
                    _log.error("what was sent can't be written down yet", problem=problem.value)
                    said = True
                await asyncio.sleep(AGAIN_SECONDS)

    async def _write(self) -> None:
        while self._waiting:
            # Whoever was answered just now asks for the next thing at once: it comes along.
            await asyncio.sleep(self._company())
            self._waiting.sort(key=lambda one: self._place(one[0]))
            turn, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                await self._together(turn)
            except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
                for one in turn:
                    await self._alone(one)

    def _place(self, work: Work[Any, Any]) -> int:
        return self._first.index(work) if work in self._first else len(self._first)

    async def _together(
        self, turn: Sequence[tuple[Work[Any, Any], Any, asyncio.Future[Any]]]
    ) -> None:
        sets: dict[Work[Any, Any], list[Any]] = {}
        for work, request, _stored in turn:
            sets.setdefault(work, []).append(request)

        def write(connection: Connection) -> dict[Work[Any, Any], list[Any]]:
            return {work: list(work(connection, requests)) for work, requests in sets.items()}

        results = {work: iter(some) for work, some in (await self.database.write(write)).items()}
        for work, _request, stored in turn:
            result = next(results[work])
            if not stored.done():
                stored.set_result(result)

    async def _alone(self, one: tuple[Work[Any, Any], Any, asyncio.Future[Any]]) -> None:
        _work, _request, stored = one
        try:
            await self._together([one])
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits for the entry
            if not stored.done():
                stored.set_exception(error)

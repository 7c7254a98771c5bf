"""Sessions shielded from cancellation: a statement ends, and then the cancellation counts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Executable
from sqlmodel.ext.asyncio.session import AsyncSession

Result = TypeVar("Result")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
Method = TypeVar("Method", bound=Callable[..., Any])


async def completed(work: Awaitable[Result]) -> Result:
    """Shield from cancellation: work is done to its end, and a cancellation counts after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # it was looked at: what stops has no use for it
    raise cancelled


def _shielded(method: Method) -> Method:
    @wraps(method)
    async def shielded(*parameters: Any, **options: Any) -> Any:
        return await completed(method(*parameters, **options))

    return cast("Method", shielded)


async def execute(
    session: AsyncSession, statement: Executable, parameters: Parameters = None
) -> CursorResult[*tuple[Any, ...]]:
    """Execute a statement on the session's connection as it is, shielded from cancellation."""
    connection = await session.connection()
    return await completed(connection.execute(statement, parameters))


class ShieldedSession(AsyncSession):
    """A session whose statements a cancellation does not interrupt.

    SQLAlchemy gives a connection up whose statement is cancelled. SQLite's goes on, and its lock
    stays until the collector finds the cursor: others would wait for it.
    """

    commit = _shielded(AsyncSession.commit)
    connection = _shielded(AsyncSession.connection)
    delete = _shielded(AsyncSession.delete)
    exec = _shielded(AsyncSession.exec)
    flush = _shielded(AsyncSession.flush)
    get = _shielded(AsyncSession.get)
    get_one = _shielded(AsyncSession.get_one)
    rollback = _shielded(AsyncSession.rollback)

"""Objects of the models within work that runs in a thread: an ORM session over its connection.

For what is read or changed as a whole; what is only looked up is plain rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlmodel import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.shielded import completed

Result = TypeVar("Result")


@contextmanager
def objects(connection: Connection) -> Iterator[Session]:
    """Open a session in the transaction of a connection; what was changed is written at its end."""
    with Session(connection, expire_on_commit=False) as session:
        yield session
        session.flush()


async def within(session: AsyncSession, work: Callable[[Connection], Result]) -> Result:
    """Do work over a connection in the transaction of an async session."""
    connection = await session.connection()
    return await completed(connection.run_sync(work))

"""Objects of the models within work that runs in a thread: an ORM session over its connection.

For what is read or changed as a whole; what is only looked up is plain rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.orm import configure_mappers, make_transient_to_detached
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import Session, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.columns import table_of
from storage.shielded import completed

Result = TypeVar("Result")
Model = TypeVar("Model", bound=SQLModel)


@contextmanager
def objects(connection: Connection) -> Iterator[Session]:
    """Open a session in the transaction of a connection; what was changed is written at its end."""
    with Session(connection, expire_on_commit=False) as session:
        yield session
        session.flush()


def loaded(model: type[Model], values: Sequence[Any]) -> Model:
    """Return an object of a row that `select(model)` brings on a connection: detached.

    A session would return the same, and would look each of them up among its own.
    """
    made: Model = _manager_of(model).new_instance()
    made.__dict__.update(zip(_names_of(model), values, strict=True))
    make_transient_to_detached(made)
    return made


@cache
def _manager_of(model: type[SQLModel]) -> Any:
    configure_mappers()
    return manager_of_class(model)


@cache
def _names_of(model: type[SQLModel]) -> Sequence[str]:
    return tuple(table_of(model).columns.keys())


async def within(session: AsyncSession, work: Callable[[Connection], Result]) -> Result:
    """Do work over a connection in the transaction of an async session."""
    connection = await session.connection()
    return await completed(connection.run_sync(work))

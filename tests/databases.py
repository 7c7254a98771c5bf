"""A real database for each test: a SQLite file, and a PostgreSQL server where one can start."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.database import Database

# What nothing was written to is left alone: to truncate all takes a multiple of most tests.
_USED = text(
    "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0"
    " AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
)
_BEGIN_AT_ONE = text(
    "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences"
    " WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


@pytest.fixture(scope="session")
def emptied_postgresql(postgresql_url: str) -> Callable[[], str]:
    """Return what empties a PostgreSQL database of the newest schema, and returns its address.

    One for all tests: to make a database takes much longer than to empty one.
    """
    url = postgresql_url.replace("/postgres?", "/paperboy?")
    server, emptied = (
        create_engine(
            address.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        for address in (postgresql_url, url)
    )
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE paperboy"))
    server.dispose()

    async def upgrade() -> None:
        database = Database(url)
        await database.open()
        await database.close()

    # An async fixture asks for this one, so a loop runs here already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, upgrade()).result()
    with emptied.connect() as connection:
        newest = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()

    def empty() -> str:
        with emptied.connect() as connection:
            used = connection.execute(_USED).scalars().all()
            if used:
                connection.execute(text(f"TRUNCATE {', '.join(used)} CASCADE"))
                connection.execute(_BEGIN_AT_ONE)
            connection.execute(text("UPDATE alembic_version SET version_num = :_"), {"_": newest})
        emptied.dispose()  # a test must not find a connection that it did not open
        return url

    return empty


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, empty_database: Path
) -> AsyncIterator[Database]:
    """Open an empty database of each kind; the schema was made once, for it takes its time."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(empty_database, tmp_path / 'paperboy.db')}"
    else:
        url = request.getfixturevalue("emptied_postgresql")()
    opened = Database(url)
    await opened.open()
    yield opened
    await opened.close()

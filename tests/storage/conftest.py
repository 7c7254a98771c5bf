"""A real database for each test: a SQLite file, and a PostgreSQL server where one can start."""

import secrets
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from storage.database import Database


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Start a PostgreSQL server of our own."""
    pgserver = pytest.importorskip("pgserver", reason="pgserver has no build for this platform")
    # Not in pytest's folder: every pytest that starts closes that one to other users, and
    # PostgreSQL refuses to run as root, so pgserver starts it as one.
    with tempfile.TemporaryDirectory(prefix="paperboy-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'paperboy.db'}"
    else:
        server: str = request.getfixturevalue("postgresql_url")
        name = f"test_{secrets.token_hex(6)}"
        admin = create_engine(
            server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        url = server.replace("/postgres?", f"/{name}?")
    opened = Database(url)
    await opened.open()
    yield opened
    await opened.close()

"""Database URLs: which are served, the file that one names, and how one may be shown."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.database_problem import DatabaseProblem, DatabaseUnavailableError

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
SYNC_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}


def parsed(url: str) -> URL:
    """Return a URL, of a file or of a server that is served.

    Raises:
        DatabaseUnavailableError: it is none.

    """
    try:
        read = make_url(url)
    except (ArgumentError, ValueError) as error:  # a port that is no number
        raise DatabaseUnavailableError(
            url="", problem=DatabaseProblem.BAD_URL, detail="not a URL"
        ) from error
    why = None
    if read.drivername not in DRIVERS:
        why = f"{read.drivername} is not served"
    elif read.drivername == "sqlite" and file_of(read) is None:
        why = "memory forgets, a file is needed"
    if why is not None:
        raise DatabaseUnavailableError(shown(read), DatabaseProblem.BAD_URL, why)
    return read


def file_of(url: URL) -> Path | None:
    """Return SQLite's file; None for a server, and for memory, however that is asked for."""
    name = (url.database or "").removeprefix("file:")
    in_memory = name in {"", ":memory:"} or url.query.get("mode") == "memory"
    return Path(name) if url.drivername == "sqlite" and not in_memory else None


def shown(url: URL) -> str:
    """Return a URL without the password, which libpq takes among the parameters as well.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
    """
    private = [name for name in url.query if "password" in name.lower()]
    return url.difference_update_query(private).render_as_string(hide_password=True)

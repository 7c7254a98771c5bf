"""Database URLs: the file that one names, and how one may be shown."""

from pathlib import Path

from sqlalchemy import URL


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

"""Partial indexes: of a table's rows only those few that are looked for."""

from sqlalchemy import Index, text


def partial_index(name: str, columns: str | tuple[str, ...], condition: str) -> Index:
    """Return an index of some rows only."""
    columns = (columns,) if isinstance(columns, str) else columns
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))

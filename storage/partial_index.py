"""Partial indexes: of a table's rows only those few that are looked for."""

from sqlalchemy import Connection, Index, event, text


def partial_index(name: str, columns: str | tuple[str, ...], condition: str) -> Index:
    """Return an index of some rows only."""
    columns = (columns,) if isinstance(columns, str) else columns
    index = Index(name, *columns, sqlite_where=text(condition))

    # Named at once, it would import PostgreSQL's dialect for whoever has SQLite.
    def name_condition(_index: Index, connection: Connection, **_how: object) -> None:
        if connection.dialect.name == "postgresql":
            index.dialect_options["postgresql"]["where"] = text(condition)

    event.listen(index, "before_create", name_condition)
    return index

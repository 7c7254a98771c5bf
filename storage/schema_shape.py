"""The shape of a SQLite schema: its columns, what is unique, and what runs by itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

Part = tuple[str, ...]

_COLUMNS = (
    "SELECT 'column', held.name, one.name"
    " FROM sqlite_schema held, pragma_table_xinfo(held.name) one WHERE held.type = 'table'"
)
_UNIQUE = (
    "SELECT 'unique', held.name, (SELECT group_concat(name) FROM pragma_index_info(one.name))"
    " FROM sqlite_schema held, pragma_index_list(held.name) one"
    " WHERE held.type = 'table' AND one.\"unique\""
)
_RUNS = "SELECT type, name, sql FROM sqlite_schema WHERE type IN ('trigger', 'view')"


def parts_of(path: Path) -> frozenset[Part]:
    """Return the columns of each table, by which of them rows are unique, triggers and views.

    Raises:
        sqlite3.Error: it can't be read.

    """
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        return frozenset(
            tuple(str(value) for value in row)
            for query in (_COLUMNS, _UNIQUE, _RUNS)
            for row in connection.execute(query)
        )


def foreign(ours: frozenset[Part], theirs: frozenset[Part]) -> str | None:
    """Say what is missing of a schema, or runs by itself in another; None where nothing is.

    Tables of somebody's own beside ours harm nothing.
    """
    missing = ours - theirs
    if missing:
        return f"{' '.join(min(missing)[:2])} is not what it should be"
    runs = sorted(part for part in theirs - ours if part[0] in {"trigger", "view"})
    return f"{' '.join(runs[0][:2])} is not of Paperboy" if runs else None

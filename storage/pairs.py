"""Pairs: many (chat, item) as a table of one statement, so that an index finds them one by one.

Neither database does that for a list of pairs behind IN: SQLite reads all rows of the table that
it likes best, PostgreSQL compares each row with each pair. And one statement with many rows costs
less than many with one.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, CursorResult


def execute_with_pairs(
    connection: Connection,
    statement: str,
    pairs: Collection[tuple[int, object]],
    *parameters: object,
    table: str = "pair(chat_id, item)",
) -> CursorResult[*tuple[Any, ...]]:
    """Execute a statement that reads a table of pairs; its own parameters are written `?`.

    They are as the driver takes them.
    """
    values = ", ".join(["(?, ?)"] * len(pairs))
    sql = f"WITH {table} AS (VALUES {values}) {statement}"
    if connection.dialect.name != "sqlite":
        sql = sql.replace("?", "%s")
    given = (*(value for pair in pairs for value in pair), *parameters)
    return connection.exec_driver_sql(sql, given)

"""Copy: all rows from one database into another, empty one, such as SQLite to PostgreSQL."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import RowMapping, Select, Table, func, insert, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.admin_models import Notice
from storage.columns import IDS_LEFT_OUT
from storage.database import Database
from storage.shielded import execute

CHUNK = 1000

Progress = Callable[[int, int], None]
"""Told how many of how many rows are moved."""


class NotEmptyError(Exception):
    """The target has rows already; nothing was changed."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class CountsDifferError(Exception):
    """Not all rows have arrived; nothing was changed."""

    def __init__(self, table: str, expected: int, found: int) -> None:
        super().__init__(f"{table}: {found} of {expected}")
        self.table, self.expected, self.found = table, expected, found


async def move_all(
    source: Database, target: Database, *, progress: Progress = lambda _done, _total: None
) -> dict[str, int]:
    """Copy all rows, in one transaction of the target; return how many each table has.

    Both are open, and nobody else writes to either.

    Raises:
        NotEmptyError: the target has rows.
        CountsDifferError: the target has not what the source has.

    """
    tables = Notice.metadata.sorted_tables  # all tables, whoever declares them
    async with source.reading(long=True) as old, target.transaction() as new:
        for table in tables:
            if await _count(new, table):
                raise NotEmptyError(table.name)
        expected = {table.name: await _count(old, table) for table in tables}
        total, done = sum(expected.values()), 0
        for table in tables:
            connection = await new.connection()
            rows = await (await old.connection()).stream(_in_order(table))
            async for chunk in rows.mappings().partitions(CHUNK):
                await connection.execute(insert(table), [_moved(table, row) for row in chunk])
                done += len(chunk)
                progress(done, total)
            await _leave_ids_out(new, table)
        for table in tables:
            found = await _count(new, table)
            if found != expected[table.name]:
                raise CountsDifferError(table.name, expected[table.name], found)
    return expected


def _moved(table: Table, row: RowMapping) -> dict[str, Any]:
    """Return a row as the target takes it: each database has a full-text index of its own."""
    return {**row, "number": None} if table.name == "paper" else dict(row)


def _in_order(table: Table) -> Select[Any]:
    # A row that points to another of its own table comes after those that point nowhere.
    pointing = [
        column.is_not(None)
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table is table
    ]
    return select(table).order_by(*pointing, *table.primary_key.columns)


async def _count(session: AsyncSession, table: Table) -> int:
    found = await execute(session, select(func.count()).select_from(table))
    return int(found.scalar_one())


async def _leave_ids_out(session: AsyncSession, table: Table) -> None:
    """Let the next row get a number that no row had, not even one that was deleted."""
    column = table.autoincrement_column
    if column is None:
        return
    connection = await session.connection()
    if connection.dialect.name == "sqlite":
        await connection.execute(
            text("UPDATE sqlite_sequence SET seq = seq + :more WHERE name = :name"),
            {"name": table.name, "more": IDS_LEFT_OUT},
        )
        return
    sequence = await connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
    highest = await connection.scalar(select(func.max(column)))
    if sequence and highest:
        await connection.execute(
            text("SELECT setval(CAST(:name AS regclass), :highest)"),
            {"name": sequence, "highest": highest + IDS_LEFT_OUT},
        )

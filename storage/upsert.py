"""Upsert: idempotent inserts, INSERT ... ON CONFLICT in the dialects of SQLite and PostgreSQL."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, literal
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from storage.columns import table_of
from storage.dialect_insert import insert_of


async def insert_or_ignore(
    session: AsyncSession, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]
) -> set[tuple[Any, ...]]:
    """Insert the rows that are not there yet; return the primary keys of these.

    Columns that a row leaves out get the model's defaults.
    """
    if not rows:
        return set()
    insert = _insert(session, model)
    statement = insert.on_conflict_do_nothing().returning(*table_of(model).primary_key)
    # Not with the values inside: such a statement would be compiled anew each time.
    complete = [_with_defaults(model, row) for row in rows]
    return {tuple(row) for row in await session.exec(statement, params=complete)}


async def insert_or_update(session: AsyncSession, row: SQLModel) -> None:
    """Store a row, in place of an older one with its primary key; it stays out of the session."""
    values, key = row.model_dump(), table_of(type(row)).primary_key.columns.keys()
    newer = {name: value for name, value in values.items() if name not in key}
    insert = _insert(session, type(row)).values(values)
    await session.exec(insert.on_conflict_do_update(index_elements=key, set_=newer))


async def insert_from_select(
    session: AsyncSession,
    model: type[SQLModel],
    select: Select[*tuple[Any, ...]],
    values: Mapping[str, Any],
) -> int:
    """Insert what a query names and is not there yet; return how many rows are new.

    `values` are the same in every row. The select's columns bear the table's names, and it has a
    WHERE: without one SQLite takes the ON of ON CONFLICT for a join's
    (https://sqlite.org/lang_upsert.html#parsing_ambiguity).
    """
    columns = table_of(model).columns
    names = [*(column.name for column in select.selected_columns), *values]
    constants = [literal(value, columns[name].type) for name, value in values.items()]
    source = select.add_columns(*constants)
    statement = _insert(session, model).from_select(names, source).on_conflict_do_nothing()
    # For an INSERT it is not kept unless asked for.
    added = await session.exec(statement.execution_options(preserve_rowcount=True))
    return int(added.rowcount)


def insert_rows(
    connection: Connection, model: type[SQLModel], names: Sequence[str], rows: list[tuple[Any, ...]]
) -> int:
    """Insert many rows that are not there yet, as the driver takes them; return how many are new.

    `driver_value` gives what is not a number or a text: to do that here would take longer than
    the inserts.
    """
    if not rows:
        return 0
    sql = f"INSERT INTO {model.__tablename__} ({', '.join(names)})"
    given: Any = rows
    if connection.dialect.name == "sqlite":
        sql += f" VALUES ({', '.join('?' * len(names))})"
    else:
        # In one statement: a row of its own each costs the driver far more.
        types = [table_of(model).columns[name].type.compile(connection.dialect) for name in names]
        sql += f" SELECT * FROM unnest({', '.join(f'%s::{one}[]' for one in types)})"  # noqa: S608
        given = tuple(map(list, zip(*rows, strict=True)))
    options = {"preserve_rowcount": True}
    done = connection.exec_driver_sql(
        f"{sql} ON CONFLICT DO NOTHING", given, execution_options=options
    )
    return done.rowcount


def insert_or_ignore_into(connection: Connection, model: type[SQLModel]) -> Any:
    """Return the statement that inserts rows of values for all columns, if not there yet."""
    insert = insert_of(connection.dialect.name)(table_of(model)).on_conflict_do_nothing()
    return insert.execution_options(preserve_rowcount=True)


def driver_value(connection: Connection, model: type[SQLModel], name: str, value: Any) -> Any:
    """Return a column's value as the driver takes it."""
    return driver_values(connection, model, name)(value)


def driver_values(connection: Connection, model: type[SQLModel], name: str) -> Callable[[Any], Any]:
    """Return what makes a column's values what the driver takes."""
    dialect = connection.dialect
    bind = table_of(model).columns[name].type.dialect_impl(dialect).bind_processor(dialect)
    return _as_it_is if bind is None else bind


def _as_it_is(value: Any) -> Any:
    return value


def _insert(session: AsyncSession, model: type[SQLModel]) -> Any:
    return insert_of(session.get_bind().dialect.name)(table_of(model))


def _with_defaults(model: type[SQLModel], row: Mapping[str, Any]) -> dict[str, Any]:
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name not in row and name != "id" and not field.is_required()
    }
    return {**defaults, **row}

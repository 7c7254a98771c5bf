"""Upsert: INSERT ... ON CONFLICT in the dialects of SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession


def insert_or_ignore(
    session: AsyncSession, table: type[SQLModel], rows: Sequence[dict[str, Any]]
) -> Any:
    """Return an INSERT ... ON CONFLICT DO NOTHING for the session's database.

    Columns that a row leaves out get the model's defaults.
    """
    insert = _insert(session, table)
    return insert.values([_with_defaults(table, row) for row in rows]).on_conflict_do_nothing()


def insert_all_or_ignore(session: AsyncSession, table: type[SQLModel]) -> Any:
    """Return the same without rows, to be executed with many that leave no column out."""
    return _insert(session, table).on_conflict_do_nothing()


def insert_from_select_or_ignore(
    session: AsyncSession,
    table: type[SQLModel],
    select: Select[*tuple[Any, ...]],
    values: Mapping[str, Any],
) -> Any:
    """Return an INSERT ... SELECT ... ON CONFLICT DO NOTHING; `values` are the same in every row.

    The select's columns bear the table's names, and it has a WHERE: without one SQLite takes the
    ON of ON CONFLICT for a join's (https://sqlite.org/lang_upsert.html#parsing_ambiguity).
    """
    columns = table.__table__.columns  # type: ignore[attr-defined] # SQLModel adds it untyped
    names = [*(column.name for column in select.selected_columns), *values]
    constants = [literal(value, columns[name].type) for name, value in values.items()]
    source = select.add_columns(*constants)
    return _insert(session, table).from_select(names, source).on_conflict_do_nothing()


def _insert(session: AsyncSession, table: type[SQLModel]) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def _with_defaults(table: type[SQLModel], row: dict[str, Any]) -> dict[str, Any]:
    complete = dict(row)
    for name, field in table.model_fields.items():
        if name not in complete and not field.is_required() and name != "id":
            complete[name] = field.get_default(call_default_factory=True)
    return complete

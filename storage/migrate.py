"""Schema upgrade: Alembic's migrations in one transaction that is undone where a row would go."""

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, table

_NOT_COUNTED = ("alembic_version", "paper_index", "fresh_match")
"""Alembic's own table, the full-text index, which is made anew from the papers, and the notes of
what was to be owed, of which revision 0002 makes deliveries."""


class RowsLostError(Exception):
    """A migration would have lost rows; the text is one line that says which."""


def upgrade(connection: Connection, migrations: Path) -> None:
    """Run the migrations that are missing, within the transaction that is under way.

    On SQLite a table is changed by making it anew, and dropping the old one deletes what points to
    it where foreign keys are on. They are off meanwhile, see `without_foreign_keys`; that nothing
    went with them, and that nothing points nowhere, is looked at here.

    Raises:
        RowsLostError: a table has fewer rows than before, or a row points to none; to be undone.

    """
    # Alembic takes time and memory, and most starts find the newest schema.
    from alembic import command
    from alembic.config import Config

    before, dangling = row_counts(connection), _dangling(connection)
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    refuse_loss(before, row_counts(connection))
    if _dangling(connection) > dangling:
        message = "rows would point to rows that are not there"
        raise RowsLostError(message)


def row_counts(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        name: connection.scalar(select(func.count()).select_from(table(name))) or 0
        for name in inspect(connection).get_table_names()
        if not name.startswith(_NOT_COUNTED)
    }


def refuse_loss(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """Raise RowsLostError where a table has fewer rows than before, or is not there any more."""
    for name, had in sorted(before.items()):
        if (has := after.get(name, 0)) < had:
            message = f"{name} would keep {has} of its {had} rows"
            raise RowsLostError(message)


def without_foreign_keys(connection: Connection) -> None:
    """Let SQLite delete nothing by itself; it heeds this outside transactions alone."""
    _set_foreign_keys(connection, "OFF")


def with_foreign_keys(connection: Connection) -> None:
    """Let SQLite hold foreign keys again."""
    _set_foreign_keys(connection, "ON")


def _set_foreign_keys(connection: Connection, word: str) -> None:
    if connection.dialect.name == "sqlite":
        # Not through SQLAlchemy, which begins a transaction.
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys = {word}")
        cursor.close()


def _dangling(connection: Connection) -> int:
    if connection.dialect.name != "sqlite":
        return 0  # PostgreSQL holds foreign keys whatever is done to a table
    return len(connection.exec_driver_sql("PRAGMA foreign_key_check").all())

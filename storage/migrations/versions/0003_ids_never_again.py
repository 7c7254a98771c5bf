"""Ids that are never used again, also in SQLite: old buttons and work under way name rows by them.

Without AUTOINCREMENT SQLite gives the highest row's id again once that row is deleted
(https://sqlite.org/autoinc.html). PostgreSQL's sequences never go back.
"""

from alembic import op

revision = "0003_ids_never_again"
down_revision = "0002_own_store"

_TABLES = ("chat", "topic", "subscription", "delivery", "broadcast", "notice")


def upgrade() -> None:
    """Make SQLite's tables of rows that something outside the database names anew."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in _TABLES:
        with op.batch_alter_table(
            table, recreate="always", table_kwargs={"sqlite_autoincrement": True}
        ):
            pass

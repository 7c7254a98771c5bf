"""Deliveries of a year take half the room: moments as numbers in SQLite, an index of the open ones.

Of millions that were sent hardly any is asked for by when it is due.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010_small_deliveries"
down_revision = "0009_ai_summary"

_MOMENTS = ("next_try_at", "claimed_at", "sent_at", "created_at")
_OPEN = sa.text("state = 'pending' OR state = 'sending'")


def upgrade() -> None:
    """Make the index anew, and SQLite's table without its old one."""
    op.drop_index("ix_delivery_due", "delivery")
    if op.get_bind().dialect.name == "sqlite":
        _numbers()
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["chat_id", "state", "next_try_at"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def _numbers() -> None:
    """Write the moments as microseconds since 1970, and let the table say so."""
    # In one pass; the new table is filled in the order of the old one, and nothing points to it.
    values = ", ".join(f"{name} = {_microseconds(name)}" for name in _MOMENTS)
    op.execute(f"UPDATE delivery SET {values}")  # noqa: S608 - names of ours
    highest = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'delivery'")
    given = op.get_bind().scalar(highest)
    with op.batch_alter_table(
        "delivery", recreate="always", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        for name in _MOMENTS:
            table.alter_column(name, type_=sa.BigInteger(), existing_type=sa.DateTime())
    # No id is given again, not even one whose row is gone.
    op.execute(
        sa.text("UPDATE sqlite_sequence SET seq = :given WHERE name = 'delivery'").bindparams(
            given=given or 0
        )
    )


def _microseconds(name: str) -> str:
    """Return what a text such as 2026-11-28 09:00:00.000000 is as a number."""
    seconds = f"CAST(strftime('%s', substr({name}, 1, 19)) AS INTEGER)"
    return f"{seconds} * 1000000 + CAST(substr({name} || '000000', 21, 6) AS INTEGER)"

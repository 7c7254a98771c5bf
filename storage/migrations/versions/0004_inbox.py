"""The inbox: updates that take long are kept until they are handled."""

import sqlalchemy as sa
from alembic import op

revision = "0004_inbox"
down_revision = "0003_ids_never_again"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox"),
    )

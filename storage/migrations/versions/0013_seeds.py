"""Seeds: papers that a chat gave as examples of what it likes."""

import sqlalchemy as sa
from alembic import op

revision = "0013_seeds"
down_revision = "0012_away"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "seed",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("paper_id", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name="fk_seed_chat_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name="fk_seed_paper_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "key", name="pk_seed"),
    )
    op.create_index("ix_seed_paper_id", "seed", ["paper_id"])

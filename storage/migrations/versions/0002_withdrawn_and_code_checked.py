"""Withdrawn papers, and when their code links were looked up."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("paper") as paper:
        paper.add_column(sa.Column("code_checked_at", sa.DateTime(timezone=True), nullable=True))
        paper.add_column(
            sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("paper") as paper:
        paper.drop_column("withdrawn")
        paper.drop_column("code_checked_at")

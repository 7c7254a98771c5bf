"""Whether a chat was told that a push has a cap."""

import sqlalchemy as sa
from alembic import op

revision = "0008_told_of_cap"
down_revision = "0007_sends_pages"


def upgrade() -> None:
    """Add the switch; every chat is told once more."""
    op.add_column(
        "chat",
        sa.Column("told_of_cap", sa.Boolean(), server_default=sa.false(), nullable=False),
    )

"""Until when a chat wants nothing, and whether a group gets a line for a posted arXiv link."""

import sqlalchemy as sa
from alembic import op

revision = "0012_away"
down_revision = "0011_weeks"


def upgrade() -> None:
    """Add both; nobody is away, and no group hears of links."""
    op.add_column("chat", sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "chat",
        sa.Column("answers_links", sa.Boolean(), server_default=sa.false(), nullable=False),
    )

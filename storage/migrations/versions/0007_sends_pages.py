"""Whether a chat gets its digest as a page as well."""

import sqlalchemy as sa
from alembic import op

revision = "0007_sends_pages"
down_revision = "0006_key_sentence"


def upgrade() -> None:
    """Add the column; nobody gets a page who did not ask for it."""
    op.add_column(
        "chat", sa.Column("sends_pages", sa.Boolean(), nullable=False, server_default=sa.false())
    )

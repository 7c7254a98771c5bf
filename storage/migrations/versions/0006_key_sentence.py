"""The key sentence of a paper, translated as a line of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0006_key_sentence"
down_revision = "0005_swept_papers"


def upgrade() -> None:
    """Add the column; older translations have none."""
    op.add_column("translation", sa.Column("key_sentence", sa.String(), nullable=True))

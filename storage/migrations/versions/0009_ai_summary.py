"""A language model's summary of a paper, beside its translation."""

import sqlalchemy as sa
from alembic import op

revision = "0009_ai_summary"
down_revision = "0008_told_of_cap"


def upgrade() -> None:
    """Add the column; older translations have none."""
    op.add_column("translation", sa.Column("summary", sa.String(), nullable=True))

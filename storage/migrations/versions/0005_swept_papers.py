"""Index of when papers were swept: what was new to a sweep is found without its topics."""

from alembic import op

revision = "0005_swept_papers"
down_revision = "0004_inbox"


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_paper_swept_at", "paper", ["swept_at"])

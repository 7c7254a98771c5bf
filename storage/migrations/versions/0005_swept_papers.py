"""Indexes of when papers were swept, and of their topics: what was new to a sweep is counted."""

from alembic import op

revision = "0005_swept_papers"
down_revision = "0004_inbox"


def upgrade() -> None:
    """Add one, and let the other one tell the topics as well."""
    op.create_index("ix_paper_swept_at", "paper", ["swept_at", "id"])
    op.create_index("ix_match_of_paper", "match", ["paper_id", "topic_id"])
    op.drop_index("ix_match_paper_id", "match")

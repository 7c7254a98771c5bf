"""Matches lie in the order of topics alone; which topics found a paper is noted by paper.

SQLite's moments among them become numbers, as those of deliveries did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015_matches_by_topic"
down_revision = "0014_deliveries_without_papers"


def upgrade() -> None:
    """Note the topics of papers, and let matches point to these notes."""
    op.create_table(
        "paper_topic",
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name="fk_paper_topic_paper_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "topic_id", name="pk_paper_topic"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO paper_topic (paper_id, topic_id)"
        " SELECT paper_id, topic_id FROM match ORDER BY paper_id, topic_id"
    )
    if op.get_bind().dialect.name == "sqlite":
        _made_anew()
        return
    op.drop_index("ix_match_of_paper", "match")
    op.drop_constraint("fk_match_paper_id", "match", type_="foreignkey")
    op.create_foreign_key(
        "fk_match_paper_id",
        *("match", "paper_topic", ["paper_id", "topic_id"], ["paper_id", "topic_id"]),
        ondelete="CASCADE",
    )


def _made_anew() -> None:
    # Nothing points to either table.
    _matches()
    values = f"topic_id, paper_id, {_microseconds('published_at')}, {_microseconds('created_at')}"
    op.execute(
        f"INSERT INTO new_match SELECT {values} FROM match ORDER BY topic_id, paper_id"  # noqa: S608
    )
    op.drop_table("match")
    op.rename_table("new_match", "match")
    op.create_index("ix_match_newest", "match", ["topic_id", "published_at", "paper_id"])
    op.create_index("ix_match_found", "match", ["topic_id", "created_at", "paper_id"])
    _fresh_batches()
    op.execute(
        "INSERT INTO new_fresh_batch"  # noqa: S608
        f" SELECT topic_id, {_microseconds('matched_at')}, followed_before FROM fresh_batch"
    )
    op.drop_table("fresh_batch")
    op.rename_table("new_fresh_batch", "fresh_batch")


def _matches() -> None:
    op.create_table(
        "new_match",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name="fk_match_topic_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id", "topic_id"],
            ["paper_topic.paper_id", "paper_topic.topic_id"],
            name="fk_match_paper_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("topic_id", "paper_id", name="pk_match"),
        sqlite_with_rowid=False,
    )


def _fresh_batches() -> None:
    op.create_table(
        "new_fresh_batch",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("matched_at", sa.BigInteger(), nullable=False),
        sa.Column("followed_before", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("topic_id", "matched_at", name="pk_fresh_batch"),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name="fk_fresh_batch_topic_id", ondelete="CASCADE"
        ),
    )


def _microseconds(name: str) -> str:
    """Return what a text such as 2026-11-28 09:00:00.000000 is as a number."""
    seconds = f"CAST(strftime('%s', substr({name}, 1, 19)) AS INTEGER)"
    return f"{seconds} * 1000000 + CAST(substr({name} || '000000', 21, 6) AS INTEGER)"

"""The own store: full-text index of papers, sweeps of all of arXiv, topics matched against it."""

import sqlalchemy as sa
from alembic import op

revision = "0002_own_store"
down_revision = "0001_initial_schema"


def upgrade() -> None:
    """Add the index and what tells how far the store is complete; ask for old topics again."""
    op.add_column("paper", sa.Column("licence", sa.String()))
    op.add_column("paper", sa.Column("number", sa.BigInteger()))
    for name, column, condition in (
        ("ix_paper_number", "number", sa.text("number IS NOT NULL")),
        ("ix_paper_unindexed", "published_at", sa.text("number IS NULL")),
    ):
        op.create_index(name, "paper", [column], sqlite_where=condition, postgresql_where=condition)
    # What was swept for some categories only tells nothing of the others.
    op.add_column(
        "sweep", sa.Column("whole", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("topic", sa.Column("matched_at", sa.DateTime(timezone=True)))
    # arXiv is asked more widely now than when these were filled.
    op.execute("UPDATE topic SET backfilled_at = NULL")
    op.create_index("ix_match_found", "match", ["topic_id", "created_at", "paper_id"])
    _fresh_batches()
    op.create_table(
        "spelling",
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("form", sa.String(130), nullable=False),
        sa.PrimaryKeyConstraint("key", "form", name="pk_spelling"),
    )
    op.create_index("ix_spelling_form", "spelling", ["form"])
    if op.get_bind().dialect.name == "sqlite":
        _fts5()
    else:
        _tsvector()


def _fresh_batches() -> None:
    """Note what is to be owed by topic and moment; what was noted by match is owed now."""
    op.execute(
        "INSERT INTO delivery (chat_id, paper_id, state, attempts, next_try_at, created_at)"
        " SELECT DISTINCT subscription.chat_id, fresh_match.paper_id, 'pending', 0,"
        " match.created_at, match.created_at FROM fresh_match"
        " JOIN match ON match.topic_id = fresh_match.topic_id"
        " AND match.paper_id = fresh_match.paper_id"
        " JOIN subscription ON subscription.topic_id = fresh_match.topic_id"
        " JOIN chat ON chat.id = subscription.chat_id"
        " JOIN paper ON paper.id = fresh_match.paper_id"
        " WHERE chat.state != 'blocked' AND NOT paper.withdrawn"
        " AND subscription.chat_id > fresh_match.after_chat_id"
        " AND (fresh_match.followed_before IS NULL"
        " OR subscription.created_at < fresh_match.followed_before) ON CONFLICT DO NOTHING"
    )
    op.drop_table("fresh_match")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "fresh_batch",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("matched_at", moment, nullable=False),
        sa.Column("followed_before", moment),
        sa.PrimaryKeyConstraint("topic_id", "matched_at", name="pk_fresh_batch"),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name="fk_fresh_batch_topic_id", ondelete="CASCADE"
        ),
    )


def _fts5() -> None:
    # Words come as the bot cuts them: only spaces part them.
    op.execute(
        "CREATE VIRTUAL TABLE paper_index USING fts5("
        "title, abstract, comment, journal, others, names, codes, "
        "columnsize=0, tokenize=\"ascii tokenchars '.-/+=_@'\")"
    )
    # Whoever deletes a paper need not think of it.
    op.execute(
        "CREATE TRIGGER paper_leaves_index AFTER DELETE ON paper WHEN old.number IS NOT NULL "
        "BEGIN DELETE FROM paper_index WHERE rowid = old.number; END"
    )


def _tsvector() -> None:
    op.execute(
        "CREATE TABLE paper_index (paper_id VARCHAR(32) PRIMARY KEY "
        "REFERENCES paper (id) ON DELETE CASCADE, number BIGINT NOT NULL, words tsvector NOT NULL)"
    )
    # Phrases are looked for in the rows: not to be unpacked each time.
    op.execute("ALTER TABLE paper_index ALTER COLUMN words SET STORAGE EXTERNAL")
    op.execute("CREATE INDEX ix_paper_index_words ON paper_index USING gin (words)")

"""Matches whose deliveries are still to be made, and indexes of the few deliveries looked for."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PARTIAL = (
    ("ix_delivery_claimed", "claimed_at", "claimed_at IS NOT NULL"),
    ("ix_delivery_dead", "id", "state = 'dead'"),
    ("ix_delivery_pending", "created_at", "state = 'pending'"),
)


def upgrade() -> None:
    op.create_table(
        "fresh_match",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("followed_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_chat_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name="fk_fresh_match_topic_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name="fk_fresh_match_paper_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "paper_id", name="pk_fresh_match"),
    )
    op.create_index("ix_fresh_match_paper_id", "fresh_match", ["paper_id"])
    op.drop_index("ix_delivery_state", "delivery")
    for name, column, condition in PARTIAL:
        where = sa.text(condition)
        op.create_index(name, "delivery", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, _column, _condition in PARTIAL:
        op.drop_index(name, "delivery")
    op.create_index("ix_delivery_state", "delivery", ["state", "claimed_at"])
    op.drop_table("fresh_match")

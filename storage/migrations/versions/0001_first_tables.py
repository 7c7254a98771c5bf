"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "private",
                "group",
                "supergroup",
                "channel",
                name="chatkind",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum("active", "paused", "blocked", name="chatstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(), nullable=True),
        sa.Column("ui_language", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("push_time", sa.Time(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("papers_per_push", sa.Integer(), nullable=False),
        sa.Column("next_push_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_push_on", sa.Date(), nullable=True),
        sa.Column("pushing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
        sa.UniqueConstraint("telegram_id", "thread_id", name=op.f("uq_chat_telegram_id")),
    )
    with op.batch_alter_table("chat") as batch_op:
        batch_op.create_index("ix_chat_due", ["state", "next_push_at"])

    op.create_table(
        "paper",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("journal_ref", sa.String(), nullable=True),
        sa.Column("doi", sa.String(), nullable=True),
        sa.Column("code_url", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    with op.batch_alter_table("paper") as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_published_at"), ["published_at"])

    op.create_table(
        "sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("done", "failed", name="sweepstate", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
    )
    with op.batch_alter_table("sweep") as batch_op:
        batch_op.create_index("ix_sweep_newest", ["state", "window_to"])

    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("backfilled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("query", name=op.f("uq_topic_query")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending",
                "sending",
                "sent",
                "expired",
                "dead",
                name="deliverystate",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_delivery_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_delivery_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("chat_id", "paper_id", name=op.f("uq_delivery_chat_id")),
    )
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.create_index("ix_delivery_due", ["chat_id", "state", "next_try_at"])
        batch_op.create_index(batch_op.f("ix_delivery_paper_id"), ["paper_id"])
        batch_op.create_index("ix_delivery_state", ["state", "claimed_at"])

    op.create_table(
        "match",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_match_paper_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_match_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "paper_id", name=op.f("pk_match")),
    )
    with op.batch_alter_table("match") as batch_op:
        batch_op.create_index("ix_match_newest", ["topic_id", "published_at", "paper_id"])
        batch_op.create_index(batch_op.f("ix_match_paper_id"), ["paper_id"])

    op.create_table(
        "saved_paper",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_saved_paper_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_saved_paper_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "paper_id", name=op.f("pk_saved_paper")),
    )
    with op.batch_alter_table("saved_paper") as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_paper_paper_id"), ["paper_id"])

    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_subscription_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name=op.f("fk_subscription_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("chat_id", "topic_id", name=op.f("uq_subscription_chat_id")),
    )
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_topic_id"), ["topic_id"])

    op.create_table(
        "translation",
        sa.Column("paper_id", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name=op.f("fk_translation_paper_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "language", name=op.f("pk_translation")),
    )


def downgrade() -> None:
    op.drop_table("translation")
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_topic_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("saved_paper") as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_paper_paper_id"))

    op.drop_table("saved_paper")
    with op.batch_alter_table("match") as batch_op:
        batch_op.drop_index(batch_op.f("ix_match_paper_id"))
        batch_op.drop_index("ix_match_newest")

    op.drop_table("match")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.drop_index("ix_delivery_state")
        batch_op.drop_index(batch_op.f("ix_delivery_paper_id"))
        batch_op.drop_index("ix_delivery_due")

    op.drop_table("delivery")
    op.drop_table("topic")
    with op.batch_alter_table("sweep") as batch_op:
        batch_op.drop_index("ix_sweep_newest")

    op.drop_table("sweep")
    with op.batch_alter_table("paper") as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_published_at"))

    op.drop_table("paper")
    with op.batch_alter_table("chat") as batch_op:
        batch_op.drop_index("ix_chat_due")

    op.drop_table("chat")

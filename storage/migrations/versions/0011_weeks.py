"""Weekly look back: when a chat's comes, what is owed of it, what a chat knows of saved papers."""

import sqlalchemy as sa
from alembic import op

revision = "0011_weeks"
down_revision = "0010_small_deliveries"


def upgrade() -> None:
    """Add columns and tables; channels get no look back unless somebody asks for one."""
    op.add_column(
        "chat", sa.Column("week_day", sa.Integer(), nullable=False, server_default=sa.text("6"))
    )
    op.add_column(
        "chat",
        sa.Column("watches_saved", sa.Boolean(), nullable=False, server_default=sa.true()),
    )
    op.add_column("chat", sa.Column("next_week_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_chat_week", "chat", ["next_week_at"])
    op.execute("UPDATE chat SET week_day = 7 WHERE kind = 'channel'")
    op.add_column("saved_paper", sa.Column("known", sa.JSON(), nullable=True))
    op.create_table(
        "topic_week",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("rising", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topic.id"], name="fk_topic_week_topic_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "ends_at", name="pk_topic_week"),
    )
    op.create_table(
        "week_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("html", sa.String(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name="fk_week_note_chat_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_week_note"),
        sa.UniqueConstraint("chat_id", "week", name="uq_week_note_chat_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_week_note_due", "week_note", ["state", "next_try_at"])

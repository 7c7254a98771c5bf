"""Remember the private chats from which a channel is managed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "manager",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name="fk_manager_chat_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["chat.id"], name="fk_manager_channel_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "channel_id", name="pk_manager"),
    )
    op.create_index("ix_manager_channel_id", "manager", ["channel_id"])


def downgrade() -> None:
    """Change it back."""
    op.drop_table("manager")

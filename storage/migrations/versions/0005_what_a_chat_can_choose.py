"""What a chat can choose: order, style, previews, a topic's cap and pause; and its votes."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("chat") as chat:
        chat.add_column(_words("paper_order", "newest", "topic", "personal"))
        chat.add_column(_words("push_style", "list", "cards", "rich"))
        chat.add_column(_off("tells_nothing_new"))
        chat.add_column(_off("shows_previews"))
        chat.add_column(sa.Column("expecting", sa.String(), nullable=True))
        chat.add_column(sa.Column("managing_id", sa.Integer(), nullable=True))
        chat.create_foreign_key(
            "fk_chat_managing_id", "chat", ["managing_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("subscription") as subscription:
        subscription.add_column(
            sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
        subscription.add_column(sa.Column("cap", sa.Integer(), nullable=True))
        subscription.add_column(_off("muted"))
        subscription.add_column(_off("paused"))
    op.create_table(
        "vote",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.String(32), nullable=False),
        sa.Column("liked", sa.Boolean(), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name="fk_vote_chat_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["paper.id"], name="fk_vote_paper_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "paper_id", name="pk_vote"),
    )
    op.create_index("ix_vote_paper_id", "vote", ["paper_id"])


def downgrade() -> None:
    op.drop_table("vote")
    with op.batch_alter_table("subscription") as subscription:
        for name in ("paused", "muted", "cap", "position"):
            subscription.drop_column(name)
    with op.batch_alter_table("chat") as chat:
        chat.drop_constraint("fk_chat_managing_id", type_="foreignkey")
        for name in (
            "managing_id",
            "expecting",
            "shows_previews",
            "tells_nothing_new",
            "push_style",
            "paper_order",
        ):
            chat.drop_column(name)


def _words(name: str, first: str, *others: str) -> sa.Column[str]:
    words = sa.Enum(first, *others, native_enum=False, length=16)
    return sa.Column(name, words, server_default=first, nullable=False)


def _off(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)

"""Initial schema: all tables as they were in version 0.1.0. Frozen: it imports no models."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001_initial_schema"
down_revision = None


def upgrade() -> None:
    """Make all tables, those that others refer to first."""
    _chats()
    _papers_and_sweeps()
    _topics()
    _matches_and_translations()
    _deliveries()
    _opinions()
    _administration()


def _chats() -> None:
    _table(
        "chat",
        _id(),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        _word("kind", "private", "group", "supergroup", "channel"),
        _word("state", "active", "paused", "blocked"),
        sa.Column("state_reason", sa.String()),
        sa.Column("ui_language", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        _off("translate_titles"),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("push_time", sa.Time(), nullable=False),
        sa.Column("weekdays", sa.Integer(), nullable=False),
        sa.Column("papers_per_push", sa.Integer(), nullable=False),
        _word("paper_order", "newest", "topic", "personal", server_default="newest"),
        _word("push_style", "list", "cards", "rich", server_default="list"),
        _off("tells_nothing_new"),
        _off("shows_previews"),
        sa.Column("expecting", sa.String()),
        _owner("chat", "chat", column="managing_id", ondelete="SET NULL"),
        _moment("next_push_at"),
        sa.Column("last_push_on", sa.Date()),
        _moment("pushing_since", nullable=True),
        _moment("created_at"),
        sa.UniqueConstraint("telegram_id", "thread_id", name="uq_chat_telegram_id"),
    )
    op.create_index("ix_chat_due", "chat", ["state", "next_push_at"])
    _table(
        "manager",
        _owner("manager", "chat"),
        _owner("manager", "chat", column="channel_id"),
        key=("chat_id", "channel_id"),
    )
    op.create_index("ix_manager_channel_id", "manager", ["channel_id"])


def _papers_and_sweeps() -> None:
    _table(
        "paper",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("comment", sa.String()),
        sa.Column("journal_ref", sa.String()),
        sa.Column("doi", sa.String()),
        sa.Column("code_url", sa.String()),
        _moment("code_checked_at", nullable=True),
        _off("withdrawn"),
        _moment("published_at"),
        _moment("updated_at"),
        _moment("swept_at", nullable=True),
    )
    op.create_index("ix_paper_published_at", "paper", ["published_at"])
    _table(
        "sweep",
        _id(),
        _word("state", "done", "failed"),
        _moment("window_from"),
        _moment("window_to"),
        _moment("started_at"),
        _moment("finished_at", nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        _word("fault", "unreachable", "busy", "broken", "own", nullable=True),
        sa.Column("error", sa.String()),
    )
    op.create_index("ix_sweep_newest", "sweep", ["state", "window_to"])


def _topics() -> None:
    _table(
        "topic",
        _id(),
        sa.Column("query", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("backfilled_at", nullable=True),
        sa.UniqueConstraint("query", name="uq_topic_query"),
    )
    _table(
        "subscription",
        _id(),
        _owner("subscription", "chat"),
        _owner("subscription", "topic"),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("cap", sa.Integer()),
        _off("muted"),
        _off("paused"),
        _moment("created_at"),
        sa.UniqueConstraint("chat_id", "topic_id", name="uq_subscription_chat_id"),
    )
    op.create_index("ix_subscription_topic_id", "subscription", ["topic_id"])


def _matches_and_translations() -> None:
    _table(
        "match",
        _owner("match", "topic"),
        _owner("match", "paper"),
        _moment("published_at"),
        _moment("created_at"),
        key=("topic_id", "paper_id"),
    )
    op.create_index("ix_match_newest", "match", ["topic_id", "published_at", "paper_id"])
    op.create_index("ix_match_paper_id", "match", ["paper_id"])
    _table(
        "fresh_match",
        _owner("fresh_match", "topic"),
        _owner("fresh_match", "paper"),
        _moment("followed_before", nullable=True),
        sa.Column("after_chat_id", sa.Integer(), nullable=False),
        key=("topic_id", "paper_id"),
    )
    op.create_index("ix_fresh_match_paper_id", "fresh_match", ["paper_id"])
    _table(
        "translation",
        _owner("translation", "paper"),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("title", sa.String()),
        sa.Column("abstract", sa.String(), nullable=False),
        sa.Column("engine", sa.String(), nullable=False),
        sa.Column("source_digest", sa.String(), nullable=False),
        _moment("created_at"),
        key=("paper_id", "language"),
    )


def _deliveries() -> None:
    _table(
        "delivery",
        _id(),
        _owner("delivery", "chat"),
        _owner("delivery", "paper"),
        _word("state", "pending", "sending", "sent", "expired", "dead"),
        sa.Column("reason", sa.String()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("next_try_at"),
        _moment("claimed_at", nullable=True),
        _moment("sent_at", nullable=True),
        sa.Column("message_id", sa.Integer()),
        _moment("created_at"),
        sa.UniqueConstraint("chat_id", "paper_id", name="uq_delivery_chat_id"),
    )
    op.create_index("ix_delivery_due", "delivery", ["chat_id", "state", "next_try_at"])
    op.create_index("ix_delivery_paper_id", "delivery", ["paper_id"])
    for name, column, condition in (
        ("ix_delivery_claimed", "claimed_at", "claimed_at IS NOT NULL"),
        ("ix_delivery_dead", "id", "state = 'dead'"),
        ("ix_delivery_pending", "created_at", "state = 'pending'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "delivery", [column], sqlite_where=where, postgresql_where=where)


def _opinions() -> None:
    for name, *columns in (
        ("saved_paper", sa.Column("note", sa.String()), _moment("saved_at")),
        ("vote", sa.Column("liked", sa.Boolean(), nullable=False), _moment("voted_at")),
    ):
        _table(
            name,
            _owner(name, "chat"),
            _owner(name, "paper"),
            *columns,
            key=("chat_id", "paper_id"),
        )
        op.create_index(f"ix_{name}_paper_id", name, ["paper_id"])


def _administration() -> None:
    telegram_id = sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False)
    _table("allowed_chat", telegram_id, _moment("added_at"), key=("telegram_id",))
    kind = sa.Column("kind", sa.String(16), nullable=False)
    _table("alarm", kind, _moment("since"), key=("kind",))
    _table(
        "broadcast",
        _id(),
        sa.Column("html", sa.String(), nullable=False),
        _moment("created_at"),
        _moment("started_at", nullable=True),
    )
    _table(
        "notice",
        _id(),
        _owner("notice", "broadcast"),
        _owner("notice", "chat"),
        _word("state", "pending", "sending", "sent", "expired", "dead"),
        sa.Column("reason", sa.String()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("next_try_at"),
        _moment("claimed_at", nullable=True),
        sa.UniqueConstraint("broadcast_id", "chat_id", name="uq_notice_broadcast_id"),
    )
    op.create_index("ix_notice_due", "notice", ["state", "next_try_at"])
    op.create_index("ix_notice_chat_id", "notice", ["chat_id"])


def _table(name: str, *columns: sa.schema.SchemaItem, key: tuple[str, ...] = ("id",)) -> None:
    # Constraints with names can be changed by later revisions, also in SQLite.
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _owner(
    table: str, owner: str, *, column: str = "", ondelete: str = "CASCADE"
) -> sa.Column[Any]:
    """Return a reference to a row of `owner`; what happens here when that row is deleted."""
    column = column or f"{owner}_id"
    kind = sa.String(32) if owner == "paper" else sa.Integer()
    key = sa.ForeignKey(f"{owner}.id", name=f"fk_{table}_{column}", ondelete=ondelete)
    return sa.Column(column, kind, key, nullable=ondelete == "SET NULL")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _off(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def _word(
    name: str, *words: str, server_default: str | None = None, nullable: bool = False
) -> sa.Column[str]:
    kind = sa.Enum(*words, native_enum=False, length=16)
    return sa.Column(name, kind, server_default=server_default, nullable=nullable)

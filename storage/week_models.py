"""Tables of the weekly look back: what a topic's week was, and what is owed to chats."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import moment, owner, word
from storage.models import NEVER_AGAIN, DeliveryState


class TopicWeek(SQLModel, table=True):
    """A topic's week, counted once for all who follow it."""

    __tablename__ = "topic_week"

    topic_id: int = owner("topic", primary_key=True)
    ends_at: datetime = moment(primary_key=True)
    papers: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """How many it had a week, the oldest week first; weeks before it had any are left out."""
    rising: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    """Its rising words, as `bot.week.rising_words.RisingWord` has them."""


class WeekNote(SQLModel, table=True):
    """One look back owed to one chat, once a week whatever happens: the states of a delivery."""

    __tablename__ = "week_note"
    __table_args__ = (
        UniqueConstraint("chat_id", "week"),
        Index("ix_week_note_due", "state", "next_try_at"),
        NEVER_AGAIN,
    )

    id: int = Field(default=None, primary_key=True)
    chat_id: int = owner("chat")
    week: int
    """The last day of the week that it tells of, as date.toordinal() counts."""
    html: str
    picture: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    state: DeliveryState = word(DeliveryState.PENDING)
    reason: str | None = None
    attempts: int = 0
    next_try_at: datetime = moment(default_now=True)
    claimed_at: datetime | None = moment(nullable=True)

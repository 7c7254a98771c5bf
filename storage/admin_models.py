"""Tables of the administration: allowed chats, broadcasts with their notices, alerts."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import moment, owner, word
from storage.models import NEVER_AGAIN, DeliveryState


class AllowedChat(SQLModel, table=True):
    """A chat or person let in at run time, beside those of the settings."""

    __tablename__ = "allowed_chat"

    telegram_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    added_at: datetime = moment(default_now=True)


class Broadcast(SQLModel, table=True):
    """A message of the operator's to many chats, or of the bot's to its operators."""

    __tablename__ = "broadcast"
    __table_args__ = (NEVER_AGAIN,)

    id: int = Field(default=None, primary_key=True)
    html: str
    created_at: datetime = moment(default_now=True)
    started_at: datetime | None = moment(nullable=True)
    """When it was said to go; None: a draft that nobody gets."""


class Notice(SQLModel, table=True):
    """One broadcast owed to one chat; the same states as a delivery's."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "chat_id"),
        Index("ix_notice_due", "state", "next_try_at"),
        NEVER_AGAIN,
    )

    id: int = Field(default=None, primary_key=True)
    broadcast_id: int = owner("broadcast")
    chat_id: int = owner("chat", index=True)
    state: DeliveryState = word(DeliveryState.PENDING)
    reason: str | None = None
    attempts: int = 0
    next_try_at: datetime = moment(default_now=True)
    claimed_at: datetime | None = moment(nullable=True)


class Alarm(SQLModel, table=True):
    """Something that is wrong now and that the operators were told of."""

    __tablename__ = "alarm"

    kind: str = Field(primary_key=True, max_length=16)
    since: datetime = moment(default_now=True)

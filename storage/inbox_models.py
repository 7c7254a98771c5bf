"""Table of the inbox: updates of Telegram's that are being worked on."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from storage.columns import moment


class Inbox(SQLModel, table=True):
    """An update of Telegram's that takes long: kept until it is handled, begun again if need be."""

    __tablename__ = "inbox"

    update_id: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    body: str
    """As JSON."""
    tries: int = 0
    """How often it was begun again after a stop."""
    received_at: datetime = moment(default_now=True)

"""Seeds: papers that a chat gave as examples, by which its personal order begins (cold start)."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import PAPER_ID_LENGTH, moment


class Seed(SQLModel, table=True):
    """A paper that a chat gave: one of arXiv, or the words of one that is not known there."""

    __tablename__ = "seed"

    chat_id: int = Field(foreign_key="chat.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(primary_key=True, max_length=PAPER_ID_LENGTH)
    """The paper's id, or a digest of its title."""
    paper_id: str | None = Field(
        default=None,
        foreign_key="paper.id",
        ondelete="CASCADE",
        index=True,
        max_length=PAPER_ID_LENGTH,
    )
    title: str = ""
    """As it was given; empty where the paper has it."""
    abstract: str = ""
    given_at: datetime = moment(default_now=True)

"""Models: what is known beside matches and deliveries, so that they need no index by paper."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.columns import many_moments, moment, owner


class PaperTopic(SQLModel, table=True):
    """paper x topic: which topics may have found a paper, noted before their matches are.

    A sweep finds thousands of papers for thousands of topics. In one table each slice of it would
    write a page for nearly every paper; in two, each written in its own order, none but its own.
    """

    __tablename__ = "paper_topic"
    __table_args__ = ({"sqlite_with_rowid": False},)

    paper_id: str = owner("paper", primary_key=True)
    topic_id: int = Field(primary_key=True)
    """Points to no row, which would need an index by topic: ids are never used again."""


class FreshBatch(SQLModel, table=True):
    """A topic's matches of one moment, which the chats that follow it are still to be owed."""

    __tablename__ = "fresh_batch"

    topic_id: int = owner("topic", primary_key=True)
    matched_at: datetime = many_moments(primary_key=True)
    """Those that were recorded at this moment, and no others."""
    followed_before: datetime | None = moment(nullable=True)
    """Only those are owed them who followed the topic before this; None: all."""


class DeliveredPaper(SQLModel, table=True):
    """A paper that there was a delivery of, to whomever: it stays though no topic finds it now."""

    __tablename__ = "delivered_paper"
    __table_args__ = ({"sqlite_with_rowid": False},)

    paper_id: str = owner("paper", primary_key=True)

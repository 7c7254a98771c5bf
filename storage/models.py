"""Models: the tables of chats, topics, papers and deliveries (the outbox), as SQLModel classes.

They are the vocabulary of the whole house; the words are those of `docs/design.md`. Every moment
in time is stored in UTC and read back time-zone-aware; every enumeration is stored as its
lower-case value.
"""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
    true,
)
from sqlmodel import Field, SQLModel

from storage.columns import PAPER_ID_LENGTH, many_moments, moment, off, owner, word, words
from storage.partial_index import partial_index

ORIGINAL = "en"
"""arXiv's abstracts are English; a chat with this language gets them untranslated."""

NEVER_AGAIN = {"sqlite_autoincrement": True}
"""Options of a table whose ids are never used again, whatever was deleted: chats' old buttons and
work under way name its rows by them. PostgreSQL's sequences never go back anyway."""

EVERY_DAY = 0b1111111
"""Chat.weekdays with every bit set: bit 0 is Monday, bit 6 Sunday."""

NO_DAY = 7
"""Chat.week_day of a chat that wants no look back at its week."""


class ChatKind(StrEnum):
    """Telegram's kinds of chat."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class ChatState(StrEnum):
    """Whether a chat gets pushes."""

    ACTIVE = "active"
    PAUSED = "paused"  # by its people
    BLOCKED = "blocked"  # by Telegram's word: blocked, kicked, gone


class DeliveryState(StrEnum):
    """Where a delivery is on its way."""

    PENDING = "pending"  # owed
    SENDING = "sending"  # claimed by a running copy
    SENT = "sent"  # Telegram accepted it
    EXPIRED = "expired"  # news no more: over the cap for too long, or withdrawn; the digest has it
    DEAD = "dead"  # given up; `reason` says why


class PaperOrder(StrEnum):
    """What comes first in a push."""

    NEWEST = "newest"
    TOPIC = "topic"  # topic after topic, in the chat's own order
    PERSONAL = "personal"  # by what the chat saved and voted on


class PushStyle(StrEnum):
    """What a push looks like."""

    LIST = "list"  # few messages, abstracts folded
    BRIEF = "brief"  # one message or two, a few lines a paper
    CARDS = "cards"  # a message a paper, with its buttons
    RICH = "rich"  # Bot API 10.1; only where a reader confirmed that it shows


class SweepState(StrEnum):
    """How a sweep ended."""

    DONE = "done"
    FAILED = "failed"


class SweepFault(StrEnum):
    """Why a sweep failed, as far as a reader cares."""

    UNREACHABLE = "unreachable"  # no connection, no answer in time, out of order
    BUSY = "busy"  # arXiv asks for patience
    BROKEN = "broken"  # an answer that makes no sense
    OWN = "own"  # not arXiv's fault


class Chat(SQLModel, table=True):
    """A private chat, group, channel or forum topic that the bot serves."""

    __tablename__ = "chat"
    __table_args__ = (
        UniqueConstraint("telegram_id", "thread_id"),
        Index("ix_chat_due", "state", "next_push_at"),
        Index("ix_chat_week", "next_week_at"),
        NEVER_AGAIN,
    )

    id: int = Field(default=None, primary_key=True)
    telegram_id: int = Field(sa_type=BigInteger)
    thread_id: int = 0
    """The forum topic's message_thread_id, 0 where there is none."""
    kind: ChatKind = word(ChatKind.PRIVATE)
    state: ChatState = word(ChatState.ACTIVE)
    state_reason: str | None = None
    ui_language: str = "en"
    """The catalogue that the bot speaks to this chat in."""
    language: str = ORIGINAL
    """The language of abstracts, as in `bot.translation.languages`; ORIGINAL: untranslated."""
    translate_titles: bool = off()
    """Whether titles are wanted in that language as well."""
    timezone: str = "UTC"
    push_time: time = time(9, 0)
    weekdays: int = EVERY_DAY
    papers_per_push: int = 10
    paper_order: PaperOrder = word(PaperOrder.NEWEST, server_default=True)
    push_style: PushStyle = word(PushStyle.LIST, server_default=True)
    tells_nothing_new: bool = off()
    """Whether a push time without news brings a line that says so."""
    told_of_cap: bool = off()
    """Whether it was told that a push left papers for later, and what to do about it."""
    shows_previews: bool = off()
    """Whether Telegram may show a picture of what a message links to."""
    sends_pages: bool = off()
    """Whether a digest comes as a page as well."""
    answers_links: bool = off()
    """Whether a group gets a line for each arXiv link that is posted there."""
    expecting: str | None = None
    """What the next words from here answer, such as a topic's new name; None: nothing."""
    managing_id: int | None = Field(default=None, foreign_key="chat.id", ondelete="SET NULL")
    """The channel whose settings this private chat shows at the moment."""
    next_push_at: datetime = moment(default_now=True)
    paused_until: datetime | None = moment(nullable=True)
    """When its papers come again by its people's own word."""
    last_push_on: date | None = None
    """The local date of the last push that had papers: never two on one date."""
    pushing_since: datetime | None = moment(nullable=True)
    """When the push under way began; kept over a crash, so that its cap still holds."""
    week_day: int = Field(default=6, sa_column_kwargs={"server_default": text("6")})
    """The day of its weekly look back, as datetime.weekday() counts; NO_DAY: none is wanted."""
    watches_saved: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether it is told what became of papers that it saved."""
    next_week_at: datetime | None = moment(nullable=True)
    """When the next look back comes; None: that is to be set anew."""
    created_at: datetime = moment(default_now=True)


class Manager(SQLModel, table=True):
    """A private chat from which a channel was managed."""

    __tablename__ = "manager"

    chat_id: int = owner("chat", primary_key=True)
    channel_id: int = owner("chat", primary_key=True, index=True)


class Topic(SQLModel, table=True):
    """A query that at least one chat follows; stored once however many chats follow it."""

    __tablename__ = "topic"
    __table_args__ = (NEVER_AGAIN,)

    id: int = Field(default=None, primary_key=True)
    query: str = Field(unique=True)
    """The normalised text: equal queries are one topic."""
    created_at: datetime = moment(default_now=True)
    matched_at: datetime | None = moment(nullable=True)
    """When it was matched against all that the store holds; None: still to be done."""
    backfilled_at: datetime | None = moment(nullable=True)
    """When arXiv answered the topic's own search; None: still to be asked."""


class Spelling(SQLModel, table=True):
    """A word as it is spelt in papers, and the key under which the matcher knows it."""

    __tablename__ = "spelling"

    key: str = Field(primary_key=True, max_length=128)
    form: str = Field(primary_key=True, max_length=130, index=True)


class Subscription(SQLModel, table=True):
    """One chat following one topic, with the chat's own label for it."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("chat_id", "topic_id"), NEVER_AGAIN)

    id: int = Field(default=None, primary_key=True)
    chat_id: int = owner("chat")
    topic_id: int = owner("topic", index=True)
    label: str
    position: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """Where it stands among the chat's; equal ones in the order in which they were followed."""
    cap: int | None = None
    """How many of its papers one push brings at most; None: as many as the chat's own cap."""
    muted: bool = off()
    """Its papers come without a sound."""
    paused: bool = off()
    """Its papers are collected and not pushed."""
    created_at: datetime = moment(default_now=True)


class Paper(SQLModel, table=True):
    """One arXiv id without its version; the newest version's metadata wins."""

    __tablename__ = "paper"
    # After an update no paper has a number, and all of them get one, a few at a time.
    __table_args__ = (
        partial_index("ix_paper_number", "number", "number IS NOT NULL"),
        # With the id: rows are long, and what was new to a sweep is counted without them.
        Index("ix_paper_swept_at", "swept_at", "id"),
        partial_index("ix_paper_unindexed", "published_at", "number IS NULL"),
    )

    id: str = Field(primary_key=True, max_length=PAPER_ID_LENGTH)
    """`2406.11840` or `hep-th/9901001`: never with a version."""
    version: int = 1
    title: str
    """One line, TeX as arXiv gives it."""
    abstract: str
    """One paragraph, TeX as arXiv gives it."""
    authors: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    categories: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """arXiv's and, where the author gave them, MSC or ACM classes; primary first."""
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    code_url: str | None = None
    code_checked_at: datetime | None = moment(nullable=True)
    """When an index of code links was last asked about it; None: never."""
    withdrawn: bool = off()
    """Its authors took it back: it stays known, but is news no more."""
    published_at: datetime = moment(index=True)
    """When version 1 was submitted."""
    updated_at: datetime = moment()
    """When the newest version was submitted."""
    swept_at: datetime | None = moment(nullable=True)
    """When a sweep first matched it against all topics; None: known from a search only."""
    licence: str | None = None
    """The address of the licence that its authors gave it, where that is known."""
    number: int | None = Field(default=None, sa_type=BigInteger)
    """Its place in the full-text index, by its date (storage/paper_index.py); None: not in it."""

    @property
    def abs_url(self) -> str:
        """The paper's page on arXiv."""
        return f"https://arxiv.org/abs/{self.id}"

    @property
    def pdf_url(self) -> str:
        """The newest version's PDF on arXiv."""
        return f"https://arxiv.org/pdf/{self.id}"


class Match(SQLModel, table=True):
    """topic x paper: the ids that a topic has seen, in the order of topics (see PaperTopic)."""

    __tablename__ = "match"
    __table_args__ = (
        ForeignKeyConstraint(
            ["paper_id", "topic_id"],
            ["paper_topic.paper_id", "paper_topic.topic_id"],
            ondelete="CASCADE",
        ),
        Index("ix_match_newest", "topic_id", "published_at", "paper_id"),
        Index("ix_match_found", "topic_id", "created_at", "paper_id"),
        {"sqlite_with_rowid": False},
    )

    topic_id: int = owner("topic", primary_key=True)
    paper_id: str = Field(primary_key=True, max_length=PAPER_ID_LENGTH)
    published_at: datetime = many_moments()
    """The paper's, repeated here so that a topic's newest are one index scan."""
    created_at: datetime = many_moments(default_now=True)


class Translation(SQLModel, table=True):
    """One paper's title and abstract in one language, made once for everybody."""

    __tablename__ = "translation"

    paper_id: str = owner("paper", primary_key=True)
    language: str = Field(primary_key=True, max_length=16)
    title: str | None = None
    abstract: str
    key_sentence: str | None = None
    """The key sentence in this language; None where it was not made, or not made well."""
    summary: str | None = None
    """A language model's summary in this language, checked, as JSON; None where there is none."""
    engine: str
    source_digest: str
    """What was translated (`source_digest()` of it): a new version's other text needs another."""
    created_at: datetime = moment(default_now=True)


class Delivery(SQLModel, table=True):
    """One paper owed to one chat, deduplicated: a row of the outbox until Telegram accepted it."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("chat_id", "paper_id"),
        # Of millions that were sent nobody looks for these few.
        partial_index(
            "ix_delivery_due",
            ("chat_id", "state", "next_try_at"),
            "state = 'pending' OR state = 'sending'",
        ),
        partial_index("ix_delivery_claimed", "claimed_at", "claimed_at IS NOT NULL"),
        partial_index("ix_delivery_dead", "id", "state = 'dead'"),
        partial_index("ix_delivery_pending", "created_at", "state = 'pending'"),
        NEVER_AGAIN,
    )

    id: int = Field(default=None, primary_key=True)
    chat_id: int = owner("chat")
    paper_id: str = Field(max_length=PAPER_ID_LENGTH)
    """Points to no row: for that it would need an index by paper, of which each slice of a sweep's
    deliveries would write a page for nearly every paper. What was sent may outlive its paper."""
    state: DeliveryState = word(DeliveryState.PENDING)
    reason: str | None = None
    attempts: int = 0
    next_try_at: datetime = many_moments(default_now=True)
    claimed_at: datetime | None = many_moments(nullable=True)
    sent_at: datetime | None = many_moments(nullable=True)
    message_id: int | None = None
    created_at: datetime = many_moments(default_now=True)


class Sweep(SQLModel, table=True):
    """One look at arXiv for what is new, for all topics together."""

    __tablename__ = "sweep"
    __table_args__ = (Index("ix_sweep_newest", "state", "window_to"),)

    id: int = Field(default=None, primary_key=True)
    state: SweepState = word(SweepState.DONE)
    window_from: datetime = moment()
    whole: bool = off()
    """Whether it looked at all of arXiv, so that the store holds everything of this time."""
    window_to: datetime = moment()
    """The cursor: the next sweep starts at the newest good one's `window_to`, less an overlap."""
    started_at: datetime = moment(default_now=True)
    finished_at: datetime | None = moment(nullable=True)
    found: int = 0
    """Papers of the window."""
    new: int = 0
    """How many of them no sweep had matched before."""
    matched: int = 0
    owed: int = 0
    fault: SweepFault | None = Field(
        default=None, sa_column=Column(words(SweepFault), nullable=True)
    )
    error: str | None = None
    """What the operator needs to know of a failure; readers are told the fault."""


class SavedPaper(SQLModel, table=True):
    """A paper that a chat keeps."""

    __tablename__ = "saved_paper"

    chat_id: int = owner("chat", primary_key=True)
    paper_id: str = owner("paper", primary_key=True, index=True)
    note: str | None = None
    known: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    """What the chat knows of it (`bot.week.watch.facts`); None: as it was is not known."""
    saved_at: datetime = moment(default_now=True)


class Vote(SQLModel, table=True):
    """What a chat's people think of a paper: what its personal order learns from."""

    __tablename__ = "vote"

    chat_id: int = owner("chat", primary_key=True)
    paper_id: str = owner("paper", primary_key=True, index=True)
    liked: bool
    voted_at: datetime = moment(default_now=True)

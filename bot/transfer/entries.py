"""Contents of an import: settings and topics, and the validation errors that they may have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from bot.query.parser import QuerySyntaxError
from storage.models import PaperOrder, PushStyle

LONGEST_LABEL = 60

Value = str | int | bool | time | PaperOrder | PushStyle
"""A setting as the `chat` table keeps it."""


@dataclass(frozen=True, slots=True)
class TransferEntry:
    """One topic to follow."""

    query: str
    """Normalised."""
    label: str
    cap: int | None = None
    muted: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class ChatFile:
    """What a file asks for: `settings` are columns of `chat`, in the order of the file."""

    settings: Mapping[str, Value] = field(default_factory=dict)
    topics: tuple[TransferEntry, ...] = ()


class Kind(StrEnum):
    """Kinds of validation errors: what can be wrong with a file."""

    TOO_LARGE = "too large"
    NO_TEXT = "not UTF-8"
    SYNTAX = "not TOML"
    UNKNOWN = "nobody knows the name"
    MISSING = "a value is missing"
    VALUE = "a value that makes no sense"
    QUERY = "a query that does not parse"
    TWICE = "the same query as another entry"
    TOO_MANY = "more topics than a chat may follow"


@dataclass(frozen=True, slots=True)
class EntryFault:
    """Validation error: one thing that is wrong with a file, and where."""

    kind: Kind
    line: int | None = None
    topic: int | None = None
    """The how manieth `[[topic]]`, from 1."""
    key: str | None = None
    detail: str | None = None
    """An example of a good value, or what could not be read."""
    query: QuerySyntaxError | None = None


class TransferError(Exception):
    """A file that can't be used; nothing of it is."""

    def __init__(self, *faults: EntryFault) -> None:
        super().__init__("; ".join(fault.kind for fault in faults))
        self.faults = faults

"""Rejection: why an answer is refused, known without all that finds it out."""

from enum import StrEnum


class Reject(StrEnum):
    """Why an answer is no translation."""

    EMPTY = "empty"
    NOTICE = "notice"
    """An error or quota page, passed off as a translation."""
    CHATTER = "chatter"
    """A language model talks beside its translation, or instead."""
    ECHO = "echo"
    PLACEHOLDERS = "placeholders"
    """Something untouchable is missing, or there is more of it than in the source."""
    NUMBERS = "numbers"
    SCRIPT = "script"
    LENGTH = "length"
    UNTRANSLATED = "untranslated"
    """A long run of the source was left as it is."""
    LOOP = "loop"
    TERM = "term"
    """A term of the field was mistaken for another thing's name."""


class Rejected(Exception):  # noqa: N818 - it is named by what happened
    """An answer that must be neither stored nor shown."""

    def __init__(self, reason: Reject) -> None:
        super().__init__(reason.value)
        self.reason = reason

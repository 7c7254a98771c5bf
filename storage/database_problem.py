"""Database problems: what can be wrong with a database, told from the drivers' errors."""

import sqlite3
from enum import StrEnum

from sqlalchemy.exc import DBAPIError

from storage.open_file import GONE

MALFORMED = "database disk image is malformed"
"""SQLite's own words for a damaged file, https://www.sqlite.org/rescode.html#corrupt."""

UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""What the driver raises of a file that can't be read; the second where SQLite's own words quote
bytes of a damaged one that are no UTF-8."""

_QUERY_CANCELED = "57014"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html."""


class DatabaseProblem(StrEnum):
    """What can be wrong with a database."""

    BAD_URL = "bad-url"
    NO_DRIVER = "no-driver"
    CANNOT_OPEN = "cannot-open"
    LOCKED = "locked"
    READ_ONLY = "read-only"
    FULL = "full"
    DISK = "disk"
    CORRUPT = "corrupt"
    GONE = "gone"
    TOO_NEW = "too-new"
    TOO_OLD = "too-old"
    NOT_UTF8 = "not-utf8"
    SLOW = "slow"
    OTHER = "other"

    @property
    def told(self) -> str:
        """What the log of a running bot says of it."""
        if self is DatabaseProblem.CORRUPT:
            return "the database is damaged: stop the bot, and restore a backup"
        if self is DatabaseProblem.GONE:
            return f"{GONE}, nothing is written any more"
        if self is DatabaseProblem.SLOW:
            return "reading took too long and was stopped, nothing is lost"
        return "the database failed, nothing is lost"


PASSING = frozenset(
    {
        DatabaseProblem.CANNOT_OPEN,
        DatabaseProblem.DISK,
        DatabaseProblem.FULL,
        DatabaseProblem.LOCKED,
        DatabaseProblem.READ_ONLY,
    }
)
"""What goes by itself, or when somebody makes room."""


class DatabaseUnavailableError(Exception):
    """The database can't be used; nothing was changed."""

    def __init__(self, url: str, problem: DatabaseProblem, detail: str = "") -> None:
        super().__init__(": ".join(part for part in (url, problem, detail) if part))
        self.url = url
        self.problem = problem
        self.detail = detail


def cause_of(error: BaseException) -> BaseException:
    """Return the driver's own error where SQLAlchemy wraps it."""
    return error.orig if isinstance(error, DBAPIError) and error.orig else error


def said_by(error: BaseException) -> str:
    """Return the driver's own words, in one line."""
    cause = cause_of(error)
    return MALFORMED if isinstance(cause, UnicodeDecodeError) else str(cause).partition("\n")[0]


def problem_of(error: BaseException) -> DatabaseProblem:
    """Say what a driver's error means; the texts are SQLite's own (sqlite.org/rescode.html)."""
    cause = cause_of(error)
    if isinstance(cause, UnicodeDecodeError):
        return DatabaseProblem.CORRUPT
    if getattr(cause, "sqlstate", None) == _QUERY_CANCELED:
        return DatabaseProblem.SLOW
    text = str(cause).lower()
    for words, problem in (
        (GONE, DatabaseProblem.GONE),
        ("interrupted", DatabaseProblem.SLOW),
        ("database is locked", DatabaseProblem.LOCKED),
        ("readonly database", DatabaseProblem.READ_ONLY),
        ("read-only", DatabaseProblem.READ_ONLY),
        ("disk is full", DatabaseProblem.FULL),
        ("no space left", DatabaseProblem.FULL),
        ("disk i/o error", DatabaseProblem.DISK),
        ("not a database", DatabaseProblem.CORRUPT),
        ("malformed", DatabaseProblem.CORRUPT),
        ("could not decode to utf-8", DatabaseProblem.CORRUPT),
        ("unable to open", DatabaseProblem.CANNOT_OPEN),
        ("connection failed", DatabaseProblem.CANNOT_OPEN),
        ("connection refused", DatabaseProblem.CANNOT_OPEN),
    ):
        if words in text:
            return problem
    return DatabaseProblem.OTHER

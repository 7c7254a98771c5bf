"""SQLite's file while it is open: whether its path still names it, and what it had where not.

SQLite itself writes on into a file that was deleted, moved or replaced, and a new connection opens
the other one, with the journal of the first (https://www.sqlite.org/howtocorrupt.html, 4).
"""

import os
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import OperationalError

from storage.private_file import create_private

GONE = "the database's file was deleted, moved or replaced"


class OpenFile:
    """A SQLite file that somebody has open; until `hold` any file at its path is the right one."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._opened: os.stat_result | None = None
        self._holder: sqlite3.Connection | None = None

    def hold(self) -> None:
        """Remember which file is at the path, and keep it open: no other gets its number.

        Raises:
            OSError: there is none.
            sqlite3.Error: it can't be read.

        """
        self.let_go()
        self._holder = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
        )
        # SQLite opens the journal at the first look.
        self._holder.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        self._opened = self._path.stat()

    def let_go(self) -> None:
        """Close it."""
        self._opened = None
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def is_in_place(self) -> bool:
        """Say whether the path still names the file that is open."""
        if self._opened is None:
            return True
        try:
            return os.path.samestat(self._opened, self._path.stat())
        except OSError:
            return False

    def require(self) -> None:
        """Raise OperationalError where it is not in place: nothing may be written to it then."""
        if not self.is_in_place():
            raise OperationalError(None, None, sqlite3.OperationalError(GONE))

    def copy_aside(self) -> Path | None:
        """Copy what is open beside its old place, wherever it is now; None where nothing is open.

        Raises:
            OSError: nothing can be written there.
            sqlite3.Error: it can't be read.

        """
        if self._holder is None:
            return None
        aside = self._path.with_name(f"{self._path.name}.{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        create_private(aside)
        with closing(sqlite3.connect(aside)) as copy:
            self._holder.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        # What is in its journal goes into the file that it belongs to: whatever is at the path now
        # would take the journal for its own.
        with suppress(sqlite3.Error, UnicodeDecodeError):
            self._holder.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return aside

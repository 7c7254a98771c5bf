"""Damage: SQLite's file looked through for as long as somebody waits for it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from storage.engines import BUSY_TIMEOUT_SECONDS
from storage.interrupts import interrupted_when


def quick_check(path: Path, deadline: float) -> str | None:
    """Return SQLite's verdict in one line; None where the time was over before."""
    uri = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as connection:
        try:
            with interrupted_when(connection, lambda: time.monotonic() > deadline):
                (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                return None
            raise
    return " ".join(verdict.split())

"""Interrupts: what SQLite does is ended by the clock, or by somebody's word."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import interrupts
from storage.damage import quick_check
from storage.interrupts import interrupted_when

MEGABYTES = 100
"""It takes SQLite 50 to 100 ms to look through so much."""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Return a file that is one long row after the other, on small pages."""
    path = tmp_path / "large.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA page_size = 512")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("CREATE TABLE row (value BLOB)")
        connection.executemany("INSERT INTO row VALUES (zeroblob(1000000))", [()] * MEGABYTES)
        connection.commit()
    return path


@pytest.fixture
def connection(large: Path) -> Iterator[sqlite3.Connection]:
    """Return a connection that has read nothing yet."""
    with closing(sqlite3.connect(large)) as opened:
        yield opened


def test_a_look_through_the_file_is_ended_where_it_is_one_step_of_sqlite_s_too(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "_LOOK_SECONDS", 0.001)
    with (
        interrupted_when(connection, lambda: True),
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
    ):
        connection.execute("PRAGMA quick_check(1)").fetchone()
    assert connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)


def test_what_lasts_for_ever_ends_within_a_second(connection: sqlite3.Connection) -> None:
    began = time.monotonic()
    endless = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT max(n) FROM n"
    with (
        interrupted_when(connection, lambda: time.monotonic() > began + 0.1),
        pytest.raises(sqlite3.OperationalError, match="interrupted"),
    ):
        connection.execute(endless).fetchone()
    assert time.monotonic() - began < 1


def test_what_is_not_over_is_left_alone(connection: sqlite3.Connection) -> None:
    with interrupted_when(connection, lambda: False):
        assert connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)


def test_a_look_for_damage_that_its_time_is_over_for_says_nothing(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "_LOOK_SECONDS", 0.001)
    assert quick_check(large, time.monotonic()) is None
    assert quick_check(large, time.monotonic() + 60) == "ok"

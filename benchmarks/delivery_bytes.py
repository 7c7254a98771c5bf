"""What a delivery takes that is kept, in both databases, and how long SQLite's take to get small.

    python benchmarks/delivery_bytes.py [--deliveries 1000000]

SQLite's are written as the schema before `0010_small_deliveries` had them, looked at, upgraded, and
looked at again. One in two hundred is owed, all others were sent.
"""

import argparse
import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pgserver
import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

from storage import migrations
from storage.database import Database

BEFORE = "0009_ai_summary"
MOMENT = "2026-11-28 09:00:00.123456"
PAPERS, EACH, EACH_DAY = 140, 100, 5
"""Papers of a day, and what each chat got, in all and each day."""
CHAT = "telegram_id, thread_id, kind, state, ui_language, language, timezone, push_time, weekdays,"
CHAT += " papers_per_push, next_push_at, created_at"
PAPER = "id, version, title, abstract, authors, categories, published_at, updated_at"
DELIVERY = "chat_id, paper_id, state, attempts, next_try_at, sent_at, created_at, message_id"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1_000_000)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        sqlite(Path(name) / "paperboy.db", asked.deliveries)
        server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
        server.psql("CREATE DATABASE bench")
        asyncio.run(postgresql(server.get_uri().replace("/postgres?", "/bench?"), asked.deliveries))
        server.cleanup()


def sqlite(path: Path, many: int) -> None:
    with create_engine(f"sqlite:///{path}").begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(str(migrations.__path__[0]))))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    with closing(sqlite3.connect(path)) as connection:
        for table, columns, rows in tables(many):
            places = ", ".join("?" * len(columns.split(",")))
            statement = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - ours
            connection.executemany(statement, rows)
        connection.commit()
    print(f"SQLite before: {_sqlite_bytes(path):.0f} bytes a delivery")
    began = time.monotonic()
    asyncio.run(_opened(f"sqlite:///{path}"))
    print(f"SQLite upgraded in {time.monotonic() - began:.1f} s, {many:,} deliveries")
    print(f"SQLite now: {_sqlite_bytes(path):.0f} bytes a delivery")


async def postgresql(url: str, many: int) -> None:
    await _opened(url)
    with psycopg.connect(url) as connection:
        for table, columns, rows in tables(many):
            with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        found = connection.execute(
            "SELECT pg_total_relation_size('delivery'), count(*) FROM delivery"
        ).fetchone()
    assert found is not None
    print(f"PostgreSQL now: {found[0] / found[1]:.0f} bytes a delivery")


def tables(many: int) -> Iterator[tuple[str, str, Iterator[tuple[object, ...]]]]:
    people, days = many // EACH, EACH // EACH_DAY
    person = (0, "private", "active", "en", "en", "UTC", "09:00", 127, 10, MOMENT, MOMENT)
    yield "chat", CHAT, ((number, *person) for number in range(1, people + 1))
    ids = (_paper_id(number) for number in range(days * PAPERS))
    yield "paper", PAPER, ((one, 1, "t", "a", "[]", "[]", MOMENT, MOMENT) for one in ids)
    yield "delivery", DELIVERY, _deliveries(people, days)


def _deliveries(people: int, days: int) -> Iterator[tuple[object, ...]]:
    for day in range(days):
        for chat in range(1, people + 1):
            for place in range(EACH_DAY):
                paper = _paper_id(day * PAPERS + (chat * 7 + place * 13) % PAPERS)
                owed = chat % 40 == place == 0
                state, sent, message = ("pending", None, None) if owed else ("sent", MOMENT, day)
                yield chat, paper, state, 0, MOMENT, sent, MOMENT, message


def _paper_id(number: int) -> str:
    return f"2611.{number:05}"


async def _opened(url: str) -> None:
    database = Database(url)
    await database.open()
    await database.close()


def _sqlite_bytes(path: Path) -> float:
    # https://www.sqlite.org/dbstat.html
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name IN"
            " (SELECT name FROM sqlite_master WHERE tbl_name = 'delivery')"
        ).fetchone()
        (many,) = connection.execute("SELECT count(*) FROM delivery").fetchone()
    return float(size / many)


if __name__ == "__main__":
    main()

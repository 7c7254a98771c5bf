"""A large database for the benchmarks: papers, topics of all sizes, chats that follow five each.

It is written past the bot, in bulk, into whatever schema the version at hand has made: of each
row what that schema has columns for. A thousand papers a day; one topic has a tenth of all
matches, and the last fiftieth of them are rare: three papers at the most, all old.
"""

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg

from storage.index_lookup import Column, vector

A_DAY, MATCHES, FOLLOWED, DELIVERED = 1_000, 2, 5, 60
"""Papers a day, matches of a paper, topics of a chat, deliveries of a chat."""

NEW = 1_500
"""Papers that were new to the newest sweep."""

FIRST_PERSON = 700_000_001
"""Telegram's id of the first chat: the ids of the playground's people follow each other."""

_MAKE = """
import asyncio, sys
from storage.database import Database

async def make():
    database = Database(sys.argv[1])
    await database.open()
    await database.close()

asyncio.run(make())
"""
_ABSTRACT = (
    "We study how scenes are rebuilt from few views, at a rate of 95.4% on benchmarks. " * 15
)
_FIELDS = ("cs.CV", "cs.LG", "cs.CL", "stat.ML", "math.CO", "quant-ph")
_SLOTS = 1 << 10
"""Numbers a second in the full-text index: see storage/paper_index.py."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is; the rest follows from it."""

    papers: int
    people: int
    """The chats that ask: every tenth follows rare topics only, every tenth the largest ones."""

    @property
    def topics(self) -> int:
        return max(100, self.papers // 1_000)

    @property
    def rare(self) -> int:
        return self.topics // 50 + FOLLOWED

    @property
    def chats(self) -> int:
        return max(self.people, self.papers // 10)


def make(url: str, size: Size, checkout: Path) -> None:
    """Fill an empty database, in the schema of the bot's version in `checkout`."""
    subprocess.run([sys.executable, "-c", _MAKE, url], check=True, cwd=checkout)  # noqa: S603
    if not size.papers:  # of versions with other tables, an empty one
        return
    if url.startswith("sqlite"):
        _fill_sqlite(url.removeprefix("sqlite:///"), size)
    else:
        _fill_postgresql(url, size)


def topics_of(chat: int, size: Size) -> list[int]:
    """Return what a chat follows; the chats are numbered from 1."""
    common = size.topics - size.rare
    if chat <= size.people and chat % 10 == 0:
        return [common + 1 + (chat // 10 + place) % size.rare for place in range(FOLLOWED)]
    if chat <= size.people and chat % 10 == 1:
        return list(range(1, FOLLOWED + 1))
    return random.Random(chat).sample(range(1, common + 1), FOLLOWED)


def _tables(size: Size, now: datetime) -> Iterator[tuple[str, Iterator[Row]]]:
    yield "sweep", iter([_sweep(now)])
    yield "topic", (_topic(number, now) for number in range(1, size.topics + 1))
    yield "paper", (_paper(age, now) for age in range(size.papers))
    yield "paper_topic", _matches(size, now)
    yield "match", _matches(size, now)
    yield "chat", (_chat(number, now) for number in range(1, size.chats + 1))
    yield "subscription", _subscriptions(size, now)
    yield "delivered_paper", _delivered(size, now)
    yield "delivery", _deliveries(size, now)
    yield "saved_paper", _saved(size, now)


def _sweep(now: datetime) -> Row:
    return {
        "id": 1,
        "state": "done",
        "window_from": now - timedelta(days=35),
        "window_to": now - timedelta(hours=1),
        "started_at": now - timedelta(hours=1),
        "finished_at": now - timedelta(minutes=50),
        "whole": True,
        "found": 2 * NEW,
        "new": NEW,
        "matched": MATCHES * NEW,
        "owed": 0,
    }


def _topic(number: int, now: datetime) -> Row:
    old = now - timedelta(days=400)
    return {
        "id": number,
        "query": f"word{number}",
        "created_at": old,
        "matched_at": old,
        "backfilled_at": old,
    }


def _paper(age: int, now: datetime) -> Row:
    published = now - age * timedelta(days=1) / A_DAY
    swept = now - timedelta(minutes=55) if age < NEW else published + timedelta(hours=6)
    chance = random.Random(age)
    return {
        "id": paper_id(age),
        "version": 1,
        "title": _title(age),
        "abstract": _ABSTRACT,
        "authors": '["Ada Lovelace", "Alan Turing"]',
        "categories": str(chance.sample(_FIELDS, 2)).replace("'", '"'),
        "withdrawn": False,
        "published_at": published,
        "updated_at": published,
        "swept_at": swept,
        "number": _number(age, now),
    }


def paper_id(age: int) -> str:
    """Return the id of a paper by its age: 0 is the newest."""
    return f"{2000 + age // 99_999:04}.{age % 99_999:05}"


def _title(age: int) -> str:
    chance = random.Random(age)
    words = " ".join(f"word{int(5_000 * chance.random() ** 2)}" for _ in range(8))
    return f"{words} llm" if age % 100 == 0 else words


def _number(age: int, now: datetime) -> int:
    second = int((now - age * timedelta(days=1) / A_DAY).timestamp())
    return second * _SLOTS


def _matches(size: Size, now: datetime) -> Iterator[Row]:
    chance, common = random.Random(1), size.topics - size.rare
    for age in range(size.papers):
        published = now - age * timedelta(days=1) / A_DAY
        found = now - timedelta(minutes=55) if age < NEW else published + timedelta(hours=6)
        for topic in {1 + int(common * chance.random() ** 3) for _ in range(MATCHES)}:
            yield _match(topic, age, published, found)
    for rare in range(size.rare):
        for one in range(rare % 4):
            age = size.papers - 1 - rare * 4 - one
            published = now - age * timedelta(days=1) / A_DAY
            yield _match(common + 1 + rare, age, published, published)


def _match(topic: int, age: int, published: datetime, found: datetime) -> Row:
    return {
        "topic_id": topic,
        "paper_id": paper_id(age),
        "published_at": published,
        "created_at": found,
    }


def _chat(number: int, now: datetime) -> Row:
    return {
        "id": number,
        "telegram_id": FIRST_PERSON + number - 1,
        "thread_id": 0,
        "kind": "private",
        "state": "active",
        "ui_language": "en",
        "language": "en",
        "timezone": "UTC",
        "push_time": "09:00:00.000000",
        "weekdays": 127,
        "papers_per_push": 10,
        "next_push_at": now + timedelta(hours=20),
        "created_at": now - timedelta(days=300),
    }


def _subscriptions(size: Size, now: datetime) -> Iterator[Row]:
    for chat in range(1, size.chats + 1):
        for place, topic in enumerate(topics_of(chat, size)):
            yield {
                "chat_id": chat,
                "topic_id": topic,
                "label": f"Topic {topic}",
                "position": place,
                "created_at": now - timedelta(days=300),
            }


def _deliveries(size: Size, now: datetime) -> Iterator[Row]:
    for chat in range(1, size.chats + 1):
        first = chat % 97
        for place in range(DELIVERED):
            made = now - timedelta(days=place / 2 + 1)
            waits = place < FOLLOWED and chat % 100 == 0
            yield {
                "chat_id": chat,
                "paper_id": paper_id((first + place * 37) % size.papers),
                "state": "pending" if waits else "sent",
                "attempts": 0,
                "next_try_at": made,
                "sent_at": None if waits else made,
                "message_id": None if waits else place + 1,
                "created_at": made,
            }


def _delivered(size: Size, now: datetime) -> Iterator[Row]:
    seen = {row["paper_id"] for row in _deliveries(size, now)}
    return ({"paper_id": paper} for paper in sorted(seen))


def _saved(size: Size, now: datetime) -> Iterator[Row]:
    for chat in range(1, size.people + 1):
        for place in range(20):
            paper = paper_id((chat + place * 31) % size.papers)
            yield {"chat_id": chat, "paper_id": paper, "note": None, "saved_at": now}


def _indexed(size: Size, now: datetime) -> Iterator[tuple[int, str, list[str]]]:
    for age in range(size.papers):
        yield _number(age, now), paper_id(age), _title(age).split()


def _fill_sqlite(path: str, size: Size) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -500000")
        for table, rows in _tables(size, now):
            kinds = {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({table})")}
            names, every = _of_columns(rows, set(kinds))
            numbers = [kinds[name] == "BIGINT" for name in names]
            places = ", ".join("?" * len(names))
            statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"  # noqa: S608
            connection.executemany(statement, (tuple(map(_sqlite, row, numbers)) for row in every))
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'paper_index'").fetchone():
            connection.executemany(
                "INSERT INTO paper_index (rowid, title) VALUES (?, ?)",
                ((number, " ".join(words)) for number, _id, words in _indexed(size, now)),
            )


def _fill_postgresql(url: str, size: Size) -> None:
    now = datetime.now(UTC)
    with psycopg.connect(url) as connection:
        # Foreign keys are not checked row by row.
        connection.execute("SET session_replication_role = replica")
        for table, rows in _tables(size, now):
            known = {
                str(row[0])
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
                    (table,),
                )
            }
            names, every = _of_columns(rows, known)
            _copy(connection, table, names, every)
        if connection.execute("SELECT to_regclass('paper_index')").fetchone() != (None,):
            _copy(connection, "paper_index", ["number", "paper_id", "words"], _vectors(size, now))
        for table in ("chat", "topic", "sweep"):
            connection.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (table, 10_000_000)
            )
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE")


def _copy(
    connection: psycopg.Connection[Any], table: str, names: list[str], rows: Iterable[Iterable[Any]]
) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN".encode()) as copy,
    ):
        for row in rows:
            copy.write_row(tuple(row))


def _vectors(size: Size, now: datetime) -> Iterator[tuple[int, str, str]]:
    for number, paper, words in _indexed(size, now):
        columns = {column: words if column is Column.TITLE else [] for column in Column}
        yield number, paper, vector(columns, number // (32 * 86_400 * _SLOTS))


def _of_columns(rows: Iterator[Row], known: set[str]) -> tuple[list[str], Iterator[list[Any]]]:
    """Return which columns of the rows a table has, and the rows' values in them."""
    first = next(rows)
    names = [name for name in first if name in known]
    return names, ([row[name] for name in names] for row in chain([first], rows))


def _sqlite(value: object, is_number: bool) -> object:  # noqa: FBT001 - a column's kind
    if not isinstance(value, datetime):
        return value
    if is_number:
        return int(value.replace(tzinfo=UTC).timestamp() * 1e6)
    return value.isoformat(" ", "microseconds")

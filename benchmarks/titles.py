"""Inline search: words in titles, over a million papers in SQLite.

    python benchmarks/titles.py
    python benchmarks/titles.py --papers 100000

Titles are eight words of 20,000, drawn as unevenly as words are; abstracts have 1,000 characters.
Each query runs 20 times through `storage.papers.titled`, on the file that the bot would have.
"""

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from storage import papers
from storage.database import Database

RUNS = 20
VOCABULARY = 20_000
NEWEST = datetime(2026, 11, 25, tzinfo=UTC)


def rows(count: int, columns: list[str]) -> Iterator[list[Any]]:
    chance = random.Random(1)
    for number in range(count):
        words = (f"word{int(VOCABULARY ** chance.random())}" for _each in range(8))
        moment = (NEWEST - timedelta(minutes=number // 2)).strftime("%Y-%m-%d %H:%M:%S.000000")
        row = {
            "id": f"{number // 100_000:04}.{number % 100_000:05}", "version": 1,
            "title": " ".join(words), "abstract": "An abstract of its usual length. " * 31,
            "authors": json.dumps(["A. Uthor"] * 5), "categories": json.dumps(["cs.CV"]),
            "withdrawn": 0, "published_at": moment, "updated_at": moment,
        }  # fmt: skip
        yield [row.get(column) for column in columns]


def fill(path: Path, count: int) -> None:
    connection = sqlite3.connect(path)
    columns = [row[1] for row in connection.execute("PRAGMA table_info(paper)")]
    places = ", ".join("?" * len(columns))
    insert = f"INSERT INTO paper ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - our own names
    connection.executemany(insert, rows(count, columns))
    connection.commit()
    connection.close()


async def measure(count: int, folder: Path) -> None:
    path = folder / "papers.db"
    database = Database(f"sqlite:///{path}")
    await database.open()
    await asyncio.to_thread(fill, path, count)
    print(f"{count:,} papers, {path.stat().st_size / 1e6:,.0f} MB")
    for name, words in (
        ("no words", []),
        ("a frequent word", ["word3"]),
        ("a rare word", ["word19321"]),
        ("two words", ["word77", "word512"]),
        ("no such word", ["zyzzyva"]),
    ):
        taken = []
        for _run in range(RUNS):
            began = time.perf_counter()
            async with database.reading() as session:
                found = await papers.titled(session=session, words=words, limit=20)
            taken.append(1000 * (time.perf_counter() - began))
        worst = sorted(taken)[-2]
        print(
            f"{name:16} {len(found):2} found, median {statistics.median(taken):6.1f} ms, "
            f"p95 {worst:6.1f} ms"
        )
    await database.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=1_000_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        asyncio.run(measure(asked.papers, Path(folder)))


if __name__ == "__main__":
    main()

"""What the night costs: a backup and retention, while people use the bot.

    python benchmarks/upkeep.py

100,000 papers of two years ago, each with a translation, a match, and a note that five chats got
it, in one SQLite file. Commands read and write meanwhile, twenty times a second each.
"""

import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Awaitable
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from push import commands, filled, say

from bot.runtime.backups import NightlyBackup
from bot.runtime.retention import delete_old_papers
from storage.columns import utc_now
from storage.database import Database

PEOPLE = 1_000
OLD, GOT_IT = 100_000, 5
YEAR = timedelta(days=365)


async def main() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paperboy.db"
        database = await filled(path, people=PEOPLE)
        await asyncio.to_thread(_add_the_past, path)
        print(f"{OLD:,} old papers, {path.stat().st_size / 1e6:,.0f} MB")
        await _watched("nothing", asyncio.sleep(10), database)
        nightly = NightlyBackup(database=path, folder=Path(folder) / "backups", keep=1)
        await _watched("a backup", nightly.run(), database)
        assert nightly.failed is False
        await _watched("retention", _retire(database), database)
        await database.close()


async def _watched(what: str, work: Awaitable[None], database: Database) -> None:
    async with commands(database) as took:
        began = time.monotonic()
        await work
        seconds = time.monotonic() - began
    print(f"{what}: {seconds:.1f} s")
    say(took)


async def _retire(database: Database) -> None:
    removed = await delete_old_papers(database=database, now=utc_now(), age=YEAR)
    print(f"{removed:,} papers went")


def _add_the_past(path: Path) -> None:
    """Store what has been there for two years; each topic keeps its newest papers anyway."""
    luck = random.Random(1)
    words = [f"word{n}" for n in range(3_000)]
    start = (utc_now() - 2 * YEAR).replace(tzinfo=None)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for number in range(OLD):
            paper_id = f"2401.{number:06}"
            made = start + timedelta(minutes=number)
            moment, number_of = made.isoformat(" "), int(made.replace(tzinfo=UTC).timestamp() * 1e6)
            abstract = " ".join(luck.choices(words, k=180))
            connection.execute(
                "INSERT INTO paper (id, version, title, abstract, authors, categories,"
                " published_at, updated_at) VALUES (?, 1, ?, ?, '[\"Ada\"]', '[\"cs.CV\"]', ?, ?)",
                (paper_id, f"Paper {number}", abstract, moment, moment),
            )
            connection.execute(
                "INSERT INTO match (topic_id, paper_id, published_at, created_at)"
                " VALUES (?, ?, ?, ?)",
                (number % 1_000 + 1, paper_id, moment, moment),
            )
            connection.execute(
                "INSERT INTO translation (paper_id, language, abstract, engine, source_digest,"
                " created_at) VALUES (?, 'es', ?, 'libre', '', ?)",
                (paper_id, abstract, moment),
            )
            connection.executemany(
                "INSERT INTO delivery (chat_id, paper_id, state, attempts, next_try_at, created_at,"
                " sent_at) VALUES (?, ?, 'sent', 0, ?, ?, ?)",
                (
                    ((number + step * 7) % PEOPLE + 1, paper_id, *[number_of] * 3)
                    for step in range(GOT_IT)
                ),
            )


if __name__ == "__main__":
    asyncio.run(main())

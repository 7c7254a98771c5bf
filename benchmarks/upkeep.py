"""What the night costs: a backup, expiry and retention, while people use the bot.

    python benchmarks/upkeep.py [--papers 100000]

100,000 papers of two years ago, each with a translation, a match, a note that five chats got it,
and a sixth chat that is owed it still, in one SQLite file. Half of them are among the newest of a
topic and stay. Commands read and write meanwhile, twenty times a second each. Beside it stands the
longest standstill of a bare event loop: that much is other people's load.
"""

import argparse
import asyncio
import contextlib
import random
import sqlite3
import time
from collections.abc import Awaitable
from datetime import UTC, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from as_run import begin_as_run, ready_as_run
from bare_loop import BareLoop
from beside import commands, say
from push import filled

from bot.runtime.backups import NightlyBackup
from bot.runtime.retention import delete_old_papers, expire_deliveries
from storage.columns import utc_now
from storage.database import Database

PEOPLE = 1_000
GOT_IT = 5
YEAR = timedelta(days=365)


async def main(old: int) -> None:
    begin_as_run()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paperboy.db"
        database = await filled(path, people=PEOPLE)
        await asyncio.to_thread(_add_the_past, path, old)
        ready_as_run()
        print(f"{old:,} old papers, {path.stat().st_size / 1e6:,.0f} MB")
        await _watched("nothing", asyncio.sleep(10), database)
        nightly = NightlyBackup(database=path, folder=Path(folder) / "backups", keep=1)
        await _watched("a backup", nightly.run(), database)
        assert nightly.failed is False
        await _watched("expiry", _expire(database), database)
        await _watched("retention", _retire(database), database)
        await database.close()


async def _watched(what: str, work: Awaitable[None], database: Database) -> None:
    bare = BareLoop()
    async with commands(database) as took:
        began, cpu = time.monotonic(), time.process_time()
        await work
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    print(f"{what}: {seconds:.1f} s, {cpu:.1f} s of CPU, a bare loop {bare.longest_ms():.0f} ms")
    bare.stop()
    say(took)


async def _expire(database: Database) -> None:
    expired = await expire_deliveries(database=database, now=utc_now(), age=timedelta(days=30))
    print(f"{expired:,} deliveries expired")


async def _retire(database: Database) -> None:
    removed = await delete_old_papers(database=database, now=utc_now(), age=YEAR)
    print(f"{removed:,} papers went")


def _add_the_past(path: Path, old: int) -> None:
    """Store what has been there for two years; each topic keeps its newest papers anyway."""
    luck = random.Random(1)
    words = [f"word{n}" for n in range(3_000)]
    start = (utc_now() - 2 * YEAR).replace(tzinfo=None)
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        for number in range(old):
            paper_id = f"2401.{number:06}"
            made = start + timedelta(minutes=number)
            moment, number_of = made.isoformat(" "), int(made.replace(tzinfo=UTC).timestamp() * 1e6)
            abstract = " ".join(luck.choices(words, k=180))
            connection.execute(
                "INSERT INTO paper (id, version, title, abstract, authors, categories,"
                " published_at, updated_at) VALUES (?, 1, ?, ?, '[\"Ada\"]', '[\"cs.CV\"]', ?, ?)",
                (paper_id, f"Paper {number}", abstract, moment, moment),
            )
            topic = number % (old // 100) + 1
            connection.execute("INSERT INTO paper_topic VALUES (?, ?)", (paper_id, topic))
            connection.execute("INSERT INTO delivered_paper VALUES (?)", (paper_id,))
            connection.execute(
                "INSERT INTO match (topic_id, paper_id, published_at, created_at)"
                " VALUES (?, ?, ?, ?)",
                (topic, paper_id, number_of, number_of),
            )
            connection.execute(
                "INSERT INTO translation (paper_id, language, abstract, engine, source_digest,"
                " created_at) VALUES (?, 'es', ?, 'libre', '', ?)",
                (paper_id, abstract, moment),
            )
            connection.executemany(
                "INSERT INTO delivery (chat_id, paper_id, state, attempts, next_try_at, created_at,"
                " sent_at) VALUES (?, ?, ?, 0, ?, ?, ?)",
                (
                    ((number + step * 7) % PEOPLE + 1, paper_id, "sent", *[number_of] * 3)
                    if step < GOT_IT
                    else ((number + 3) % PEOPLE + 1, paper_id, "pending", *[number_of] * 2, None)
                    for step in range(GOT_IT + 1)
                ),
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--papers", type=int, default=100_000)
    asyncio.run(main(arguments.parse_args().papers))

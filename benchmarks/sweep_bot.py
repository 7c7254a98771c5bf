"""The bot's side of `sweep.py`: sweeps when it is told to, and says what that took.

Every line of its input is a list of queries to follow from now on, and one sweep. It runs with
whatever version of the bot Python finds.
"""

import asyncio
import contextlib
import json
import logging
import resource
import sqlite3
import sys
import time
from pathlib import Path

import structlog

from bot.arxiv.client import ArxivSource
from bot.sweep.sweep import sweep
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, Subscription, Topic


async def main(url: str, folder: Path) -> None:
    file = folder / "paperboy.db"
    database = Database(f"sqlite:///{file}")
    await database.open()
    source = ArxivSource(url=url, delay_seconds=0)
    while line := await asyncio.to_thread(sys.stdin.readline):
        await follow(database, json.loads(line))
        began = time.process_time()
        entry = await sweep(database=database, source=source)
        own = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        told = {"new": entry.new, "own": own, "peak": peak, "bytes": size(file)}
        print(json.dumps(told), flush=True)
    await source.aclose()
    await database.close()


def size(file: Path) -> int:
    """Return the bytes of the database, whether they are in its file yet or in its log."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * page)


async def follow(database: Database, queries: list[str]) -> None:
    """Let one chat follow everything, as if each topic had been searched for already."""
    if not queries:
        return
    async with database.transaction() as session:
        topics = [Topic(query=query, backfilled_at=utc_now()) for query in queries]
        chat = Chat(telegram_id=1)
        session.add_all([chat, *topics])
        await session.flush()
        session.add_all(
            Subscription(chat_id=chat.id, topic_id=topic.id, label=topic.query) for topic in topics
        )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

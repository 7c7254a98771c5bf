"""The bot's side of `sweep.py` and `matching.py`: sweeps when it is told to, says what that took.

Every line of its input has queries to follow from now on, and is one sweep. Meanwhile it
looks how long the event loop stands still, how long a button's transaction waits, and how long
whoever wants to see a new topic's papers. What this looking takes by itself, for as long, is taken
off the seconds. It runs with whatever version of the bot Python finds.
"""

import asyncio
import contextlib
import json
import logging
import math
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from as_run import begin_as_run, ready_as_run
from sqlalchemy import text

from bot.arxiv.client import ArxivSource
from bot.sweep.sweep import sweep
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, Subscription, Topic

try:
    from bot.runtime import memory
except ImportError:  # before full collections were left out
    memory = None  # type: ignore[assignment]
try:
    from bot.search.own_store import match_newest
    from storage import topics as stored
except ImportError:  # before there was a store of its own
    match_newest = None  # type: ignore[assignment]


TOPICS = 25
"""Of one chat that follows wide ones."""


async def main(url: str, stored: str) -> None:
    begin_as_run()
    database = Database(stored)
    await database.open()
    source = ArxivSource(url=url, delay_seconds=0)
    ready_as_run()
    while line := await asyncio.to_thread(sys.stdin.readline):
        await follow(database, **json.loads(line))
        forget_peak()
        async with watched(database) as longest:
            began, since = time.process_time(), time.monotonic()
            with contextlib.nullcontext() if memory is None else memory.without_full_collections():
                entry = await sweep(database=database, source=source)
            own, took = time.process_time() - began, time.monotonic() - since
        async with watched(database):
            began = time.process_time()
            await asyncio.sleep(took)
            own -= time.process_time() - began
        told = {"new": entry.new, "took": took, "own": own, "peak": peak_mb()}
        told |= {"matched": entry.matched, "bytes": await size(database)}
        if memory is not None:
            memory.release()
        print(json.dumps(told | vars(longest)), flush=True)
    await source.aclose()
    await database.close()


@dataclass
class Longest:
    """The longest that anybody had to wait, in milliseconds."""

    standstill: float = 0
    writer: float = 0
    preview: float = 0


@contextlib.asynccontextmanager
async def watched(database: Database) -> AsyncIterator[Longest]:
    """Do meanwhile what people do, and note the longest waits."""
    longest = Longest()
    number = 0

    async def write() -> None:
        async with database.transaction() as session:
            chat = await session.get_one(Chat, 1)
            chat.papers_per_push = 10 + 15 - chat.papers_per_push

    async def preview() -> None:
        nonlocal number
        number += 1
        async with database.transaction() as session:
            topic = await stored.register(session=session, query=f"ti:survey{number}")
        await match_newest(
            database=database, topic_id=topic.id, since=utc_now() - timedelta(7), most=30
        )

    async def again(what: Callable[[], Awaitable[None]], name: str, pause: float) -> None:
        while True:
            began = time.perf_counter()
            await what()
            took = (time.perf_counter() - began) * 1000
            setattr(longest, name, max(getattr(longest, name), took))
            await asyncio.sleep(pause)

    async def tick() -> None:
        await asyncio.sleep(0.005)

    tasks = [asyncio.create_task(again(tick, "standstill", 0))]
    tasks.append(asyncio.create_task(again(write, "writer", 0.1)))
    if match_newest is not None:
        tasks.append(asyncio.create_task(again(preview, "preview", 0.5)))
    try:
        yield longest
    finally:
        for task in tasks:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, asyncio.CancelledError) for one in done), done


def forget_peak() -> None:
    """Let the peak of this process's memory begin anew: `proc(5)`, clear_refs."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def size(database: Database) -> int:
    """Return the bytes of the database, whether they are in its file yet or in its log."""
    asked = "SELECT pg_database_size(current_database())"
    if database.is_sqlite:
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    async with database.reading() as session:
        connection = await session.connection()
        return int((await connection.execute(text(asked))).scalar_one())


async def follow(database: Database, queries: list[str], wide: list[str]) -> None:
    """Let one chat follow the queries, and others the wide ones, of which each has TOPICS.

    As if each topic had been searched for already.
    """
    if not queries:
        return
    async with database.transaction() as session:
        topics = [Topic(query=query, backfilled_at=utc_now()) for query in [*queries, *wide]]
        chats = [Chat(telegram_id=1 + n) for n in range(1 + math.ceil(len(wide) / TOPICS))]
        session.add_all([*chats, *topics])
        await session.flush()
        session.add_all(
            Subscription(
                chat_id=chats[max(0, 1 + (place - len(queries)) // TOPICS)].id,
                topic_id=topic.id,
                label=topic.query,
            )
            for place, topic in enumerate(topics)
        )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main(sys.argv[1], sys.argv[2]))

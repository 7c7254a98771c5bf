"""What people do beside what is measured, and how long it and the event loop keep them waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bare_loop import TICK_SECONDS

from storage import chats, topics
from storage.database import Database


@asynccontextmanager
async def nothing() -> AsyncIterator[dict[str, list[float]]]:
    """Ask for nothing meanwhile."""
    yield {}


@asynccontextmanager
async def standstill() -> AsyncIterator[list[float]]:
    """Note how long the event loop stands still, in seconds: a tick included, as of a bare one."""
    stood = [0.0]

    async def ticking() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            stood.append(time.perf_counter() - began)

    task = asyncio.create_task(ticking())
    try:
        yield stood
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def commands(database: Database) -> AsyncIterator[dict[str, list[float]]]:
    """Read and write as commands do, twenty times a second each, and note how long that takes."""
    took: dict[str, list[float]] = {"reading": [], "writing": []}

    async def reading() -> None:
        while True:
            await asyncio.sleep(0.05)
            began = time.monotonic()
            async with database.reading() as session:
                await chats.find(session=session, telegram_id=5)
                await topics.subscriptions(session=session, chat_id=5)
            took["reading"].append(time.monotonic() - began)

    async def writing() -> None:
        while True:
            await asyncio.sleep(0.05)
            began = time.monotonic()
            async with database.transaction() as session:
                chat = await chats.get(session=session, chat_id=6)
                assert chat is not None
                chat.papers_per_push = 11 + chat.papers_per_push % 2
            took["writing"].append(time.monotonic() - began)

    work = [asyncio.create_task(each()) for each in (reading, writing)]
    yield took
    await asyncio.sleep(0.1)
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)


def say(took: dict[str, list[float]]) -> None:
    for name, seconds in took.items():
        ordered = sorted(seconds)
        if ordered:
            p50, p95 = (ordered[len(ordered) * part // 100] * 1000 for part in (50, 95))
            print(
                f"    commands {name} meanwhile: {len(ordered)}, {p50:.0f} ms, p95 {p95:.0f} ms,"
                f" at most {ordered[-1] * 1000:.0f} ms"
            )

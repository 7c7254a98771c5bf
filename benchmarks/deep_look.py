"""Memory while the bot reads a month of all of arXiv, in steps and at once.

    python benchmarks/deep_look.py

36,000 papers of the last 30 days, made of the real ones, and 100 topics of which one names no
category, so that all papers are read. The fake arXiv is a process of its own, and so is
the bot in each of the two ways: in steps of a week, as it does, and with the month as one step.
The month is unknown at first, as after a downtime; then the weekly deep look reads it again.
"""

import asyncio
import gzip
import json
import logging
import multiprocessing
import resource
import time
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from as_run import begin_as_run
from real_papers import read, real_papers
from topics import distinct_topics

from bot.arxiv.client import ArxivSource
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.query.parser import normalise, parse
from bot.runtime import memory
from bot.sweep import window
from bot.sweep.sweep import sweep
from storage import sweeps, topics
from storage.chats import register
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Sweep

DAYS, A_DAY, TOPICS = 30, 1_200, 100
DAY = timedelta(days=1)


def main() -> None:
    real_papers()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arxiv = context.Process(target=_arxiv_alone, args=(theirs,))
    arxiv.start()
    url = ours.recv()
    peaks = []
    for name, step in (("a week at a time", window.WINDOW), ("at once", 2 * window.DEEP)):
        bot = context.Process(target=_bot_alone, args=(theirs, url, step))
        bot.start()
        found, seconds, before, after, again = ours.recv()
        bot.join()
        peaks.append(again)
        print(
            f"{name}: {found:,} papers in {seconds:.0f} s; {before:.0f} MB before,"
            f" at most {after:.0f} MB, and {again:.0f} MB with the deep look"
        )
    arxiv.terminate()
    arxiv.join()
    print(f"at once takes {peaks[1] / peaks[0]:.1f} times as much")


def _arxiv_alone(told: Connection) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))

    async def live() -> None:
        told.send(await FakeArxiv(_a_month()).start())
        await asyncio.Event().wait()

    asyncio.run(live())


def _a_month() -> list[dict[str, Any]]:
    with gzip.open(real_papers(), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    now = datetime.now(UTC) - DAY / 24
    month = []
    for number in range(DAYS * A_DAY):
        row = rows[number % len(rows)]
        moment = (now - number * DAY / A_DAY).isoformat()
        month.append(
            {
                **row,
                "id": f"2611.{number:05}",
                "title": f"{row['title']} {number}",
                "version": 1,
                "published": moment,
                "updated": moment,
            }
        )
    return month


def _bot_alone(told: Connection, url: str, step: timedelta) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    window.WINDOW = step
    begin_as_run()
    with TemporaryDirectory() as folder:
        told.send(asyncio.run(_look_back(f"sqlite:///{folder}/paperboy.db", url)))


async def _look_back(database_url: str, url: str) -> tuple[int, float, float, float, float]:
    database = Database(database_url)
    await database.open()
    now = utc_now()
    async with database.transaction() as session:
        chat = await register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=now
        )
        for text in ("nerf", *distinct_topics(list(read(real_papers())), TOPICS)):
            topic = await topics.register(session=session, query=normalise(parse(text)))
            topic.backfilled_at = now
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=topic.query
            )
        # The last good sweep is as long ago as the month is; a week before that is looked at.
        reached = now - (DAYS - 7) * DAY
        await sweeps.add(
            session=session,
            sweep=Sweep(window_from=reached - 60 * DAY, window_to=reached, started_at=reached),
        )
    source = ArxivSource(url=url, delay_seconds=0)
    before, began = _megabytes(), time.monotonic()
    with memory.without_full_collections():
        await sweep(database=database, source=source, window=window.WINDOW)
    seconds, after = time.monotonic() - began, _megabytes()
    # In a week the same month is read thoroughly, of which nothing is new.
    memory.release()
    with memory.without_full_collections():
        await sweep(database=database, source=source, now=now + 8 * DAY)
    async with database.reading() as session:
        good = await sweeps.good_since(session=session, moment=now)
    await source.aclose()
    await database.close()
    return sum(each.new for each in good), seconds, before, after, _megabytes()


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

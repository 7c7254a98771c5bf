"""Catching up with arXiv: after stops, by its API and by OAI-PMH, and through weeks of faults.

    python benchmarks/catch_up.py

arXiv is two fake servers over real HTTP that show papers by its calendar of announcements, at a
clock that is moved. Stops are measured with 1,300 new papers a day, and as many old ones a day that
are edited; polite seconds are 3 between two requests. In each of the weeks the API has one fault
only, and the bot asks by its schedule and 15 minutes after each failure; a ninth of the papers is
held back by moderation, for up to twelve days.
"""

import asyncio
import logging
import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bot.playground.arxiv.faults import ArxivFault
from storage.database import Database
from tests.sweep.simulated_arxiv import DAY, START, simulated_arxiv, submitted

A_DAY, EDITED = 1_300, 1_300
STOPS = (1, 3, 10, 30)
WEEK = 7 * DAY
AGAIN = timedelta(minutes=15)
POLITE_SECONDS = 3
FAULTS = (
    ArxivFault.TOO_MANY_REQUESTS,
    ArxivFault.NOT_ACCEPTABLE,
    ArxivFault.UNAVAILABLE,
    ArxivFault.HANG,
)


async def main() -> None:
    with TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.db"
        database = Database(f"sqlite:///{empty}")
        await database.open()
        await database.close()
        print("days of stop | road | found | missing | requests | polite s | own s")
        for days in STOPS:
            for road in ("api", "oai"):
                await stop(Path(folder) / f"{days}{road}.db", empty, days, road)
        print("\nweek of | failed sweeps | good ones | latest, hours | lost | twice")
        for fault in FAULTS:
            await week(Path(folder), empty, fault)


async def stop(file: Path, empty: Path, days: int, road: str) -> None:
    end = START + days * DAY
    old = submitted(START - 400 * DAY, START - (400 - days) * DAY, a_day=EDITED)
    rows = old + submitted(START - WEEK, end, a_day=A_DAY)
    async with simulated_arxiv(file, empty, rows, timeout_seconds=600) as world:
        for day in range(days):
            some = old[day * EDITED : (day + 1) * EDITED]
            world.oai.edit([row["id"] for row in some], START + day * DAY)
        world.arxiv.down = road == "oai"
        world.arxiv.requests.clear()
        began = time.process_time()
        entry = await world.sweep_at(end)
        own = time.process_time() - began
        # What is older than 35 days by then, and on no topic, has no place in the store.
        kept = {row["id"] for row in rows if row["published"] >= (end - 35 * DAY).isoformat()}
        wanted = {
            one for one in world.arxiv.ids if one in kept and world.appeared(one) <= entry.window_to
        }
        missing = len(wanted - await world.stored())
        requests = len(world.arxiv.requests) + len(world.oai.requests)
        polite = (requests - 1) * POLITE_SECONDS
        print(f"{days} | {road} | {len(wanted):,} | {missing} | {requests} | {polite} | {own:.1f}")


async def week(folder: Path, empty: Path, fault: ArxivFault) -> None:
    rows = submitted(START - WEEK, START + WEEK, a_day=60)
    file = folder / f"{fault.name}.db"
    async with simulated_arxiv(folder / f"fair{fault.name}.db", empty, rows) as fair:
        await fair.live_until(START + WEEK, again_after=AGAIN)
        expected, in_time = await fair.all_of_it(), fair.first_seen
    async with simulated_arxiv(file, empty, rows, timeout_seconds=0.2) as world:
        world.arxiv.faults.always(fault)
        failed = await world.live_until(START + WEEK - DAY / 8, again_after=AGAIN)
        good = len(world.looks)
        seen = world.first_seen
        latest = max(seen[one] - in_time[one] for one in seen.keys() & in_time.keys())
        world.arxiv.faults.clear()
        await world.live_until(START + WEEK, again_after=AGAIN)
        papers, matched, owed = await world.all_of_it()
    lost = len(expected[0].keys() - papers.keys()) + len(expected[1] - matched)
    lost += len(set(expected[2]) - set(owed))
    twice = sum(one == other for one, other in pairwise(owed))
    hours = latest / timedelta(hours=1)
    print(f"{fault.value} | {failed} | {good} | {hours:.1f} | {lost} | {twice}", flush=True)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(main())

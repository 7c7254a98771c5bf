"""Sweep arXiv for 1 to 10,000 topics: one question for all of them, against one for each.

    python benchmarks/sweep.py [--topics 1 100 ...] [--before CHECKOUT]

Both sides ask the fake arXiv over real HTTP; requests are counted in its log, and polite
seconds are 3 between two requests. The real papers are dated anew, evenly over a week, in the order
of their dates: so many come to arXiv's computer science in a week. The bot is a process of its own
(`sweep_bot.py`), and its seconds and its memory are its alone: CPU s are user and system, peak MB
is of this one sweep. Stood: the longest that its event loop stood still, and bare, that of a
process beside it which does nothing else: that much is other people's load. Writer: that a button's
transaction took in the same process; preview: that it took to note a new topic and find its newest
papers. With the checkout of another version that version's bot is measured beside this one's.
"""

import argparse
import asyncio
import gzip
import json
import logging
import math
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import requests
import structlog
from bare_loop import BareLoop
from real_papers import read, real_papers
from topics import distinct_topics

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.query.arxiv_syntax import questions
from bot.query.parser import normalise, parse
from bot.sweep.window import WINDOW
from storage.columns import utc_now

COUNTS = (1, 10, 100, 1_000, 10_000)
REALLY_ASKED = 1_000
"""Of more topics, so many are asked one by one, and the rest is reckoned."""
PAGE = 2_000
POLITE_SECONDS = 3
A_DAY = 1_200
LATE = 20
HEADS = (
    *("topics", "sweep", "new", "requests", "goal", "polite s", "CPU s", "peak MB"),
    *("stood ms", "bare ms", "writer ms", "preview ms", "db MB", "one by one", "polite s", "ratio"),
)
BOT = Path(__file__).with_name("sweep_bot.py")


class Week(NamedTuple):
    """What arXiv had at first, what a day brought, and what moderation let go then."""

    first: list[dict[str, Any]]
    day: list[dict[str, Any]]
    late: list[dict[str, Any]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--topics", type=int, nargs="+", default=COUNTS)
    arguments.add_argument("--before", type=Path)
    given = arguments.parse_args()
    file = real_papers()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = sorted(map(json.loads, lines), key=lambda row: (row["published"], row["id"]))
    texts = distinct_topics(list(read(file)), max(given.topics) * 5 // 4)
    queries = list(dict.fromkeys(normalise(parse(text)) for text in texts))
    print(f"{len(rows):,} papers of one week; goal: 1 + ceil(new / {PAGE:,}) requests")
    for checkout in filter(None, (given.before, BOT.parents[1])):
        print(f"\n{'before' if checkout == given.before else 'now'}")
        print(" | ".join(f"{head:>10}" for head in HEADS))
        for count in given.topics:
            asyncio.run(measure(dated_anew(rows), queries[:count], checkout.resolve()))
    print(f"\n~: {REALLY_ASKED:,} topics were asked one by one, and the number is scaled.")


def dated_anew(rows: Sequence[dict[str, Any]]) -> Week:
    """Date the papers evenly over the window, so that its newest lie just before now."""
    now = datetime.now(UTC) - timedelta(minutes=10)
    span = (WINDOW - timedelta(hours=2)) / len(rows)
    moved = []
    for age, row in enumerate(reversed(rows)):
        moment = (now - age * span).isoformat()
        moved.append({**row, "published": moment, "updated": moment})
    day, rest = moved[:A_DAY], moved[A_DAY:]
    # Those that are late were submitted four days and more ago.
    late = rest[len(rest) // 2 :: len(rest) // 2 // LATE][:LATE]
    ids = {row["id"] for row in late}
    return Week([row for row in rest if row["id"] not in ids], day, late)


async def measure(week: Week, queries: Sequence[str], checkout: Path) -> None:
    arxiv = FakeArxiv(week.first)
    url = await arxiv.start()
    apart = await one_by_one(arxiv, url, queries)
    bare = BareLoop()
    with TemporaryDirectory() as folder:
        bot = await asyncio.create_subprocess_exec(
            *(sys.executable, str(BOT), url, folder),
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout)},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        assert bot.stdin is not None
        assert bot.stdout is not None
        for name, rows in (
            ("first", []),
            ("next day", week.day),
            ("idle", []),
            ("late ones", week.late),
        ):
            arxiv.publish(rows)
            before = len(arxiv.requests)
            bare.longest_ms()
            bot.stdin.write(json.dumps(queries if name == "first" else []).encode() + b"\n")
            told = json.loads(await bot.stdout.readline()) | {"bare": bare.longest_ms()}
            asked = len(arxiv.requests) - before
            goal = 1 + math.ceil(told["new"] / PAGE)
            line = [f"{len(queries):,}", name, f"{told['new']:,}", asked, goal, polite(asked)]
            line += [f"{told['own']:.1f}", f"{told['peak']:.0f}"]
            line += [f"{told['standstill']:.0f}", f"{told['bare']:.0f}"]
            line += [f"{told[name]:.0f}" for name in ("writer", "preview")]
            line += [f"{told['bytes'] / 1e6:.1f}"]
            line += [f"{'~' * (len(queries) > REALLY_ASKED)}{apart:,}", f"{polite(apart):,}"]
            line += [f"{apart / asked:,.1f}x"]
            print(" | ".join(f"{cell:>10}" for cell in line), flush=True)
        bot.stdin.close()
        await bot.wait()
    bare.stop()
    await arxiv.stop()


async def one_by_one(arxiv: FakeArxiv, url: str, queries: Sequence[str]) -> int:
    """Ask for each topic's papers of the week; return the requests that this takes."""
    before = len(arxiv.requests)
    asked = queries[:REALLY_ASKED]
    now = utc_now()
    dates = f"submittedDate:[{now - WINDOW:%Y%m%d%H%M} TO {now:%Y%m%d%H%M}]"
    with requests.Session() as session:
        for query in asked:
            for search in questions(parse(query)).searches:
                wanted = f"({search}) AND {dates}"
                await asyncio.to_thread(all_pages, session, url, wanted)
    return (len(arxiv.requests) - before) * len(queries) // len(asked)


def all_pages(session: requests.Session, url: str, query: str) -> None:
    """Ask as the usual tools do: page after page until one is not full."""
    start, entries = 0, PAGE
    while entries == PAGE:
        arguments = {"search_query": query, "start": str(start), "max_results": str(PAGE)}
        answer = session.get(url, params=arguments, timeout=60)
        answer.raise_for_status()
        entries = answer.text.count("<entry>")
        start += PAGE


def polite(asked: int) -> int:
    return (asked - 1) * POLITE_SECONDS


if __name__ == "__main__":
    main()

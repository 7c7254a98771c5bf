"""Sweep arXiv for 1 to 10,000 topics: one question for all of them, against one for each.

    python benchmarks/sweep.py [--topics 1 100 ...] [--wide 2000] [--postgresql]
        [--asked 1000] [--before CHECKOUT]

Both sides ask the fake arXiv over real HTTP; requests are counted in its log, and polite
seconds are 3 between two requests. The real papers are dated anew, evenly over a week, in the order
of their dates: so many come to arXiv's computer science in a week. The bot is a process of its own
(`sweep_bot.py`), and its seconds and its memory are its alone: CPU s are user and system, peak MB
is of this one sweep. Stood: the longest that its event loop stood still, and bare, that of a
process beside it which does nothing else: that much is other people's load. Writer: that a button's
transaction took in the same process; preview: that it took to note a new topic and find its newest
papers. Wide: so many more topics, an OR of a dozen frequent words each, which other chats follow.
With the checkout of another version that version's bot is measured beside this one's.
"""

import argparse
import asyncio
import gzip
import json
import logging
import math
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pgserver
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
from storage.models import Paper

COUNTS = (1, 10, 100, 1_000, 10_000)
PAGE = 2_000
POLITE_SECONDS = 3
A_DAY = 1_200
LATE = 20
HEADS = (
    *("topics", "sweep", "new", "matches", "requests", "goal", "polite s", "took s", "CPU s"),
    "peak MB",
    *("stood ms", "bare ms", "writer ms", "preview ms", "db MB", "one by one", "polite s", "ratio"),
)
BOT = Path(__file__).with_name("sweep_bot.py")


class Week(NamedTuple):
    """What arXiv had at first, what a day brought, and what moderation let go then."""

    first: list[dict[str, Any]]
    day: list[dict[str, Any]]
    late: list[dict[str, Any]]


class World(NamedTuple):
    """What is swept, and for whom."""

    week: Week
    queries: Sequence[str]
    wide: Sequence[str]
    asked: int
    """Of more topics, so many are asked one by one, and the rest is reckoned."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--topics", type=int, nargs="+", default=COUNTS)
    arguments.add_argument("--wide", type=int, default=0)
    arguments.add_argument("--postgresql", action="store_true")
    arguments.add_argument(
        "--asked", type=int, default=1_000, help="of more, so many are asked one by one"
    )
    arguments.add_argument("--before", type=Path)
    given = arguments.parse_args()
    file = real_papers()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = sorted(map(json.loads, lines), key=lambda row: (row["published"], row["id"]))
    texts = distinct_topics(list(read(file)), max(given.topics) * 5 // 4)
    queries = list(dict.fromkeys(normalise(parse(text)) for text in texts))
    wide = wide_topics(list(read(file)), given.wide)
    print(f"{len(rows):,} papers of one week; goal: 1 + ceil(new / {PAGE:,}) requests")
    for checkout in filter(None, (given.before, BOT.parents[1])):
        print(f"\n{'before' if checkout == given.before else 'now'}")
        print(" | ".join(f"{head:>10}" for head in HEADS))
        for count in given.topics:
            world = World(dated_anew(rows), queries[:count], wide, given.asked)
            with database(postgresql=given.postgresql) as url:
                asyncio.run(measure(world, checkout.resolve(), url))
    print(f"\n~: {given.asked:,} topics were asked one by one, and the number is scaled.")


@contextmanager
def database(*, postgresql: bool) -> Iterator[str]:
    """Make an empty database; yield its URL."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if not postgresql:
            yield f"sqlite:///{folder}/paperboy.db"
            return
        server = pgserver.get_server(f"{folder}/pg", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


def wide_topics(papers: Sequence[Paper], count: int) -> list[str]:
    """Return queries that find nearly all papers, as somebody would make them to do harm."""
    frequent = Counter(word for paper in papers for word in set(paper.abstract.lower().split()))
    words = [word for word, _often in frequent.most_common(400) if word.isalpha()][:300]
    luck = random.Random(3)
    texts = (" OR ".join([*luck.sample(words, 12), f"zz{n}"]) for n in range(count))
    return [normalise(parse(text)) for text in texts]


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


async def measure(world: World, checkout: Path, database_url: str) -> None:
    week, queries = world.week, world.queries
    arxiv = FakeArxiv(week.first)
    url = await arxiv.start()
    apart = await one_by_one(arxiv, url, queries, most=world.asked)
    bare = BareLoop()
    bot = await asyncio.create_subprocess_exec(
        *(sys.executable, str(BOT), url, database_url),
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
        some = (queries, world.wide) if name == "first" else ((), ())
        bot.stdin.write(json.dumps(dict(zip(("queries", "wide"), some, strict=True))).encode())
        bot.stdin.write(b"\n")
        told = json.loads(await bot.stdout.readline()) | {"bare": bare.longest_ms()}
        asked = len(arxiv.requests) - before
        goal = 1 + math.ceil(told["new"] / PAGE)
        line = [f"{len(queries):,}", name, f"{told['new']:,}", f"{told['matched']:,}"]
        line += [
            str(asked),
            str(goal),
            str(polite(asked)),
            f"{told['took']:.1f}",
            f"{told['own']:.1f}",
        ]
        line += [f"{told[name]:.0f}" for name in ("peak", "standstill", "bare")]
        line += [f"{told[name]:.0f}" for name in ("writer", "preview")]
        line += [f"{told['bytes'] / 1e6:.1f}"]
        line += [f"{'~' * (len(queries) > world.asked)}{apart:,}", f"{polite(apart):,}"]
        line += [f"{apart / asked:,.1f}x"]
        print(" | ".join(f"{cell:>10}" for cell in line), flush=True)
    bot.stdin.close()
    await bot.wait()
    bare.stop()
    await arxiv.stop()


async def one_by_one(arxiv: FakeArxiv, url: str, queries: Sequence[str], *, most: int) -> int:
    """Ask for each topic's papers of the week; return the requests that this takes."""
    before = len(arxiv.requests)
    asked = queries[:most]
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

"""Stop the bot again and again while it does each kind of thing; count what is lost or repeated.

    python benchmarks/stops.py
    python benchmarks/stops.py --stops 20 --postgresql

Half of the stops are SIGTERM, then half are SIGKILL, in turn during previews, pushes, digests,
sweeps and migrations. The bot is a process of its own that talks over HTTP to the fake servers;
its leases are seconds instead of minutes, and it sweeps and pushes every few seconds. Ends with 1
where a paper, a command or a row was lost, or where a paper came twice after SIGTERM.
"""

import argparse
import asyncio
import random
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count, takewhile
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pgserver
from attacks.bed import Bed, Broken, made, new_database
from attacks.database import counted, old_database
from attacks.process import papers_shown
from sqlmodel import col, func, select, update

from bot.playground.telegram.world import Person
from storage import chats, fan_out, papers, topics
from storage.columns import utc_now
from storage.models import Chat, ChatKind, Delivery, DeliveryState, Paper
from tests.on_connection import record_matches

READERS = 30
LONG_SECONDS = 5.0
WORD = "zebrafish"
LATENCY = 0.1
PATIENCE_SECONDS = 180.0
OTHERS_IN_A_SWEEP = 200
ENDED = (DeliveryState.SENT, DeliveryState.DEAD, DeliveryState.EXPIRED)

EVENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ ")
"""How a line of the log begins that is no part of a traceback."""

FAST = """
from datetime import timedelta
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
import bot.runtime.schedule as schedule
from bot.push import delivery, worker
from storage import chats, outbox
outbox.CLAIM_LEASE = chats.PUSH_LEASE = timedelta(seconds={lease})
delivery.FIRST_RETRY = timedelta(seconds=0.5)
worker.LOOK_AGAIN_SECONDS = 0.2
worker.chats_at_once = lambda bot: 8
schedule.cron_trigger = lambda text: IntervalTrigger(seconds=3, timezone="UTC")
schedule.CronTrigger = lambda *given, **fields: (
    IntervalTrigger(seconds=0.3, timezone="UTC")
    if fields.get("second") == 0
    else CronTrigger(*given, **fields)
)
"""


class Result(NamedTuple):
    stops: int
    papers_lost: int
    papers_repeated: int
    commands: int
    commands_lost: int
    commands_refused: int
    """Whose owners were told to ask again: they were begun too often, and killed each time."""
    rows_lost: int
    took: dict[str, list[float]]
    papers: int

    @property
    def longest_stop(self) -> float:
        return max(map(max, self.took.values()), default=0.0)


class Stops:
    """One half of the stops: all with the same signal."""

    def __init__(self, bed: Bed, told: signal.Signals, *, lease: float, seed: int) -> None:
        self.bed, self.told, self._lease = bed, told, lease
        self._chance = random.Random(seed)
        self._numbers = count(1)
        self._readers: list[Person] = []
        self._asked: list[tuple[Person, str, int]] = []
        """Who asked for what, and how many messages there were before."""
        self._owed: set[tuple[int, str]] = set()
        self._rows_lost = 0
        self._took: dict[str, list[float]] = {}
        """How long stops took, by what was under way."""

    async def run(self, stops: int) -> Result:
        kinds: tuple[Callable[[], Awaitable[None]], ...] = (
            *(self._preview, self._push, self._digest, self._sweep, self._migration),
        )
        await self._prepare()
        for number in range(stops):
            kind = kinds[number % len(kinds)]
            sys.stderr.write(f"\r{self.told.name} {number}, {len(self._asked)} commands ")
            await kind()
        sys.stderr.write("\r")
        await self._start()
        with suppress(Broken):  # what is missing is counted below
            await self._settled()
        await self._stop()
        shown = papers_shown(self.bed)
        lost = [asked for asked in self._asked if not self._is_answered(*asked)]
        for person, words, _before in lost[:5]:
            print("   not answered:", words, [m.text[:60] for m in self.bed.shown(person)])
        return Result(
            stops=stops,
            papers=len(self._owed),
            papers_lost=len(self._owed - set(shown)),
            papers_repeated=sum(shown[one] - 1 for one in self._owed if shown[one] > 1),
            commands=len(self._asked),
            commands_lost=len(lost),
            commands_refused=sum(self._is_refused(*asked) for asked in self._asked),
            rows_lost=self._rows_lost,
            took=self._took,
        )

    async def _prepare(self) -> None:
        self._readers = [self._person() for _each in range(READERS)]
        for person in self._readers:  # a bot can't write first
            self.bed.telegram.send_text(person, person, "hello")
        self.bed.telegram.updates.drop()
        async with self.bed.database() as database, database.transaction() as session:
            topic = await topics.register(session=session, query=WORD)
            topic.backfilled_at = topic.matched_at = utc_now()
            for person in self._readers:
                chat = await chats.register(
                    session=session,
                    telegram_id=person.id,
                    thread_id=0,
                    kind=ChatKind.PRIVATE,
                    now=utc_now(),
                    papers_per_push=100,
                )
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label="t"
                )

    def _person(self) -> Person:
        person = self.bed.telegram.world.add_person(f"P{next(self._numbers)}", "en")
        self.bed.telegram.world.chat(person)
        return person

    def _ask(self, words: str, person: Person | None = None) -> None:
        who = person or self._person()
        self._asked.append((who, words, len(self.bed.shown(who))))
        self.bed.telegram.send_text(who, who, words)

    def _is_answered(self, person: Person, words: str, before: int) -> bool:
        answers = self.bed.shown(person)[before:]
        if words == "/digest":
            return any(one.document for one in answers) or self._is_refused(person, words, before)
        return bool(answers) and not any(mark in answers[-1].text for mark in "🔎⏳")

    def _is_refused(self, person: Person, _words: str, before: int) -> bool:
        return any("please try again" in one.text for one in self.bed.shown(person)[before:])

    async def _start(self) -> None:
        await self._due()
        await self.bed.start(before=FAST.format(lease=self._lease), SWEEP_SCHEDULE="* * * * *")

    async def _due(self) -> None:
        """Let everybody's push be due, also of those who had theirs today."""
        async with self.bed.database() as database, database.transaction() as session:
            await session.exec(
                update(Chat)
                .where(col(Chat.pushing_since).is_(None))
                .values(next_push_at=utc_now(), last_push_on=None)
            )

    async def _stop(self, during: str = "all that was left") -> None:
        await asyncio.sleep(self._chance.uniform(0, 0.5))
        said = len(self.bed.log)
        took = await self.bed.stop(self.told)
        self._took.setdefault(during, []).append(took)
        if self.told is signal.SIGTERM and took > LONG_SECONDS:
            print(f"   a stop of {took:.1f} s during {during}:", *self.bed.log[said:], sep="\n    ")

    async def _began(self, calls: Callable[[], int], more: int = 1) -> None:
        before = calls()
        with suppress(Broken):  # it may have been done in the time of the start
            await self.bed.until(lambda: calls() >= before + more, 8, "")

    async def _preview(self) -> None:
        await self._start()
        for number in range(3):
            self._ask(f"/search model{len(self._asked) + number}")
        self._ask("/help")
        await self._began(lambda: len(self.bed.arxiv.requests))
        await self._stop("previews")

    async def _push(self) -> None:
        some = [_paper(next(self._numbers)) for _each in range(3)]
        async with self.bed.database() as database, database.transaction() as session:
            await papers.store(session=session, papers=some)
            topic = await topics.register(session=session, query=WORD)
            new = await record_matches(session=session, matches={topic.id: some})
            await fan_out.fan_out_now(session=session, matches=new)
        self._owe(paper.id for paper in some)
        await self._start()
        await self._began(lambda: len(self.bed.telegram.calls_to("sendMessage")), 3)
        await self._stop("a push")

    async def _digest(self) -> None:
        await self._start()
        for person in self._chance.sample(self._readers, 3):
            self._ask("/digest", person)
        await self._began(lambda: len(self.bed.telegram.calls_to("sendMessage")))
        await self._stop("digests")

    async def _sweep(self) -> None:
        rows = [_row(next(self._numbers), WORD)]
        rows += [_row(next(self._numbers), "other") for _each in range(OTHERS_IN_A_SWEEP)]
        self.bed.arxiv.publish(rows)
        self._owe([rows[0]["id"]])
        await self._start()
        await self._began(lambda: len(self.bed.arxiv.requests))
        await self._stop("a sweep")

    async def _migration(self) -> None:
        """Stop while an older schema is upgraded; then let it be finished."""
        url, number = self.bed.database_url, next(self._numbers)
        old = f"sqlite:///{self.bed.folder / f'old{number}.db'}"
        if not url.startswith("sqlite"):
            old = new_database(url, f"old{self.told.name.lower()}{number}")
        before = await asyncio.to_thread(old_database, old, "0001_initial_schema", rows=3_000)
        self.bed.database_url = old
        try:
            await self.bed.start("run", before=FAST.format(lease=self._lease))
            await asyncio.sleep(self._chance.uniform(0.5, 4))
            await self._stop("a migration")
            await self.bed.start()
            await self.bed.stop()
            after = await counted(self.bed)
            gone = {name for name, many in before.items() if after.get(name, 0) < many}
            self._rows_lost += len(gone)
        finally:
            self.bed.database_url = url

    def _owe(self, paper_ids: Any) -> None:
        self._owed |= {(person.id, one) for one in paper_ids for person in self._readers}

    async def _settled(self) -> None:
        """Wait until all is sent and answered, and a while for what might come again."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            await self._due()  # sweeps bring more, which would come tomorrow
            await asyncio.sleep(2)
            if all(self._is_answered(*asked) for asked in self._asked) and not (
                self._owed - set(papers_shown(self.bed))
            ):
                break
        async with self.bed.database() as database, database.reading() as session:
            query = select(func.count()).where(col(Delivery.state).not_in(ENDED))
            waiting = (await session.exec(query)).one()
        if waiting:
            print(f"   {waiting} deliveries still wait")
        await asyncio.sleep(2 * self._lease)


def _row(number: int, word: str) -> dict[str, Any]:
    moment = utc_now() - timedelta(minutes=5, seconds=number % 200)
    return {
        "id": f"{2600 + number // 90_000}.{number % 90_000:05}",
        "version": 1,
        "title": f"On the {word} of number {number}",
        "abstract": "We report what was found in experiments. " * 5,
        "authors": ["Ada Lovelace"],
        "categories": ["cs.CV"],
        "published": moment.isoformat(),
    }


def _paper(number: int) -> Paper:
    row = _row(number, WORD)
    moment = utc_now() - timedelta(minutes=5)
    fields = {name: row[name] for name in ("title", "abstract", "authors", "categories")}
    return Paper(id=row["id"], published_at=moment, updated_at=moment, **fields)


def tracebacks(log: Sequence[str]) -> Counter[str]:
    """Return the tracebacks of a log, without the moment of each, and how often each came."""
    found: Counter[str] = Counter()
    for number, line in enumerate(log):
        # Of errors behind errors, the first traceback alone begins at the line's start.
        if not line.startswith("Traceback"):
            continue
        lines = takewhile(lambda one: not EVENT.match(one), log[number:])
        event = EVENT.sub("", log[number - 1]) if number else ""
        found["\n    ".join([event, *lines])] += 1
    return found


async def half(folder: Path, url: str, told: signal.Signals, stops: int, seed: int) -> Result:
    async with made(folder, url) as bed:
        bed.telegram.service.latency = LATENCY
        # With a lease that ends while a busy machine stands still, what is in flight comes again.
        lease = 20.0 if told is signal.SIGTERM else 4.0
        result = await Stops(bed, told, lease=lease, seed=seed).run(stops)
        found = tracebacks(bed.log)
    print(
        f"{told.name}: {result.stops} stops of {result.longest_stop:.1f} s at most;"
        f" {result.papers} papers owed, {result.papers_lost} lost,"
        f" {result.papers_repeated} repeated; {result.commands} commands,"
        f" {result.commands_lost} lost, {result.commands_refused} to be asked again;"
        f" {result.rows_lost} tables that lost rows;"
        f" {found.total()} tracebacks",
        flush=True,
    )
    for words, many in found.most_common():
        print(f"   {many} times:", words, sep="\n    ")
    for during, took in result.took.items():
        print(f"   during {during}: median {median(took):.1f} s, at most {max(took):.1f} s")
    return result


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument(
        "--told", nargs="*", default=["SIGTERM", "SIGKILL"], help="half of them each"
    )
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    good = True
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        server = None
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
        for told in map(signal.Signals.__getitem__, asked.told):
            folder = Path(name) / told.name
            folder.mkdir()
            url = f"sqlite:///{folder / 'paperboy.db'}"
            if server is not None:
                url = new_database(server.get_uri(), told.name.lower())
            result = asyncio.run(half(folder, url, told, asked.stops // 2, asked.seed))
            lost = result.papers_lost + result.commands_lost + result.rows_lost
            good &= not lost and not (told is signal.SIGTERM and result.papers_repeated)
        if server is not None:
            server.cleanup()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

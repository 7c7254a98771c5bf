"""arXiv through simulated weeks: papers appear by its calendar, at a clock that the test moves."""

import shutil
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select, update

from bot.arxiv.client import ArxivSource
from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import SourceError
from bot.playground.arxiv.calendar import announced_at
from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.query.parser import normalise, parse
from bot.settings.cron import cron_trigger
from bot.sweep.sweep import sweep
from storage import chats, topics
from storage.database import Database
from storage.models import ChatKind, Delivery, Match, Paper, Subscription, Sweep

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 9, 13, 13, 17, tzinfo=UTC)
"""A Sunday: the last sweep before something happens."""

SCHEDULE = "17 1,3,7,13 * * *"
_HELD_BACK = 9
"""Each ninth paper is held back by moderation."""


def submitted(start: datetime, end: datetime, *, a_day: int) -> list[dict[str, Any]]:
    """Return rows of papers submitted evenly between two moments; every other one is on NeRF."""
    rows = []
    for number in range(int((end - start) / DAY * a_day)):
        moment = start + number * DAY / a_day
        title = f"{'A NeRF' if number % 2 else 'On the breeding of bees'}, number {number}"
        rows.append(
            {
                "id": f"{moment:%y%m}.{number:05}",
                "version": 1,
                "title": title,
                "abstract": f"We study {title.lower()} and report what was found.",
                "authors": ["Ada Lovelace"],
                "categories": ["cs.CV"],
                "published": moment.isoformat(),
                "updated": moment.isoformat(),
            }
        )
    return rows


class SimulatedArxiv:
    """Both roads to the same papers, and the bot's database before them."""

    def __init__(self, database: Database, rows: Iterable[Mapping[str, Any]]) -> None:
        self.now = START
        self.database = database
        self.arxiv = FakeArxiv([])
        self.oai = FakeOai(self.arxiv, now=lambda: self.now)
        self.first_seen: dict[str, datetime] = {}
        self.looks: list[Sweep] = []
        self._waiting = [(self._appears(number, row), row) for number, row in enumerate(rows)]
        self._appeared = {row["id"]: at for at, row in self._waiting}

    async def start(self, **options: Any) -> None:
        quick = {"delay_seconds": 0, "backoff_seconds": 0.001, "max_tries": 1, **options}
        self.source = ArxivSource(url=await self.arxiv.start(), **quick)
        self.second_road = OaiSource(url=await self.oai.start(), **quick)

    async def stop(self) -> None:
        await self.source.aclose()
        await self.second_road.aclose()
        await self.oai.stop()
        await self.arxiv.stop()

    async def sweep_at(self, now: datetime) -> Sweep:
        """Let it be this time, and sweep."""
        self.now = now
        self._publish()
        try:
            entry = await sweep(
                database=self.database, source=self.source, oai=self.second_road, now=now
            )
        finally:
            for paper_id in await self.stored():
                self.first_seen.setdefault(paper_id, now)
        self.looks.append(entry)
        return entry

    async def live_until(self, end: datetime, *, again_after: timedelta) -> int:
        """Sweep by the schedule, and after a failure again in a while; count the failures."""
        trigger, failures = cron_trigger(SCHEDULE), 0
        while (now := trigger.get_next_fire_time(None, self.now + timedelta(minutes=1))) < end:
            while True:
                try:
                    await self.sweep_at(now)
                except SourceError:
                    failures += 1
                    now += again_after
                    if now >= end:
                        return failures
                else:
                    break
        return failures

    async def stored(self) -> set[str]:
        async with self.database.reading() as session:
            return set((await session.exec(select(Paper.id))).all())

    async def all_of_it(self) -> tuple[dict[str, datetime], set[str], Sequence[str]]:
        """Return when the stored papers were submitted, which are matched, and which are owed."""
        async with self.database.reading() as session:
            papers = await session.exec(select(Paper.id, Paper.published_at))
            matched = await session.exec(select(Match.paper_id))
            owed = await session.exec(select(Delivery.paper_id).order_by(Delivery.paper_id))
            return dict(papers.all()), set(matched.all()), owed.all()

    def appeared(self, paper_id: str) -> datetime:
        """Return when a paper was announced."""
        return self._appeared[paper_id]

    def _appears(self, number: int, row: Mapping[str, Any]) -> datetime:
        moment = datetime.fromisoformat(row["published"])
        held_back = number % _HELD_BACK == 0
        return announced_at(moment + (1 + number // _HELD_BACK % 12) * DAY * held_back)

    def _publish(self) -> None:
        due = [(at, row) for at, row in self._waiting if at <= self.now]
        self._waiting = [(at, row) for at, row in self._waiting if at > self.now]
        if due:
            self.arxiv.publish(row for _, row in due)
        for at, row in due:
            self.oai.edit([row["id"]], at)


@asynccontextmanager
async def simulated_arxiv(
    file: Path, empty: Path, rows: Iterable[Mapping[str, Any]], **options: Any
) -> AsyncIterator[SimulatedArxiv]:
    """Open an arXiv before a bot that swept it last at START, and a chat that follows NeRF."""
    database = Database(f"sqlite:///{shutil.copy(empty, file)}")
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=START
        )
        topic = await topics.register(session=session, query=normalise(parse("nerf")))
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="NeRF")
        await session.exec(update(Subscription).values(created_at=START - 60 * DAY))
    world = SimulatedArxiv(database, rows)
    await world.start(**options)
    await world.sweep_at(START)
    yield world
    await world.stop()
    await database.close()

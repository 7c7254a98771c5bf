"""A quarter of weekly looks back: who gets what, how often, and what it costs.

    python benchmarks/weeks.py [--readers 300] [--weeks 13]

Readers follow one to five of 40 topics and keep papers of which some change; every week some of
them switch their look back or the news of saved papers off or on, and the fake Telegram answers
some pictures with 429, with 502, with a broken connection, or not at all although it took them.
The bot looks every hour of the evening, and now and then two copies do so at once. It ends with a
word where a week came twice, or to somebody who did not want it.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import time_machine
from sqlalchemy import Connection, func, select
from sqlmodel import col
from telegram.ext import ExtBot

from bot.container import telegram_bot
from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Person
from bot.query.parser import normalise, parse
from bot.settings.model import load
from bot.telegram.rate_limiter import Priority
from bot.week.look_back import look_back
from bot.week.notes import draw, send_weeks
from bot.week.watch import facts
from storage import chats, opinions, papers, topics
from storage.database import Database
from storage.models import NO_DAY, Chat, ChatKind, DeliveryState, Paper
from storage.objects import within
from storage.week_models import WeekNote
from tests.on_connection import record_matches

SUNDAY = datetime(2026, 9, 6, 12, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)
TOPICS = 40
FAULTS = (
    faults.flood(1),
    faults.server_error(),
    faults.reset(),
    faults.accept_then_reset(),
)


class Quarter:
    """The readers, their topics, and what they were sent."""

    def __init__(self, database: Database, telegram: FakeTelegram, readers: int) -> None:
        self.database, self.telegram = database, telegram
        self.random = random.Random(21)
        self.people: list[tuple[Person, int]] = []
        self.readers = readers
        self.kept: list[Paper] = []
        self.costs: list[float] = []
        self.broken = 0
        """Connections that were to break after Telegram had taken the picture."""

    async def begin(self) -> None:
        """Let everybody follow topics and keep some papers."""
        names = [f"word{n}" for n in range(TOPICS)]
        for n in range(self.readers):
            person = self.telegram.world.add_person(f"Reader {n}", "en")
            self.telegram.send_text(person, person, "/start")
            async with self.database.transaction() as session:
                chat = await chats.register(
                    session=session,
                    telegram_id=person.id,
                    thread_id=0,
                    kind=ChatKind.PRIVATE,
                    now=SUNDAY,
                )
                for name in self.random.sample(names, self.random.randint(1, 5)):
                    topic = await topics.register(session=session, query=normalise(parse(name)))
                    await topics.subscribe(
                        session=session, chat_id=chat.id, topic_id=topic.id, label=name
                    )
                self.people.append((person, chat.id))
        await self.publish(SUNDAY - WEEK)
        async with self.database.transaction() as session:
            for _person, chat_id in self.people:
                for paper in self.random.sample(self.kept, 3):
                    keep = partial(
                        opinions.save,
                        chat_id=chat_id,
                        paper_id=paper.id,
                        now=SUNDAY,
                        known=facts(paper),
                    )
                    await within(session, keep)

    async def publish(self, sunday: datetime) -> None:
        """Let arXiv announce a week for every topic, and change some papers of the first one."""
        moment = sunday - timedelta(days=5)
        async with self.database.transaction() as session:
            for n in range(TOPICS):
                topic = await topics.register(session=session, query=f"word{n}")
                found = [
                    Paper(
                        id=f"{moment:%y%m}.{moment:%d}{n:02}{m}",
                        title=f"On word{n} and {self.random.choice('abcdef')}",
                        abstract="We study.",
                        published_at=moment,
                        updated_at=moment,
                    )
                    for m in range(self.random.randint(0, 9))
                ]
                await papers.store(session=session, papers=found)
                await record_matches(session=session, matches={topic.id: found})
                if len(self.kept) < 100:
                    self.kept += found
            for paper in self.random.sample(self.kept, 5):
                stored = await session.get(Paper, paper.id)
                assert stored is not None
                stored.version += 1

    async def change_minds(self) -> None:
        """Let a fifth of the readers switch something."""
        async with self.database.transaction() as session:
            for _person, chat_id in self.random.sample(self.people, self.readers // 5):
                chat = await session.get(Chat, chat_id)
                assert chat is not None
                if self.random.random() < 0.5:
                    chat.week_day = NO_DAY if chat.week_day != NO_DAY else 6
                else:
                    chat.watches_saved = not chat.watches_saved
                chat.next_week_at = None

    async def wanting(self) -> set[int]:
        """Return who wants anything, by their ids at Telegram."""
        async with self.database.reading() as session:
            found = [await session.get(Chat, chat_id) for _person, chat_id in self.people]
        return {
            chat.telegram_id
            for chat in found
            if chat is not None and (chat.week_day != NO_DAY or chat.watches_saved)
        }

    async def week(
        self, bot: ExtBot[Priority], sunday: datetime, clock: time_machine.Traveller
    ) -> tuple[int, int, int]:
        """Go through a week; return how many came, how many twice, how many unwanted."""
        clock.move_to(sunday)
        await self.publish(sunday)
        await self.change_minds()
        await send_weeks(database=self.database, bot=bot, personal=None)
        wanting = await self.wanting()
        before = Counter({person.id: len(self.got(person)) for person, _chat in self.people})
        for _n in range(self.readers // 10):
            person, _chat = self.random.choice(self.people)
            fault = self.random.choice(FAULTS)
            self.broken += fault.accepted
            self.telegram.faults.next(fault, chat=person, method="sendPhoto")
        evening = sunday + timedelta(hours=6)
        for hour in range(8):
            clock.move_to(evening + timedelta(hours=hour))
            copies = 2 if hour % 3 == 0 else 1
            await asyncio.gather(
                *(
                    send_weeks(database=self.database, bot=bot, personal=None)
                    for _copy in range(copies)
                )
            )
        self.telegram.faults.clear()
        await self.measure(sunday + timedelta(hours=6))
        came = {person.id: len(self.got(person)) - before[person.id] for person, _ in self.people}
        twice = sum(max(0, n - 1) for n in came.values())
        unwanted = sum(n for telegram_id, n in came.items() if telegram_id not in wanting)
        return sum(came.values()), twice, unwanted

    async def measure(self, now: datetime) -> None:
        """Note what a look back costs once its topics are counted, its picture included."""
        for _person, chat_id in self.people[:20]:
            async with self.database.reading() as session:
                chat = await session.get(Chat, chat_id)
            assert chat is not None
            began = time.process_time()
            await draw(await look_back(database=self.database, chat=chat, now=now))
            self.costs.append(time.process_time() - began)

    def got(self, person: Person) -> list[str]:
        """Return what somebody was sent."""
        return [message.text for message in self.telegram.from_bot(person)]


def _given_up(connection: Connection) -> int:
    dead = select(func.count()).where(col(WeekNote.state) == DeliveryState.DEAD)
    return connection.execute(dead).scalar_one()


async def run(readers: int, weeks: int, clock: time_machine.Traveller) -> None:
    """Print what a quarter was."""
    telegram = FakeTelegram()
    await telegram.start()
    settings = load(
        None,
        telegram_bot_token=telegram.token,
        telegram_api_url=telegram.url,
        paid_broadcast=True,
        send_rate=1000,
    )
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'paperboy.db'}")
        await database.open()
        quarter = Quarter(database, telegram, readers)
        await quarter.begin()
        total = Counter[str]()
        async with telegram_bot(settings, token=telegram.token) as bot:
            for week in range(weeks):
                came, twice, unwanted = await quarter.week(bot, SUNDAY + week * WEEK, clock)
                total.update(came=came, twice=twice, unwanted=unwanted)
        given_up = await database.read(_given_up)
        await database.close()
    await telegram.stop()
    costs = sorted(quarter.costs)
    print(f"{readers} readers, {weeks} weeks: {total['came']:,} looks back came")
    print(
        f"twice: {total['twice']}, with {quarter.broken} connections that were to break after"
        " Telegram had taken it"
    )
    print(f"to somebody who had switched it off: {total['unwanted']}")
    print(f"not sent again, because they may have arrived: {given_up}")
    if total["unwanted"] or total["twice"]:
        sys.exit("more came than was wanted")
    print(
        f"CPU of a look back with its picture: p50 {costs[len(costs) // 2] * 1000:.0f} ms,"
        f" p95 {costs[len(costs) * 95 // 100] * 1000:.0f} ms"
    )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=" ".join((__doc__ or "").split()))
    arguments.add_argument("--readers", type=int, default=300)
    arguments.add_argument("--weeks", type=int, default=13)
    chosen = arguments.parse_args()
    with time_machine.travel(SUNDAY - WEEK, tick=True) as travelling:
        asyncio.run(run(chosen.readers, chosen.weeks, travelling))

"""A year of Paperboy: every chat gets each paper on its topics exactly once, and nothing grows.

    python benchmarks/year.py [--days 365] [--chats 1000]

The pipeline's own functions run by an hourly clock that is moved, hour after hour, through a year
that has not come yet. The outside world is fake servers over real HTTP, in a process of its own:
real papers in the order of their dates, announced on weekdays, not on holidays, some held back by
moderation, some with a second version; chats in 24 time zones with and without summer time. arXiv
is out of order for three days, Telegram for one, every translator for a week.
"""

import argparse
import asyncio
import gzip
import json
import logging
import multiprocessing
import random
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import structlog
import time_machine
from as_run import begin_as_run
from real_papers import real_papers
from topics import distinct_topics

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import SourceError
from bot.container import telegram_bot
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.faults import server_error
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.translator.stand_in import FakeLibreTranslate, TranslatorFault
from bot.push.translate_ahead import translate_pending
from bot.push.worker import Pusher
from bot.query.matcher import matching
from bot.query.parser import normalise, parse
from bot.runtime import memory
from bot.runtime.retention import (
    delete_untouched_papers,
    expire_deliveries,
    remove_unfollowed_topics,
)
from bot.settings.model import load
from bot.sweep.sweep import sweep
from bot.telegram import rate_limiter
from bot.translation.engines.registry import build_engines
from bot.translation.service import Translator
from storage import chats, statistics, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, DeliveryState, Paper

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SWEEP_HOUR = 2
QUIET_DAYS = 30
"""After the last paper: moderation, the weekly deep look and a Mondays-only chat may add up."""

TOPICS = 200
FEWEST, MOST = 3, 12
"""Papers a topic finds in the year: rare enough that a year of messages fits in minutes."""

MODERATED, SECOND_VERSION = 0.01, 0.02
HOLIDAYS = {(12, 25), (12, 26), (1, 1), (7, 4), (11, 26)}
ZONES = (
    *("Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver"),
    *("America/Chicago", "America/New_York", "America/Halifax", "America/St_Johns"),
    *("America/Sao_Paulo", "Atlantic/Azores", "UTC", "Europe/London", "Europe/Berlin"),
    *("Africa/Cairo", "Europe/Moscow", "Asia/Tehran", "Asia/Dubai", "Asia/Kolkata"),
    *("Asia/Kathmandu", "Asia/Dhaka", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"),
    "Pacific/Auckland",
)
WEEKDAYS = (0b1111111, 0b1111111, 0b0011111, 0b0000001)
"""Every day for half of the chats, Monday to Friday, Mondays only."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--days", type=int, default=365)
    arguments.add_argument("--chats", type=int, default=1000)
    given = arguments.parse_args()
    real_papers()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    ours, theirs = multiprocessing.Pipe()
    # A spawned process keeps the real clock, and its memory is not the bot's.
    context = multiprocessing.get_context("spawn")
    world = context.Process(target=_outside_alone, args=(theirs, given.days, given.chats))
    world.start()
    try:
        with TemporaryDirectory() as folder:
            good = asyncio.run(live(Path(folder) / "year.db", ours, given.days, given.chats))
    finally:
        world.terminate()
        world.join()
    sys.exit(0 if good else 1)


async def live(path: Path, outside: Connection, days: int, people: int) -> bool:
    async def ask(**order: Any) -> Any:
        await asyncio.to_thread(outside.send, order)
        return await asyncio.to_thread(outside.recv)

    begin_as_run()
    urls = await asyncio.to_thread(outside.recv)
    began = time.monotonic()
    start = datetime.fromisoformat(urls["start"])
    database = Database(f"sqlite:///{path}")
    source = ArxivSource(url=urls["arxiv"], delay_seconds=0, backoff_seconds=0.01, max_tries=2)
    engines = build_engines(["libre"], {"LIBRETRANSLATE_URL": urls["libre"]})
    translator = Translator(engines=engines, database=database, clock=time.time)
    settings = load(
        None,
        telegram_bot_token=urls["token"],
        telegram_api_url=urls["telegram"],
        paid_broadcast=True,
        send_rate=1000,
    )
    # A second of a year like this is over in no time: Telegram's pace would be most of it.
    rate_limiter.PRIVATE_SECONDS = 0.0
    outages = _outages(days)
    weekly: list[tuple[float, int]] = []
    with time_machine.travel(start, tick=True) as clock:
        await database.open()
        await _settle_in(database, urls["queries"], people)
        async with telegram_bot(settings, token=urls["token"]) as bot:
            for hour in range((days + QUIET_DAYS) * 24):
                now = start + hour * HOUR
                clock.move_to(now)
                down = [name for name, when in outages.items() if hour // 24 in when]
                await ask(now=now.isoformat(), down=down)
                if now.hour == SWEEP_HOUR:
                    await _look(database, source, translator)
                await Pusher(database, translator, bot).push_due()
                if now.hour == 4:
                    now = utc_now()
                    await expire_deliveries(database=database, now=now, age=30 * DAY)
                    await remove_unfollowed_topics(database=database, now=now, age=DAY)
                    await delete_untouched_papers(database=database, now=now)
                if hour % (7 * 24) == 7 * 24 - 1:
                    weekly.append((_megabytes(), _size(path)))
                    print(
                        f"week {len(weekly)}: {weekly[-1][0]:.1f} MB", file=sys.stderr, flush=True
                    )
        states = (await database.read(statistics.totals)).deliveries
    found = await ask(report=True)
    await translator.aclose()
    await source.aclose()
    await database.close()
    seconds = time.monotonic() - began
    return _tell(found, states, weekly, days=days, people=people, seconds=seconds)


def _tell(
    found: Mapping[str, Any],
    states: Mapping[DeliveryState, int],
    weekly: list[tuple[float, int]],
    *,
    days: int,
    people: int,
    seconds: float,
) -> bool:
    first, last = weekly[0], weekly[-1]
    growth = last[0] / first[0] - 1
    grown = (last[1] - first[1]) / 7 / max(1, len(weekly) - 1)
    print(f"{days} days, {people:,} chats, {len(ZONES)} time zones, in {seconds:,.0f} s")
    print(
        f"papers: {found['papers']:,}; owed: {found['expected']:,}; messages: {found['messages']:,}"
    )
    print(f"lost: {found['lost']}")
    print(f"twice: {found['twice']}")
    print(f"not asked for: {found['strange']}")
    print(f"at the chat's own hour: {found['on_time']:,} messages, {found['late']:,} later")
    print(f"memory: {first[0]:.1f} MB after a week, {last[0]:.1f} MB at the end: {growth:+.1%}")
    print(f"database: {last[1] / 1e6:.1f} MB at the end, {grown / 1000:,.1f} kB more a day")
    print("deliveries:", ", ".join(f"{state.value} {count:,}" for state, count in states.items()))
    return not (found["lost"] or found["twice"] or found["strange"])


async def _look(database: Database, source: ArxivSource, translator: Translator) -> None:
    try:
        with memory.without_full_collections():
            await sweep(database=database, source=source)
    except SourceError:
        return  # the next one covers the gap
    await translate_pending(database=database, translator=translator)
    await asyncio.to_thread(memory.release)


async def _settle_in(database: Database, queries: list[str], people: int) -> None:
    """Let everybody follow three topics, as if arXiv had been asked for their past already."""
    async with database.transaction() as session:
        known = [await topics.register(session=session, query=query) for query in queries]
        for topic in known:
            topic.backfilled_at = utc_now()
        for number in range(people):
            chat = await chats.register(
                session=session,
                telegram_id=number + 1,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=utc_now(),
                **_choices(number),
            )
            for place in _followed(number, len(known)):
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=known[place].id, label="t"
                )


def _choices(number: int) -> dict[str, Any]:
    return {
        "timezone": ZONES[number % len(ZONES)],
        "push_time": time_of_day(6 + number % 5 * 3),
        "weekdays": WEEKDAYS[number // len(ZONES) % len(WEEKDAYS)],
        "language": "zh-CN" if number % 2 else "en",
        "papers_per_push": 50,
    }


def _followed(number: int, count: int) -> set[int]:
    return {(number * 7 + step * 31) % count for step in range(3)}


def _outages(days: int) -> dict[str, range]:
    """Return on which days who is out of order; in a short life for one day each."""
    if days < 300:
        return {"arxiv": range(4, 5), "telegram": range(6, 7), "engines": range(8, 9)}
    return {"arxiv": range(40, 43), "telegram": range(100, 101), "engines": range(200, 207)}


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*"))


def _outside_alone(orders: Connection, days: int, people: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio.run(Outside(orders, days, people).live())


class Outside:
    """arXiv, Telegram and a translator, and what the chats were shown."""

    def __init__(self, orders: Connection, days: int, people: int) -> None:
        self.orders = orders
        self.people = people
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = midnight + DAY
        self.now = self.start
        self.rows = _dated_anew(self.start, days)
        self.waiting = _announced(self.rows)
        self.queries = self._rare_topics()
        self.arxiv = FakeArxiv([])
        self.libre = FakeLibreTranslate(unknown="pseudo")
        self.telegram = FakeTelegram(paced=False)
        self.shown: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.told: Counter[str] = Counter()

    async def live(self) -> None:
        for number in range(self.people):
            person = self.telegram.world.add_person("Ada", person_id=number + 1)
            self.telegram.send_text(person, person, "/start")
        self.telegram.on_call.append(self._see)
        urls = {
            "arxiv": await self.arxiv.start(),
            "libre": await self.libre.start(),
            "telegram": await self.telegram.start(),
            "token": self.telegram.token,
            "queries": self.queries,
            "start": self.start.isoformat(),
        }
        self.orders.send(urls)
        while True:
            order = await asyncio.to_thread(self.orders.recv)
            if order.get("report"):
                self.orders.send(self._report())
            else:
                self._turn(**order)
                self.orders.send(None)

    def _turn(self, now: str, down: list[str]) -> None:
        self.now = datetime.fromisoformat(now)
        due = [row for moment, row in self.waiting if moment <= self.now]
        if due:
            self.waiting = [entry for entry in self.waiting if entry[0] > self.now]
            self.arxiv.publish(due)
        self.arxiv.faults.clear()
        self.telegram.faults.clear()
        self.libre.fault = TranslatorFault.SERVER_ERROR if "engines" in down else None
        if "arxiv" in down:
            self.arxiv.faults.always(ArxivFault.UNAVAILABLE)
        if "telegram" in down:
            self.telegram.faults.always(server_error())
        # The fake servers remember everything; a year of it would be too much.
        self.arxiv.requests.clear()
        self.libre.calls.clear()
        self.telegram.calls.clear()
        for message in self.telegram.world.all_messages():
            self.telegram.world.delete(message)

    def _see(self, call: ApiCall) -> None:
        if call.method != "sendMessage" or not call.ok:
            return
        number = int(call.params["chat_id"]) - 1
        text = str(call.params["text"])
        self.shown[number].update(re.findall(r"https://arxiv\.org/pdf/([\w./-]+)", text))
        chosen = _choices(number)
        here = self.now.astimezone(ZoneInfo(chosen["timezone"]))
        # Half-hour zones are served at the next full hour of the clock that is moved.
        early = (here - timedelta(minutes=45)).hour
        self.told["messages"] += 1
        self.told["on_time" if chosen["push_time"].hour in {here.hour, early} else "late"] += 1

    def _rare_topics(self) -> list[str]:
        papers = [_paper(row) for row in self.rows]
        candidates = {normalise(parse(query)) for query in distinct_topics(papers, TOPICS * 20)}
        numbered = dict(enumerate(sorted(candidates)))
        found = matching(papers, {number: parse(query) for number, query in numbered.items()})
        most = max(FEWEST + 1, MOST)
        rare = [numbered[n] for n, ids in found.items() if FEWEST <= len(ids) <= most]
        return random.Random(1).sample(sorted(rare), min(TOPICS, len(rare)))

    def _report(self) -> dict[str, Any]:
        papers = [_paper(row) for row in self.rows]
        parsed = {number: parse(query) for number, query in enumerate(self.queries)}
        found = matching(papers, parsed)
        lost = twice = strange = expected = 0
        for number in range(self.people):
            wanted = {
                paper_id
                for place in _followed(number, len(self.queries))
                for paper_id in found.get(place, ())
            }
            got = self.shown[number]
            expected += len(wanted)
            lost += len(wanted - set(got))
            strange += len(set(got) - wanted)
            twice += sum(count - 1 for count in got.values())
        return {
            "papers": len(papers),
            "expected": expected,
            "lost": lost,
            "twice": twice,
            "strange": strange,
            **{name: self.told[name] for name in ("messages", "on_time", "late")},
        }


def _dated_anew(start: datetime, days: int) -> list[dict[str, Any]]:
    """Return real papers in their order, evenly over the days; in a short life a part of them."""
    with gzip.open(real_papers(), "rt", encoding="utf-8") as lines:
        rows = sorted(map(json.loads, lines), key=lambda row: (row["published"], row["id"]))
    if days < 300:
        rows = rows[: days * 60]
    step = days * DAY / len(rows)
    return [
        {**row, "version": 1, "published": moment.isoformat(), "updated": moment.isoformat()}
        for place, row in enumerate(rows)
        for moment in [(start + place * step).replace(microsecond=0)]
    ]


def _announced(rows: Iterable[Mapping[str, Any]]) -> list[tuple[datetime, dict[str, Any]]]:
    """Return when arXiv shows what: on the next weekday after the cut-off, or when moderated."""
    luck = random.Random(1)
    shown = []
    for row in rows:
        submitted = datetime.fromisoformat(row["published"])
        day = (submitted + timedelta(hours=6)).replace(hour=0, minute=0, second=0) + DAY
        if luck.random() < MODERATED:
            day += luck.randint(8, 15) * DAY
        while day.weekday() > 4 or (day.month, day.day) in HOLIDAYS:
            day += DAY
        shown.append((day, dict(row)))
        if luck.random() < SECOND_VERSION:
            later = day + luck.randint(1, 20) * DAY
            again = {**row, "version": 2, "updated": later.isoformat()}
            shown.append((later, {**again, "comment": "Some typos are mended"}))
    return shown


def _paper(row: Mapping[str, Any]) -> Paper:
    moment = datetime.fromisoformat(row["published"])
    return Paper(
        id=row["id"],
        title=row["title"],
        abstract=row["abstract"],
        authors=row["authors"],
        categories=row["categories"],
        comment=row.get("comment"),
        published_at=moment,
        updated_at=moment,
    )


if __name__ == "__main__":
    main()

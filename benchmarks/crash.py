"""Kill the bot at random instants on a bad day of Telegram; count what was lost or repeated.

    python benchmarks/crash.py
    python benchmarks/crash.py --kills 10 --chats 30
    python benchmarks/crash.py --rate 25 --latency 0.08

The bot is a process of its own that talks to the fake Telegram over real HTTP, and is killed with
SIGKILL. Of its messages 5 % each are answered with 429, with 502, with a broken connection,
and with nothing at all although they were accepted. Leases and backoff are seconds instead of
minutes (see crash_bot.py). Ends with 1 where a paper was lost, or where more messages were
repeated than one a time-out and, a kill, one more than are in flight at the pace and the latency.
Half of the lives are counted from the bot's start, half from its first message, so that kills
fall on its start as well as into the middle of its pushes.
"""

import argparse
import asyncio
import math
import os
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram
from storage import chats, fan_out, papers, sweeps, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Paper, Sweep
from tests.on_connection import record_matches

HERE = Path(__file__).parent
PATIENCE_SECONDS = 180.0
FIRST_MESSAGE_SECONDS = 20.0
SILENCE_SECONDS = 2.0
BAD_LUCK = 0.05
PAPERS_EACH = 10


async def slow_road(url: str, latency: float) -> tuple[str, asyncio.Server]:
    """Return another address of a server, over which everything takes half of this each way."""
    host, _, port = url.removeprefix("http://").partition(":")

    async def one_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while some := await reader.read(1 << 16):
                await asyncio.sleep(latency / 2)
                writer.write(some)
        writer.close()

    async def both(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, int(port))
        await asyncio.gather(one_way(reader, back), one_way(there, writer))

    server = await asyncio.start_server(both, "127.0.0.1", 0)
    return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", server


class Result(NamedTuple):
    owed: int
    kills: int
    kills_while_owing: int
    kills_while_sending: int
    timeouts: int
    messages: int
    repeated_messages: int
    repeated_by_kills: int
    """Those of which more than one was answered: no time-out explains them."""
    repeated_papers: int
    lost: int
    seconds: float
    in_flight: float
    """The pace times Telegram's latency."""

    @property
    def good(self) -> bool:
        return not self.lost and self.repeated_messages <= self.allowed

    @property
    def allowed(self) -> int:
        """One a kill, and what is on its way at the pace; and one a time-out."""
        return self.kills * (1 + math.ceil(self.in_flight)) + self.timeouts


async def crash(
    *, kills: int, people: int, rate: float, life: float, latency: float, seed: int, folder: Path
) -> Result:
    """Kill the bot so often while so many chats are owed ten papers each."""
    telegram = FakeTelegram(paced=False, seed=seed)
    arxiv = FakeArxiv([])
    await telegram.start()
    url, road = await slow_road(telegram.url, latency)
    chance = random.Random(seed)
    owed = await owe(f"sqlite:///{folder / 'paperboy.db'}", telegram, people)
    for fault in (
        faults.flood(1),
        faults.server_error(),
        faults.reset(),
        faults.accept_then_hang(),
    ):
        telegram.faults.sometimes(fault, probability=BAD_LUCK, method="sendMessage")
    bots = await asyncio.create_subprocess_exec(
        sys.executable,
        str(HERE / "crash_bot.py"),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE.parent),
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": url,
            "ARXIV_API_URL": await arxiv.start(),
            "DATABASE_URL": f"sqlite:///{folder / 'paperboy.db'}",
            "PAID_BROADCAST": str(rate > 30),
            "SEND_RATE": str(rate),
            "LOG_LEVEL": "ERROR",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert bots.stdin is not None
    assert bots.stdout is not None
    began = time.monotonic()
    while_owing = while_sending = 0
    try:
        for number in range(kills + 1):
            bots.stdin.write(b"start\n")
            child = int(await bots.stdout.readline())
            if number == kills:
                break
            if number % 10 == 0:
                sys.stderr.write(f"\r{number} kills, {_unsent(folder)} still owed ")
            before = len(telegram.calls)
            if number % 2:
                await _first_message(telegram, before, folder)
            await asyncio.sleep(chance.uniform(0, life))
            while_owing += bool(_unsent(folder))
            while_sending += _has_sent(telegram, before)
            os.kill(child, signal.SIGKILL)
        sys.stderr.write("\r")
        for _look in range(int(PATIENCE_SECONDS / 0.2)):
            if not _unsent(folder):
                break
            await asyncio.sleep(0.2)
        seconds = time.monotonic() - began
        await asyncio.sleep(SILENCE_SECONDS)  # would anything come again?
        os.kill(child, signal.SIGTERM)
        await asyncio.sleep(1)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    finally:
        bots.kill()
        await bots.wait()
        road.close()
        await telegram.stop()
        await arxiv.stop()
    return _result(telegram, owed, kills, while_owing, seconds)._replace(
        in_flight=rate * latency, kills_while_sending=while_sending
    )


async def _first_message(telegram: FakeTelegram, before: int, folder: Path) -> None:
    """Wait until the bot that was just started pushes, or until nothing is owed."""
    for _look in range(int(FIRST_MESSAGE_SECONDS / 0.02)):
        if _has_sent(telegram, before) or not _unsent(folder):
            return
        await asyncio.sleep(0.02)


def _has_sent(telegram: FakeTelegram, before: int) -> bool:
    return any(call.method == "sendMessage" for call in telegram.calls[before:])


async def owe(url: str, telegram: FakeTelegram, people: int) -> set[tuple[int, str]]:
    """Let everybody follow a topic of their own, with papers of its own; return who is owed."""
    database = Database(url)
    await database.open()
    now = utc_now()
    owed = set()
    async with database.transaction() as session:
        await sweeps.add(session=session, sweep=Sweep(window_from=now, window_to=now))
        for number in range(people):
            person = telegram.world.add_person(f"Reader {number}", "en")
            telegram.send_text(person, person, "hello")  # bots may not write first
            chat = await chats.register(
                session=session,
                telegram_id=person.id,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=now,
                papers_per_push=PAPERS_EACH,
            )
            chat.next_push_at = now
            topic = await topics.register(session=session, query=f"ti:topic{number}")
            topic.backfilled_at = now
            await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="t")
            found = [_paper(number * PAPERS_EACH + n) for n in range(PAPERS_EACH)]
            await papers.store(session=session, papers=found)
            new = await record_matches(session=session, matches={topic.id: found})
            await fan_out.fan_out_now(session=session, matches=new)
            owed |= {(person.id, paper.id) for paper in found}
    telegram.updates.drop()  # no answers: they go before pushes
    await database.close()
    return owed


def _paper(number: int) -> Paper:
    moment = utc_now() - timedelta(minutes=number)
    return Paper(
        id=f"{2600 + number // 100_000}.{number % 100_000:05}",
        title=f"Paper {number}",
        abstract="We report what was found in experiments. " * 5,
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


def _unsent(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "paperboy.db", timeout=10)) as connection:
        query = "SELECT count(*) FROM delivery WHERE state != 'sent'"
        return int(connection.execute(query).fetchone()[0])


def _result(
    telegram: FakeTelegram,
    owed: set[tuple[int, str]],
    kills: int,
    while_owing: int,
    seconds: float,
) -> Result:
    unanswered = [c.result for c in telegram.calls if c.fault and c.result is not None]
    timed_out = {(told["chat"]["id"], told["message_id"]) for told in unanswered}
    shown: Counter[tuple[int, str]] = Counter()
    messages: Counter[tuple[int, str]] = Counter()
    answered: Counter[tuple[int, str]] = Counter()
    for person in telegram.world.people.values():
        for message in telegram.from_bot(person):
            ids = [
                url.rpartition("/")[2]
                for entity in message.formatted.entities
                if "/pdf/" in (url := str(entity.as_json().get("url")))
            ]
            shown.update((person.id, paper) for paper in ids)
            if ids:
                messages[person.id, ids[0]] += 1
                answered[person.id, ids[0]] += (person.id, message.id) not in timed_out
    return Result(
        owed=len(owed),
        kills=kills,
        kills_while_owing=while_owing,
        kills_while_sending=0,
        timeouts=len(timed_out),
        messages=messages.total(),
        repeated_messages=messages.total() - len(messages),
        repeated_by_kills=sum(count - 1 for count in answered.values() if count > 1),
        repeated_papers=shown.total() - len(shown),
        lost=len(owed - set(shown)),
        seconds=seconds,
        in_flight=0.0,
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--chats", type=int, default=300)
    parser.add_argument("--rate", type=float, default=5.0, help="messages a second")
    parser.add_argument("--life", type=float, default=3.0, help="the longest, in seconds")
    parser.add_argument("--latency", type=float, default=0.0, help="of Telegram, in seconds")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = asyncio.run(
            crash(
                kills=asked.kills,
                people=asked.chats,
                rate=asked.rate,
                life=asked.life,
                latency=asked.latency,
                seed=asked.seed,
                folder=Path(folder),
            )
        )
    print(
        f"{asked.chats} chats were owed {result.owed:,} papers; seed {asked.seed}\n"
        f"{result.kills} kills, {result.kills_while_owing} of them while papers were owed,"
        f" {result.kills_while_sending} while it was pushing;"
        f" {result.timeouts} messages accepted and never answered\n"
        f"{result.messages} messages arrived in {result.seconds:.0f} s;"
        f" {result.repeated_messages} of them were repeats, of {result.repeated_papers} papers\n"
        f"{result.repeated_by_kills} of the repeats come of kills,"
        f" {result.repeated_by_kills / max(1, result.kills_while_sending):.2f} a kill that fell"
        " into a push\n"
        f"lost: {result.lost}\n"
        f"{'kept' if result.good else 'BROKEN'}: nothing lost,"
        f" and no more than {result.allowed} repeats"
    )
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())

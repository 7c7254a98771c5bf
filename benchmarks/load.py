"""How long the bot takes to start, how much memory it has, and how it answers under load.

    python benchmarks/load.py                  (an empty SQLite file, 200 commands a second)
    python benchmarks/load.py --full           (1,000,000 papers and 100,000 chats)
    python benchmarks/load.py --postgresql

The bot is a process of its own, started as `paperboy run` is, in front of the fake servers,
which have a process too. Commands of all kinds come from 1,000 people, evenly over the time; one is
answered when the first message to its chat arrives at Telegram.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import sqlite3
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pgserver
from digest import fill

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.stand_in import FakeTelegram
from storage import chats
from storage.database import Database
from storage.models import ChatKind, Sweep

CHATS, PEOPLE = 100_000, 1_000
COMMANDS = ("/help", "/topics", "/settings", "/status", "/latest", "/saved", "/subscribe llm")
PATIENCE_SECONDS = 60.0
SETTLED_SECONDS = 10.0


async def prepare(url: str) -> None:
    """Make the schema, and tell the bot that it has just seen what arXiv has."""
    database = Database(url)
    await database.open()
    now = datetime.now(UTC)
    async with database.transaction() as session:
        session.add(Sweep(window_from=now, window_to=now, finished_at=now))
    await database.close()


async def register(url: str, people: list[Any]) -> None:
    database = Database(url)
    now = datetime.now(UTC)
    async with database.transaction() as session:
        for person in people:
            await chats.register(
                session=session, telegram_id=person.id, thread_id=0, kind=ChatKind.PRIVATE, now=now
            )
    await database.close()


def add_chats(path: Path) -> None:
    """Let 100,000 chats follow a topic each; their pushes are not due today."""
    now = datetime.now(UTC).replace(tzinfo=None)
    later = str(now + timedelta(hours=20))
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO chat (id, telegram_id, thread_id, kind, state, ui_language, language,"
            " timezone, push_time, weekdays, papers_per_push, next_push_at, created_at)"
            " VALUES (?, ?, 0, 'private', 'active', 'en', 'zh-CN', 'UTC', '09:00:00', 127, 10,"
            " ?, ?)",
            ((number, number, later, str(now)) for number in range(2, CHATS)),
        )
        connection.execute(
            "INSERT INTO subscription (chat_id, topic_id, label, created_at)"
            " SELECT id, 1 + id % 100, 'Topic', ? FROM chat WHERE id > 1",
            (str(now),),
        )


class Answers:
    """Notes when a command came and when it was answered."""

    def __init__(self) -> None:
        self.waiting: dict[int, deque[float]] = {}
        self.took: list[float] = []

    def __call__(self, call: ApiCall) -> None:
        waiting = self.waiting.get(int(call.params.get("chat_id", 0)))
        if call.method == "sendMessage" and call.error is None and waiting:
            self.took.append(time.monotonic() - waiting.popleft())

    @property
    def missing(self) -> int:
        return sum(map(len, self.waiting.values()))


async def start(folder: Path, **settings: str) -> tuple[Process, float]:
    """Start the bot; return it and how many seconds it took until it was ready."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[1]),
        **settings,
    }
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=folder, env=environment, stderr=PIPE
    )
    assert process.stderr is not None
    said = b""
    async for line in process.stderr:
        said += line
        if b"Paperboy is running" in line:
            break
    else:
        raise RuntimeError(said.decode())
    took = time.monotonic() - began
    asyncio.get_running_loop().create_task(process.stderr.read()).add_done_callback(lambda _: None)
    return process, took


def resident(process: Process) -> float:
    """Return a process's memory in MB (Linux)."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def busy(process: Process) -> float:
    """Return how many seconds of a core a process used (Linux)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def ask(telegram: FakeTelegram, people: list[Any], rate: float, seconds: float) -> Answers:
    answers = Answers()
    telegram.on_call.append(answers)
    chance = random.Random(7)
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
        person = people[number % len(people)]
        answers.waiting.setdefault(person.id, deque()).append(time.monotonic())
        telegram.send_text(person, person, chance.choice(COMMANDS))
    with contextlib.suppress(TimeoutError):
        await telegram.wait_for(lambda: not answers.missing, PATIENCE_SECONDS)
    telegram.on_call.remove(answers)
    return answers


async def measure(url: str, folder: Path, asked: argparse.Namespace) -> None:
    telegram, arxiv = FakeTelegram(paced=False), FakeArxiv([])
    await telegram.start()
    people = [telegram.world.add_person(f"P{number}") for number in range(PEOPLE)]
    await prepare(url)
    await register(url, people)
    settings = {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "ARXIV_API_URL": await arxiv.start(),
        "DATABASE_URL": url,
    }
    starts = []
    for _time in range(asked.starts):
        process, took = await start(folder, **settings)
        starts.append(took)
        if _time < asked.starts - 1:
            process.send_signal(signal.SIGTERM)
            await process.wait()
    await asyncio.sleep(SETTLED_SECONDS)
    ready = ", ".join(f"{took:.1f}" for took in starts)
    print(f"start to ready: {ready} s; idle memory: {resident(process):.0f} MB", flush=True)
    for rate in asked.rates:
        used = busy(process)
        began = time.monotonic()
        answers = await ask(telegram, people, rate, asked.seconds)
        span = time.monotonic() - began
        used = busy(process) - used
        p50, p95, p99 = (
            statistics.quantiles(answers.took, n=100)[number - 1] * 1000 for number in (50, 95, 99)
        )
        count = len(answers.took)
        print(
            f"{rate:.0f}/s for {asked.seconds:.0f} s: {count:,} answered, {answers.missing}"
            f" missing, in {span:.0f} s; p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms;"
            f" {used / count * 1000:.1f} ms of a core each; memory {resident(process):.0f} MB",
            flush=True,
        )
    process.send_signal(signal.SIGTERM)
    await process.wait()
    await telegram.stop()
    await arxiv.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rates", type=float, nargs="+", default=[25, 50, 100, 200])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--starts", type=int, default=3)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        path = Path(name) / "paperboy.db"
        url, server = f"sqlite:///{path}", None
        if asked.full:
            asyncio.run(fill(path))
            add_chats(path)
            print(f"a file of {path.stat().st_size / 1e9:.1f} GB", flush=True)
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
            url = server.get_uri()
        asyncio.run(measure(url, Path(name), asked))
        if server is not None:
            server.cleanup()


if __name__ == "__main__":
    main()

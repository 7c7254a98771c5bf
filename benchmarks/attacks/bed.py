"""A running bot to attack: a process of its own, and the outside world around it.

An attack is a function that is given a `Bed`, raises `Broken` with what happened, and returns how
it held:

    @attack(5, "an update that can't be read ends polling")
    async def unreadable_update(bed: Bed) -> str:
        await bed.start()
        ...
"""

import asyncio
import os
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psycopg

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.objects import chat_object, person_user
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import ChatRef, Json, Message, Person
from bot.playground.translator.stand_in import FakeLibreTranslate
from storage.database import Database
from storage.models import Sweep
from storage.sweeps import HELD

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
END_SECONDS = 30.0


class Broken(Exception):  # noqa: N818 - what the table prints
    """An attack did harm; the text says which."""


def check(held: object, otherwise: str) -> None:
    """Raise Broken with `otherwise` where something did not hold."""
    if not held:
        raise Broken(otherwise)


class Attack(NamedTuple):
    """One row of the table."""

    row: str
    title: str
    run: "Callable[[Bed], Awaitable[str]]"
    paced: bool = False
    """Whether Telegram answers 429 to who is too fast."""


def attack(
    row: int | str, title: str, *, paced: bool = False
) -> Callable[["Callable[[Bed], Awaitable[str]]"], Attack]:
    """Make a row of a function."""
    return lambda run: Attack(str(row), title, run, paced)


@dataclass
class Bed:
    """The fake servers, a database with nothing in it, and a bot that is still to be started."""

    folder: Path
    database_url: str
    telegram: FakeTelegram
    arxiv: FakeArxiv
    libre: FakeLibreTranslate
    settings: dict[str, str]
    log: list[str] = field(default_factory=list)
    """What the bot, or all that were started one after the other, logged."""
    process: Process | None = None
    _reader: asyncio.Task[None] | None = None

    async def start(self, *arguments: str, before: str = "", **settings: str) -> None:
        """Start the bot, or another command, and wait until it runs.

        before: Python that is run first in the same process, to make its world another one.
        """
        self.settings |= settings
        said = len(self.log)
        code = f"{before}\nfrom bot.cli import program\nprogram()"
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            *(arguments or ("run",)),
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "DATABASE_URL": self.database_url,
                **self.settings,
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=PIPE,
        )
        self._reader = asyncio.create_task(self._read(self.process))
        if not arguments:
            await self.says("Paperboy is running", since=said)

    async def ended(self, code: int) -> None:
        """Wait for a command to end with a code."""
        assert self.process is not None
        assert self._reader is not None
        async with asyncio.timeout(START_SECONDS):
            got = await self.process.wait()
            await self._reader
        self.process = None
        check(got == code, f"it ended with {got}: {self.log[-3:]}")

    async def stop(self, told: signal.Signals = signal.SIGTERM) -> float:
        """Tell the bot to stop, and return how many seconds it took; killed where it does not."""
        if self.process is None or self._reader is None:
            return 0.0
        # In a thread of its own: what the fake servers are busy with is not the bot's time.
        ended = asyncio.create_task(asyncio.to_thread(_seconds_until_ended, self.process.pid, told))
        try:
            async with asyncio.timeout(END_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
        took = await ended
        await self._reader
        self.process = None
        return took

    async def says(self, words: str, *, since: int = 0, seconds: float = START_SECONDS) -> None:
        """Wait until a line of the log has these words."""
        await self.until(
            lambda: (
                any(words in line for line in self.log[since:])
                or (self.process is not None and self.process.returncode is not None)
            ),
            seconds,
            f"the log never said {words!r}, but: {self.log[-5:]}",
        )
        if not any(words in line for line in self.log[since:]):
            raise Broken("the bot ended: " + " | ".join(self.log[-5:]))

    async def until(self, predicate: Callable[[], object], seconds: float, otherwise: str) -> None:
        """Wait until something is so; Broken with `otherwise` where it is not in time."""
        waited = self.stopwatch()
        while not predicate():
            if waited() > seconds:
                raise Broken(otherwise)
            await asyncio.sleep(0.01)

    async def asked(
        self, person: Person, text: str, *, chat: ChatRef | None = None, seconds: float = 20.0
    ) -> float:
        """Write to the bot, and return after how many seconds its first message was there."""
        where = person if chat is None else chat
        seen = {message.id for message in self.telegram.from_bot(where)}
        waited = self.stopwatch()
        self.telegram.send_text(person, where, text)
        await self.until(
            lambda: any(message.id not in seen for message in self.telegram.from_bot(where)),
            seconds,
            f"{text[:20]} of {person.first_name} was not answered in {seconds:.0f} s",
        )
        return waited()

    def stopwatch(self) -> Callable[[], float]:
        """Return what tells the seconds from now on, but for those in which others had the cores.

        What the bot's own threads take from each other counts.
        """
        began, before = time.monotonic(), self._kept_from_cores()

        def seconds() -> float:
            since = (now - then for now, then in zip(self._kept_from_cores(), before, strict=True))
            # One of the two alone: they may have waited side by side.
            return time.monotonic() - began - max(0.0, *since)

        return seconds

    def _kept_from_cores(self) -> tuple[float, float]:
        """How many seconds the bot, and the fake servers, could have run and were not let."""
        bots = 0.0
        if self.process is not None:
            with suppress(OSError):
                ran, waited = _scheduled(self.process.pid)
                bots = waited - max(0.0, self.cpu_seconds - ran)
        return bots, _scheduled(os.getpid())[1]

    def push_update(self, kind: str, content: Json) -> None:
        """Let Telegram have any update for the bot."""
        self.telegram.updates.push(kind, content)

    def message(self, person: Person, text: str, **more: Any) -> Json:
        """Return the JSON of a message that somebody writes in private, to be pushed."""
        chat = self.telegram.world.chat(person)
        return {
            "message_id": self.telegram.world.next_message_id(chat),
            "from": person_user(person),
            "chat": chat_object(chat),
            "date": self.telegram.world.now(),
            "text": text,
            **more,
        }

    def shown(self, chat: ChatRef) -> list[Message]:
        """Return what a chat shows of the bot's."""
        return self.telegram.from_bot(chat)

    def logged(self, words: str) -> list[str]:
        """Return the lines of the log with these words."""
        return [line for line in self.log if words in line]

    def check_log(self, *private: str) -> None:
        """Broken where the log has a traceback, or one of these words."""
        for line in self.log:
            check("Traceback" not in line, f"a traceback: {line[:200]}")
        self.check_words(*private)

    def check_words(self, *private: str) -> None:
        """Broken where the log has one of these words."""
        for line in self.log:
            for word in private:
                check(word not in line, f"a word of a user in the log: {word!r}")

    @property
    def memory(self) -> float:
        """The bot's memory in MB (Linux)."""
        if self.process is None:
            return 0.0
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def threads(self) -> int:
        """How many threads the bot has (Linux)."""
        if self.process is None:
            return 0
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    @property
    def cpu_seconds(self) -> float:
        """What the bot has used of the cores, user and system (Linux)."""
        if self.process is None:
            return 0.0
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """Open the bot's database beside it."""
        opened = Database(self.database_url)
        await opened.open()
        try:
            yield opened
        finally:
            await opened.close()

    async def prepare(self) -> None:
        """Make the schema, and tell the bot that it has just seen what arXiv has."""
        now = datetime.now(UTC)
        async with self.database() as database, database.transaction() as session:
            session.add(Sweep(window_from=now - HELD, window_to=now, finished_at=now, whole=True))

    async def _read(self, process: Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            self.log.append(line.decode(errors="replace").rstrip("\n"))


def _scheduled(pid: int) -> tuple[float, float]:
    """Return how long a process's first thread ran, and how long it waited for a core (Linux).

    https://docs.kernel.org/scheduler/sched-stats.html
    """
    ran, waited, _times = map(int, Path(f"/proc/{pid}/schedstat").read_text().split())
    return ran / 1e9, waited / 1e9


def _seconds_until_ended(pid: int, told: signal.Signals) -> float:
    """Send a signal, and return how many seconds the process lived on (Linux)."""
    began = time.monotonic()
    with suppress(ProcessLookupError):
        os.kill(pid, told)
    with suppress(OSError):
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
            time.sleep(0.01)
    return time.monotonic() - began


@asynccontextmanager
async def made(folder: Path, database_url: str, *, paced: bool = False) -> AsyncIterator[Bed]:
    """Start the fake servers for one attack, and end everything after it."""
    telegram = FakeTelegram(paced=paced, strict=False)
    arxiv = FakeArxiv(newest=datetime.now(UTC) - timedelta(hours=1))
    libre = FakeLibreTranslate(unknown="pseudo")
    await telegram.start()
    settings = {
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "ARXIV_API_URL": await arxiv.start(),
        "ARXIV_DELAY_SECONDS": "0.05",
        "TRANSLATORS": "libre",
        "LIBRETRANSLATE_URL": await libre.start(),
        "DEFAULT_LANGUAGE": "en",
        "LOG_LEVEL": "DEBUG",
    }
    bed = Bed(folder, database_url, telegram, arxiv, libre, settings)
    await bed.prepare()
    try:
        yield bed
    finally:
        await bed.stop(signal.SIGKILL)
        await telegram.stop()
        await arxiv.stop()
        await libre.stop()


def new_database(url: str, name: str) -> str:
    """Make a database on a PostgreSQL server, and return its address."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def p95(seconds: Iterable[float]) -> float:
    """Return how long 95 of 100 took at most."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


async def others_go_on(bed: Bed, readers: Sequence[Person]) -> str:
    """Ask as somebody else, ten times, and wait for the readers' pushes; Broken where they wait."""
    other = bed.telegram.world.add_person("Other")
    waits = []
    for _each in range(10):
        waits.append(await bed.asked(other, "/help"))
        await asyncio.sleep(0.5)
    check(p95(waits) < 3, f"another waited {max(waits):.1f} s")
    await bed.until(lambda: all(map(bed.shown, readers)), 75, "no push came to others")
    return f"another's p95 is {p95(waits) * 1000:.0f} ms, and {len(readers)} pushes came"

"""Paperboy as its users have it: a process of its own, in a folder with a `.env`."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import NamedTuple

from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message, Person
from bot.playground.translator.stand_in import FakeLibreTranslate
from bot.query.parser import normalise, parse
from storage import chats, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind

__all__ = ["Ended", "Nursery", "Paperboy", "Running", "python"]

ROOT = Path(__file__).parents[2]
KEY = "libre-key-that-nobody-may-see"
PATIENCE_SECONDS = 90.0

_LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ |\{")


class Ended(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """What it said on standard error, without the log."""
        return [line for line in self.err.splitlines() if line and not _LOGGED.match(line)]


@dataclass
class Running:
    """A command that goes on until it is told to end, or has done its work."""

    secrets: list[str]
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    word: list[str] = field(default_factory=list)
    """Its process id and, once it has ended, its exit code."""
    has_begun: asyncio.Event = field(default_factory=asyncio.Event)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    async def read(self, descriptor: int, lines: list[str]) -> None:
        """Take down what it says through a pipe until the pipe ends."""
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(descriptor, "rb")
        )
        while line := await stream.readline():
            lines.append(line.decode().rstrip("\n"))
            if lines is self.word:
                self.has_begun.set()
        transport.close()

    @property
    def has_ended(self) -> bool:
        return all(reader.done() for reader in self.readers)

    async def says(self, pattern: str, seconds: float = PATIENCE_SECONDS) -> re.Match[str]:
        """Wait until a line of its output or its log matches."""
        end = time.monotonic() + seconds
        while True:
            over = self.has_ended or time.monotonic() > end
            for line in self.out + self.err:
                if found := re.search(pattern, line):
                    return found
            if over:
                said = "\n".join(self.out + self.err)
                message = f"it never said {pattern!r}, but:\n{said}"
                raise AssertionError(message)
            await asyncio.sleep(0.02)

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if not self.has_ended:
            os.kill(int(self.word[0]), number)

    async def end(self, told: signal.Signals | None = signal.SIGTERM) -> Ended:
        """End it, wait for its end, and see that it told nobody a secret."""
        if told is not None:
            self.tell(told)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self.readers)
        ended = Ended(int(self.word[1]), "\n".join(self.out), "\n".join(self.err))
        for secret in self.secrets:
            assert secret not in ended.out + ended.err, f"a secret was told:\n{ended}"
        return ended


class Nursery:
    """Where commands are started; see `tests/commands/nursery.py`."""

    def __init__(self) -> None:
        self._wishes, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "tests.commands.nursery", str(theirs.fileno())],
            cwd=ROOT,
            env=_environment(ROOT),
            pass_fds=[theirs.fileno()],
        )
        theirs.close()

    def start(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        secrets: list[str],
        *,
        deaf: bool,
        nohup: bool,
    ) -> Running:
        """Start a command in a folder; `deaf`: nobody reads what it says on standard output."""
        wish = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": _environment(folder),
            "nohup": nohup,
        }
        running = Running(secrets)
        pipes = [os.pipe() for _ in range(3)]
        message = json.dumps(wish).encode()
        socket.send_fds(self._wishes, [message], [theirs for _, theirs in pipes])
        lists = (running.out, running.err, running.word)
        for (ours, theirs), lines in zip(pipes, lists, strict=True):
            os.close(theirs)
            if deaf and lines is running.out:
                os.close(ours)
            else:
                running.readers.append(asyncio.create_task(running.read(ours, lines)))
        return running

    def close(self) -> None:
        """Start nothing any more."""
        self._wishes.close()
        self._process.kill()
        self._process.wait()


class Paperboy:
    """Starts commands in a folder, on the fake servers for the outside world."""

    def __init__(
        self, nursery: Nursery, folder: Path, telegram: FakeTelegram, empty_database: Path
    ) -> None:
        self.folder = folder
        self._empty_database = empty_database
        self.telegram = telegram
        self.arxiv = FakeArxiv(newest=datetime.now(UTC), hold_back=4)
        self.oai = FakeOai(self.arxiv)
        self.libre = FakeLibreTranslate(unknown="pseudo", api_key=KEY)
        self.settings: dict[str, str] = {}
        self._nursery = nursery
        self._running: list[Running] = []
        self._numbers = count()

    async def open(self) -> None:
        """Start the fake servers, and set everything for them."""
        (self.folder / "tmp").mkdir()
        self.settings = {
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "ARXIV_API_URL": await self.arxiv.start(),
            "ARXIV_OAI_URL": await self.oai.start(),
            "ARXIV_API_KEY": KEY,
            "ARXIV_DELAY_SECONDS": "0.01",
            "TRANSLATORS": "libre",
            "LIBRETRANSLATE_URL": await self.libre.start(),
            "LIBRETRANSLATE_API_KEY": KEY,
            "DEFAULT_LANGUAGE": "en",
            "LOG_LEVEL": "DEBUG",
        }

    async def close(self) -> None:
        """End what a failed test left behind, and the fake servers."""
        for running in self._running:
            running.tell(signal.SIGKILL)
            await asyncio.gather(*running.readers, return_exceptions=True)
        await self.arxiv.stop()
        await self.oai.stop()
        await self.libre.stop()

    @property
    def database(self) -> Path:
        """Where it keeps everything."""
        return self.folder / "data" / "paperboy.db"

    def prepare_database(self) -> None:
        """Make the database where there is none, from one of the newest schema: Alembic is slow."""
        if not self.database.exists():
            self.database.parent.mkdir(exist_ok=True)
            shutil.copy(self._empty_database, self.database)

    def schema(self) -> str:
        """Return the newest schema there is."""
        versions = (ROOT / "storage" / "migrations" / "versions").glob("[0-9]*.py")
        return max(path.stem for path in versions)

    async def start(
        self,
        *arguments: str,
        deaf: bool = False,
        nohup: bool = False,
        **settings: str | None,
    ) -> Running:
        """Start a command; `settings` differ from the usual ones, None: not set."""
        chosen = {name: value for name, value in (self.settings | settings).items() if value}
        lines = [f"{name}={value}\n" for name, value in chosen.items()]
        # Whole at any moment: another command may be reading it.
        new = self.folder / f".env.{next(self._numbers)}"
        new.write_text("".join(lines), encoding="utf-8")
        new.replace(self.folder / ".env")
        token = chosen.get("TELEGRAM_BOT_TOKEN", "")
        secrets = [secret for secret in (KEY, token.partition(":")[2]) if secret]
        running = self._nursery.start(arguments, self.folder, secrets, deaf=deaf, nohup=nohup)
        self._running.append(running)
        await running.has_begun.wait()
        return running

    async def __call__(self, *arguments: str, **settings: str | None) -> Ended:
        """Run a command to its end."""
        running = await self.start(*arguments, deaf=False, nohup=False, **settings)
        return await running.end(None)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        """Run the bot for as long as the block lasts."""
        self.prepare_database()
        running = await self.start("run")
        await running.says("Paperboy is running")
        yield running
        await running.end()

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Look into the database, or change it, behind its back."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as connection:
            rows = connection.execute(statement).fetchall()
            connection.commit()
            return rows

    async def follow(self, telegram_id: int, *queries: str, language: str = "en") -> None:
        """Let a chat follow queries, as if it had subscribed; makes the database where needed."""
        self.prepare_database()
        database = Database(f"sqlite:///{self.database}")
        await database.open()
        async with database.transaction() as session:
            chat = await chats.register(
                session=session,
                telegram_id=telegram_id,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=utc_now(),
                language=language,
            )
            for query in queries:
                topic = await topics.register(session=session, query=normalise(parse(query)))
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label=query
                )
        await database.close()

    async def subscribed(self, person: Person, words: str) -> Message:
        """Let somebody subscribe as people do, and return the bot's confirmation."""
        telegram = self.telegram

        def answer(text: str, button: str) -> Callable[[], Message | None]:
            return lambda: next(
                (
                    message
                    for message in telegram.from_bot(person)
                    if text in message.text and any(button in shown for shown in message.buttons)
                ),
                None,
            )

        telegram.send_text(person, person, f"/subscribe {words}")
        preview = await telegram.wait_for(answer(words, "✅ Follow"), PATIENCE_SECONDS)
        assert preview is not None
        telegram.tap(person, preview, "✅ Follow")
        confirmation = await telegram.wait_for(answer("You now follow", ""), PATIENCE_SECONDS)
        assert confirmation is not None
        return confirmation

    def papers_sent(self, person: Person) -> list[str]:
        """Return the ids of the papers that somebody was sent, each as often as it was."""
        return [
            url.rpartition("/")[2]
            for message in self.telegram.from_bot(person)
            for entity in message.formatted.entities
            if "/pdf/" in (url := str(entity.as_json().get("url")))
        ]


async def python(*arguments: str, folder: Path) -> Ended:
    """Run Python with arguments of a test's own, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env=_environment(folder),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


def _environment(folder: Path) -> Mapping[str, str]:
    temporary = folder / "tmp"
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **({"TMPDIR": str(temporary)} if temporary.is_dir() else {}),
    }

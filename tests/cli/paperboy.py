"""Paperboy as its users have it: a process of its own, in a folder with a `.env`."""

import asyncio
import contextlib
import os
import re
import signal
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from bot.playground.arxiv import ArxivStandIn
from bot.playground.libretranslate import LibreTranslateStandIn
from bot.playground.telegram import TelegramStandIn
from bot.playground.world import Message, Person

__all__ = ["Ended", "Paperboy", "Running"]

ROOT = Path(__file__).parents[2]
KEY = "libre-key-that-nobody-may-see"
PATIENCE_SECONDS = 40.0


class Ended(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def complaints(self) -> list[str]:
        """What it said on standard error, without the log."""
        return [line for line in self.err.splitlines() if line and not _LOGGED.match(line)]


_LOGGED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d |\{")


@dataclass
class Running:
    """A command that goes on until it is told to end."""

    process: Process
    secrets: list[str]
    out: list[str] = field(default_factory=list)
    err: list[str] = field(default_factory=list)
    readers: list[asyncio.Task[None]] = field(default_factory=list)

    async def says(self, pattern: str, seconds: float = PATIENCE_SECONDS) -> re.Match[str]:
        """Wait until a line of its output or its log matches."""
        end = time.monotonic() + seconds
        while True:
            for line in self.out + self.err:
                if found := re.search(pattern, line):
                    return found
            ended = self.process.returncode is not None and all(r.done() for r in self.readers)
            if ended or time.monotonic() > end:
                said = "\n".join(self.out + self.err)
                message = f"it never said {pattern!r}, but:\n{said}"
                raise AssertionError(message)
            await asyncio.sleep(0.02)

    async def end(self, told: signal.Signals | None = signal.SIGTERM) -> Ended:
        """End it, wait for its end, and see that it told nobody a secret."""
        if told is not None and self.process.returncode is None:
            self.process.send_signal(told)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*self.readers)
            code = await self.process.wait()
        ended = Ended(code, "\n".join(self.out), "\n".join(self.err))
        for secret in self.secrets:
            assert secret not in ended.out + ended.err, f"a secret was told:\n{ended}"
        return ended


class Paperboy:
    """Starts commands in a folder, on the stand-ins for the outside world."""

    def __init__(
        self,
        folder: Path,
        telegram: TelegramStandIn,
        arxiv: ArxivStandIn,
        libre: LibreTranslateStandIn,
        urls: tuple[str, str],
    ) -> None:
        self.folder = folder
        self.telegram = telegram
        self.arxiv = arxiv
        self.libre = libre
        arxiv_url, libre_url = urls
        self.settings = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "ARXIV_API_URL": arxiv_url,
            "ARXIV_DELAY_SECONDS": "0.01",
            "TRANSLATORS": "libre",
            "LIBRETRANSLATE_URL": libre_url,
            "LIBRETRANSLATE_API_KEY": KEY,
            "DEFAULT_LANGUAGE": "en",
            "LOG_LEVEL": "DEBUG",
        }
        self._running: list[Running] = []

    @property
    def database(self) -> Path:
        """Where it keeps everything."""
        return self.folder / "data" / "paperboy.db"

    async def start(self, *arguments: str, **settings: str | None) -> Running:
        """Start a command; `settings` differ from the usual ones, None: not set."""
        chosen = {name: value for name, value in (self.settings | settings).items() if value}
        lines = [f"{name}={value}\n" for name, value in chosen.items()]
        (self.folder / ".env").write_text("".join(lines), encoding="utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *arguments,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
        )
        token = chosen.get("TELEGRAM_BOT_TOKEN", "")
        secrets = [secret for secret in (KEY, token.partition(":")[2]) if secret]
        running = Running(process, secrets)
        assert process.stdout is not None
        assert process.stderr is not None
        for stream, lines in ((process.stdout, running.out), (process.stderr, running.err)):
            running.readers.append(asyncio.create_task(_read(stream, lines)))
        self._running.append(running)
        return running

    async def __call__(self, *arguments: str, **settings: str | None) -> Ended:
        """Run a command to its end."""
        return await (await self.start(*arguments, **settings)).end(None)

    @contextlib.asynccontextmanager
    async def running(self, *arguments: str, **settings: str | None) -> AsyncIterator[Running]:
        """Run the bot for as long as the block lasts."""
        running = await self.start(*(arguments or ("run",)), **settings)
        await running.says("Paperboy is running")
        yield running
        await running.end()

    async def stop_all(self) -> None:
        """End what a failed test left behind."""
        for running in self._running:
            if running.process.returncode is None:
                running.process.kill()
            await asyncio.gather(*running.readers)
            await running.process.wait()

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Look into the database, or change it, behind its back."""
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as connection:
            rows = connection.execute(statement).fetchall()
            connection.commit()
            return rows

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
        preview = await telegram.wait_for(answer("in the last", "Follow"), PATIENCE_SECONDS)
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


async def _read(stream: asyncio.StreamReader, lines: list[str]) -> None:
    while line := await stream.readline():
        lines.append(line.decode().rstrip("\n"))

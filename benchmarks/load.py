"""How long the bot takes to start, how much memory it has, and how it answers under load.

    python benchmarks/load.py                  (20,000 papers: while something is changed)
    python benchmarks/load.py --papers 1000000 --before CHECKOUT
    python benchmarks/load.py --postgresql
    python benchmarks/load.py --papers 0 --starts 9 --only-starts --before CHECKOUT

The bot is a process of its own, as `paperboy run` is, in front of the fake servers, which have
another one; with `--before` the version in CHECKOUT is measured beside this one, in turns. The
database is that of large_file.py: 1,000 people who follow five topics each, every tenth of them
rare ones only, every tenth the largest. They ask by commands and by taps on what they were shown,
evenly over the time; an update is answered when the first message to its chat, or the first
change of one, arrives at Telegram. At saturation so many ask at once, each the next as soon as
one is answered.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pgserver
from large_file import FIRST_PERSON, Size, make

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.stand_in import FakeTelegram

PEOPLE = 1_000
HERE = Path(__file__).parents[1]
PATIENCE_SECONDS = 60.0
SETTLED_SECONDS = 5.0
AT_ONCE = 50
ASKED_ALONE = 40
ALONE_SECONDS = 0.06
"""Between two who ask one after the other: a /latest goes on after its first message."""

_CARD = ("/topics", "topic:")
_KEPT = ("/saved", "show:")
KINDS: tuple[tuple[str, ...], ...] = (
    ("/help",),
    ("/topics",),
    ("/settings",),
    ("/status",),
    ("/latest",),
    ("/saved",),
    ("/subscribe llm",),
    _CARD,
    (*_CARD, "mute:"),
    ("/settings", "set:papers"),
    ("/settings", "set:papers", "put:papers:5"),
    _KEPT,
    (*_KEPT, "paper:unsave:", "paper:save:"),
)
"""What people do, step by step: a command, or a tap on a button by how its data begins."""
HEAVY = (("/digest",),)
"""Asked for alone only: most of it is the making of a document."""
ANSWERS = {"sendMessage", "editMessageText", "editMessageReplyMarkup", "sendDocument"}


class Answers:
    """Notes when an update came and when it was answered."""

    def __init__(self) -> None:
        self.waiting: dict[int, deque[tuple[float, asyncio.Event]]] = {}
        self.took: list[float] = []

    def asked(self, person_id: int) -> asyncio.Event:
        answered = asyncio.Event()
        self.waiting.setdefault(person_id, deque()).append((time.monotonic(), answered))
        return answered

    def __call__(self, call: ApiCall) -> None:
        waiting = self.waiting.get(int(call.params.get("chat_id", 0)))
        if call.method in ANSWERS and waiting:
            asked_at, answered = waiting.popleft()
            self.took.append(time.monotonic() - asked_at)
            answered.set()

    @property
    def missing(self) -> int:
        return sum(map(len, self.waiting.values()))


@dataclass
class Side:
    """One version of the bot, with its people."""

    name: str
    checkout: Path
    folder: Path
    url: str
    telegram: FakeTelegram = field(default_factory=lambda: FakeTelegram(paced=False))
    people: list[Any] = field(default_factory=list)
    process: Process | None = None

    def ask(self, answers: Answers, person: Any, step: str) -> asyncio.Event | None:
        """Let somebody do a step; None where no such button is there."""
        if step.startswith("/"):
            answered = answers.asked(person.id)
            self.telegram.send_text(person, person, step)
            return answered
        for message in reversed(self.telegram.from_bot(person)[-3:]):
            for button in (button for row in message.keyboard for button in row):
                if button.get("callback_data", "").startswith(step):
                    answered = answers.asked(person.id)
                    self.telegram.tap(person, message, button["callback_data"])
                    return answered
        return None

    @contextlib.contextmanager
    def answers(self) -> Iterator[Answers]:
        noted = Answers()
        self.telegram.on_call.append(noted)
        yield noted
        self.telegram.on_call.remove(noted)

    @property
    def busy(self) -> float:
        """How many seconds of a core the bot used (Linux)."""
        fields = Path(f"/proc/{self._running.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def resident(self) -> float:
        """The bot's memory in MB (Linux)."""
        pages = int(Path(f"/proc/{self._running.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    async def counts(self) -> dict[str, int]:
        """Ask the bot for its counts of statements and hops."""
        told = self.folder / f"{self.name}.json"
        told.unlink(missing_ok=True)
        self._running.send_signal(signal.SIGUSR1)
        while True:
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                found: dict[str, int] = json.loads(told.read_text())
                return found
            await asyncio.sleep(0.02)

    @property
    def _running(self) -> Process:
        assert self.process is not None
        return self.process

    async def start(self) -> float:
        """Start the bot; return how many seconds it took until it was ready."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.checkout),
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_API_URL": self.telegram.url,
            "ARXIV_API_URL": self.arxiv_url,
            "DATABASE_URL": self.url,
            "SWEEP_SCHEDULE": "0 0 1 1 *",
            "BACKUP_KEEP": "1",
        }
        began = time.monotonic()
        self.process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "benchmarks/load_bot.py"),
            str(self.folder / f"{self.name}.json"),
            cwd=self.folder,
            env=environment,
            stderr=PIPE,
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
        self._reading = asyncio.create_task(_pass_on(process.stderr))
        return took

    arxiv_url: str = ""


async def _pass_on(said: asyncio.StreamReader) -> None:
    """Show what goes wrong in the bot."""
    async for line in said:
        if b"error" in line.lower() or b"warning" in line.lower():
            sys.stderr.write(line.decode())


async def at_rate(side: Side, rate: float, seconds: float) -> Answers:
    """Let people do one step after the other, so many steps a second."""
    chance = random.Random(7)
    todo: dict[int, deque[str]] = {}
    with side.answers() as answers:
        began = time.monotonic()
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            _next_step(side, answers, side.people[number % len(side.people)], todo, chance)
        with contextlib.suppress(TimeoutError):
            await side.telegram.wait_for(lambda: not answers.missing, PATIENCE_SECONDS)
    return answers


async def saturated(side: Side, seconds: float) -> Answers:
    """Let so many people at once do the next step as soon as one was answered."""
    chance = random.Random(8)
    todo: dict[int, deque[str]] = {}
    end = time.monotonic() + seconds
    people = iter(side.people * 1_000)

    async def one_of_them() -> None:
        while time.monotonic() < end:
            answered = _next_step(side, answers, next(people), todo, chance)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(answered.wait(), PATIENCE_SECONDS)

    with side.answers() as answers:
        await asyncio.gather(*(one_of_them() for _ in range(AT_ONCE)))
    return answers


def _next_step(
    side: Side,
    answers: Answers,
    person: Any,
    todo: dict[int, deque[str]],
    chance: random.Random,
) -> asyncio.Event:
    while True:
        steps = todo.setdefault(person.id, deque())
        if not steps:
            steps.extend(chance.choice(KINDS))
        answered = side.ask(answers, person, steps.popleft())
        if answered is not None:
            return answered
        steps.clear()  # what was to be tapped is gone meanwhile


async def alone(side: Side, kind: tuple[str, ...], people: Sequence[Any]) -> str:
    """Let people do the same one after the other; tell what its last step took."""
    for step in kind[:-1]:
        await _in_turn(side, step, people)
    await asyncio.sleep(0.3)
    counted, used = await side.counts(), side.busy
    took = await _in_turn(side, kind[-1], people)
    await asyncio.sleep(0.3)
    used, after = side.busy - used, await side.counts()
    p50, p95 = _percentiles(took, 50, 95)
    each = [(after[name] - counted[name]) / len(took) for name in ("statements", "hops")]
    cpu = used / len(took) * 1000
    return f"{p50:5.1f} {p95:6.1f} {cpu:6.1f} {each[0]:6.1f} {each[1]:6.1f}"


async def _in_turn(side: Side, step: str, people: Sequence[Any]) -> list[float]:
    with side.answers() as answers:
        for person in people:
            answered = side.ask(answers, person, step)
            if answered is not None:
                await asyncio.wait_for(answered.wait(), PATIENCE_SECONDS)
                await asyncio.sleep(ALONE_SECONDS)
    return answers.took


def _percentiles(took: Sequence[float], *wanted: int) -> list[float]:
    if len(took) < 2:
        return [float("nan")] * len(wanted)
    of_all = statistics.quantiles(took, n=100, method="inclusive")
    return [of_all[number - 1] * 1000 for number in wanted]


async def measure(sides: list[Side], asked: argparse.Namespace) -> None:
    arxiv = FakeArxiv([])
    arxiv_url = await arxiv.start()
    for side in sides:
        await side.telegram.start()
        side.arxiv_url = arxiv_url
        side.people = [side.telegram.world.add_person(f"P{number}") for number in range(PEOPLE)]
        assert side.people[0].id == FIRST_PERSON
    starts: dict[str, list[tuple[float, float]]] = {side.name: [] for side in sides}
    for number in range(asked.starts):
        for side in sides:  # in turns: the machine is not as fast at all times
            starts[side.name].append((await side.start(), side.busy))
            if number < asked.starts - 1:
                await stop(side)
    await asyncio.sleep(SETTLED_SECONDS)
    for side in sides:
        ready, busy = zip(*starts[side.name], strict=True)
        told = [", ".join(f"{each:.2f}" for each in every) for every in (ready, busy)]
        middle = [f"{statistics.median(every):.2f}" for every in (ready, busy)]
        print(
            f"{side.name}: start to ready: {told[0]} s ({middle[0]}),"
            f" {told[1]} s of CPU ({middle[1]}); idle: {side.resident:.0f} MB",
            flush=True,
        )
    if not asked.only_starts:
        await one_by_one(sides)
    for rate in () if asked.only_starts else [*asked.rates, 0.0]:
        for side in sides:
            await under_load(side, rate, asked.seconds)
    for side in sides:
        await stop(side)
        await side.telegram.stop()
    await arxiv.stop()


async def one_by_one(sides: list[Side]) -> None:
    """Print what each kind of step takes, asked for one after the other."""
    head = "p50 ms  p95 CPU ms  stmts   hops"
    print("".join([f"{'':34}", *(f"| {side.name}: {head} " for side in sides)]))
    usual = [number for number in range(PEOPLE) if number % 10 > 1]
    for name, kind, people in (
        *(("", kind, usual[:ASKED_ALONE]) for kind in (*KINDS, *HEAVY)),
        *((name, (command,), range(place, PEOPLE, 10))
          for command in ("/latest", "/status")
          for name, place in ((", rare topics", 9), (", largest topics", 0))),
    ):  # fmt: skip
        told = [
            await alone(side, kind, [side.people[number] for number in people][:ASKED_ALONE])
            for side in sides
        ]
        print(f"{' > '.join(kind)[-34 + len(name) :] + name:34}", end="")
        print("".join(f"|{'':{len(side.name)}} {each} " for side, each in zip(sides, told, strict=True)), flush=True)  # fmt: skip  # noqa: E501


async def under_load(side: Side, rate: float, seconds: float) -> None:
    used, began = side.busy, time.monotonic()
    answers = await (at_rate(side, rate, seconds) if rate else saturated(side, seconds))
    span, used, count = time.monotonic() - began, side.busy - used, len(answers.took)
    p50, p95, p99 = _percentiles(answers.took, 50, 95, 99)
    asked = f"{rate:.0f}/s" if rate else f"as fast as it can ({AT_ONCE} at once)"
    print(
        f"{side.name}: {asked}: {count:,} answered, {answers.missing} missing,"
        f" {count / span:.0f}/s; p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms;"
        f" {used / count * 1000:.1f} ms of a core each; memory {side.resident:.0f} MB",
        flush=True,
    )


async def stop(side: Side) -> None:
    assert side.process is not None
    side.process.send_signal(signal.SIGTERM)
    await side.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--rates", type=float, nargs="+", default=[25, 50, 100])
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--starts", type=int, default=1)
    parser.add_argument("--only-starts", action="store_true", help="measure no answers")
    parser.add_argument("--folder", type=Path, help="where SQLite's files stay, to be used again")
    asked = parser.parse_args()
    size = Size(asked.papers, PEOPLE)
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        folder, server, sides = asked.folder or Path(name), None, []
        folder.mkdir(exist_ok=True)
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
        for version, checkout in (("before", asked.before), ("now", HERE)):
            if checkout is None:
                continue
            url = f"sqlite:///{folder / version}.db"
            is_there = server is None and (folder / f"{version}.db").exists()
            if server is not None:
                server.psql(f"CREATE DATABASE {version};")
                url = server.get_uri(version)
            if not is_there:
                began = time.monotonic()
                make(url, size, checkout)
                took = time.monotonic() - began
                print(f"{version}: {asked.papers:,} papers, made in {took:.0f} s", flush=True)
            sides.append(Side(version, checkout, folder, url))
        asyncio.run(measure(sides, asked))
        if server is not None:
            server.cleanup()


if __name__ == "__main__":
    main()

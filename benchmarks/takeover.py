"""Leader election: kill the copy that leads, again and again; time until another one leads.

    python benchmarks/takeover.py
    python benchmarks/takeover.py --postgresql

The copies are processes of their own in front of the fake servers. The time is taken from SIGKILL
to the line that says that the other copy is running. Ends with 1 where one took ten seconds or
more.
"""

import argparse
import asyncio
import os
import signal
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from tempfile import TemporaryDirectory

import pgserver

from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.stand_in import FakeTelegram

GOAL_SECONDS = 10.0


async def says(copy: Process, words: str) -> None:
    """Wait until a copy says something."""
    assert copy.stderr is not None
    while line := await copy.stderr.readline():
        if words in line.decode():
            return
    message = f"it ended and never said {words!r}"
    raise RuntimeError(message)


async def takeovers(times: int, url: str, folder: Path) -> list[float]:
    """Return how many seconds each takeover took."""
    telegram = FakeTelegram(paced=False)
    arxiv = FakeArxiv([])
    await telegram.start()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_URL": telegram.url,
        "ARXIV_API_URL": await arxiv.start(),
        "DATABASE_URL": url,
    }

    async def start(words: str) -> Process:
        copy = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=folder, env=environment, stderr=PIPE
        )
        await says(copy, words)
        return copy

    taken = []
    working = await start("Paperboy is running")
    for _number in range(times):
        waiting = await start("stands by")
        began = time.monotonic()
        working.send_signal(signal.SIGKILL)
        await says(waiting, "Paperboy is running")
        taken.append(time.monotonic() - began)
        await working.wait()
        working = waiting
    working.kill()
    await working.wait()
    await telegram.stop()
    await arxiv.stop()
    return taken


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        url = f"sqlite:///{name}/paperboy.db"
        server = None
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
            url = server.get_uri()
        taken = asyncio.run(takeovers(asked.times, url, Path(name)))
        if server is not None:
            server.cleanup()
    print(
        f"{url.partition(':')[0]}: {len(taken)} takeovers;"
        f" median {statistics.median(taken):.2f} s, longest {max(taken):.2f} s"
    )
    return 0 if max(taken) < GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())

"""What pushes cost the bot: with the rate limiter lifted, at 25 a second, and planned for many.

    python benchmarks/push.py [--before CHECKOUT] [--chats 2000] [--paced 250]
        [--no-planning | --only-planning]

Sending: every chat gets one message of five real papers (see `push_world.py`), over real HTTP. A
server in a process of its own answers at once and counts what arrived: it ends with a word where a
message came twice, or none to a chat. The bot is a process of its own as well (`push_bot.py`), and
the CPU is its alone, its threads included. What it costs to begin stands in lines of its own: a
thousand chats that are served before those of the other lines, in a process that has sent nothing
yet and to which every paper is new. Beside it stand the library alone, and the way of
RSS-to-Telegram-Bot: a text once an entry, one task a subscriber, nothing written. At full speed it
is done once more with commands beside it, one that reads and one that writes. With the checkout of
another version that version's bot is measured beside this one's.

Planning: a sweep owes papers to 100,000 chats, 500,000 deliveries in all; then comes what a sweep
does at its end, which is to look what these chats, who read Chinese, want translated (all of it is
already, so that no engine is asked); then all these chats' pushes are claimed in slices as a push
does. Each is done alone first, for its CPU, and then once more with commands beside it: one that
reads what a chat follows, and one that changes a setting. Beside it stand the longest standstill of
the event loop and of a bare one, which is other people's load.
"""

import argparse
import asyncio
import gc
import json
import logging
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pgserver
import structlog
from as_run import begin_as_run, ready_as_run
from bare_loop import BareLoop
from beside import commands, nothing, say, standstill
from counting_telegram import CountingTelegram, fault
from sqlalchemy import Connection
from sqlmodel import col, select
from sweep_bot import forget_peak, peak_mb

from bot.playground.telegram.stand_in import new_token
from bot.push.translate_ahead import translate_pending
from bot.push.worker import PLANNED_AT_ONCE
from bot.sweep.fan_out import fan_out_new_matches
from bot.translation.service import Translator
from storage import chats, fan_out
from storage.columns import utc_now
from storage.database import Database
from storage.models import Match
from storage.translations import source_digest

HERE = Path(__file__).resolve().parents[1]
LIFTED = 1_000.0
FIRST = 1_000
HEADS = ("way", "rate", "messages", "seconds", "a second", "CPU ms", "peak MB")
CHATS, TOPICS, EACH = 100_000, 1_000, 5
ABSTRACT = "We report what was found. " * 30


class Took(NamedTuple):
    way: str
    rate: float
    messages: int
    seconds: float
    cpu: float
    peak: float
    waits: dict[str, list[float]]
    """How many seconds each of the commands took that were asked beside it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path)
    parser.add_argument("--chats", type=int, default=2_000)
    parser.add_argument("--paced", type=int, default=250, help="chats at 25 messages a second")
    parser.add_argument("--no-planning", action="store_true")
    parser.add_argument("--only-planning", action="store_true")
    asked = parser.parse_args()
    if not asked.only_planning:
        _sending(asked)
    if not asked.no_planning:
        for beside in (False, True):
            spawn = multiprocessing.get_context("spawn")
            process = spawn.Process(target=_planning_alone, args=(beside,))
            process.start()
            process.join()


def _sending(asked: argparse.Namespace) -> None:
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
        print(" | ".join(f"{head:>10}" for head in HEADS))
        for rate, chats in ((LIFTED, asked.chats), (25.0, asked.paced)):
            for way, checkout in (("library", HERE), ("reader", HERE)):
                took = send(f"sqlite:///{name}/{way}{rate}.db", way, checkout, rate, chats)
                _say(took["rest"])
            for kind in ("sqlite", "postgresql"):
                for checkout in filter(None, (asked.before, HERE)):
                    label = "now" if checkout == HERE else "before"
                    url = _fresh(kind, Path(name), server)
                    took = send(url, "push", checkout, rate, chats)
                    if rate == LIFTED:
                        _say(took["first"]._replace(way=f"{kind[:6]} first"))
                    _say(took["rest"]._replace(way=f"{kind[:6]} {label}"))
                if rate == LIFTED:
                    url = _fresh(kind, Path(name), server)
                    say(send(url, "push", HERE, rate, chats, beside=True)["rest"].waits)
        server.cleanup()


def _fresh(kind: str, folder: Path, server: pgserver.PostgresServer) -> str:
    """Return the address of a database that nobody used."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/{len(list(folder.glob('*.db')))}.db"
    server.psql("DROP DATABASE IF EXISTS bench")
    server.psql("CREATE DATABASE bench")
    return server.get_uri().replace("/postgres?", "/bench?")


def send(
    url: str, way: str, checkout: Path, rate: float, chats: int, *, beside: bool = False
) -> dict[str, Took]:
    """Let a bot of that checkout send to so many chats; count at Telegram's side what arrived.

    Return what the first thousand took, and what all others took after these, `beside` commands.
    """
    with CountingTelegram() as telegram:
        given = {
            "database": url,
            "telegram": telegram.url,
            "token": new_token(),
            "way": way,
            "first": FIRST,
            "chats": chats,
            "rate": rate,
            "beside": beside,
        }
        paths = os.pathsep.join(map(str, (checkout.resolve(), HERE / "benchmarks")))
        ended = subprocess.run(  # noqa: S603 - our own
            [
                sys.executable,
                str(HERE / "benchmarks" / "push_bot.py"),
                json.dumps(given),
            ],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            check=True,
        )
        arrived = telegram.arrived()
    if told := fault(arrived, chats=FIRST + chats):
        sys.exit(told)
    some = sum(1 for message in arrived if message.chat <= FIRST)
    counted = {"first": (LIFTED, some), "rest": (rate, arrived.total() - some)}
    return {
        which: Took(way, *counted[which], **took)
        for which, took in json.loads(ended.stdout).items()
    }


def _say(took: Took) -> None:
    line = [took.way, f"{took.rate:.0f}/s", f"{took.messages:,}", f"{took.seconds:.1f}"]
    line += [f"{took.messages / took.seconds:.0f}", f"{took.cpu / took.messages * 1000:.2f}"]
    line += [f"{took.peak:.0f}"]
    print(" | ".join(f"{cell:>10}" for cell in line), flush=True)


async def planning(path: Path, *, beside: bool) -> None:
    """Owe, look what is to be translated, and claim; beside: with commands meanwhile."""
    begin_as_run()
    database = await filled(path, people=CHATS)
    translator = Translator(engines=[], database=database)
    bare = BareLoop()
    ready_as_run()

    async def owe() -> str:
        await database.write(_note)
        return f"{await fan_out_new_matches(database):,} deliveries owed"

    async def look() -> str:
        since = utc_now() - timedelta(hours=1)
        done = await translate_pending(database=database, translator=translator, since=since)
        return f"{done:,} papers found that are to be translated"

    async def claim() -> str:
        claimed, now = 0, utc_now()
        while True:
            work = partial(chats.claim_pushes, now=now, limit=PLANNED_AT_ONCE)
            mine = await database.write(work)
            claimed += len(mine)
            if not mine:
                return f"{claimed:,} pushes found and claimed"

    for stage in (owe, look, claim):
        gc.collect()
        forget_peak()
        bare.longest_ms()
        async with standstill() as stood, commands(database) if beside else nothing() as took:
            began, cpu = time.monotonic(), time.process_time()
            done = await stage()
            seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        print(
            f"planning: {done} in {seconds:.1f} s, {cpu:.1f} s of CPU, at most {peak_mb():.0f} MB;"
            f" stood {max(stood) * 1000:.0f} ms, a bare loop {bare.longest_ms():.0f}",
            flush=True,
        )
        say(took)
    bare.stop()
    await database.close()


async def filled(path: Path, *, people: int) -> Database:
    """Return a database in which everybody follows five topics with a paper each."""
    database = Database(f"sqlite:///{path}")
    await database.open()
    now = utc_now().replace(tzinfo=None)
    moment = now.isoformat(" ")
    due = (now - timedelta(minutes=1)).isoformat(" ")
    columns = {
        "chat": "id, telegram_id, thread_id, kind, state, ui_language, language, timezone,"
        " push_time, weekdays, papers_per_push, next_push_at, created_at",
        "topic": "id, query, created_at, backfilled_at",
        "paper": "id, version, title, abstract, authors, categories, published_at, updated_at",
        "paper_topic": "paper_id, topic_id",
        "match": "topic_id, paper_id, published_at, created_at",
        "subscription": "chat_id, topic_id, label, created_at",
        "translation": "paper_id, language, abstract, engine, source_digest, created_at",
    }

    with closing(sqlite3.connect(path)) as connection:
        for table, names in columns.items():
            marks = ", ".join("?" * len(names.split(",")))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own
            connection.executemany(statement, _rows(table, people, moment, due))
        connection.commit()
    return database


def _rows(table: str, people: int, moment: str, due: str) -> Iterator[tuple[object, ...]]:
    for n in range(1, people + 1):
        if table == "chat":
            yield (n, n, 0, "private", "active", "en", "zh-CN", "UTC", "09:00:00.000000", 127,
                   10, due, moment)  # fmt: skip
        elif table == "subscription":
            yield from ((n, (n + k * 7) % TOPICS + 1, "t", moment) for k in range(EACH))
    number = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1e6)
    for n in range(1, TOPICS + 1):
        paper_id, title = _paper_id(n), f"Paper {n}"
        if table == "topic":
            yield n, f"ti:topic{n}", moment, moment
        elif table == "paper":
            yield (paper_id, 1, title, ABSTRACT, json.dumps(["Ada Lovelace"]),
                   json.dumps(["cs.CV"]), moment, moment)  # fmt: skip
        elif table == "match":
            yield n, paper_id, number, number
        elif table == "paper_topic":
            yield paper_id, n
        elif table == "translation":
            yield paper_id, "zh-CN", "译文", "none", source_digest(title, ABSTRACT), moment


def _paper_id(number: int) -> str:
    return f"2611.{number:05}"


def _note(connection: Connection) -> None:
    """Note all matches as new."""
    found = connection.execute(select(col(Match.topic_id), col(Match.created_at)))
    fan_out.note(connection, [(topic_id, moment, None) for topic_id, moment in found])


def _planning_alone(beside: bool) -> None:  # noqa: FBT001 - a process' only argument
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(f"planning, {'with commands beside it' if beside else 'alone'}", flush=True)
    with TemporaryDirectory() as folder:
        asyncio.run(planning(Path(folder) / "planning.db", beside=beside))


if __name__ == "__main__":
    main()

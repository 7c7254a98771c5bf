"""What pushes cost the bot: with the rate limiter lifted, and planned for very many chats.

    python benchmarks/push.py

Sending: every chat gets one message of five papers, over real HTTP, from a server in a process of
its own that answers at once. Planning: a sweep owes papers to 100,000 chats, 500,000 deliveries in
all, then all these chats' pushes are claimed in slices as a push does. Meanwhile commands are
answered: one that reads what a chat follows, and one that changes a setting.
"""

import asyncio
import json
import multiprocessing
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection as SqlConnection
from sqlmodel import col, select
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ExtBot
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.container import telegram_bot
from bot.playground.telegram.stand_in import new_token
from bot.push.worker import CHATS_AT_ONCE, Pusher
from bot.settings import load
from bot.sweep.fan_out import fan_out_new_matches
from bot.telegram.rate_limiter import Priority
from bot.translation.service import Translator
from storage import chats, fan_out, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Match

MESSAGES = 1_000
CHATS, TOPICS, EACH = 100_000, 1_000, 5


async def main() -> None:
    with TemporaryDirectory() as folder:
        await sending(Path(folder) / "sending.db")
    process = multiprocessing.get_context("spawn").Process(target=_planning_alone)
    process.start()
    process.join()


async def sending(path: Path) -> None:
    database = await filled(path, people=MESSAGES)
    async with database.transaction() as session:
        await fan_out.fan_out_now(session=session, matches=_matches())
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    server.start()
    token = new_token()
    url = f"http://127.0.0.1:{ours.recv()}"
    settings = load(
        None, telegram_bot_token=token, telegram_api_url=url, paid_broadcast=True, send_rate=1000
    )
    translator = Translator(engines=(), database=database)
    try:
        async with telegram_bot(settings, token=token) as bot:
            alone, alone_cpu = await _library_alone(bot)
            async with commands(database) as took:
                began, busy = time.monotonic(), time.process_time()
                papers = await Pusher(database, translator, bot).push_due()
                seconds, cpu = time.monotonic() - began, time.process_time() - busy
    except TelegramError as error:
        sys.exit(f"the server did not answer: {error}")
    finally:
        server.terminate()
        server.join()
        await translator.aclose()
        await database.close()
    print(
        f"sending: {MESSAGES:,} messages of {papers:,} papers in {seconds:.1f} s:"
        f" {MESSAGES / seconds:.0f} a second, {cpu / MESSAGES * 1000:.2f} ms of CPU each\n"
        f"    the same messages through python-telegram-bot alone: {MESSAGES / alone:.0f} a second,"
        f" {alone_cpu / MESSAGES * 1000:.2f} ms of CPU each; ours costs {cpu / alone_cpu:.1f} times"
        " as much, with the commands below"
    )
    say(took)


async def _library_alone(bot: ExtBot[Priority]) -> tuple[float, float]:
    """Send as many messages of that size without any outbox; return the seconds, and of CPU."""
    text = "<b>A paper</b> of which something is said here. " * 70
    began, busy = time.monotonic(), time.process_time()
    for start in range(0, MESSAGES, CHATS_AT_ONCE):
        chat_ids = range(start + 1, start + 1 + CHATS_AT_ONCE)
        await asyncio.gather(
            *(
                bot.send_message(chat, text, ParseMode.HTML, rate_limit_args=Priority.PUSH)
                for chat in chat_ids
            )
        )
    seconds = time.monotonic() - began, time.process_time() - busy
    await asyncio.sleep(1.5)  # a chat's own pace: a message a second
    return seconds


async def planning(path: Path) -> None:
    database = await filled(path, people=CHATS)
    before = _megabytes()
    async with commands(database) as took:
        began = time.monotonic()
        await database.write(_note)
        owed = await fan_out_new_matches(database)
        seconds = time.monotonic() - began
    print(f"planning: {owed:,} deliveries owed in {seconds:.1f} s")
    say(took)
    async with commands(database) as took:
        began = time.monotonic()
        claimed = 0
        now = utc_now()
        while True:
            async with database.transaction() as session:
                mine = await chats.claim_pushes(session=session, now=now, limit=CHATS_AT_ONCE)
            claimed += len(mine)
            if not mine:
                break
        claiming = time.monotonic() - began
    print(f"planning: {claimed:,} pushes found and claimed in {claiming:.1f} s")
    say(took)
    print(f"planning: {before:.0f} MB before, {_megabytes():.0f} MB at most")
    await database.close()


@asynccontextmanager
async def commands(database: Database) -> AsyncIterator[dict[str, list[float]]]:
    """Read and write as commands do, twenty times a second each, and note how long that takes."""
    took: dict[str, list[float]] = {"reading": [], "writing": []}

    async def reading() -> None:
        while True:
            await asyncio.sleep(0.05)
            began = time.monotonic()
            async with database.reading() as session:
                await chats.find(session=session, telegram_id=5)
                await topics.subscriptions(session=session, chat_id=5)
            took["reading"].append(time.monotonic() - began)

    async def writing() -> None:
        while True:
            await asyncio.sleep(0.05)
            began = time.monotonic()
            async with database.transaction() as session:
                chat = await chats.get(session=session, chat_id=6)
                assert chat is not None
                chat.papers_per_push = 11 + chat.papers_per_push % 2
            took["writing"].append(time.monotonic() - began)

    work = [asyncio.create_task(each()) for each in (reading, writing)]
    yield took
    await asyncio.sleep(0.1)
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)


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
        "match": "topic_id, paper_id, published_at, created_at",
        "subscription": "chat_id, topic_id, label, created_at",
    }

    def rows(table: str) -> Iterator[tuple[object, ...]]:
        for n in range(1, people + 1):
            if table == "chat":
                yield (n, n, 0, "private", "active", "en", "en", "UTC", "09:00:00.000000", 127,
                       10, due, moment)  # fmt: skip
            elif table == "subscription":
                yield from ((n, (n + k * 7) % TOPICS + 1, "t", moment) for k in range(EACH))
        for n in range(1, TOPICS + 1):
            if table == "topic":
                yield n, f"ti:topic{n}", moment, moment
            elif table == "paper":
                yield (_paper_id(n), 1, f"Paper {n}", "We report what was found. " * 30,
                       json.dumps(["Ada Lovelace"]), json.dumps(["cs.CV"]), moment,
                       moment)  # fmt: skip
            elif table == "match":
                yield n, _paper_id(n), moment, moment

    with closing(sqlite3.connect(path)) as connection:
        for table, names in columns.items():
            marks = ", ".join("?" * len(names.split(",")))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own
            connection.executemany(statement, rows(table))
        connection.commit()
    return database


def _paper_id(number: int) -> str:
    return f"2611.{number:05}"


def _note(connection: SqlConnection) -> None:
    """Note all matches as new."""
    found = connection.execute(select(col(Match.topic_id), col(Match.created_at)))
    fan_out.note(connection, [(topic_id, moment, None) for topic_id, moment in found])


def _matches() -> list[tuple[int, str]]:
    return [(n, _paper_id(n)) for n in range(1, TOPICS + 1)]


def say(took: dict[str, list[float]]) -> None:
    for name, seconds in took.items():
        ordered = sorted(seconds)
        if ordered:
            p50, p95 = (ordered[len(ordered) * part // 100] * 1000 for part in (50, 95))
            print(
                f"    commands {name} meanwhile: {len(ordered)}, {p50:.0f} ms, p95 {p95:.0f} ms,"
                f" at most {ordered[-1] * 1000:.0f} ms"
            )


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _planning_alone() -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(planning(Path(folder) / "planning.db"))


def _serve(port: Connection) -> None:
    chat = {"id": 1, "type": "private", "first_name": "Ada"}
    message = {"message_id": 1, "date": 1, "chat": chat, "text": "x"}
    me = {"id": 1, "is_bot": True, "first_name": "P", "username": "p_bot"}

    class Handler(RequestHandler):
        def post(self, method: str) -> None:
            self.set_header("Content-Type", "application/json")
            result = me if method.lower() == "getme" else message
            self.finish(json.dumps({"ok": True, "result": result}))

    async def serve() -> None:
        sockets = bind_sockets(0, "127.0.0.1")
        HTTPServer(
            Application([(r"/bot[^/]+/(\w+)", Handler)], log_function=lambda _: None)
        ).add_sockets(sockets)
        port.send(sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    asyncio.run(main())

"""Random answers of Telegram, arXiv and engines, with missing, wrong and oversized parts.

    python benchmarks/odd_answers.py
    python benchmarks/odd_answers.py --seconds 60 --chance 0.5 --description bot_api.json

Between the bot and each fake server stands a server that spoils three of ten answers: of a field
of the right one, or one that is made after the description of the Bot API, up to bodies that are
cut off or none. All jobs come every few seconds meanwhile, and people ask and tap. Then all answers
are right again. Ends with 1 where a job does nothing any more, where somebody is not answered, or
where the log has a traceback or a word of a user.
"""

import argparse
import asyncio
import copy
import json
import os
import random
import re
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pgserver
from aiohttp import web
from attacks.bed import Bed, Broken, check, free_port, made, new_database
from fuzz import DESCRIPTION, WORD, WRONG, Maker
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, update
from stops import FAST, tracebacks

from bot.playground.arxiv.oai import FakeOai
from bot.playground.huggingface import FakeHuggingFace
from bot.playground.telegram.world import ChatRef, Person
from storage import chats, topics
from storage.columns import utc_now
from storage.database_problem import DatabaseUnavailableError
from storage.models import Chat, ChatKind, PushStyle

PEOPLE, READERS = 12, 9
TOPIC = "zebrafish"
PATIENCE_SECONDS = 150.0

SOON = """
from bot.arxiv import transport
from bot.translation import service
transport._SLOWEST_ANSWER = 0.05
service._REST_SECONDS = service._RETRY_SECONDS = 2.0
UNITS = ("hour", "minute", "second")
SECONDS = {(0,): 0.3, (30,): 2, (45,): 2, (37,): 5, (4, 23): 15, (4, 47): 20}
schedule.CronTrigger = lambda **fields: IntervalTrigger(
    seconds=SECONDS[tuple(each for name, each in fields.items() if name in UNITS)],
    timezone="UTC",
)
"""
"""Every job within seconds, and what failed is tried again within seconds."""

NOBODYS: tuple[Any, ...] = tuple(
    one.replace(WORD, "odd") if isinstance(one, str) else one for one in WRONG
)
"""Of who knows no user's words: why a model ended, or how many papers there are, is told."""

ODD_BODIES: tuple[bytes, ...] = (
    b"", b"null", b"[]", b"{}", b"5", b'"' + WORD.encode() * 10_000 + b'"', b"[" * 200_000,
    b"\xff\xfe\x00", b'{"ok":true,"result":' * 50, b"<html>Welcome to our hotel</html>",
    b'{"ok":"yes","result":[' + b"0," * 500_000 + b"0]}", b'{"ok":true}', b'{"ok":false}',
    b'{"ok":true,"result":"\xed\xa0\xbd"}', b"NaN", b'{"ok":true,"result":1e999}',
)  # fmt: skip
ODD_HEADERS: tuple[tuple[str, str], ...] = (
    ("Retry-After", WORD), ("Retry-After", "-1"), ("Retry-After", "1e400"), ("Retry-After", "1"),
    ("Content-Type", "zyzzyva/x; charset=zyzzyva"), ("Content-Encoding", "gzip"),
    ("Location", "http://127.0.0.1:9/"), ("Content-Type", "application/json; charset=utf-16"),
)  # fmt: skip
ODD_REFUSALS: tuple[dict[str, Any], ...] = (
    {"description": None}, {"description": [WORD]}, {"description": f'Bad Request: "{WORD}"'},
    {}, {"description": 'Bad Request: "' + WORD * 9_000},
    {"description": "x", "parameters": {"retry_after": WORD}},
    {"description": "Too Many Requests", "parameters": {"retry_after": 1}},
    {"description": "x", "parameters": {"retry_after": -5.5, "migrate_to_chat_id": 2**70}},
    {"description": "x", "parameters": [WORD]}, {"description": "x", "error_code": WORD},
)  # fmt: skip


class Spoiler:
    """Makes a wrong answer of a right one."""

    def __init__(
        self, description: dict[str, Any], chance: random.Random, people: list[Person]
    ) -> None:
        self._methods = description["methods"]
        self._maker = Maker(description["types"], chance, people)
        self._chance = chance

    def telegram(self, method: str, body: bytes) -> tuple[int, bytes]:
        right = json.loads(body)
        way = self._chance.random()
        if way < 0.15:
            refusal = {"ok": False, "error_code": 400, **self._chance.choice(ODD_REFUSALS)}
            return self._chance.choice((200, 400, 429, 500, 502)), json.dumps(refusal).encode()
        if way < 0.3:
            return self._body(body)
        if method == "getUpdates" and isinstance(right.get("result"), list):
            # Which of them there are Telegram decides: what it leaves out nobody can answer.
            kinds = ("Update", "Message", "User", "Chat", "String", "Integer")
            odd = [self._made(self._chance.choice(kinds)) for _ in range(3)]
            for one in odd:
                if isinstance(one, dict):
                    one["update_id"] = self._odd(WRONG[:6] + WRONG[8:])
            found: Any = right["result"] + odd if way < 0.7 else self._odd(WRONG)
            return 200, json.dumps({"ok": True, "result": found}).encode()
        if way < 0.6:
            returns = self._methods.get(method, {}).get("returns") or ["Boolean"]
            right["result"] = self._made(self._chance.choice(returns))
        else:
            right = {"ok": True, "result": self._spoilt(right.get("result"))}
        return 200, json.dumps(right).encode()

    def anything(self, _path: str, body: bytes) -> tuple[int, bytes]:
        way = self._chance.random()
        if way < 0.2:
            return self._chance.choice((200, 204, 301, 400, 406, 429, 500, 503)), body
        if way < 0.4:
            return self._body(body)
        with suppress(ValueError):
            return 200, json.dumps(self._spoilt(json.loads(body), NOBODYS)).encode()
        return 200, self._markup(body.decode(errors="replace")).encode("utf-8", "surrogatepass")

    def headers(self) -> dict[str, str]:
        return dict([self._chance.choice(ODD_HEADERS)] if self._chance.random() < 0.2 else [])

    def _body(self, body: bytes) -> tuple[int, bytes]:
        if self._chance.random() < 0.3:
            return 200, body[: self._chance.randrange(len(body) + 1)]
        return self._chance.choice((200, 200, 200, 500)), self._chance.choice(ODD_BODIES)

    def _odd(self, values: Sequence[Any]) -> Any:
        return copy.deepcopy(self._chance.choice(values))

    def _made(self, kind: str) -> Any:
        made = copy.deepcopy(self._maker.value(kind))
        return made if self._chance.random() < 0.5 else self._spoilt(made)

    def _spoilt(self, value: Any, wrong: Sequence[Any] = WRONG) -> Any:
        """Return JSON in which one thing is missing, wrong or far too much."""
        value = copy.deepcopy(value)
        place: Any = value
        holder: Any = None
        key: Any = None
        while (
            isinstance(place, dict | list)
            and place
            and (key is None or self._chance.random() < 0.8)
        ):
            holder = place
            is_object = isinstance(place, dict)
            key = self._chance.choice(list(place) if is_object else range(len(place)))
            place = holder[key]
        if holder is None:
            return self._odd(wrong)
        if self._chance.random() < 0.4:
            del holder[key]
        elif isinstance(holder, list) and self._chance.random() < 0.3:
            holder += [place] * 1_000
        else:
            holder[key] = self._odd((*wrong, "\ud83d", "x" * 100_000))
        return value

    def _markup(self, text: str) -> str:
        """Return XML in which one thing is missing, wrong or far too much."""
        tags = list(re.finditer(r"<[^>]+>", text))
        values = list(re.finditer(r"(?<=>)[^<>]+(?=<)", text))
        if not tags:
            return text
        odd: tuple[str, ...] = (
            "",
            "odd",
            "-1",
            "9" * 400,
            "x" * 100_000,
            "\0",
            "&no;",
            "]]>",
            "2199-01-01T00:00:00Z",
        )
        match self._chance.randrange(5):
            case 0:
                one = self._chance.choice(tags)
                return text[: one.start()] + text[one.end() :]
            case 1 if values:
                one = self._chance.choice(values)
                return text[: one.start()] + self._chance.choice(odd) + text[one.end() :]
            case 2:
                one = self._chance.choice(tags)
                return text[: one.start()] + one[0] * 5_000 + text[one.end() :]
            case 3:
                entries = re.findall(r"<entry>.*?</entry>|<record>.*?</record>", text, re.DOTALL)
                one_entry = self._chance.choice(entries or [tags[0][0]])
                return text.replace(one_entry, self._chance.choice(("", one_entry * 50)), 1)
            case _:
                name = self._chance.choice(tags)[0].strip("</>").split()[0]
                return text.replace(f"<{name}", "<odd").replace(f"</{name}", "</odd")


class Between:
    """Servers on the way, that spoil some of the answers."""

    def __init__(self, chance: float, spoiler: Spoiler, random_: random.Random) -> None:
        self.chance = chance
        self.spoilt: Counter[str] = Counter()
        self._spoiler, self._random = spoiler, random_

    @asynccontextmanager
    async def before(
        self, name: str, url: str, spoil: Callable[[str, bytes], tuple[int, bytes]]
    ) -> AsyncIterator[str]:
        """Stand before a server; give the address to ask instead of its own."""
        parts = urlsplit(url)
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as client:

            async def answer(request: web.Request) -> web.StreamResponse:
                sent = {
                    key: request.headers[key]
                    for key in ("Content-Type", "User-Agent")
                    if key in request.headers
                }
                there = f"{parts.scheme}://{parts.netloc}{request.raw_path}"
                body = await request.read()
                try:
                    async with client.request(
                        request.method, there, data=body, headers=sent
                    ) as got:
                        status, headers, body = got.status, {}, await got.read()
                        headers["Content-Type"] = got.headers.get("Content-Type", "text/plain")
                except aiohttp.ClientError:
                    return web.Response(status=502)
                if self._random.random() < self.chance and (status == 200 or name != "Telegram"):
                    self.spoilt[name] += 1
                    status, body = spoil(request.path.rpartition("/")[2], body)
                    headers |= self._spoiler.headers()
                return web.Response(status=status, body=body, headers=headers)

            app = web.Application(client_max_size=64 << 20)
            app.router.add_route("*", "/{any:.*}", answer)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            port = free_port()
            await web.TCPSite(runner, "127.0.0.1", port).start()
            try:
                yield f"{parts.scheme}://127.0.0.1:{port}{parts.path}"
            finally:
                await runner.cleanup()


@asynccontextmanager
async def model() -> AsyncIterator[str]:
    """Serve a language model that says again what it was told; its answers get spoilt as well."""

    async def answer(request: web.Request) -> web.Response:
        question = json.loads(await request.read())
        told = question["messages"][-1]["content"]
        message = {"role": "assistant", "content": told}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}]})

    app = web.Application(client_max_size=64 << 20)
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        await runner.cleanup()


class Crowd:
    """People who follow a topic, ask for all kinds of things and tap what they find."""

    def __init__(self, bed: Bed, chance: random.Random) -> None:
        self._bed, self._chance = bed, chance
        world = bed.telegram.world
        self.people = [world.add_person(f"{WORD} {number}", "en") for number in range(PEOPLE)]
        self.readers = [world.add_person(f"Reader {number}", "en") for number in range(READERS)]
        """They get papers and do nothing, so that what they follow stays as it is."""
        self.group = world.add_group(f"{WORD} group", self.people, admins=self.people[:1])
        self._published = 0

    async def prepare(self) -> None:
        everybody = self.people + self.readers
        for person in everybody:  # a bot can't write first
            self._bed.telegram.send_text(person, person, "hello")
        self._bed.telegram.updates.drop()
        languages, styles = ("en", "zh-CN", "es"), list(PushStyle)
        async with self._bed.database() as database, database.transaction() as session:
            topic = await topics.register(session=session, query=TOPIC)
            topic.backfilled_at = topic.matched_at = utc_now()
            for number, person in enumerate(everybody):
                chat = await chats.register(
                    session=session,
                    telegram_id=person.id,
                    thread_id=0,
                    kind=ChatKind.PRIVATE,
                    now=utc_now(),
                    papers_per_push=100,
                )
                chat.language = languages[number % 3]
                chat.push_style = styles[number % len(styles)]
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label="t"
                )

    async def live(self, seconds: float) -> int:
        """Ask and tap for some seconds; return how often."""
        telegram, number = self._bed.telegram, 0
        telegram.add_bot(self.people[0], self.group)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            number += 1
            await asyncio.sleep(0.1)
            if number % 40 == 0:
                self.publish()
                await self.due()
            person = self._chance.choice(self.people)
            where: ChatRef = self.group if self._chance.random() < 0.2 else person
            shown = [one for one in self._bed.shown(where) if one.buttons]
            if shown and self._chance.random() < 0.4:
                message = self._chance.choice(shown[-20:])
                with suppress(Exception):  # a button that only opens an address
                    telegram.tap(person, message, self._chance.choice(list(message.buttons)))
            elif self._chance.random() < 0.1:
                telegram.ask_inline(person, where, f"{WORD} {number}")
            elif self._chance.random() < 0.1:
                telegram.send_document(person, where, f"{WORD}.md", b"- zyzzyva: t\n")
            else:
                telegram.send_text(person, where, self._words(number))
        return number

    def _words(self, number: int) -> str:
        return self._chance.choice(
            (f"/search {WORD}{number}", "/help", "/topics", "/status", "/digest", "/latest 3",
             "/week", "/saved", "/export", "/settings", "/settings Tokyo", "/taste",
             f"{WORD} {number}",
             f"/subscribe {WORD}{number % 30}", "/language", "2601.00001", f"/unsubscribe {WORD}1"),
        )  # fmt: skip

    def publish(self) -> str:
        """Let arXiv have one more paper on the topic, of this minute; return its title."""
        self._published += 1
        title = f"On the {TOPIC} of number {self._published}"
        moment = utc_now()
        self._bed.arxiv.publish(
            [
                {
                    "id": f"{moment:%y%m}.{50_000 + self._published}",
                    "version": 1,
                    "title": title,
                    "abstract": "We report what was found in experiments. " * 5,
                    "authors": ["Ada Lovelace"],
                    "categories": ["cs.CV"],
                    "published": moment.isoformat(),
                }
            ]
        )
        return title

    async def due(self) -> None:
        """Let everybody's push be due, also of those who had theirs today."""
        due = (
            update(Chat)
            .where(col(Chat.pushing_since).is_(None))
            .values(next_push_at=utc_now(), last_push_on=None)
        )
        # Where the bot writes just now, they are due with the next paper.
        with suppress(SQLAlchemyError, DatabaseUnavailableError):
            async with self._bed.database() as database, database.transaction() as session:
                await session.exec(due)


async def lives_on(bed: Bed, crowd: Crowd, port: int) -> list[str]:
    """Return what does not come any more, now that all answers are right."""
    late: list[str] = []

    async def must(what: str, done: Callable[[], Awaitable[object]]) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while not await done():
            if time.monotonic() > end:
                late.append(what)
                return
            await asyncio.sleep(1)

    stranger = bed.telegram.world.add_person("Stranger", "en")
    try:
        await bed.asked(stranger, "/help", seconds=PATIENCE_SECONDS)
        await bed.asked(stranger, "/search quantum", seconds=PATIENCE_SECONDS)
    except Broken as error:
        late.append(str(error))
    said, engine = len(bed.log), len(bed.libre.calls)
    number = crowd.publish().rpartition(" ")[2]

    async def come() -> bool:
        await crowd.due()
        texts = (" ".join(str(one.text) for one in bed.shown(each)[-40:]) for each in crowd.readers)
        return all(re.search(rf"\b{number}\b", text) for text in texts)

    async def swept() -> bool:
        return any("swept" in line for line in bed.log[said:])

    async def translated() -> bool:
        return len(bed.libre.calls) > engine

    async def healthy() -> bool:
        with suppress(aiohttp.ClientError):
            async with (
                aiohttp.ClientSession() as client,
                client.get(f"http://127.0.0.1:{port}/healthz") as got,
            ):
                return got.status == 200
        return False

    await must("a sweep", swept)
    await must("a translation", translated)
    await must("a new paper to each reader", come)
    await must("health", healthy)
    return late


async def most_memory(bed: Bed) -> float:
    """Look at the bot's memory until cancelled; return the most."""
    most = 0.0
    with suppress(asyncio.CancelledError):
        while True:
            most = max(most, bed.memory)
            await asyncio.sleep(0.5)
    return most


async def started(bed: Bed, settings: dict[str, str]) -> int:
    """Start the bot as a supervisor does, for as often as it takes; return how often it was.

    Where the first question is answered oddly, a start ends with one line that says so.
    """
    for starts in range(1, 51):
        with suppress(Broken):
            await bed.start(before=FAST.format(lease=20) + SOON, **settings)
            return starts
        await bed.stop()
    check(held=False, otherwise="no start of 50 came to work")
    return 50


async def odd_answers(bed: Bed, asked: argparse.Namespace) -> bool:
    chance = random.Random(asked.seed)
    crowd = Crowd(bed, chance)
    await crowd.prepare()
    description = json.loads(asked.description.read_text("utf-8"))
    spoiler = Spoiler(description, chance, crowd.people)
    between = Between(asked.chance, spoiler, chance)
    oai, papers = FakeOai(bed.arxiv), FakeHuggingFace()
    port = free_port()
    async with AsyncExitStack() as stack:
        there = {
            "ARXIV_API_URL": bed.settings["ARXIV_API_URL"],
            "ARXIV_OAI_URL": await oai.start(),
            "CODE_LINKS_URL": await papers.start(),
            "LIBRETRANSLATE_URL": bed.settings["LIBRETRANSLATE_URL"],
            "LLM_API_URL": await stack.enter_async_context(model()),
        }
        stack.push_async_callback(oai.stop)
        stack.push_async_callback(papers.stop)
        settings = {
            name: await stack.enter_async_context(between.before(name, url, spoiler.anything))
            for name, url in there.items()
        }
        settings["TELEGRAM_API_URL"] = await stack.enter_async_context(
            between.before("Telegram", bed.telegram.url, spoiler.telegram)
        )
        settings |= {"TRANSLATORS": "llm,libre", "LLM_MODEL": "m", "METRICS_LISTEN": str(port)}
        settings["SWEEP_SCHEDULE"] = "* * * * *"
        if bed.database_url.startswith("sqlite"):
            settings["BACKUP_DIR"] = str(bed.folder / "backups")
        starts = await started(bed, settings)
        used = bed.cpu_seconds
        most = asyncio.create_task(most_memory(bed))
        steps = await crowd.live(asked.seconds)
        between.chance = 0.0
        most.cancel()
        memory, used = await most, bed.cpu_seconds - used
        late = await lives_on(bed, crowd, port)
        await bed.stop()
    # A refusal that says nothing known is logged as what it seems to be: a mistake of the bot's.
    found = {
        told: many
        for told, many in tracebacks(bed.log).items()
        if "telegram.error.BadRequest" not in told.rpartition("\n")[2]
    }
    words = [line for line in bed.log if WORD in line]
    print(
        f"{between.spoilt.total():,} odd answers ("
        + ", ".join(f"{many:,} {name}" for name, many in between.spoilt.most_common())
        + f") in {asked.seconds:.0f} s, {starts} starts, {steps} steps of {PEOPLE} people;"
        f" afterwards {', '.join(late) or 'nothing'} missing; {sum(found.values())} tracebacks;"
        f" {len(words)} lines with a word of a user of {len(bed.log):,}; memory {memory:.0f} MB at"
        f" most; CPU {used:.0f} s; load {os.getloadavg()[0]:.0f}"
    )
    for told, many in found.items():
        print(f"   {many} times:", told, sep="\n    ")
    for line in words[:5]:
        print("   ", line[:300])
    return not (late or found or words)


async def run(asked: argparse.Namespace) -> bool:
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        server, url = None, f"sqlite:///{Path(name) / 'paperboy.db'}"
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
            url = new_database(server.get_uri(), "odd")
        try:
            async with made(Path(name), url) as bed:
                return await odd_answers(bed, asked)
        finally:
            if server is not None:
                server.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--chance", type=float, default=0.3, help="of an answer to be spoilt")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--description", type=Path, default=DESCRIPTION)
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())

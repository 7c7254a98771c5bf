"""Attacks by servers that answer oddly or never: arXiv, engines, Telegram, name servers."""

import asyncio
import contextlib
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crash import owe
from sqlmodel import col, select, update

from attacks.arxiv import (
    EVERY_MINUTE,
    NO_ANSWER,
    ODD_ANSWERS,
    SOON,
    Behaviour,
    dripping,
    ended,
    follow,
    others_are_answered,
    paper,
    saying,
)
from attacks.bed import Attack, Bed, Broken, attack, check, free_port, new_database, p95
from attacks.database import counted, old_database
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.service import Asked, Reply
from storage import chats, topics
from storage.columns import utc_now
from storage.models import Chat, ChatKind, Topic

HANGING_NAMES = """
import socket, time
real = socket.getaddrinfo
def hang(host, *more, **also):
    if str(host).endswith(".test"):
        time.sleep(3600)
    return real(host, *more, **also)
socket.getaddrinfo = hang
"""
"""The system's resolver never answers for names of one kind."""


async def _untouched(bed: Bed, *arguments: str, **settings: str) -> str:
    """Run a command in a folder with a database and files; Broken where any was changed."""
    kept = {"data/paperboy.db": b"a database", "site/index.html": b"a page", ".env": b""}
    kept |= {"backups/paperboy-2026-01-01.db": b"a backup", "glossaries/zh-CN.csv": b"a,b\n"}
    port = free_port()
    kept[".env"] = (
        "DATABASE_URL=sqlite:///data/paperboy.db\nBACKUP_DIR=backups\nBACKUP_KEEP=1\n"
        f"PUBLISH_DIR=site\nGLOSSARY_DIR=glossaries\nMETRICS_LISTEN={port}\n"
        f"WEBHOOK_URL=https://bot.test/x\nWEBHOOK_LISTEN={port}\nALLOWED_CHATS=5\n"
        "RETENTION_DAYS=90\nSEND_RATE=0.1\nSWEEP_SCHEDULE=0 0 1 1 *\n"
    ).encode()
    for name, content in kept.items():
        place = bed.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(place.write_bytes, content)
    gone = ("TELEGRAM_BOT_TOKEN", "TELEGRAM_API_URL", "DATABASE_URL", "ARXIV_API_URL")
    bed.settings = {name: each for name, each in bed.settings.items() if name not in gone}
    url, bed.database_url = bed.database_url, ""
    try:
        await bed.start(*arguments, **settings)
        await bed.says("Paperboy is running")
        await bed.says("swept")
        is_taken = True
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
        except OSError:
            is_taken = False
        check(not is_taken, "the playground listens where the bot does")
        await bed.stop()
    finally:
        bed.database_url = url
    for name, content in kept.items():
        check((bed.folder / name).read_bytes() == content, f"{name} was changed")
    found = {
        path.relative_to(bed.folder).as_posix()
        for path in bed.folder.rglob("*")
        if path.is_file() and path.name.partition(".db")[0] != "paperboy"
    }
    more = found - kept.keys()
    check(not more, f"files were made: {sorted(more)}")
    return "no file was touched, no port taken"


@attack(1, "`run` without a token beside a full .env")
async def no_token(bed: Bed) -> str:
    return await _untouched(bed, "playground", "--port", "0", TMPDIR=str(bed.folder.parent))


@attack(1, "the playground with a proxy, an address and a key of the bot's in the environment")
async def playground_in_the_environment(bed: Bed) -> str:
    proxy = f"http://127.0.0.1:{free_port()}"
    return await _untouched(
        bed, "playground", "--port", "0", ALL_PROXY=proxy, HTTPS_PROXY=proxy, LLM_API_URL=proxy
    )


@attack(2, "a database whose rows point to nothing, upgraded from each schema and restored")
async def orphans(bed: Bed) -> str:
    if not bed.database_url.startswith("sqlite"):
        return "not with PostgreSQL, which lets no row point to nothing"
    checked = 0
    for number, revision in enumerate(("0001_initial_schema", "0002_own_store", "0004_inbox")):
        file = bed.folder / f"orphans{number}.db"
        bed.database_url = f"sqlite:///{file}"
        await asyncio.to_thread(old_database, bed.database_url, revision, rows=50)
        with contextlib.closing(sqlite3.connect(file)) as raw:
            raw.execute("PRAGMA foreign_keys = OFF")
            raw.execute("UPDATE subscription SET topic_id = 999")
            raw.execute("UPDATE delivery SET chat_id = 999")
            raw.commit()
            names = [
                row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            plain = [one for one in names if not one.startswith(("paper_index", "sqlite", "fresh"))]
            before = {
                one: raw.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0]  # noqa: S608 - ours
                for one in plain
            }
        copy = await asyncio.to_thread(shutil.copy, file, bed.folder / f"copy{number}.db")
        for arguments in ((), ("restore", str(copy), "--force")):
            said = len(bed.log)
            try:
                await bed.start(*arguments)
                await (bed.ended(0) if arguments else bed.stop())
            except Broken:
                await bed.stop()
                told = [line for line in bed.log[said:] if "Traceback" in line]
                check(not told, f"{revision}: a traceback")
            with contextlib.closing(sqlite3.connect(file)) as raw:
                there = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
                lost = [
                    one
                    for one, many in before.items()
                    if one in there
                    and one not in {"inbox", "alembic_version"}
                    and raw.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0] < many  # noqa: S608
                ]
            check(not lost, f"{revision} {arguments}: rows are missing of {lost}")
            checked += 1
    bed.check_log()
    return f"{checked} upgrades and restores, no row is missing"


@attack(2, "restore while the bot is at work, and from a file that is being written")
async def restored_at_work(bed: Bed) -> str:
    if not bed.database_url.startswith("sqlite"):
        return "not with PostgreSQL, whose own tools restore"
    await owe(bed.database_url, bed.telegram, 3)
    await bed.start()
    people = list(bed.telegram.world.people.values())
    await bed.until(lambda: all(map(bed.shown, people)), 90, "nobody was pushed to")
    place = bed.database_url.removeprefix("sqlite:///")
    copy = await asyncio.to_thread(shutil.copy, place, bed.folder / "half.db")
    with open(copy, "r+b") as file:  # noqa: ASYNC230, PTH123 - a file of a megabyte
        file.truncate(100_000)
    bot, reader = bed.process, bed._reader  # noqa: SLF001 - another process beside it
    for backup in (copy, place):
        await bed.start("restore", str(backup), "--force")
        with contextlib.suppress(Broken):
            await bed.ended(1)
    bed.process, bed._reader = bot, reader  # noqa: SLF001
    await bed.asked(people[0], "/help")
    await bed.stop()
    rows = await counted(bed)
    check(rows["delivery"] == 30 and rows["chat"] >= 3, f"rows are missing: {rows}")
    bed.check_log()
    return "refused, and the bot goes on"


@attack(3, "500 wide topics that somebody follows")
async def many_wide_topics(bed: Bed) -> str:
    """What is followed is matched, in bounded memory, while a stranger is answered."""
    bed.arxiv.publish(map(paper, range(2_000)))
    async with bed.database() as database, database.transaction() as session:
        for number in range(20):
            chat = await chats.register(
                session=session,
                telegram_id=900 + number,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=utc_now(),
            )
            for topic_number in range(25):
                query = f"model OR method OR we OR the OR a OR of OR zz{number * 25 + topic_number}"
                topic = await topics.register(session=session, query=query)
                topic.backfilled_at = topic.matched_at = utc_now()
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label="t"
                )
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE)
    stranger = bed.telegram.world.add_person("Stranger")
    waits, largest = [], 0.0
    end = time.monotonic() + 240
    while not bed.logged("swept") or time.monotonic() < end - 200:
        check(time.monotonic() < end, "no sweep came to its end")
        waits.append(await bed.asked(stranger, "/help", seconds=60))
        largest = max(largest, bed.memory)
        await asyncio.sleep(0.7)  # nobody may ask more often than twice a second
    check(largest < 350, f"memory grew to {largest:.0f} MB")
    check(p95(waits) < 1, f"a stranger waited {max(waits):.1f} s, p95 {p95(waits):.1f} s")
    return f"a stranger's p95 is {p95(waits) * 1000:.0f} ms, memory {largest:.0f} MB at most"


@attack(3, "a thousand questions behind the bot's name, and previews of authors")
async def many_other_previews(bed: Bed) -> str:
    bed.arxiv.publish(map(paper, range(1_000)))
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE)
    people = [bed.telegram.world.add_person(f"F{number}") for number in range(10)]
    stranger = bed.telegram.world.add_person("Stranger")
    waits, largest = [await bed.asked(stranger, "/help")], 0.0
    for number in range(1000):
        person = people[number % 10]
        bed.telegram.ask_inline(person, person, f"model OR we OR a{number}")
        if number % 3 == 0:
            bed.telegram.send_text(person, person, f"/search au:Lovelace OR au:zz{number} OR we")
        if number % 50 == 0:
            waits.append(await bed.asked(stranger, "/help", seconds=60))
            largest = max(largest, bed.memory)
    for _each in range(30):
        waits.append(await bed.asked(stranger, "/help", seconds=60))
        largest = max(largest, bed.memory)
        await asyncio.sleep(0.5)
    check(largest < 250, f"memory grew to {largest:.0f} MB")
    check(p95(waits) < 1, f"a stranger waited {max(waits):.1f} s, p95 {p95(waits):.1f} s")
    return f"a stranger's p95 is {p95(waits) * 1000:.0f} ms, memory {largest:.0f} MB at most"


@attack(7, "ids by the hundred and reading lists hold arXiv from all others")
async def ids_and_lists(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE, ARXIV_DELAY_SECONDS="3")
    flooder = telegram.world.add_person("Flooder")
    others = [telegram.world.add_person(f"P{number}") for number in range(3)]
    await bed.asked(others[0], "/help")
    entries = "\n".join(f"@article{{a{n}, eprint={{2401.{n:05}}}}}" for n in range(1, 1900))

    async def flood() -> None:
        for number in range(1_000):
            links = " ".join(f"https://arxiv.org/abs/2301.{number * 9 + n:05}" for n in range(1, 9))
            telegram.send_text(flooder, flooder, links)
            if number % 10 == 0:
                telegram.send_document(flooder, flooder, f"{number}.bib", entries.encode())
                await bed.until(lambda: bed.shown(flooder), 20, "no plan")
                plan = bed.shown(flooder)[-1]
                if plan.buttons:
                    with contextlib.suppress(LookupError):
                        telegram.tap(flooder, plan, plan.buttons[0])
            await asyncio.sleep(0.5)

    return await others_are_answered(bed, others, flood(), head_start=12)


@attack(7, "one user's new topics and buttons for more hold arXiv from all others")
async def topics_and_more(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE, ARXIV_DELAY_SECONDS="3")
    flooder = telegram.world.add_person("Flooder")
    content = "".join(f'[[topic]]\nquery = "flooding{n} OR zz{n}"\n' for n in range(150))
    await bed.asked(flooder, "/help")
    seen = len(bed.shown(flooder))
    telegram.send_document(flooder, flooder, "a.toml", content.encode())
    await bed.until(lambda: len(bed.shown(flooder)) > seen, 30, "no plan was shown")
    await asyncio.sleep(1)
    plan = bed.shown(flooder)[-1]
    telegram.tap(flooder, plan, plan.buttons[0])
    await asyncio.sleep(15)
    others = [telegram.world.add_person(f"P{number}") for number in range(3)]
    said, began = len(bed.log), time.monotonic()
    for number, person in enumerate(others):
        telegram.send_text(person, person, f"/search other{number}")
    answers = [await ended(bed, person, 90) for person in others]
    took = time.monotonic() - began
    for message in answers:
        check(not any(words in message.text for words in NO_ANSWER), message.text[:100])
    await bed.says("swept", since=said, seconds=90)
    return f"three others had arXiv's answer within {took:.0f} s, and a sweep came"


@asynccontextmanager
async def _server(behave: Behaviour) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # It is cancelled at the attack's end, which asyncio would call a failure of the server's.
        over = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*over):
            await reader.readuntil(b"\r\n\r\n")
            await behave(writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


JSON_DEEP = b'{"translatedText": ' + b"[" * 100_000
ENGINE_ANSWERS = {
    **{name: odd for name, odd in ODD_ANSWERS.items() if "entr" not in name},
    "a deep answer": saying(JSON_DEEP),
    "endless spaces": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 100_000),
    "a redirect to itself": dripping(
        b"HTTP/1.1 302 Found\r\nLocation: /translate\r\nContent-Length: 0\r\n\r\n", b""
    ),
}


@attack(14, "engines, an index of code links and a model that drip or have no end")
async def odd_engines(bed: Bed) -> str:
    """Push to readers of Chinese while every other server answers in each odd way."""
    telegram = bed.telegram
    longest = 0.0
    for number, (name, odd) in enumerate(ENGINE_ANSWERS.items()):
        async with _server(odd) as url:
            file = bed.folder / f"odd{number}.db"
            if bed.database_url.startswith("sqlite"):
                bed.database_url = f"sqlite:///{file}"
            else:
                bed.database_url = new_database(bed.database_url, f"odd{number}")
            telegram.world.people.clear()
            await bed.prepare()
            await owe(bed.database_url, telegram, 3)
            telegram.updates.drop()
            async with bed.database() as database, database.transaction() as session:
                await session.exec(update(Chat).values(language="zh-CN"))
            people = list(telegram.world.people.values())
            before = {person.id: len(bed.shown(person)) for person in people}
            await bed.start(
                TRANSLATORS="libre,llm",
                LIBRETRANSLATE_URL=url,
                LLM_API_URL=f"{url}/v1",
                LLM_MODEL="m",
                CODE_LINKS_URL=f"{url}/papers",
            )
            began = time.monotonic()
            await bed.until(
                lambda: all(len(bed.shown(one)) > before[one.id] for one in people),  # noqa: B023
                240,
                f"{name}: a push did not come in 240 s",
            )
            longest = max(longest, time.monotonic() - began)
            took = await bed.asked(people[0], "/help")
            check(took < 2, f"{name}: an answer took {took:.1f} s")
            check(bed.memory < 250, f"{name}: memory {bed.memory:.0f} MB")
            took = await bed.stop()
            check(took < 6, f"{name}: the stop took {took:.1f} s")
    bed.check_log()
    return f"{len(ENGINE_ANSWERS)} ways, pushes came within {longest:.0f} s"


@attack(14, "a name server that never answers, for engines and for arXiv")
async def hanging_names(bed: Bed) -> str:
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 3)
    telegram.updates.drop()
    async with bed.database() as database, database.transaction() as session:
        await session.exec(update(Chat).values(language="zh-CN"))
    people = list(telegram.world.people.values())
    await bed.start(
        before=HANGING_NAMES + SOON,
        TRANSLATORS="libre,llm",
        LIBRETRANSLATE_URL="http://libre.test:5000",
        LLM_API_URL="http://model.test/v1",
        LLM_MODEL="m",
        CODE_LINKS_URL="http://links.test/papers",
        ARXIV_API_URL="http://arxiv.test/api/query",
        SWEEP_SCHEDULE=EVERY_MINUTE,
    )
    waits = []
    for number in range(20):
        telegram.send_text(people[0], people[0], f"/search hanging{number}")
        waits.append(await bed.asked(people[1], "/help", seconds=40))
        await asyncio.sleep(0.5)
    check(p95(waits) < 2, f"an answer took {max(waits):.1f} s")
    await bed.until(lambda: all(map(bed.shown, people)), 200, "a push did not come")
    await asyncio.sleep(5)
    threads = bed.threads
    check(threads < 100, f"{threads} threads")
    took = await bed.stop()
    check(took < 6, f"the stop took {took:.1f} s")
    bed.check_log("hanging")
    return (
        f"answers in {p95(waits) * 1000:.0f} ms (p95), {threads} threads, stopped in {took:.1f} s"
    )


@attack(14, "a Telegram that drips, redirects, or answers with pages and bombs")
async def odd_telegram(bed: Bed) -> str:
    """Put a server between that answers each question for updates in another odd way."""
    host, port = bed.telegram.url.removeprefix("http://").split(":")
    odd = [one for name, one in ODD_ANSWERS.items() if "entr" not in name]
    odd += map(
        saying,
        (
            b"<html>hotel</html>",
            b'{"ok": true}',
            b'{"ok": true, "result": 5}',
            b'{"ok": false, "error_code": "x", "description": null}',
            *(
                b'{"ok": false, "error_code": 429, "description": "x",'
                b' "parameters": {"retry_after": %s}}' % wait
                for wait in (b"1e99", b"-5", b'"x"', b"null")
            ),
        ),
    )
    left = list(odd)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            there, back = await asyncio.open_connection(host, int(port))
            head = await reader.readuntil(b"\r\n\r\n")
            if left and b"/getUpdates" in head.partition(b"\r\n")[0] and is_on:
                is_on.clear()
                await left.pop()(writer)
                writer.close()
                return
            # Each question comes by a connection of its own.
            back.write(head[:-2] + b"Connection: close\r\n\r\n")

            async def pipe() -> None:
                while some := await reader.read(1 << 16):
                    back.write(some)
                back.close()

            piping = asyncio.create_task(pipe())
            while some := await there.read(1 << 16):
                writer.write(some)
            piping.cancel()
        writer.close()

    is_on: list[bool] = []
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    quick = """
from bot.runtime import polling
from bot.telegram import http_transport
polling.LONG_POLL_SECONDS, polling.ANSWER_SECONDS = 1, 2
# A deadline of five seconds, and not of a minute and a half.
http_transport._sum = lambda *seconds: 5.0
"""
    try:
        await bed.start(before=quick, TELEGRAM_API_URL=url)
        person = bed.telegram.world.add_person("Reader")
        await bed.asked(person, "/help")
        for _each in range(200):
            is_on.append(True)  # one odd answer a question
            await bed.asked(person, "/help", seconds=90)
            if not left:
                break
            await asyncio.sleep(0.3)
        took = await bed.stop()
        check(took < 6, f"the stop took {took:.1f} s")
    finally:
        server.close()
    bed.check_log()
    return f"{len(odd) - len(left)} odd answers, all questions answered, stopped in {took:.1f} s"


def _refusing(bed: Bed, over: ArxivFault) -> None:
    reply = bed.arxiv.reply

    def strict(asked: Asked, fault: ArxivFault | None) -> Reply:
        query = asked.arguments.get("search_query", "")
        return reply(asked, over if "flawed" in query else fault)

    bed.arxiv.reply = strict  # type: ignore[method-assign]


async def _others_get_their_past(bed: Bed, fault: ArxivFault) -> str:
    _refusing(bed, fault)
    hostile, ada = (bed.telegram.world.add_person(name) for name in ("Hostile", "Ada"))
    await bed.start(before=SOON, SWEEP_SCHEDULE=EVERY_MINUTE)
    for number in range(4):
        await follow(bed, hostile, f"flawed{number}")
    await follow(bed, ada, "diffusion")
    end = time.monotonic() + 200
    while True:
        async with bed.database() as database, database.reading() as session:
            found = await session.exec(select(Topic).where(col(Topic.query) == "diffusion"))
            topic = found.first()
        if topic is not None and topic.backfilled_at is not None:
            break
        check(time.monotonic() < end, "another's new topic has no past")
        await asyncio.sleep(1)
    bed.check_log("flawed")
    return "another's new topic has its past"


@attack(15, "queries over which arXiv fails with 500")
async def failing_queries(bed: Bed) -> str:
    return await _others_get_their_past(bed, ArxivFault.BROKEN)


@attack(15, "queries over which arXiv never answers")
async def silent_queries(bed: Bed) -> str:
    return await _others_get_their_past(bed, ArxivFault.HANG)


@attack(15, "queries that arXiv answers with a page for people")
async def paged_queries(bed: Bed) -> str:
    return await _others_get_their_past(bed, ArxivFault.HTML)


ATTACKS: tuple[Attack, ...] = (
    no_token,
    playground_in_the_environment,
    orphans,
    restored_at_work,
    many_wide_topics,
    many_other_previews,
    ids_and_lists,
    topics_and_more,
    odd_engines,
    hanging_names,
    odd_telegram,
    failing_queries,
    silent_queries,
    paged_queries,
)

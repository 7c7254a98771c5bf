"""Attacks by way of arXiv: searches by the hundred, queries that it refuses, odd answers."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from attacks.bed import Attack, Bed, attack, check, p95
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.service import Asked, Reply
from bot.playground.telegram.world import ChatRef, Message, Person
from storage.models import Topic

EVERY_MINUTE = "* * * * *"
SEARCHES, ACCOUNTS, PAPERS = 300, 5, 3_000
SECONDS = 75
MOST_BYTES = 4000
"""Of a question, which arXiv takes with a request line of 4,094 bytes."""
NO_ANSWER = ("not answering", "isn't answering")

SOON = """
from bot.arxiv import transport
transport._SLOWEST_ANSWER = 0.05
"""
"""A deadline of three seconds, and not of four minutes."""


async def ended(bed: Bed, person: Person, seconds: float) -> Message:
    """Wait until a search says what arXiv has."""

    def last() -> Message | None:
        shown = bed.shown(person)
        return shown[-1] if shown and "🔎" not in shown[-1].text else None

    await bed.until(last, seconds, f"a search of {person.first_name}'s has no end")
    ended = last()
    assert ended is not None
    return ended


async def others_are_answered(
    bed: Bed, others: list[Person], flood: Coroutine[Any, Any, None], *, head_start: float
) -> str:
    """Let one person flood arXiv, and see that others' searches and a sweep are answered."""
    flooding = asyncio.create_task(flood)
    try:
        await asyncio.sleep(head_start)
        said, began = len(bed.log), time.monotonic()
        for number, person in enumerate(others):
            bed.telegram.send_text(person, person, f"/search other{number}")
        answers = [await ended(bed, person, 90) for person in others]
        took = time.monotonic() - began
        for message in answers:
            check(not any(words in message.text for words in NO_ANSWER), message.text[:100])
        await bed.says("swept", since=said, seconds=90)
    finally:
        flooding.cancel()
    return f"{len(others)} others had arXiv's answer within {took:.0f} s, and a sweep came"


def paper(number: int) -> dict[str, Any]:
    moment = datetime.now(UTC) - timedelta(hours=1, seconds=10 * number)
    return {
        "id": f"{moment:%y%m}.{number:05}",
        "version": 1,
        "title": f"A method for the model of {number}",
        "abstract": f"We give a method, and in the zz{number % 300} of a model we or the others. "
        * 9,
        "authors": ["Ada Lovelace"],
        "categories": ["cs.CV"],
        "published": moment.isoformat(),
    }


@attack(3, "previews that nobody follows are matched and stored by the next sweep")
async def many_previews(bed: Bed) -> str:
    """Search for 300 wide queries from five accounts, and let sweeps come."""
    telegram = bed.telegram
    bed.arxiv.publish(map(paper, range(PAPERS)))
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE)
    stranger = telegram.world.add_person("Stranger")
    await bed.asked(stranger, "/help")
    flooders = [telegram.world.add_person(f"Flooder {number}") for number in range(ACCOUNTS)]
    waits, largest, said = [], 0.0, len(bed.log)
    swept = 0
    for number in range(SEARCHES):
        words = f"/search model OR method OR we OR the OR a OR of OR zz{number}"
        telegram.send_text(flooders[number % ACCOUNTS], flooders[number % ACCOUNTS], words)
    seconds = bed.stopwatch()
    while seconds() < SECONDS or swept < 1:
        check(seconds() < 2 * SECONDS, "no sweep came")
        waits.append(await bed.asked(stranger, "/help", seconds=60))
        largest = max(largest, bed.memory)
        swept = sum("swept" in line for line in bed.log[said:])
        await asyncio.sleep(0.5)
    check(largest < 250, f"memory grew to {largest:.0f} MB")
    check(p95(waits) < 1, f"a stranger waited {max(waits):.1f} s")
    bed.check_log("zz1")
    return f"a stranger's p95 is {p95(waits) * 1000:.0f} ms, memory {largest:.0f} MB at most"


@attack(7, "one user's searches keep arXiv from all others")
async def searches_at_the_allowed_rate(bed: Bed) -> str:
    """Search twice a second at arXiv's real pace; let six others search, and sweeps come."""
    telegram = bed.telegram
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE, ARXIV_DELAY_SECONDS="3")
    flooder = telegram.world.add_person("Flooder")
    groups = [
        telegram.world.add_group(f"G{number}", [flooder], admins=[flooder]) for number in range(3)
    ]
    for group in groups:
        telegram.add_bot(flooder, group)
    others = [telegram.world.add_person(f"P{number}") for number in range(6)]
    await bed.asked(others[0], "/help")

    async def flood() -> None:
        number = 0
        places: list[ChatRef] = [flooder, *groups]
        while True:
            number += 1
            where = places[number % 4]
            telegram.send_text(flooder, where, f"/search flooding{number}")
            await asyncio.sleep(0.5)

    return await others_are_answered(bed, others, flood(), head_start=10)


@attack(13, "queries of users in the log when arXiv hiccups")
async def hiccups(bed: Bed) -> str:
    """Let arXiv answer in each wrong way while people look for something."""
    await bed.start(before=SOON, SWEEP_SCHEDULE=EVERY_MINUTE)
    person = bed.telegram.world.add_person("Reader")
    faults = [one for one in ArxivFault if one not in {ArxivFault.HANG, ArxivFault.SLOW}]
    for number, fault in enumerate(faults):
        bed.arxiv.faults.clear()
        bed.arxiv.faults.always(fault)
        await bed.asked(person, f'/search ti:"zyzzyva private" AND au:secretname{number}')
        await asyncio.sleep(1)
    bed.arxiv.faults.clear()
    await asyncio.sleep(3)
    bed.check_log("zyzzyva", "secretname")
    return f"{len(faults)} kinds of trouble, no word of a query in {len(bed.log)} lines at DEBUG"


Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


def dripping(head: bytes, piece: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.05)

    return behave


def saying(body: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/atom+xml\r\n"
        writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()

    return behave


FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">'
ODD_ANSWERS: dict[str, Behaviour] = {
    "headers that drip": dripping(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "endless 100 Continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a chunk's length that drips": dripping(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"
    ),
    "a body that drips": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "80,000 beginnings of an entry": saying(FEED + b"<entry " * 80_000),
    "an entry without a bottom": saying(FEED + b"<entry>" + b"<a>" * 100_000),
    "a million attributes": saying(FEED + b"<entry " + b'a="" ' * 1_000_000 + b"/></feed>"),
    "a gzip bomb's head": dripping(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08", b"\x00"
    ),
}


@asynccontextmanager
async def _odd(bed: Bed, behave: list[Behaviour]) -> AsyncIterator[str]:
    """Give an address where the last behaviour of a list answers, or arXiv where there is none."""
    host, _, port = (
        bed.settings["ARXIV_API_URL"].removeprefix("http://").partition("/")[0].partition(":")
    )

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # It is cancelled at the attack's end, which asyncio would call a failure of the server's.
        over = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*over):
            head = await reader.readuntil(b"\r\n\r\n")
            if behave:
                await behave[-1](writer)
            else:
                there, back = await asyncio.open_connection(host, int(port))
                back.write(head.replace(b"keep-alive", b"close"))
                while some := await there.read(1 << 16):
                    writer.write(some)
                back.close()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        path = bed.settings["ARXIV_API_URL"].partition(port)[2]
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}"
    finally:
        server.close()


@attack(14, "an answer that drips or has no end holds arXiv's thread")
async def odd_answers(bed: Bed) -> str:
    """Answer a search in each odd way, then another as arXiv does."""
    behave: list[Behaviour] = []
    async with _odd(bed, behave) as url:
        await bed.start(before=SOON, ARXIV_API_URL=url)
        longest = 0.0
        for number, (name, odd) in enumerate(ODD_ANSWERS.items()):
            person = bed.telegram.world.add_person(f"P{number}")
            behave.append(odd)
            await bed.asked(person, f"/search odd{number}")
            await asyncio.sleep(1.5)
            behave.clear()
            other = bed.telegram.world.add_person(f"Q{number}")
            began = time.monotonic()
            await bed.asked(other, f"/search other{number}")
            text = (await ended(bed, other, 60)).text
            longest = max(longest, time.monotonic() - began)
            failed = any(words in text for words in NO_ANSWER)
            check(not failed, f"after {name}: {text[:80]!r}")
        check(longest < 20, f"the next question waited {longest:.0f} s")
    bed.check_log()
    return f"{len(ODD_ANSWERS)} ways, the next question waits {longest:.0f} s at most"


@attack(15, "a query that arXiv refuses blocks everybody's new topics")
async def refused_queries(bed: Bed) -> str:
    """Follow 486 Chinese characters and what arXiv refuses; let another follow something new."""
    reply = bed.arxiv.reply

    def strict(asked: Asked, fault: ArxivFault | None) -> Reply:
        query = asked.arguments.get("search_query", "")
        refused = "flawed" in query or len(query.encode()) > MOST_BYTES
        return reply(asked, ArxivFault.ERROR_ENTRY if refused else fault)

    bed.arxiv.reply = strict  # type: ignore[method-assign]
    hostile, ada = (bed.telegram.world.add_person(name) for name in ("Hostile", "Ada"))
    await bed.start(SWEEP_SCHEDULE=EVERY_MINUTE)
    long = "".join(chr(0x4E00 + number) for number in range(486))
    for query in ("flawed", long, "flawed OR quantum"):
        await follow(bed, hostile, query)
    await follow(bed, ada, "diffusion")

    async def filled() -> bool:
        async with bed.database() as database, database.reading() as session:
            found = await session.exec(select(Topic).where(col(Topic.query) == "diffusion"))
            topic = found.first()
            return topic is not None and topic.backfilled_at is not None

    end = time.monotonic() + 150
    while not await filled():
        check(time.monotonic() < end, "another's new topic has no past")
        await asyncio.sleep(1)
    bed.check_log("flawed", long[:20])
    return "another's new topic has its past"


async def follow(bed: Bed, person: Person, query: str) -> None:
    await bed.asked(person, query)
    await asyncio.sleep(1)
    shown = bed.shown(person)[-1]
    button = next((one for one in shown.buttons if "Follow" in one), None)
    check(button, f"no button follows {query[:20]}: {shown.text[:80]}")
    bed.telegram.tap(person, shown, str(button))
    await asyncio.sleep(1)


ATTACKS: tuple[Attack, ...] = (
    many_previews,
    searches_at_the_allowed_rate,
    hiccups,
    odd_answers,
    refused_queries,
)

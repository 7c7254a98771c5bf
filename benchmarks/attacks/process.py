"""Attacks on the process: its clock, its ports, its stops, its health."""

import asyncio
import signal
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
from crash import owe
from sqlmodel import select

from attacks.bed import Attack, Bed, Broken, attack, check, free_port
from bot.playground.telegram.faults import hang
from storage.columns import utc_now
from storage.models import Chat

WRONG_CLOCK = """
import os, threading, time
import time_machine
def turn():
    while True:
        time.sleep(0.2)
        if os.path.exists("wrong"):
            with open("wrong") as file:
                wrong = time_machine.travel(time.time() + float(file.read()), tick=True)
            wrong.start()
            while os.path.exists("wrong"):
                time.sleep(0.2)
            wrong.stop()
threading.Thread(target=turn, daemon=True).start()
"""
"""The wall clock is wrong by what a file says, for as long as it is there."""

DAY = 86_400

NOBODY_ASKS = """
import asyncio
from bot.runtime import polling
polling.ASIDE_SECONDS = 1.0
async def never(self):
    await asyncio.sleep(3600)
polling.Polling._take = never
"""


@attack(16, "a minute a year ahead, and no push for a year")
async def wrong_clock(bed: Bed) -> str:
    """Set the clock a year ahead until everybody was pushed to, and then back."""
    await owe(bed.database_url, bed.telegram, 3)
    await bed.start(before=WRONG_CLOCK)
    ahead = set_clock(bed, 365 * DAY)
    await bed.says("the clock jumped")
    people = list(bed.telegram.world.people.values())
    await bed.until(lambda: all(bed.shown(person) for person in people), 90, "nobody was pushed to")
    await asyncio.sleep(2)  # the pushes are planned now
    said = len(bed.log)
    ahead.unlink()
    await bed.says("the clock jumped", since=said)
    await asyncio.sleep(2)
    async with bed.database() as database, database.reading() as session:
        planned = [chat.next_push_at for chat in (await session.exec(select(Chat))).all()]
    latest = max(planned) - utc_now()
    check(latest < timedelta(days=2), f"the next push is {latest.days} days ahead")
    return f"the next push comes in {latest.total_seconds() / 3600:.0f} h"


@attack(16, "the clock an hour back, and no sweep for an hour")
async def clock_an_hour_back(bed: Bed) -> str:
    """Set the clock an hour, then a day back while there is a sweep a minute; owe papers."""
    await owe(bed.database_url, bed.telegram, 3)
    await bed.start(before=WRONG_CLOCK, SWEEP_SCHEDULE="* * * * *")
    await bed.says("swept", seconds=90)
    people = list(bed.telegram.world.people.values())
    await bed.until(lambda: all(bed.shown(person) for person in people), 90, "nobody was pushed to")
    for seconds in (-3600, -DAY):
        said = len(bed.log)
        back = set_clock(bed, seconds)
        await bed.says("the clock jumped", since=said)
        said = len(bed.log)
        await bed.says("swept", since=said, seconds=100)
        person = bed.telegram.world.add_person("Reader")
        await bed.asked(person, "/help")
        said = len(bed.log)
        back.unlink()
        await bed.says("the clock jumped", since=said)
    return "the next sweep comes within 100 s, both times"


def set_clock(bed: Bed, seconds: float) -> Path:
    """Let the bot's wall clock be wrong; right again once the file that is returned is gone."""
    made, wrong = bed.folder / "made", bed.folder / "wrong"
    made.write_text(str(seconds))
    return made.rename(wrong)


@attack(18, "idle connections and large bodies at METRICS_LISTEN")
async def crowded_port(bed: Bed) -> str:
    """Open 1,100 connections that say nothing, then post 100 MB."""
    port = free_port()
    await bed.start(METRICS_LISTEN=str(port))
    person = bed.telegram.world.add_person("Reader")
    before, said = bed.memory, len(bed.log)
    idle = []
    for _each in range(1100):
        with suppress(OSError):
            idle.append(await asyncio.open_connection("127.0.0.1", port))
    took = await bed.asked(person, "/help")
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        health = await client.get("/healthz")
        check(health.status_code == 200, f"/healthz says {health.status_code}")
        with suppress(httpx.HTTPError):
            await client.post("/metrics", content=b"x" * 100_000_000)
    for _reader, writer in idle:
        writer.close()
    grown = bed.memory - before
    check(grown < 40, f"memory grew by {grown:.0f} MB")
    check(took < 2, f"an answer took {took:.1f} s")
    lines = len(bed.log) - said
    check(lines < 50, f"{lines} lines of log")
    return f"an answer in {took * 1000:.0f} ms, {lines} lines of log, memory +{grown:.0f} MB"


@attack(18, "a stranger's bodies at the webhook")
async def stranger_at_the_webhook(bed: Bed) -> str:
    """Begin 150 posts of a megabyte without the secret."""
    port = free_port()
    await bed.start(WEBHOOK_URL=f"http://127.0.0.1:{port}/x", WEBHOOK_LISTEN=str(port))
    await bed.says("Telegram posts its updates")
    before = bed.memory
    writers = []
    for _each in range(150):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        writer.write(b"x" * 900_000)
        writers.append((reader, writer))
    person = bed.telegram.world.add_person("Reader")
    took = await bed.asked(person, "/help")
    grown = bed.memory - before
    for _reader, writer in writers:
        writer.close()
    check(grown < 40, f"memory grew by {grown:.0f} MB")
    return f"an answer in {took * 1000:.0f} ms, memory +{grown:.0f} MB"


async def _stopped_with_commands_in_hand(bed: Bed, told: signal.Signals) -> str:
    telegram = bed.telegram
    crowd = [telegram.world.add_person(f"P{number}") for number in range(30)]
    await bed.start()
    telegram.faults.always(hang(), method="sendMessage")
    for number, person in enumerate(crowd):
        telegram.send_text(person, person, "/search diffusion" if number % 2 else "/help")
    await bed.until(lambda: len(telegram.calls_to("sendMessage")) >= 20, 30, "nothing was begun")
    took = await bed.stop(told)
    check(took < 6, f"the stop took {took:.1f} s")
    telegram.faults.clear()
    await bed.start()
    with suppress(Broken):
        await bed.until(lambda: all(map(bed.shown, crowd)), 30, "")
    silent = sum(not bed.shown(person) for person in crowd)
    check(not silent, f"{silent} of 30 were never answered")
    await bed.until(
        lambda: not any("🔎" in bed.shown(person)[-1].text for person in crowd),
        60,
        "some still say that they look",
    )
    return f"stopped in {took:.1f} s, 30 of 30 answered"


@attack(19, "commands lost at a stop (SIGTERM)")
async def told_to_stop(bed: Bed) -> str:
    return await _stopped_with_commands_in_hand(bed, signal.SIGTERM)


@attack(19, "commands lost at a stop (kill -9)")
async def killed(bed: Bed) -> str:
    return await _stopped_with_commands_in_hand(bed, signal.SIGKILL)


def papers_shown(bed: Bed) -> Counter[tuple[int, str]]:
    """Return which papers were sent to whom, and how often."""
    return Counter(
        (person.id, url.rpartition("/")[2])
        for person in bed.telegram.world.people.values()
        for message in bed.shown(person)
        for entity in message.formatted.entities
        if "/pdf/" in (url := str(entity.as_json().get("url")))
    )


@attack(20, "SIGTERM during a push repeats messages")
async def stopped_while_pushing(bed: Bed) -> str:
    """Stop four times in a push of 25 a second over a network of 0.3 s."""
    owed = await owe(bed.database_url, bed.telegram, 300)
    bed.telegram.updates.drop()
    bed.telegram.service.latency = 0.3

    async def began(messages: int) -> None:
        await bed.until(
            lambda: len(bed.telegram.calls_to("sendMessage")) > messages, 90, "no push began"
        )

    longest, stops = 0.0, 0
    for _each in range(4):
        await bed.start()
        before = len(bed.telegram.calls_to("sendMessage"))
        await began(before + 15)
        longest = max(longest, await bed.stop())
        stops += 1
    await bed.start()
    with suppress(Broken):  # what is missing is counted below
        await bed.until(lambda: len(papers_shown(bed)) >= len(owed), 120, "")
    await asyncio.sleep(3)
    shown = papers_shown(bed)
    repeated, lost = shown.total() - len(shown), len(owed - set(shown))
    check(not repeated, f"{repeated} papers were repeated over {stops} stops")
    check(not lost, f"{lost} papers were lost")
    check(longest < 5, f"a stop took {longest:.1f} s")
    return f"{len(owed)} papers, {stops} stops of {longest:.1f} s at most, 0 repeats"


@attack(21, "a bot that does nothing and says that it is well")
async def looks_healthy(bed: Bed) -> str:
    port = free_port()
    await bed.start(METRICS_LISTEN=str(port), before=NOBODY_ASKS)
    answer = 200
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        for _each in range(20):
            answer = (await client.get("/healthz")).status_code
            if answer != 200:
                break
            await asyncio.sleep(0.5)
    check(answer == 503, f"/healthz says {answer} while nobody asks for updates")
    return "/healthz says 503"


ATTACKS: tuple[Attack, ...] = (
    wrong_clock,
    clock_an_hour_back,
    crowded_port,
    stranger_at_the_webhook,
    told_to_stop,
    killed,
    stopped_while_pushing,
    looks_healthy,
)

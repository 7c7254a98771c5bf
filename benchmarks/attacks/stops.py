"""Attacks on stops and starts: commands and pushes cut short, clocks years off, jobs that hang."""

import asyncio
import contextlib
import json
import signal
import time
from collections import Counter
from datetime import timedelta

import httpx
from crash import owe
from sqlalchemy import text
from sqlmodel import select

from attacks.bed import Attack, Bed, Broken, attack, check, free_port
from attacks.process import DAY, WRONG_CLOCK, set_clock
from bot.playground.telegram.faults import flood, hang, refuse, server_error
from bot.playground.telegram.world import Person
from storage import admin, chats
from storage.columns import utc_now
from storage.models import Chat, ChatKind, PushStyle
from storage.push_times import next_push_at
from storage.week_models import WeekNote

HEALTH_SOON = """
from bot.runtime import jobs, polling, pulse
jobs.LATE_SECONDS = 5.0
polling.ASIDE_SECONDS = 3.0
"""


async def _come_and_gone(bed: Bed, seconds: float, *, tells: bool) -> float:
    """Let the clock be wrong until pushes came, and then right; return when the next come, in s."""
    await owe(bed.database_url, bed.telegram, 3)
    await bed.start(before=WRONG_CLOCK, SWEEP_SCHEDULE="* * * * *")
    people = list(bed.telegram.world.people.values())
    await bed.until(lambda: all(map(bed.shown, people)), 90, "nobody was pushed to")
    if not tells:
        async with bed.database() as database, database.transaction() as session:
            await session.execute(text("UPDATE chat SET last_push_on = NULL"))
    # Just before a minute ends, when each job is about to come.
    await asyncio.sleep((57 - time.time()) % 60)
    said = len(bed.log)
    wrong = set_clock(bed, seconds)
    await bed.says("the clock jumped", since=said, seconds=20)
    person = bed.telegram.world.add_person("Reader")
    took = await bed.asked(person, "/help")
    check(took < 3, f"an answer took {took:.1f} s while the clock was wrong")
    await bed.says("swept", since=said, seconds=100)
    said = len(bed.log)
    wrong.unlink()
    await bed.says("the clock jumped", since=said, seconds=20)
    await bed.says("swept", since=said, seconds=100)
    await asyncio.sleep(3)
    async with bed.database() as database, database.reading() as session:
        known = (await session.exec(select(Chat))).all()
    ahead = []
    for chat in known:
        soonest = next_push_at(
            after=utc_now(),
            timezone=chat.timezone,
            push_time=chat.push_time,
            weekdays=chat.weekdays,
            last_push_on=chat.last_push_on,
        )
        ahead.append((chat.next_push_at - max(soonest, utc_now())).total_seconds())
    check(max(ahead) < DAY + 60, f"a push comes {max(ahead) / DAY:.1f} days later than it should")
    bed.check_log()
    return max(ahead)


@attack(16, "the clock 70 years ahead, at the end of a minute")
async def seventy_years(bed: Bed) -> str:
    await _come_and_gone(bed, 70 * 365 * DAY, tells=True)
    return "noticed within 20 s, answered and swept meanwhile; pushes come when they should"


@attack(16, "the clock ten days ahead, for chats that had no news")
async def ten_days(bed: Bed) -> str:
    await _come_and_gone(bed, 10 * DAY, tells=False)
    return "noticed within 20 s, answered and swept meanwhile; pushes come when they should"


@attack(16, "the clock back to 1970, as a machine without a battery starts")
async def epoch(bed: Bed) -> str:
    await owe(bed.database_url, bed.telegram, 3)
    (bed.folder / "wrong").write_text(str(-time.time() + DAY))
    await bed.start(before=WRONG_CLOCK, SWEEP_SCHEDULE="* * * * *")
    person = bed.telegram.world.add_person("Reader")
    await asyncio.sleep(2)
    await bed.asked(person, "/help")
    said = len(bed.log)
    (bed.folder / "wrong").unlink()
    await bed.says("the clock jumped", since=said, seconds=20)
    await bed.says("swept", since=said, seconds=130)
    people = [one for one in bed.telegram.world.people.values() if one is not person]
    await bed.until(lambda: all(map(bed.shown, people)), 100, "nobody was pushed to")
    return "noticed, swept and pushed once it was right"


@attack(18, "clients that ask and never read, heads without end, bodies in endless chunks")
async def rude_clients(bed: Bed) -> str:
    port = free_port()
    await bed.start(METRICS_LISTEN=str(port))
    person = bed.telegram.world.add_person("Reader")
    await bed.asked(person, "/help")
    before, said = bed.memory, len(bed.log)
    rude = [
        b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 2_000,
        b"GET /metrics HTTP/1.1\r\n" + b"X-A: b\r\n" * 200_000,
        b"GET /" + b"x" * 2_000_000,
        b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n"
        + b"x" * 0x10000
        + b"\r\n" * 50,
        b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 1000,
        b"GET http://other.test/metrics HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    ]
    writers = []
    for number in range(140):
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(rude[number % len(rude)])
            writers.append(writer)
    waits = [await bed.asked(person, "/help") for _each in range(10)]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        health = await client.get("/healthz")
        check(health.status_code == 200, f"/healthz says {health.status_code}")
    grown = bed.memory - before
    for writer in writers:
        writer.close()
    check(grown < 60, f"memory grew by {grown:.0f} MB")
    check(max(waits) < 2, f"an answer took {max(waits):.1f} s")
    lines = len(bed.log) - said
    check(lines < 50, f"{lines} lines of log: {bed.log[-1][:200]}")
    return f"answers in {max(waits) * 1000:.0f} ms, {lines} lines of log, memory +{grown:.0f} MB"


@attack(18, "500 connections that drip at the webhook, with a wrong secret and without")
async def dripping_posts(bed: Bed) -> str:
    port = free_port()
    await bed.start(WEBHOOK_URL=f"http://127.0.0.1:{port}/x", WEBHOOK_LISTEN=str(port))
    await bed.says("Telegram posts its updates")
    before, said = bed.memory, len(bed.log)
    writers = []
    for number in range(500):
        with contextlib.suppress(OSError):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            secret = b"X-Telegram-Bot-Api-Secret-Token: wrong\r\n" if number % 2 else b""
            head = b"POST /x HTTP/1.1\r\nHost: x\r\n" + secret
            writer.write(head + b"Content-Length: 100000\r\n\r\n" if number % 3 else head)
            writers.append(writer)

    async def drip() -> None:
        while True:
            for writer in writers:
                with contextlib.suppress(OSError):
                    writer.write(b"x")
            await asyncio.sleep(0.5)

    dripping = asyncio.create_task(drip())
    person = bed.telegram.world.add_person("Reader")
    waits = []
    for _each in range(15):
        waits.append(await bed.asked(person, "/help"))
        await asyncio.sleep(0.5)
    dripping.cancel()
    grown = bed.memory - before
    check(grown < 60, f"memory grew by {grown:.0f} MB")
    check(sorted(waits)[-2] < 3, f"an answer took {max(waits):.1f} s")
    lines = len(bed.log) - said
    check(lines < 50, f"{lines} lines of log")
    return f"answers in {max(waits) * 1000:.0f} ms at most, memory +{grown:.0f} MB"


async def _sends(bed: Bed, more: int, seconds: float) -> None:
    """Wait until the bot has sent so many more messages, or for so long."""
    seen = len(bed.telegram.calls_to("sendMessage"))
    with contextlib.suppress(Broken):
        await bed.until(
            lambda: len(bed.telegram.calls_to("sendMessage")) > seen + more, seconds, ""
        )


async def _crowd(bed: Bed, *, webhook: int | None) -> list[Person]:
    where = {"WEBHOOK_URL": f"http://127.0.0.1:{webhook}/x", "WEBHOOK_LISTEN": str(webhook)}
    crowd = [bed.telegram.world.add_person(f"P{number}") for number in range(30)]
    await bed.start(**(where if webhook else {}))
    if webhook:
        await bed.says("Telegram posts its updates")
    bed.telegram.faults.always(hang(), method="sendMessage")
    for number, person in enumerate(crowd):
        bed.telegram.send_text(person, person, "/search diffusion" if number % 2 else "/help")
    await bed.until(
        lambda: len(bed.telegram.calls_to("sendMessage")) >= 15, 30, "nothing was begun"
    )
    return crowd


async def _all_answered(bed: Bed, crowd: list[Person]) -> str:
    bed.telegram.faults.clear()
    await bed.start()
    with contextlib.suppress(Broken):
        await bed.until(lambda: all(map(bed.shown, crowd)), 45, "")
    silent = sum(not bed.shown(person) for person in crowd)
    check(not silent, f"{silent} of 30 were never answered")
    await bed.until(
        lambda: not any("🔎" in bed.shown(person)[-1].text for person in crowd),
        60,
        "some still say that they look",
    )
    return "30 of 30 answered"


@attack(19, "commands at the webhook, lost at a stop (SIGTERM, then kill -9)")
async def stopped_webhook(bed: Bed) -> str:
    crowd = await _crowd(bed, webhook=free_port())
    took = await bed.stop()
    check(took < 6, f"the stop took {took:.1f} s")
    await bed.start()
    await _sends(bed, 0, 15)
    await bed.stop(signal.SIGKILL)
    return await _all_answered(bed, crowd)


@attack(19, "commands that five stops in a row cut short")
async def five_stops(bed: Bed) -> str:
    crowd = await _crowd(bed, webhook=None)
    longest = await bed.stop()
    for _each in range(4):
        await bed.start()
        await _sends(bed, 5, 15)
        longest = max(longest, await bed.stop())
    check(longest < 6, f"a stop took {longest:.1f} s")
    return f"{await _all_answered(bed, crowd)}; stops of {longest:.1f} s at most"


@attack(19, "a stop that is told twice, and kills while it starts")
async def impatient_stops(bed: Bed) -> str:
    crowd = await _crowd(bed, webhook=None)
    process = bed.process
    assert process is not None
    process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.5)
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    await bed.stop()
    for _each in range(3):
        with contextlib.suppress(Broken, TimeoutError):
            async with asyncio.timeout(1.5):
                await bed.start()
        await bed.stop(signal.SIGKILL)
    return await _all_answered(bed, crowd)


DEADLY = """
import asyncio, os
from telegram.ext import Application
process = Application.process_update
async def deadly(self, update):
    if update.message and update.message.text == "/boom":
        await asyncio.sleep({seconds})
        os._exit(137)
    await process(self, update)
Application.process_update = deadly
"""
"""One command ends the process each time, as one would that takes all memory."""


async def _lives_with(bed: Bed, seconds: float, *, webhook: int | None = None) -> str:
    """Count the lives until a deadly command is given up; others ask for something beside it."""
    where = {"WEBHOOK_URL": f"http://127.0.0.1:{webhook}/x", "WEBHOOK_LISTEN": str(webhook)}
    crowd = [bed.telegram.world.add_person(f"P{number}") for number in range(11)]
    owner, *others = crowd
    deadly = DEADLY.format(seconds=seconds)
    await bed.start(before=deadly, **(where if webhook else {}))
    if webhook:
        await bed.says("Telegram posts its updates")
    bed.telegram.service.latency = 0.3
    bed.telegram.send_text(owner, owner, "/boom")
    for person in others:
        bed.telegram.send_text(person, person, "/search diffusion")
    lives = 0
    while lives < 30:
        lives += 1
        assert bed.process is not None
        with contextlib.suppress(TimeoutError):
            # What was tried often is begun after half a minute of the process's life.
            async with asyncio.timeout(45):
                await bed.process.wait()
        if bed.process.returncode is None:
            break
        await bed.stop(signal.SIGKILL)
        with contextlib.suppress(Broken):  # it ended before it said that it runs
            await bed.start(before=deadly)
    check(lives < 30, f"it ended {lives} lives, and would have ended more")
    answers = [[one.text for one in bed.shown(person)] for person in others]
    given_up = sum("please try again" in " ".join(texts) for texts in answers)
    check(not given_up, f"{given_up} of 10 others were given up with it")
    silent = sum(not texts or "🔎" in texts[-1] for texts in answers)
    check(not silent, f"{silent} of 10 others were never answered")
    told = [one.text for one in bed.shown(owner)]
    check("please try again" in " ".join(told), f"its owner heard nothing: {told}")
    return f"given up after {lives} lives and its owner told, 10 of 10 others answered"


@attack(19, "a command that ends the process each time, beside those of others")
async def deadly_command(bed: Bed) -> str:
    return await _lives_with(bed, 0.3)


@attack(19, "a command that ends the process at once, each time")
async def quickly_deadly_command(bed: Bed) -> str:
    return await _lives_with(bed, 0)


@attack(19, "a command at the webhook that ends the process before it is answered, each time")
async def deadly_command_at_the_webhook(bed: Bed) -> str:
    return await _lives_with(bed, 0.3, webhook=free_port())


@attack(20, "SIGTERM during a broadcast and looks back")
async def stopped_while_announcing(bed: Bed) -> str:
    telegram = bed.telegram
    people = [telegram.world.add_person(f"R{number}") for number in range(150)]
    await owe(bed.database_url, telegram, 0)
    for person in people:
        telegram.send_text(person, person, "hello")
    telegram.updates.drop()
    async with bed.database() as database, database.transaction() as session:
        for person in people:
            chat = await chats.register(
                session=session,
                telegram_id=person.id,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=utc_now(),
            )
            chat.next_week_at = utc_now() + timedelta(days=7)  # else nobody wants a look back
            week = utc_now().date().toordinal()
            session.add(WeekNote(chat_id=chat.id, week=week, html="Your look back"))
        draft = await admin.draft(session=session, html="A notice to all")
        await session.flush()
        await admin.start(session=session, broadcast_id=draft.id, now=utc_now())
    telegram.service.latency = 0.3
    quick = """
import bot.runtime.schedule as schedule
from apscheduler.triggers.interval import IntervalTrigger
schedule._at = lambda **fields: IntervalTrigger(seconds=1, timezone="UTC")
"""
    longest = 0.0
    for _each in range(4):
        await bed.start(before=quick)
        await _sends(bed, 20, 30)
        longest = max(longest, await bed.stop())
    await bed.start(before=quick)

    def got() -> Counter[tuple[int, str]]:
        return Counter(
            (person.id, kind)
            for person in people
            for message in bed.shown(person)
            for kind in ("notice", "look back")
            if kind in message.text
        )

    with contextlib.suppress(Broken):
        await bed.until(lambda: len(got()) >= 2 * len(people), 90, "")
    await asyncio.sleep(2)
    repeated, lost = got().total() - len(got()), 2 * len(people) - len(got())
    check(not repeated, f"{repeated} were repeated")
    check(not lost, f"{lost} were lost")
    check(longest < 5, f"a stop took {longest:.1f} s")
    return f"300 messages, 4 stops of {longest:.1f} s at most, 0 repeats"


@attack(20, "SIGTERM during pushes of cards to groups and people, with 429 and 502 among them")
async def stopped_among_troubles(bed: Bed) -> str:
    telegram = bed.telegram
    owed = await owe(bed.database_url, telegram, 40)
    telegram.updates.drop()
    async with bed.database() as database, database.transaction() as session:
        for number, chat in enumerate((await session.exec(select(Chat))).all()):
            styles = (PushStyle.CARDS, PushStyle.LIST, PushStyle.RICH, PushStyle.BRIEF)
            chat.push_style = styles[number % len(styles)]
    telegram.service.latency = 0.3
    telegram.faults.sometimes(flood(1), probability=0.1, method="sendMessage")
    telegram.faults.sometimes(server_error(), probability=0.05, method="sendMessage")
    longest = 0.0
    for _each in range(5):
        await bed.start()
        await _sends(bed, 15, 70)
        longest = max(longest, await bed.stop())
    telegram.faults.clear()
    telegram.service.latency = 0
    await bed.start()

    def ids() -> Counter[tuple[int, str]]:
        """Count the messages of each reader that have a paper, in whatever style."""
        found: Counter[tuple[int, str]] = Counter()
        for person in telegram.world.people.values():
            theirs = [paper for who, paper in owed if who == person.id]
            for message in bed.shown(person):
                links = [str(one.as_json().get("url")) for one in message.formatted.entities]
                said = json.dumps([message.rich, links])
                found.update((person.id, paper) for paper in theirs if paper in said)
        return found

    with contextlib.suppress(Broken):
        await bed.until(lambda: owed <= set(ids()), 150, "")
    await asyncio.sleep(2)
    shown = ids()
    repeated = sum(shown[one] - 1 for one in owed if shown[one] > 1)
    lost = len(owed - set(shown))
    check(not repeated, f"{repeated} papers were repeated")
    check(not lost, f"{lost} papers were lost")
    check(longest < 5, f"a stop took {longest:.1f} s")
    return f"{len(owed)} papers, 5 stops of {longest:.1f} s at most, 0 repeats"


async def _becomes_unwell(port: int, seconds: float) -> str:
    answer = 200
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        began = time.monotonic()
        while time.monotonic() < began + seconds:
            answer = (await client.get("/healthz")).status_code
            if answer != 200:
                break
            await asyncio.sleep(0.5)
        check(answer == 503, f"/healthz says {answer} after {seconds:.0f} s")
        return f"/healthz says 503 after {time.monotonic() - began:.0f} s"


@attack(21, "pushes that hang, while all else is well")
async def hanging_pushes(bed: Bed) -> str:
    port = free_port()
    never = """
import asyncio
from bot.push.worker import Pusher
async def never(self, **given):
    await asyncio.sleep(100_000)
Pusher.push_due = never
from bot.runtime import pulse
pulse.LONGEST_SECONDS = 10.0
"""
    await bed.start(METRICS_LISTEN=str(port), before=HEALTH_SOON + never)
    return await _becomes_unwell(port, 120)


@attack(21, "somebody else who asks with the same token, so that this one answers nobody")
async def no_updates(bed: Bed) -> str:
    port = free_port()
    await bed.start(METRICS_LISTEN=str(port), before=HEALTH_SOON)
    said = "Conflict: terminated by other getUpdates request"
    bed.telegram.faults.always(refuse(409, said), method="getUpdates")
    return await _becomes_unwell(port, 120)


ATTACKS: tuple[Attack, ...] = (
    seventy_years,
    ten_days,
    epoch,
    rude_clients,
    dripping_posts,
    stopped_webhook,
    five_stops,
    impatient_stops,
    deadly_command,
    quickly_deadly_command,
    deadly_command_at_the_webhook,
    stopped_while_announcing,
    stopped_among_troubles,
    hanging_pushes,
    no_updates,
)

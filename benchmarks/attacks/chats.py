"""Attacks by what people send in their chats: taps, words, files, links, old buttons."""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from crash import owe
from sqlalchemy import MetaData, String, cast, func, or_, select, text
from sqlmodel import col

from attacks.bed import Attack, Bed, attack, check, free_port, others_go_on, p95
from attacks.database import FILE, OTHER
from bot.playground.telegram.faults import flood, refuse, server_error
from bot.playground.telegram.objects import chat_object, message_object, person_user
from bot.playground.telegram.world import Message, Person
from bot.settings.secrets import webhook_secret
from storage.columns import utc_now
from storage.models import Chat, Paper, Subscription
from storage.week_models import WeekNote

MANY = 3_000
BAD = "\ud83d zyzzyva \0"
"""Half of a character, a word and NUL: no database takes either."""


async def others_meanwhile(
    bed: Bed, sends: Iterable[Callable[[], None]], *, most: float, pause: float = 0.2
) -> str:
    """Send all, a hundred at a time, while somebody else asks; Broken where he waits."""
    stranger = bed.telegram.world.add_person("Stranger")
    await bed.asked(stranger, "/help")
    largest = bed.memory

    async def attack_() -> None:
        for number, send in enumerate(sends):
            send()
            if number % 100 == 99:
                await asyncio.sleep(pause)

    attacking = asyncio.create_task(attack_())
    waits = []
    end = time.monotonic() + 10
    while not attacking.done() or time.monotonic() < end:
        waits.append(await bed.asked(stranger, "/help", seconds=60))
        largest = max(largest, bed.memory)
        await asyncio.sleep(0.2)
    await attacking
    check(p95(waits) < most, f"a stranger waited {max(waits):.1f} s, p95 {p95(waits):.1f} s")
    check(largest < 250, f"memory grew to {largest:.0f} MB")
    return f"a stranger's p95 is {p95(waits) * 1000:.0f} ms, memory {largest:.0f} MB at most"


@attack(4, "3,000 taps of one member of a group")
async def flood_of_taps(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start()
    flooder = telegram.world.add_person("Flooder")
    group = telegram.world.add_group("Flood", [flooder], admins=[flooder])
    telegram.add_bot(flooder, group)
    await bed.asked(flooder, "/settings", chat=group)
    shown = message_object(telegram.world, bed.shown(group)[-1])

    def tap(number: int) -> Callable[[], None]:
        content = {
            "id": str(number),
            "from": person_user(flooder),
            "message": shown,
            "chat_instance": "1",
            "data": f"topics:{number % 3}",
        }
        return lambda: bed.push_update("callback_query", content)

    return await others_meanwhile(bed, map(tap, range(MANY)), most=1)


@attack(4, "3,000 questions behind the bot's name, and as many edits")
async def flood_of_typing(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start()
    flooder = telegram.world.add_person("Flooder")

    def type_(number: int) -> Callable[[], None]:
        if number % 2:
            edited = bed.message(flooder, f"/search model{number}", edit_date=1_800_000_000)
            return lambda: bed.push_update("edited_message", edited)
        asked = {
            "id": str(number),
            "from": person_user(flooder),
            "query": f"model method {number}",
            "offset": "",
        }
        return lambda: bed.push_update("inline_query", asked)

    return await others_meanwhile(bed, map(type_, range(2 * MANY)), most=1)


@attack(4, "one stranger's 600 groups that add and remove the bot")
async def flood_of_groups(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start()
    flooder = telegram.world.add_person("Flooder")
    groups = [telegram.world.add_group(f"G{n}", [flooder], admins=[flooder]) for n in range(600)]

    def join(number: int) -> Callable[[], None]:
        group = groups[number // 2]
        if number % 2:
            return lambda: telegram.remove_bot(flooder, group)
        return lambda: telegram.add_bot(flooder, group)

    return await others_meanwhile(
        bed, map(join, range(2 * len(groups))), most=1, pause=0.4
    )  # two updates each


ODD_UPDATES: tuple[Any, ...] = (
    None,
    7,
    "update",
    [],
    {},
    {"update_id": None},
    {"update_id": "5"},
    {"update_id": 2**70, "message": {}},
    {"update_id": -4, "message": {}},
    {"update_id": 1.5},
    [[[[{}]]]],
)
DEEP: Any = []
for _each in range(300):
    DEEP = [DEEP]


@attack(5, "answers to getUpdates that hold no updates, odd numbers, or no bottom")
async def odd_envelopes(bed: Bed) -> str:
    """Put odd things among the updates, and odd answers in front of them."""
    telegram = bed.telegram
    await bed.start()
    person = telegram.world.add_person("Reader")
    read = telegram.updates.read
    odd: list[list[Any]] = [[one] for one in ODD_UPDATES]
    odd.append([{"update_id": 5, "message": {"text": DEEP}}])

    async def oddly(offset: int, limit: int, seconds: float) -> list[Any]:
        found = await read(offset, limit, seconds)
        return odd.pop() + found if odd else found

    telegram.updates.read = oddly  # type: ignore[method-assign]
    for number in range(2 * len(ODD_UPDATES)):
        took = await bed.asked(person, "/help", seconds=40)
        check(took < 35, f"question {number} took {took:.0f} s")
    check(not odd, f"{len(odd)} odd answers were never asked for")
    bed.check_log("zyzzyva")
    return f"{len(ODD_UPDATES) + 1} odd answers, all questions answered"


@attack(5, "odd posts to the webhook that know the secret")
async def odd_posts(bed: Bed) -> str:
    port = free_port()
    await bed.start(WEBHOOK_URL=f"http://127.0.0.1:{port}/x", WEBHOOK_LISTEN=str(port))
    await bed.says("Telegram posts its updates")
    secret = {"X-Telegram-Bot-Api-Secret-Token": webhook_secret(bed.telegram.token)}
    bodies = [b"", b"\xff\xfe", b"[" * 100_000, b"null", b"{", b'{"update_id": 1e400}']
    bodies += [b'{"update_id": %d, "message": {"text": "zyzzyva"}}' % n for n in (-1, 7, 2**80)]
    bodies += [b'{"update_id": 9, "message": null}', b'"\\ud800"']
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
        codes = [
            (await client.post("/x", content=body, headers=secret)).status_code for body in bodies
        ]
    check(max(codes) < 500, f"it answered {codes}")
    took = await bed.asked(bed.telegram.world.add_person("Reader"), "/help")
    bed.check_log("zyzzyva")
    return f"{len(bodies)} odd posts, then an answer in {took * 1000:.0f} ms"


@attack(6, "429 of an hour, or without a number, in the chats of three strangers")
async def strangers_told_to_wait(bed: Bed) -> str:
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 20)
    readers = list(telegram.world.people.values())
    await bed.start()
    for number, wait in enumerate((3600, 10**9, 0)):
        stranger = telegram.world.add_person(f"S{number}")
        fault = flood(wait) if wait else refuse(429, "Too Many Requests")
        telegram.faults.always(fault, method="sendMessage", chat=stranger)
        telegram.faults.always(fault, method="answerCallbackQuery")
        for _each in range(15):
            telegram.send_text(stranger, stranger, "/help")
    return await others_go_on(bed, readers)


@attack(6, "pushes to one stranger's forum and groups that are told to wait for a day")
async def own_pushes_told_to_wait(bed: Bed) -> str:
    """Two of twenty readers are told to wait for a day at their push; all others get theirs."""
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 20)
    readers = list(telegram.world.people.values())
    for reader in readers[:2]:
        telegram.faults.always(flood(86_400), method="sendMessage", chat=reader)
    await bed.start()
    await bed.until(lambda: all(map(bed.shown, readers[2:])), 75, "no push came to others")
    telegram.faults.always(server_error(), method="getChat")
    other = telegram.world.add_person("Other")
    took = await bed.asked(other, "/help")
    check(took < 3, f"another waited {took:.1f} s")
    return f"18 pushes came, another is answered in {took * 1000:.0f} ms"


@attack(8, "half of a character and NUL in all that people write")
async def broken_words(bed: Bed) -> str:
    """Write what no database takes in each place where one can write; ask for something after."""
    telegram = bed.telegram
    await bed.start()
    words = (
        f"/search {BAD}",
        f"/subscribe {BAD}",
        BAD,
        f"/settings {BAD}",
        f"/week {BAD}",
        f"/stop {BAD}",
        f"/start {BAD}",
        f"/topics {BAD}",
        f"/latest {BAD}",
        f"/unsubscribe {BAD}",
        f"/export {BAD}",
        f"/saved {BAD}",
    )
    for number, said in enumerate(words):
        person = telegram.world.add_person(f"P{number}")
        content = bed.message(person, said)
        entity = {"type": "bot_command", "offset": 0, "length": len(said.split()[0])}
        named = {**person_user(person), "first_name": BAD, "language_code": BAD}
        bed.push_update("message", {**content, "from": named, "entities": [entity]})
        bed.push_update("message", {**content, "chat": {**content["chat"], "title": BAD}})
        query = {"id": str(number), "from": named, "query": BAD, "offset": BAD}
        bed.push_update("inline_query", query)
        shared = {"latitude": 1.0, "longitude": 2.0}
        bed.push_update("message", {**bed.message(person, BAD), "location": shared})
        await bed.asked(person, "/help")
    person = telegram.world.add_person("File")
    for name, file in (
        ("a.toml", b'[[topic]]\nquery = "nerf"\nlabel = "a\\u0000b"\n'),
        ("a.toml", b'[[topic]]\nquery = "ne\\u0000rf"\n'),
        ("a.yaml", b'- query: "nerf \\ud83d"\n'),
        ("a.bib", b"@article{a, title={zyzzyva \0}, author={\xff\xfe}}"),
        ("\ud83d\0.toml".encode("utf-8", "replace").decode("latin-1"), b"\0\xff"),
    ):
        telegram.send_document(person, person, name, file)
        await bed.asked(person, "/help")
    bed.check_log("zyzzyva")
    return f"{len(words)} places and 5 files, all questions answered"


@attack(8, "half of a character in what an index of code links and models say")
async def broken_links(bed: Bed) -> str:
    """Let the index of code links answer with it for each paper; let a sweep come, and a push."""
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 3)
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.decode().split()[1])
        body = b'{"githubRepo": "https://github.com/a/\\ud83d\\u0000", "id": "\\udfff"}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/papers"
        await bed.start(CODE_LINKS_URL=url, SWEEP_SCHEDULE="* * * * *")
        people = list(telegram.world.people.values())
        await bed.until(lambda: all(map(bed.shown, people)), 90, "nobody was pushed to")
        await bed.says("swept", seconds=90)
        await bed.until(lambda: asked, 60, "no link was looked up")
        await asyncio.sleep(3)
    finally:
        server.close()
    bed.check_log()
    return f"{len(asked)} answers refused, pushes and a sweep came"


PRIVATE = "zyzzyvaprivate"


async def rows_with(bed: Bed, words: str) -> list[str]:
    """Return the tables that hold some words anywhere."""
    found = []
    async with bed.database() as database, database.reading() as session:
        connection = await session.connection()

        def look(sync: Any) -> None:
            tables = MetaData()
            tables.reflect(sync)
            for table in tables.sorted_tables:
                if table.name.startswith("paper_index"):
                    continue
                anywhere = or_(*(cast(one, String).contains(words) for one in table.columns))
                count = sync.scalar(select(func.count()).select_from(table).where(anywhere))
                if count:
                    found.append(f"{table.name}: {count}")

        await connection.run_sync(look)
    return found


@attack(9, "/forget while a search, an import and a digest of the same chat are under way")
async def forgotten_meanwhile(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start(SWEEP_SCHEDULE="* * * * *")
    ada = telegram.world.add_person("Ada")
    await bed.asked(ada, f"/subscribe {PRIVATE}one OR model")
    await asyncio.sleep(1)
    shown = bed.shown(ada)[-1]
    follow = next((one for one in shown.buttons if "Follow" in one), "")
    check(follow, f"no button follows: {shown.text[:80]}")
    telegram.tap(ada, shown, follow)
    await asyncio.sleep(1)
    telegram.service.latency = 0.5
    for words in (f"/search {PRIVATE}two", "/digest", "/latest"):
        telegram.send_text(ada, ada, words)
    telegram.send_document(ada, ada, "a.toml", f'[[topic]]\nquery = "{PRIVATE}"\n'.encode())
    await asyncio.sleep(0.5)
    seen = len(bed.shown(ada))
    telegram.send_text(ada, ada, "/forget")
    await bed.until(
        lambda: (
            any("orget" in "".join(one.buttons) or one.buttons for one in bed.shown(ada)[seen:])
            and any("elete" in one.text for one in bed.shown(ada)[seen:])
        ),
        40,
        "/forget was not answered",
    )
    asked = next(one for one in bed.shown(ada)[seen:] if "elete" in one.text)
    telegram.send_text(ada, ada, f"/search {PRIVATE}three")
    telegram.tap(ada, asked, asked.buttons[0])
    await asyncio.sleep(8)
    telegram.service.latency = 0
    newcomer = telegram.world.add_person("Newcomer")
    await bed.asked(newcomer, "/topics")
    check("zyzzyva" not in bed.shown(newcomer)[-1].text, "a newcomer has the topic")
    said = len(bed.log)
    await bed.says("swept", since=said, seconds=90)
    await bed.stop()
    left = await rows_with(bed, PRIVATE)
    # What was asked after /forget is a new chat's.
    left = [one for one in left if not one.startswith("topic")]
    check(not left, f"rows hold words of who was forgotten: {left}")
    bed.check_log(PRIVATE)
    return "nothing is left of the chat but the preview's topic, which nobody follows"


@attack(9, "a group that throws the bot out in the middle of everything, and takes it back")
async def thrown_out(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start()
    owner = telegram.world.add_person("Owner")
    group = telegram.world.add_group("G", [owner], admins=[owner])
    for _each in range(5):
        telegram.add_bot(owner, group)
        telegram.send_text(owner, group, "/search diffusion")
        telegram.send_text(owner, group, "/digest")
        telegram.remove_bot(owner, group)
    telegram.add_bot(owner, group)
    other = telegram.world.add_person("Other")
    took = await bed.asked(other, "/help")
    check(took < 3, f"another waited {took:.1f} s")
    await asyncio.sleep(15)  # it was too much of the owner's, too
    await bed.asked(owner, "/help")
    await bed.asked(owner, "/help", chat=group)
    bed.check_log("diffusion")
    return f"five times, another is answered in {took * 1000:.0f} ms, then both"


@attack(10, "links and old messages of another's topic, in another's hands")
async def others_links(bed: Bed) -> str:
    """Open every link and tap every button that one person has as somebody else."""
    telegram = bed.telegram
    await bed.start()
    ada, lin = (telegram.world.add_person(name) for name in ("Ada", "Lin"))
    await bed.asked(ada, f"{PRIVATE} OR model")
    await asyncio.sleep(2)
    shown = bed.shown(ada)[-1]
    telegram.tap(ada, shown, next(one for one in shown.buttons if "Follow" in one))
    await asyncio.sleep(1)
    for words in ("/topics", "/status", "/settings", "/export", "/latest", "/saved"):
        await bed.asked(ada, words)
    datas = {
        str(button["callback_data"])
        for message in bed.shown(ada)
        for row in (*message.rich_keyboard, *message.keyboard)
        for button in row
        if isinstance(button, dict) and "callback_data" in button
    }
    await bed.asked(lin, "/help")
    mine = message_object(telegram.world, bed.shown(lin)[-1])
    for number, data in enumerate(sorted(datas)):
        keyboard = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
        tap = {"id": f"9{number}", "from": person_user(lin), "chat_instance": "1", "data": data}
        # Even a button with the data below the other's own message: an old one, restored.
        bed.push_update("callback_query", {**tap, "message": {**mine, "reply_markup": keyboard}})
        bed.push_update("callback_query", {**tap, "message": {**mine, "date": 0}})
        telegram.send_text(lin, lin, f"/start {data.replace(':', '_')[:60]}")
    await asyncio.sleep(3)
    await bed.asked(lin, "/topics", seconds=60)
    texts = " ".join(message.text for message in bed.shown(lin))
    check(PRIVATE not in texts, "another's words were shown")
    bed.check_log(PRIVATE)
    async with bed.database() as database, database.reading() as session:
        theirs = select(col(Chat.id)).where(col(Chat.telegram_id) == lin.id)
        held = await session.execute(
            select(func.count())
            .select_from(Subscription)
            .where(col(Subscription.chat_id).in_(theirs))
        )
        check(not held.scalar_one(), "another's topic was followed")
        left = await session.execute(select(func.count()).select_from(Subscription))
        check(left.scalar_one() == 1, "another's topic was left")
    return f"{len(datas)} buttons, nothing shown and nothing changed"


@attack(11, "strangers behind the bot's name, in a look back and in a broadcast")
async def strangers_elsewhere(bed: Bed) -> str:
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 4)
    telegram.updates.drop()
    people = list(telegram.world.people.values())
    owner = people[0]
    async with bed.database() as database, database.transaction() as session:
        found = (await session.execute(select(Chat))).scalars().all()
        for chat in found:
            chat.next_week_at = utc_now()
            session.add(WeekNote(chat_id=chat.id, week=1, html="Your week"))
    await bed.start(ALLOWED_CHATS=str(owner.id), ADMINS=str(owner.id))
    await bed.until(lambda: bed.shown(owner), 90, "the owner got nothing")
    seen = {person.id: len(bed.shown(person)) for person in people[1:]}
    query = telegram.ask_inline(people[1], people[1], "paper")
    await bed.asked(owner, "/admin")
    await bed.asked(owner, "/help")
    await asyncio.sleep(65)
    check(not (query.answer and query.answer.results), "a stranger found papers by the bot's name")
    got = sum(len(bed.shown(person)) - seen[person.id] for person in people[1:])
    check(not got, f"strangers got {got} messages")
    return "3 strangers got nothing in a minute, and found nothing"


@attack(12, "two plans, two taps at once, another's tap, and a plan after /forget")
async def confused_plans(bed: Bed) -> str:
    ada, telegram = bed.telegram.world.add_person("Ada"), bed.telegram
    await bed.start()
    await bed.asked(ada, "/help")

    async def plan(content: str) -> Message:
        seen = len(bed.shown(ada))
        telegram.send_document(ada, ada, "a.toml", content.encode())
        await bed.until(lambda: len(bed.shown(ada)) > seen, 20, "no plan was shown")
        await asyncio.sleep(0.5)
        return bed.shown(ada)[-1]

    async def follows() -> set[str]:
        async with bed.database() as database, database.reading() as session:
            rows = await session.execute(
                text("SELECT topic.query FROM topic JOIN subscription ON topic_id = topic.id")
            )
            return {str(row[0]) for row in rows}

    first = await plan(FILE)
    second = await plan(OTHER)
    telegram.tap(ada, first, first.buttons[0])
    await asyncio.sleep(2)
    check(await follows() <= {"nerf"}, "the first plan's button applied the second file")
    for _each in range(5):
        telegram.tap(ada, second, second.buttons[0])
    await asyncio.sleep(3)
    check(await follows() <= {"nerf", "malware"}, f"they follow {await follows()}")
    third = await plan('[[topic]]\nquery = "transformers"\n')
    await bed.asked(ada, "/forget")
    asked = bed.shown(ada)[-1]
    telegram.tap(ada, asked, asked.buttons[0])
    await asyncio.sleep(2)
    telegram.tap(ada, third, third.buttons[0])
    await asyncio.sleep(2)
    check(not await follows(), f"after /forget an old plan was applied: {await follows()}")
    bed.check_log()
    return "each button applied its own plan, once"


@attack(12, "a reading list that is changed between its plan and the tap")
async def changed_list(bed: Bed) -> str:
    ada, telegram = bed.telegram.world.add_person("Ada"), bed.telegram
    async with bed.database() as database, database.transaction() as session:
        for number in (1, 2):
            session.add(
                Paper(
                    id=f"2611.0000{number}",
                    title=f"On {number}",
                    abstract="a",
                    authors=["A"],
                    categories=["cs.CV"],
                    published_at=utc_now(),
                    updated_at=utc_now(),
                )
            )
    await bed.start()
    await bed.asked(ada, "/help")
    seen = len(bed.shown(ada))
    entry = "@article{a, title={T}, eprint={2611.0000%d}, archivePrefix={arXiv}}"
    sent = telegram.send_document(ada, ada, "a.bib", (entry % 1).encode())
    await bed.until(lambda: len(bed.shown(ada)) > seen, 30, "no plan was shown")
    await asyncio.sleep(2)
    plan = bed.shown(ada)[-1]
    check(plan.buttons, f"no plan: {plan.text[:100]}")
    assert sent.document is not None
    sent.document = telegram.world.keep_file("a.bib", sent.document.mime, (entry % 2).encode())
    telegram.tap(ada, plan, plan.buttons[0])
    await asyncio.sleep(4)
    async with bed.database() as database, database.reading() as session:
        rows = await session.execute(text("SELECT paper_id FROM saved_paper"))
        kept = {str(row[0]) for row in rows}
    check("2611.00002" not in kept, "a paper was kept that no plan had shown")
    return f"kept: {sorted(kept) or 'nothing'}"


@attack(13, "Telegram and an engine that quote what they were sent")
async def quoting(bed: Bed) -> str:
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 3)
    said = f"Bad Request: can't parse entities in {PRIVATE}"
    people = list(telegram.world.people.values())
    telegram.faults.sometimes(refuse(400, said), probability=0.5, method="sendMessage")
    telegram.faults.sometimes(refuse(400, said), probability=0.5, method="editMessageText")

    def echo(text: str, target: str) -> str:
        message = f"{PRIVATE} {text} {target}"
        raise ValueError(message)

    bed.libre.translate = echo  # type: ignore[method-assign]
    await bed.start(DEFAULT_LANGUAGE="zh-CN", SWEEP_SCHEDULE="* * * * *")
    for _each in range(6):
        for person in people:
            telegram.send_text(person, person, f"/search {PRIVATE}")
            telegram.send_text(person, person, "/latest")
        await asyncio.sleep(2)
    telegram.faults.clear()
    await bed.asked(people[0], "/help", seconds=40)
    bed.check_words(PRIVATE)  # what Telegram refuses is a failure of the bot's, with a traceback
    return f"no word in {len(bed.log)} lines"


@attack(13, "failures of the bot itself, over what people say")
async def own_failures(bed: Bed) -> str:
    """Let parsing, storing and sending fail with errors that quote what was said."""
    telegram = bed.telegram
    broken = f"""
import bot.query.parser as parser, bot.handlers.search as search, storage.topics as topics
def fail(*given, **named):
    raise RuntimeError(f"{PRIVATE} {{given}} {{named}}")
search.parse = parser.parse = topics.register = fail
"""
    await bed.start(before=broken)
    person = telegram.world.add_person("Reader")
    for words in (f"/search {PRIVATE}", f"/subscribe {PRIVATE}", PRIVATE, f"/latest {PRIVATE}"):
        telegram.send_text(person, person, words)
        telegram.ask_inline(person, person, words)
        await asyncio.sleep(0.5)
    await bed.asked(person, "/help", seconds=40)
    bed.check_words(PRIVATE)
    return f"no word in {len(bed.log)} lines"


@attack(17, "channels that write in groups, and one person in ten groups")
async def channels_in_groups(bed: Bed) -> str:
    """Use up one channel's allowance, and one person's in ten groups; others ask in theirs."""
    telegram = bed.telegram
    await bed.start()
    owner, other = (telegram.world.add_person(name) for name in ("Owner", "Other"))
    groups = [telegram.world.add_supergroup(f"G{n}", [owner, other], admins=[owner]) for n in "01"]
    for group in groups:
        telegram.add_bot(owner, group)

    def ask(who: Person, group: Any, channel: int | None) -> None:
        content = {**bed.message(who, "/help"), "chat": chat_object(group)}
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": 5}]
        if channel is not None:
            sender = {"id": -1002000000000 - channel, "type": "channel", "title": "C"}
            nobody = {"id": 136817688, "is_bot": True, "first_name": "Channel"}
            content |= {"from": nobody, "sender_chat": sender}
        bed.push_update("message", content)

    for number in range(200):
        ask(owner, groups[0], number % 5)
        ask(owner, groups[0], None)
    await asyncio.sleep(2)
    seen = len(bed.shown(groups[1]))
    ask(owner, groups[1], 1)
    await bed.until(lambda: len(bed.shown(groups[1])) > seen, 20, "the channel got no answer")
    check("Too fast" not in bed.shown(groups[1])[-1].text, "the channel was told it was too much")
    took = await bed.asked(other, "/help")
    check("Too fast" not in bed.shown(other)[-1].text, "the other was told that it was too much")
    return f"each group has its own, another is answered in {took * 1000:.0f} ms"


@attack(17, "Telegram's own accounts, and a bot, that ask without end")
async def telegram_s_own(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start()
    owner = telegram.world.add_person("Owner")
    group = telegram.world.add_supergroup("G", [owner], admins=[owner])
    telegram.add_bot(owner, group)

    def ask(number: int) -> Callable[[], None]:
        who = (777000, 136817688, 1087968824, 5_000_000_001)[number % 4]
        sender = {"id": who, "is_bot": number % 2 == 1, "first_name": "T"}
        content = {**bed.message(owner, "/help"), "chat": chat_object(group), "from": sender}
        content["entities"] = [{"type": "bot_command", "offset": 0, "length": 5}]
        return lambda: bed.push_update("message", content)

    return await others_meanwhile(bed, map(ask, range(MANY)), most=1)


@attack(23, "commands that others wrote elsewhere: forwarded, and copied from a group's channel")
async def commands_from_elsewhere(bed: Bed) -> str:
    telegram = bed.telegram
    await bed.start()
    admin, stranger = telegram.world.add_person("Admin"), telegram.world.add_person("Stranger")
    group = telegram.world.add_group("Lab", [stranger], admins=[admin])
    elsewhere = telegram.world.add_group("Elsewhere", [admin], admins=[stranger])
    channel = telegram.world.add_channel("News", [admin])
    telegram.add_bot(admin, group)
    telegram.send_text(admin, group, "/topics")
    await bed.until(lambda: len(bed.shown(group)) > 1, 20, "no greeting, or no answer")
    before = len(bed.shown(group))
    for command in ("/stop", "/settings 07:30", "/forget", "/help"):
        said = telegram.send_text(stranger, elsewhere, command)
        telegram.people.forward(admin, said, group)
        copied = bed.message(admin, command, chat=chat_object(group))
        copied |= {
            "message_id": telegram.world.next_message_id(group),
            "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
            "sender_chat": chat_object(channel),
            "is_automatic_forward": True,
            "entities": [{"type": "bot_command", "offset": 0, "length": len(command.split()[0])}],
        }
        bed.push_update("message", copied)
    await asyncio.sleep(3)
    check(len(bed.shown(group)) == before, f"it answered {bed.shown(group)[-1].text[:40]!r}")
    bed.check_log()
    return "8 commands were nobody's"


ATTACKS: tuple[Attack, ...] = (
    flood_of_taps,
    flood_of_typing,
    flood_of_groups,
    odd_envelopes,
    odd_posts,
    strangers_told_to_wait,
    own_pushes_told_to_wait,
    broken_words,
    broken_links,
    forgotten_meanwhile,
    thrown_out,
    others_links,
    strangers_elsewhere,
    confused_plans,
    changed_list,
    quoting,
    own_failures,
    channels_in_groups,
    telegram_s_own,
    commands_from_elsewhere,
)

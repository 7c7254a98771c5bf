"""Attacks by floods: of one chat, of 429, of names that many share."""

import asyncio
import time
from typing import Any

from crash import owe

from attacks.bed import Attack, Bed, attack, check, others_go_on, p95
from bot.playground.telegram.faults import flood
from bot.playground.telegram.objects import chat_object
from bot.playground.telegram.world import Chat

FLOODERS, FLOOD_SECONDS = 5, 45


@attack(4, "one chat stops the bot for all")
async def flooded_group(bed: Bed) -> str:
    """Five members of a group ask for help twice a second each; a stranger asks meanwhile."""
    telegram = bed.telegram
    await bed.start()
    flooders = [telegram.world.add_person(f"Flooder {number}") for number in range(FLOODERS)]
    group = telegram.world.add_group("Flood", flooders, admins=flooders)
    telegram.add_bot(flooders[0], group)
    stranger = telegram.world.add_person("Stranger")
    waits = [await bed.asked(stranger, "/status")]
    # Answers pile up: a group may have 20 messages a minute.
    telegram.faults.always(flood(25), method="sendMessage", chat=group)
    end = time.monotonic() + FLOOD_SECONDS

    async def go_on() -> None:
        while time.monotonic() < end:
            for flooder in flooders:
                telegram.send_text(flooder, group, "/help")
            await asyncio.sleep(0.5)

    flooding = asyncio.create_task(go_on())
    while not flooding.done():
        waits.append(await bed.asked(stranger, "/help", seconds=60))
        await asyncio.sleep(1.5)
    await flooding
    check(p95(waits) < 1, f"a stranger waited {max(waits):.1f} s")
    bed.check_log("Flood")
    return f"a stranger's p95 is {p95(waits) * 1000:.0f} ms, memory {bed.memory:.0f} MB"


BROKEN_UPDATES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("message", {"date": None}),
    ("message", {"entities": [{"type": "bold", "offset": 0}]}),
    ("message", {"text": 7}),
    ("message", {"chat": {}}),
    ("callback_query", {"id": 5}),
    ("inline_query", {"query": ["zyzzyva"]}),
    ("my_chat_member", {"new_chat_member": "zyzzyva"}),
    ("chat_boost", {"boost": 1}),
)


@attack(5, "one update that can't be read ends polling")
async def unreadable_updates(bed: Bed) -> str:
    """Let Telegram tell of updates without what must be there; then ask for something."""
    await bed.start()
    person = bed.telegram.world.add_person("Reader")
    for kind, wrong in BROKEN_UPDATES:
        content = {**bed.message(person, "zyzzyva"), **wrong}
        bed.push_update(kind, {name: value for name, value in content.items() if value is not None})
    took = await bed.asked(person, "/help")
    bed.check_log("zyzzyva")
    return f"answered in {took * 1000:.0f} ms, {len(bed.logged('can'))} lines of log"


@attack(6, "429 in a stranger's groups makes everybody wait")
async def groups_told_to_wait(bed: Bed) -> str:
    """Three groups of one stranger are told to wait; others ask, and are owed papers."""
    telegram = bed.telegram
    await owe(bed.database_url, telegram, 20)
    readers = list(telegram.world.people.values())
    stranger = telegram.world.add_person("Stranger")
    await bed.start()
    for number in range(3):
        group = telegram.world.add_group(f"G{number}", [stranger], admins=[stranger])
        telegram.add_bot(stranger, group)
        telegram.faults.always(flood(29), method="sendMessage", chat=group)
        for _each in range(20):
            telegram.send_text(stranger, group, "/help")
    return await others_go_on(bed, readers)


@attack(17, "anonymous admins share one allowance")
async def anonymous_admins(bed: Bed) -> str:
    """Use up the allowance in the name of one group; ask in the name of another."""
    telegram = bed.telegram
    await bed.start()
    owner = telegram.world.add_person("Owner")
    groups = [telegram.world.add_supergroup(f"G{n}", [owner], admins=[owner]) for n in range(2)]
    for group in groups:
        telegram.add_bot(owner, group)

    def ask(group: Chat) -> None:
        where = chat_object(group)
        nobody = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
        entity = {"type": "bot_command", "offset": 0, "length": 5}
        content = {"from": nobody, "sender_chat": where, "chat": where, "entities": [entity]}
        bed.push_update("message", {**bed.message(owner, "/help"), **content})

    for _each in range(200):
        ask(groups[0])
    await asyncio.sleep(2)
    seen = len(bed.shown(groups[1]))
    ask(groups[1])
    await bed.until(lambda: len(bed.shown(groups[1])) > seen, 20, "the other got no answer")
    text = bed.shown(groups[1])[-1].text
    check("Too fast" not in text, "the other was told that it was too much")
    return "each group has its own"


ATTACKS: tuple[Attack, ...] = (
    flooded_group,
    unreadable_updates,
    groups_told_to_wait,
    anonymous_admins,
)

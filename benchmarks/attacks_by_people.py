"""Attacks by what people send: floods, updates that can't be read, shared names."""

import asyncio
import time

from attack_bed import Attack, Bed, attack, check, p95

from bot.playground.telegram.faults import flood

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


ATTACKS: tuple[Attack, ...] = (flooded_group,)

"""Use up Telegram's rate limit for two minutes, and count the 429s.

    python benchmarks/rate_limiter.py
    python benchmarks/rate_limiter.py --seconds 10

The fake Telegram enforces 30 messages a second over all chats, one a second in a chat without any
burst, and 20 a minute in a group; the pushes go at SEND_RATE=25 to people and groups, while other
people's commands are answered. Ends with 1 where there was a 429.
"""

import argparse
import asyncio
import random
import sys
import time
from typing import Any

from bot.container import telegram_bot
from bot.playground.telegram.stand_in import FakeTelegram
from bot.settings.model import load
from bot.telegram.rate_limiter import Priority

RATE = 25
PEOPLE, GROUPS, ASKING = 70, 30, 20


async def used(seconds: float) -> tuple[int, int, int, float, float]:
    """Return the messages sent, the answers among them, the 429s, and how long answers took."""
    telegram = FakeTelegram(burst=1, paced=True)
    await telegram.start()
    chance = random.Random(1)
    people = [telegram.world.add_person(f"P{n}") for n in range(PEOPLE + ASKING)]
    for person in people:
        telegram.send_text(person, person, "/start")
    groups = []
    for number in range(GROUPS):
        groups.append(telegram.world.add_group(f"G{number}", [people[0]], admins=[people[0]]))
        telegram.add_bot(people[0], groups[-1])
    settings = load(
        None, telegram_bot_token=telegram.token, telegram_api_url=telegram.url, send_rate=RATE
    )
    took: list[float] = []
    async with telegram_bot(settings, token=telegram.token) as bot:
        began = time.monotonic()
        end = began + seconds

        async def push(chat: Any) -> None:
            while time.monotonic() < end:
                await bot.send_message(chat.id, "A paper", rate_limit_args=Priority.PUSH)

        async def answer(chat: Any) -> None:
            while time.monotonic() < end:
                await asyncio.sleep(chance.uniform(5, 15))
                asked = time.monotonic()
                await bot.send_message(chat.id, "An answer")
                took.append(time.monotonic() - asked)

        work = [push(chat) for chat in [*people[:PEOPLE], *groups]]
        await asyncio.gather(*work, *(answer(person) for person in people[PEOPLE:]))
    await telegram.stop()
    calls = telegram.calls_to("sendMessage")
    refused = sum(call.error is not None for call in calls)
    within = sum(call.at - calls[0].at <= seconds for call in calls)
    took.sort()
    return within, len(took), refused, took[len(took) // 2], took[len(took) * 95 // 100]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=120.0)
    seconds = parser.parse_args().seconds
    sent, answers, refused, median, slow = asyncio.run(used(seconds))
    print(
        f"{sent:,} messages in {seconds:.0f} s at SEND_RATE={RATE}, {answers} of them answers:"
        f" {sent / seconds / RATE:.1%} of the rate\n"
        f"answers took {median * 1000:.0f} ms, at the 95th percentile {slow * 1000:.0f} ms\n"
        f"429: {refused}"
    )
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())

"""Count the taps and typed characters of what people do most, on the running bot.

    python benchmarks/taps.py

Each task is done by somebody new, over real HTTP, and ends when what it is for has happened. Beside
it stands what two well-known feed bots ask for by their documented commands, for a feed of arXiv's:
RSS-to-Telegram-Bot (github.com/Rongronggg9/RSS-to-Telegram-Bot) and flowerss-bot
(github.com/indes/flowerss-bot, docs/usage.md), as read in November 2026. Where a command there
opens a keyboard, one tap is counted for each choice that it must at least take.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message, Person
from storage.database import Database
from tests.bot_under_test import BotUnderTest, open_bot

FEED = "https://rss.arxiv.org/atom/cs.CV"


class Hand:
    """Somebody's hand, which counts what it does."""

    def __init__(self, app: BotUnderTest, person: Person) -> None:
        self.app, self.person = app, person
        self.taps = self.typed = 0

    async def say(self, text: str) -> Message:
        self.typed += len(text)
        return await self.app.say(self.person, text)

    async def tap(self, button: str) -> Message:
        self.taps += 1
        return await self.app.tap(self.person, button)

    async def follows(self) -> None:
        """Something that was done before, and is not counted."""
        await self.app.say(self.person, "/start")
        await self.app.follow(self.person, "transformer")


async def first_push(hand: Hand) -> None:
    hand.taps += 1  # Telegram's own Start button, which sends /start
    await hand.app.say(hand.person, "/start")
    await hand.tap("✓ English")
    await hand.tap("Transformers")
    await hand.tap("✅ Follow")
    await hand.tap("📬 Send them now")
    await hand.app.until(lambda: hand.app.papers(hand.person))


async def another_topic(hand: Hand) -> None:
    await hand.follows()
    # The confirmation of the first topic is the last message.
    await hand.tap("➕ Another topic")
    await hand.tap("OCR")
    await hand.tap("✅ Follow")


async def own_words(hand: Hand) -> None:
    await hand.say("gaussian splatting")
    await hand.tap("✅ Follow")


async def what_i_follow(hand: Hand) -> None:
    await hand.follows()
    assert "transformer" in (await hand.say("/topics")).text


async def stop_one(hand: Hand) -> None:
    await hand.follows()
    await hand.say("/unsubscribe")
    await hand.tap("🗑 transformer")
    assert await hand.app.labels(hand.person) == []


async def push_time(hand: Hand) -> None:
    await hand.follows()
    await hand.say("/settings 07:30")
    assert (await hand.app.chat(hand.person)).push_time.hour == 7


async def language(hand: Hand) -> None:
    await hand.follows()
    await hand.say("/settings")
    await hand.tap("🌐 Abstracts")
    await hand.tap("Deutsch")
    assert (await hand.app.chat(hand.person)).language == "de"


async def pause(hand: Hand) -> None:
    await hand.follows()
    await hand.say("/stop")


async def export(hand: Hand) -> None:
    await hand.follows()
    assert (await hand.say("/export")).document is not None


async def everything(hand: Hand) -> None:
    await hand.follows()
    assert (await hand.say("/digest")).document is not None


SUB = f"0 + {len('/sub ' + FEED)}"
TASKS: tuple[tuple[str, Callable[[Hand], Awaitable[None]], str, str], ...] = (
    ("from /start to the first papers", first_push, SUB, SUB),
    ("follow another topic", another_topic, SUB, SUB),
    ("follow one's own words", own_words, "–", "–"),
    ("see what one follows", what_i_follow, "0 + 5", "0 + 5"),
    ("stop following one", stop_one, "1 + 6", "1 + 6"),
    ("choose the hour of the push", push_time, "–", "–"),
    ("read in another language", language, "–", "–"),
    ("pause everything", pause, "1 + 16", "2 + 4"),
    ("take it along as a file", export, "0 + 7", "0 + 7"),
    ("everything as one document", everything, "–", "–"),
)


async def count(folder: Path) -> list[tuple[str, int, int, str, str]]:
    structlog.configure(processors=[_quiet])
    empty = Database(f"sqlite:///{folder / 'empty.db'}")
    await empty.open()
    await empty.close()
    telegram = FakeTelegram(paced=False)
    await telegram.start()
    counted: list[tuple[str, int, int, str, str]] = []
    async with open_bot(telegram, folder=folder, empty=folder / "empty.db") as app:
        for number, (name, task, rsstt, flowerss) in enumerate(TASKS):
            hand = Hand(app, telegram.world.add_person(f"P{number}", "en"))
            await task(hand)
            counted.append((name, hand.taps, hand.typed, rsstt, flowerss))
    await telegram.stop()
    return counted


def _quiet(_logger: object, _name: str, _event: object) -> dict[str, object]:
    raise structlog.DropEvent


def main() -> int:
    with TemporaryDirectory() as folder:
        counted = asyncio.run(count(Path(folder)))
    print("taps + typed characters             Paperboy   RSS-to-Telegram-Bot   flowerss-bot")
    for name, taps, typed, rsstt, flowerss in counted:
        print(f"{name:36}{f'{taps} + {typed}':>8}{rsstt:>22}{flowerss:>15}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

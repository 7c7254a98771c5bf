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
        self.taps = self.typed = self.messages = 0

    async def say(self, text: str) -> Message:
        self.typed += len(text)
        self.messages += 1
        return await self.app.say(self.person, text)

    async def tap(self, button: str) -> Message:
        self.taps += 1
        return await self.app.tap(self.person, button)

    async def tap_on(self, message: Message, *words: str) -> Message:
        """Tap the first button of a message that has one of these beginnings, or sends it."""
        self.taps += 1
        for row in message.keyboard:
            for one in row:
                if one["text"].startswith(words) or one.get("callback_data", "").startswith(words):
                    return await self.app.tap(self.person, one["text"], message=message)
        raise LookupError(words)

    async def is_sent(self) -> Message:
        """What was pushed; somebody sees it who has done nothing for it today."""
        await self.follows()
        await self.app.push(now=(await self.app.chat(self.person)).next_push_at)
        pushed = await self.app.until(
            lambda: [m for m in self.app.shown(self.person) if "☀️" in m.text]
        )
        return pushed[0]

    async def opens(self, pushed: Message) -> Message:
        """Open the first pushed paper: by its button, or where there is none by its id."""
        if any("show:" in one.get("callback_data", "") for row in pushed.keyboard for one in row):
            return await self.tap_on(pushed, "show:")
        return await self.say(self.app.papers(self.person)[0])

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


async def first_papers_at_home(hand: Hand) -> None:
    hand.taps += 1
    await hand.app.say(hand.person, "/start")
    await hand.tap("✓ English")
    await hand.tap("Transformers")
    asked = await hand.tap("✅ Follow")
    await hand.tap_on(asked, "here:Europe/London")
    await hand.tap("📬 Send them now")
    await hand.app.until(lambda: hand.app.papers(hand.person))


async def zone(hand: Hand) -> None:
    await hand.app.say(hand.person, "/start")
    asked = await hand.app.follow(hand.person, "transformer")
    await hand.tap_on(asked, "here:Europe/London")
    assert (await hand.app.chat(hand.person)).timezone == "Europe/London"


async def save_pushed(hand: Hand) -> None:
    card = await hand.opens(await hand.is_sent())
    await hand.tap_on(card, "☆ Save")


async def save_on_a_card(hand: Hand) -> None:
    await hand.follows()
    await hand.app.change(hand.person, push_style="cards")
    await hand.app.push(now=(await hand.app.chat(hand.person)).next_push_at)
    cards = await hand.app.until(
        lambda: [m for m in hand.app.shown(hand.person) if "☆ Save" in m.buttons]
    )
    await hand.tap_on(cards[0], "☆ Save")


async def less_like_pushed(hand: Hand) -> None:
    card = await hand.opens(await hand.is_sent())
    await hand.tap_on(card, "👎")


async def note_on_pushed(hand: Hand) -> None:
    card = await hand.opens(await hand.is_sent())
    await hand.tap_on(card, "✏️ Note")
    await hand.say("for the seminar")


async def bibtex(hand: Hand) -> None:
    card = await hand.app.say(hand.person, "2506.21348")
    await hand.app.tap(hand.person, "☆ Save", message=card)
    listed = await hand.say("/saved")
    assert (await hand.tap_on(listed, "BibTeX")).document is not None


async def search_and_open(hand: Hand) -> None:
    found = await hand.say("/search transformer")
    await hand.tap_on(found, "1")


async def week_on_a_phone(hand: Hand) -> None:
    await hand.follows()
    made = await hand.say("/digest 7d")
    assert (await hand.tap_on(made, "📱")).document is not None


async def stop_and_undo(hand: Hand) -> None:
    await hand.follows()
    listed = await hand.say("/unsubscribe")
    gone = await hand.tap_on(listed, "🗑")
    await hand.tap_on(gone, "↩️")


async def holiday(hand: Hand) -> None:
    await hand.follows()
    stopped = await hand.say("/stop")
    await hand.tap_on(stopped, "Until")


async def channel(hand: Hand) -> None:
    made = hand.app.telegram.world.add_channel(f"Of {hand.person.id}", [hand.person])
    await hand.app.say(hand.person, "/help")
    seen = hand.app.mark()
    hand.app.telegram.add_bot(hand.person, made)
    told = await hand.app.answer(hand.person, since=seen)
    chosen = await hand.tap_on(told, "📚")
    picked = await hand.tap_on(chosen, "Transformers")
    await hand.tap_on(picked, "✅ Follow")


WANTED: tuple[tuple[str, Callable[[Hand], Awaitable[None]], int, int], ...] = (
    ("/start to first papers", first_push, 0, 5),
    ("the same, at one's own time", first_papers_at_home, 0, 6),
    ("time zone, while beginning", zone, 0, 1),
    ("follow one's own words", own_words, 1, 1),
    ("save a pushed paper", save_pushed, 0, 2),
    ("the same where each is a card", save_on_a_card, 0, 1),
    ("less like a pushed paper", less_like_pushed, 0, 2),
    ("a note on a pushed paper", note_on_pushed, 1, 2),
    ("BibTeX of all saved", bibtex, 1, 1),
    ("search and open a paper", search_and_open, 1, 1),
    ("this week, readable on a phone", week_on_a_phone, 1, 1),
    ("stop one topic, and undo", stop_and_undo, 1, 2),
    ("pause for a holiday", holiday, 1, 1),
    ("a channel's first topic, once added", channel, 0, 3),
)
"""What people do most; how many messages and taps it may take."""

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


async def count(
    folder: Path,
) -> tuple[list[tuple[str, int, int, str, str]], list[tuple[str, int, int, int, int]]]:
    structlog.configure(processors=[_quiet])
    empty = Database(f"sqlite:///{folder / 'empty.db'}")
    await empty.open()
    await empty.close()
    telegram = FakeTelegram(paced=False)
    await telegram.start()
    counted: list[tuple[str, int, int, str, str]] = []
    wanted: list[tuple[str, int, int, int, int]] = []
    async with open_bot(telegram, folder=folder, empty=folder / "empty.db") as app:
        for number, (name, task, rsstt, flowerss) in enumerate(TASKS):
            hand = Hand(app, telegram.world.add_person(f"P{number}", "en"))
            await task(hand)
            counted.append((name, hand.taps, hand.typed, rsstt, flowerss))
        for number, (name, task, messages, taps) in enumerate(WANTED):
            hand = Hand(app, telegram.world.add_person(f"W{number}", "en"))
            await task(hand)
            wanted.append((name, hand.messages, hand.taps, messages, taps))
    await telegram.stop()
    return counted, wanted


def _quiet(_logger: object, _name: str, _event: object) -> dict[str, object]:
    raise structlog.DropEvent


def main() -> int:
    with TemporaryDirectory() as folder:
        counted, wanted = asyncio.run(count(Path(folder)))
    print("taps + typed characters             Paperboy   RSS-to-Telegram-Bot   flowerss-bot")
    for name, taps, typed, rsstt, flowerss in counted:
        print(f"{name:36}{f'{taps} + {typed}':>8}{rsstt:>22}{flowerss:>15}")
    print("\nmessages + taps                      counted   at most")
    for name, messages, taps, most_messages, most_taps in wanted:
        met = "" if messages <= most_messages and taps <= most_taps else "  more"
        told = f"{messages} + {taps}", f"{most_messages} + {most_taps}"
        print(f"{name:36}{told[0]:>8}{told[1]:>10}{met}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

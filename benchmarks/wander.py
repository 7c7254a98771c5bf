"""Let strangers tap and type whatever comes to mind; count what goes wrong.

    python benchmarks/wander.py
    python benchmarks/wander.py --sequences 200
    python benchmarks/wander.py --minutes 8

Each sequence is a few commands, taps (also on old messages, of others, and forged), texts, edits
and files from one of many people, in private, in a group or in a forum, to the whole running bot
over real HTTP. Nothing may fail in a handler, the strict fake Telegram may refuse no message, and
the chats of those who do nothing must be as they were. Ends with 1 where any of this is broken.
"""

import argparse
import asyncio
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import MutableMapping
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from sqlmodel import col, select

from bot.playground.telegram.account import Tap
from bot.playground.telegram.objects import message_object, person_user
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message, Person
from bot.runtime.application import COMMANDS
from storage.database import Database
from storage.models import Chat, SavedPaper, Subscription, Topic
from tests.bot_under_test import BotUnderTest, open_bot

WANDERERS, BYSTANDERS, AT_ONCE = 120, 5, 12
SECONDS_FOR_ONE = 60.0

WORDS = (
    "gaussian splatting", '"object pose" -survey', "cs.CV", "au:LeCun", "((((", 'ti:"x', "ti:",
    "nerf | ", "NOT", "id:2406.11840", "2406.11840",
    "https://arxiv.org/abs/2406.11840v2", "hep-th/9901001",
    "07:30", "25:99", "Tokyo", "Atlantis", "15", "-1", "99999999999999999999",
    "30d", "7d", "2026-11-20", "zh-CN", "en", "😀" * 50, "<b>bold</b> & <i>", "\u202eevil",
    "x" * 4000, "%s {0} {name} %(x)s", "'; DROP TABLE chat; --", "t1", "t999999", "t1-abcdef",
    "нейронные сети", "你好", "٣٤", "a\nb\nc", "-", "|", "*",
)  # fmt: skip
FORGED = (
    "", "x", "topic:1", "topic:999999", "drop:1", "undo:1", "follow:1:", "set:zone", "put:papers:0",
    "put:zone:../../etc", "put:state:blocked", "now", "pick:nerf", "field::0", "save:2406.11840",
    "forget:yes", "admin", "start:zh-CN", "languages", "x" * 64, "topic:-1", "follow:٣:",
)  # fmt: skip
UNKNOWN = ("nothing", "admin", "cancel", "Start", "subscribe@somebody_else_bot", "a" * 32)

faults: list[MutableMapping[str, Any]] = []


def _keep_errors(_logger: object, level: str, event: MutableMapping[str, Any]) -> str:
    # No translator answers here, and after a while the bot says that this needs somebody.
    if level in {"error", "exception", "critical"} and event.get("trouble") != "engines":
        faults.append(event)
    raise structlog.DropEvent


class Wandering:
    def __init__(self, app: BotUnderTest, seed: int) -> None:
        self.app = app
        self.chance = random.Random(seed)
        self.steps: Counter[str] = Counter()
        self.hands = {
            self.command: 5, self.words: 2, self.tap: 8, self.stale_tap: 3, self.forge: 2,
            self.edit: 1, self.file: 1, self.inline: 2,
        }  # fmt: skip

    async def sequence(self, person: Person, rooms: list[Any]) -> None:
        room = self.chance.choice([person, person, person, *rooms])
        for _step in range(self.chance.randint(2, 7)):
            hand = self.chance.choices([*self.hands], [*self.hands.values()])[0]
            if hand(person, room):
                self.steps[hand.__name__] += 1
            await asyncio.sleep(self.chance.choice((0, 0, 0.02)))
        await self.all_is_answered(person)

    async def all_is_answered(self, person: Person) -> None:
        """What one chat says is handled in its order, so the last thing is answered last."""
        telegram = self.app.telegram
        seen = len(telegram.from_bot(person))
        telegram.send_text(person, person, "/help")
        await telegram.wait_for(
            lambda: any("/subscribe" in m.text for m in telegram.from_bot(person)[seen:]),
            SECONDS_FOR_ONE,
        )

    def command(self, person: Person, room: Any) -> bool:
        name = self.chance.choice([*COMMANDS, *COMMANDS, *COMMANDS, *UNKNOWN])
        if room is not person and self.chance.random() < 0.7:
            name += f"@{self.app.telegram.world.bot.username}"
        words = self.chance.choice(["", "", self.chance.choice(WORDS)])
        self.app.telegram.send_text(person, room, f"/{name} {words}"[:4096])
        return True

    def words(self, person: Person, room: Any) -> bool:
        self.app.telegram.send_text(person, room, self.chance.choice(WORDS))
        return True

    def tap(self, person: Person, room: Any) -> bool:
        return self._tap(person, self.app.shown(room)[-3:])

    def stale_tap(self, person: Person, room: Any) -> bool:
        return self._tap(person, self.app.shown(room)[:40])

    def _tap(self, person: Person, messages: list[Message]) -> bool:
        able = [message for message in messages if message.keyboard]
        if not able:
            return False
        message = self.chance.choice(able)
        self.app.telegram.tap(person, message, self.chance.choice(message.buttons))
        return True

    def forge(self, person: Person, room: Any) -> bool:
        messages = self.app.shown(room)
        if not messages:
            return False
        account, world = self.app.telegram.account, self.app.telegram.world
        message = self.chance.choice(messages[-5:])
        account.updates.push(
            "callback_query",
            {
                "id": account.tapped(Tap(person, world.chats[message.chat_id], world.clock())),
                "from": person_user(person),
                "message": message_object(world, message),
                "chat_instance": "1",
                "data": self.chance.choice(FORGED),
            },
        )
        return True

    def edit(self, person: Person, room: Any) -> bool:
        world = self.app.telegram.world
        mine = [m for m in world.messages(room) if m.sender_id == person.id]
        if not mine:
            return False
        told = {**message_object(world, mine[-1]), "edit_date": world.now()}
        self.app.telegram.account.updates.push("edited_message", told)
        return True

    def file(self, person: Person, room: Any) -> bool:
        content = self.chance.choice((b"", b"{", b"\xff\xfe" * 50, b"x = 1\n", b"A" * 5000))
        name = self.chance.choice(("a.toml", "a.json", "b.md", "c.pdf", "d"))
        self.app.telegram.send_document(person, room, name, content)
        return True

    def inline(self, person: Person, room: Any) -> bool:
        """Type behind the bot's name, and choose from what was found the time before, if any."""
        telegram = self.app.telegram
        telegram.ask_inline(person, room, self.chance.choice(WORDS))
        asked = [query for query in telegram.account.queries.values() if query.person == person]
        for query in asked[-2:-1]:
            if query.answer and query.answer.results:
                telegram.choose(query, self.chance.choice(query.answer.results).id)
        return True


async def state_of(database: Database, people: list[int]) -> list[Any]:
    """Return all that is stored of these chats, but when their week comes: the clock sets that."""
    async with database.reading() as session:
        chats = (
            await session.exec(
                select(Chat).where(col(Chat.telegram_id).in_(people)).order_by(col(Chat.id))
            )
        ).all()
        ids = [chat.id for chat in chats]
        found: list[Any] = [chat.model_dump(exclude={"next_week_at"}) for chat in chats]
        for table in (Subscription, SavedPaper):
            rows = (await session.exec(select(table).where(col(table.chat_id).in_(ids)))).all()
            found += sorted((row.model_dump() for row in rows), key=repr)
    return found


async def wander(sequences: int, seed: int, minutes: float, folder: Path) -> int:
    structlog.configure(processors=[_keep_errors])
    empty = Database(f"sqlite:///{folder / 'empty.db'}")
    await empty.open()
    await empty.close()
    shutil.copy(folder / "empty.db", folder / "newest.db")
    telegram = FakeTelegram(paced=False, seed=seed)
    await telegram.start()
    async with open_bot(telegram, folder=folder, empty=folder / "newest.db") as app:
        world = telegram.world
        people = [
            world.add_person(f"P{n}", ("en", "zh-hans", "es", "de", "")[n % 5])
            for n in range(WANDERERS)
        ]
        still = [world.add_person(f"Still {n}", "en") for n in range(BYSTANDERS)]
        for number, person in enumerate(still):
            await app.follow(person, f"transformer {number}")
        group = world.add_group("Everybody", people, admins=people[:3])
        forum = world.add_supergroup("Forum", people, admins=people[:3])
        for room in (group, forum):
            telegram.add_bot(people[0], room)
        wandering = Wandering(app, seed)
        for person in still:
            # What a tap changes may be written down after its answer.
            await wandering.all_is_answered(person)
        untouched = await state_of(app.database, [person.id for person in still])
        began = time.monotonic()
        done = 0
        # Whoever writes is another one each time, so that nobody writes more than people do.
        free = asyncio.Queue[Person]()
        for person in people:
            free.put_nowait(person)

        async def one() -> None:
            nonlocal done
            while done < sequences and time.monotonic() - began < 60 * minutes:
                done += 1
                person = await free.get()
                await wandering.sequence(person, [group, forum])
                free.put_nowait(person)
                if done % 100 == 0:
                    sys.stderr.write(f"\r{done} sequences ")

        await asyncio.gather(*(one() for _each in range(AT_ONCE)))
        seconds = time.monotonic() - began
        at_last = await state_of(app.database, [person.id for person in still])
        touched = [pair for pair in zip_longest(untouched, at_last) if pair[0] != pair[1]]
        async with app.database.reading() as session:
            topics = len((await session.exec(select(Topic.id))).all())
        refused = Counter(
            f"{call.method}: {call.error['description']}"
            for call in telegram.calls
            if call.error is not None
        )
    await telegram.stop()
    late = ("not modified", "too old")
    bad = [text for text in refused if not any(words in text for words in late)]
    print(
        f"\r{done:,} sequences of {wandering.steps.total():,} steps in {seconds:.0f} s: "
        + ", ".join(f"{name} {n:,}" for name, n in wandering.steps.most_common())
        + f"\n{len(telegram.calls):,} calls to Telegram; {topics} topics\n"
        f"errors in handlers: {len(faults)}\n"
        f"refused by Telegram: {dict(refused)}\n"
        f"chats of those who did nothing: {'TOUCHED' if touched else 'as they were'}"
    )
    for fault in (*faults[:5], *touched[:5]):
        print(fault, file=sys.stderr)
    return 1 if faults or bad or touched else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60.0, help="and then no more")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        return asyncio.run(wander(asked.sequences, asked.seed, asked.minutes, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())

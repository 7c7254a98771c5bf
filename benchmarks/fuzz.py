"""Random updates of every type that Telegram describes, with missing, wrong and oversized fields.

    python benchmarks/fuzz.py
    python benchmarks/fuzz.py --updates 1000 --description bot_api.json

Of 50 people 5 are hostile: the updates are theirs. The others ask for something all the while, and
as a control before and after it, so that a busy machine can be told from a slow bot. Ends with 1
where another's p95 is 200 ms or more, memory 200 MB or more, or the log has a traceback or a word
of a user. The description is the JSON of the Bot API: `types`, each with its `fields`.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pgserver
from attacks.bed import Bed, made, new_database, p95

from bot.playground.telegram.updates import UPDATE_KINDS
from bot.playground.telegram.world import Person

PEOPLE, HOSTILE = 50, 5
WORD = "zyzzyva"
QUESTIONS = ("/help", "/topics", "/status")
CONTROL = 100
DESCRIPTION = Path(os.environ.get("PAPERBOY_MATERIAL", "/nowhere")) / "data" / "bot_api.json"
WRONG: tuple[Any, ...] = (
    None, "", WORD, WORD * 2000, "\0", -1, 0, 2**31, 2**63, 1e300, True, [], {}, [[]], [{}],
)  # fmt: skip


class Maker:
    """Makes updates after the description, and spoils some of their fields."""

    def __init__(self, types: dict[str, Any], chance: random.Random, hostile: list[Person]) -> None:
        self._types, self._chance, self._hostile = types, chance, hostile

    def update(self, kind: str) -> Any:
        fields = {field["name"]: field for field in self._types["Update"]["fields"]}
        return self.value(fields[kind]["types"][0])

    def _object(self, name: str, depth: int) -> Any:
        if name == "User":
            one = self._chance.choice(self._hostile)
            return {"id": one.id, "is_bot": False, "first_name": WORD, "language_code": "en"}
        if name == "Chat" and self._chance.random() < 0.7:
            return {"id": self._chance.choice(self._hostile).id, "type": "private"}
        made = {}
        for field in self._types.get(name, {}).get("fields", ()):
            wanted = 0.97 if field["required"] else 0.3 / (depth + 1)
            if self._chance.random() < wanted:
                spoilt = self._chance.random() < 0.04
                kind = self._chance.choice(field["types"])
                wrong = self._chance.choice(WRONG)
                made[field["name"]] = wrong if spoilt else self.value(kind, depth + 1)
        return made

    def value(self, kind: str, depth: int = 0) -> Any:
        if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            return [self.value(inner, depth + 1) for _ in range(self._chance.randrange(3))]
        if kind == "Integer":
            return self._chance.choice((1, 5, int(time.time()), 10**9))
        if kind in {"Float", "Float number"}:
            return self._chance.uniform(-90, 90)
        if kind in {"Boolean", "True"}:
            return True
        if kind == "String":
            return self._chance.choice(("private", "/start", "/search " + WORD, WORD, "📄" * 9))
        one = self._chance.choice(self._types.get(kind, {}).get("subtypes") or [kind])
        return self._object(one, depth) if depth < 6 else {}


async def fuzz(bed: Bed, types: dict[str, Any], updates: int, rate: float, seed: int) -> bool:
    people = [bed.telegram.world.add_person(f"P{number}") for number in range(PEOPLE)]
    hostile, others = people[:HOSTILE], people[HOSTILE:]
    for person in hostile:
        bed.telegram.world.chat(person)
    await bed.start()
    bed.telegram.updates.allowed = UPDATE_KINDS
    chance = random.Random(seed)
    maker = Maker(types, chance, hostile)
    waits: list[float] = []
    largest = 0.0

    async def attack() -> None:
        for number in range(updates):
            kind = sorted(UPDATE_KINDS)[number % len(UPDATE_KINDS)]
            bed.telegram.updates.allowed = UPDATE_KINDS
            bed.push_update(kind, maker.update(kind))
            if number % 10 == 9:
                await asyncio.sleep(10 / rate)

    async def ask(number: int) -> float:
        await asyncio.sleep(0.1)
        return await bed.asked(others[number % len(others)], QUESTIONS[number % len(QUESTIONS)])

    for each in range(len(others)):  # whoever writes for the first time is registered
        await ask(each)
    control = [await ask(number) for number in range(CONTROL)]
    used, own = bed.cpu_seconds, time.process_time()
    attacking = asyncio.create_task(attack())
    while not attacking.done():
        waits.append(await ask(len(waits)))
        largest = max(largest, bed.memory)
    await attacking
    used, own = bed.cpu_seconds - used, time.process_time() - own
    control += [await ask(number) for number in range(CONTROL)]
    tracebacks = sum("Traceback" in line for line in bed.log)
    words = [line for line in bed.log if WORD in line]
    running = bed.process is not None and bed.process.returncode is None
    print(
        f"{updates:,} updates of {len(UPDATE_KINDS)} types; {len(waits)} questions of others:"
        f" p95 {p95(waits) * 1000:.0f} ms (without the updates, before and after:"
        f" {p95(control) * 1000:.0f} ms); memory {largest:.0f} MB at most; {tracebacks}"
        f" tracebacks; {len(words)} lines with a word of a user; {len(bed.log)} lines of log"
    )
    print(
        f"CPU: the bot {used:.0f} s, the fake servers and the questions {own:.0f} s;"
        f" load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    )
    for line in [line for line in bed.log if "handler failed" in line][:5] + words[:5]:
        print("   ", line[:300])
    return running and not tracebacks and not words and largest < 200 and p95(waits) < 0.2


async def run(asked: argparse.Namespace) -> bool:
    types = json.loads(asked.description.read_text("utf-8"))["types"]
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        server, url = None, f"sqlite:///{Path(name) / 'paperboy.db'}"
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
            url = new_database(server.get_uri(), "fuzz")
        try:
            async with made(Path(name), url) as bed:
                return await fuzz(bed, types, asked.updates, asked.rate, asked.seed)
        finally:
            if server is not None:
                server.cleanup()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--updates", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=50.0, help="updates a second")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--description", type=Path, default=DESCRIPTION)
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())

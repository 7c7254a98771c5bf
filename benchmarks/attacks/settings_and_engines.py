"""Attacks by settings, and by engines whose texts no database takes."""

import asyncio
from itertools import count

from crash import owe
from sqlmodel import update

from attacks.bed import Attack, Bed, attack, check
from storage.models import Chat

KEPT = {
    "backups/paperboy-2026-01-01.db": "a backup of years",
    "site/topics/mine-0123abcd.xml": "a real feed",
    "site/index.html": "a real page",
}


@attack(1, "the playground destroys production data")
async def playground_beside(bed: Bed) -> str:
    """Start the playground beside a full .env, and let it sweep."""
    for name, text in KEPT.items():
        place = bed.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(place.write_text, text)
    said = len(bed.log)
    folders = {"BACKUP_DIR": "backups", "BACKUP_KEEP": "1", "PUBLISH_DIR": "site"}
    await bed.start("playground", "--port", "0", **_possible(bed, folders))
    await bed.says("Paperboy is running", since=said)
    await bed.says("swept", since=said)
    await bed.stop()
    found = {
        path.relative_to(bed.folder).as_posix(): path.read_text()
        for folder in ("backups", "site")
        for path in (bed.folder / folder).rglob("*")
        if path.is_file()
    }
    check(found == KEPT, f"the folders have {sorted(found)}")
    return "no file was touched"


def _possible(bed: Bed, folders: dict[str, str]) -> dict[str, str]:
    """Leave out what is refused beside a server's database."""
    if bed.database_url.startswith("sqlite"):
        return folders
    return {name: value for name, value in folders.items() if not name.startswith("BACKUP")}


BAD_TEXTS = ("\ud83d", "a\0b", "\udfff\ud800", "\x00")


@attack(8, "half of a character in a translation stops pushes, digests and sweeps")
async def broken_characters(bed: Bed) -> str:
    """Owe papers to readers of Chinese; let the engine answer some with what is no text."""
    telegram, translate = bed.telegram, bed.libre.translate
    await owe(bed.database_url, telegram, 12)
    telegram.updates.drop()
    async with bed.database() as database, database.transaction() as session:
        await session.exec(update(Chat).values(language="zh-CN"))
    numbers = count()

    def bad(text: str, target: str) -> str:
        number = next(numbers)
        broken = BAD_TEXTS[number % len(BAD_TEXTS)]
        return translate(text, target) + broken if number % 3 else broken

    bed.libre.translate = bad  # type: ignore[method-assign]
    readers = list(telegram.world.people.values())
    await bed.start(SWEEP_SCHEDULE="* * * * *")
    await bed.until(lambda: all(map(bed.shown, readers)), 100, "a push did not come")
    await bed.says("swept", seconds=90)
    await bed.asked(readers[0], "/digest", seconds=60)
    await bed.asked(readers[1], "/latest", seconds=60)
    bed.check_log()
    return "12 of 12 pushes, a sweep and a digest came"


ATTACKS: tuple[Attack, ...] = (playground_beside, broken_characters)

"""Attacks by what is around the bot: settings, and servers that answer oddly."""

import asyncio

from attack_bed import Attack, Bed, attack, check

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


ATTACKS: tuple[Attack, ...] = (playground_beside,)

"""Attacks on files: the database's under the running bot, backups, and what commands replace."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from attacks.bed import Attack, Bed, attack, check

HOSTILE = {
    "half": "",
    "without a table": "DROP TABLE delivery",
    "with a trigger": (
        "CREATE TRIGGER gone AFTER UPDATE ON alembic_version BEGIN DELETE FROM chat; END"
    ),
}
ZONES = (":/etc/passwd", "../../etc/passwd", "UTC-99", "/", "a" * 5000)


def _file(bed: Bed) -> Path | None:
    """Return the database's file; None for a server."""
    is_file = bed.database_url.startswith("sqlite")
    return Path(bed.database_url.removeprefix("sqlite:///")) if is_file else None


async def _gone(bed: Bed, *, by_another: bool) -> str:
    file = _file(bed)
    if file is None:
        return "a server looks after its own files"
    ada = bed.telegram.world.add_person("Ada")
    await bed.start(ADMINS=str(ada.id))
    await bed.asked(ada, "/settings 07:30")
    await asyncio.to_thread(_take_away, file, by_another=by_another)
    took = bed.stopwatch()
    await bed.ended(1)
    seconds = took()
    check(bed.logged("deleted, moved or replaced"), "the log does not say it")
    last = bed.shown(ada)[-1].text
    check(last.startswith("🚨"), f"its operator was told {last[:40]!r} last")
    kept = [path for path in file.parent.glob(f"{file.name}.2*") if await _kept(path)]
    check(len(kept) == 1, "what it had is nowhere")
    bed.check_log()
    return f"told and ended in {seconds:.1f} s, what it had is kept"


def _take_away(file: Path, *, by_another: bool) -> None:
    if not by_another:
        file.unlink()
        return
    other = file.with_name("other.db")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE other (word TEXT)")
        connection.commit()
    other.replace(file)


async def _kept(path: Path) -> bool:
    def look() -> bool:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("SELECT count(*) FROM chat WHERE push_time LIKE '07:30%'")
            return bool(found.fetchone() == (1,))

    return await asyncio.to_thread(look)


@attack(22, "the database's file deleted under the bot")
async def deleted(bed: Bed) -> str:
    return await _gone(bed, by_another=False)


@attack(22, "another file in the place of the database's, under the bot")
async def replaced(bed: Bed) -> str:
    return await _gone(bed, by_another=True)


@attack(22, "`backup` over somebody's own files, and `restore` of what is no whole backup")
async def foreign_files(bed: Bed) -> str:
    if _file(bed) is None:
        return "a server is copied with its own tools"
    thesis = bed.folder / "thesis"
    await asyncio.to_thread(thesis.write_text, "years of work")
    pipe = bed.folder / "pipe"
    os.mkfifo(pipe)
    for name in ("thesis", "pipe"):
        await bed.start("backup", name)
        await bed.ended(1)
    check(await asyncio.to_thread(thesis.read_text) == "years of work", "a file was replaced")
    check(pipe.is_fifo(), "a pipe was replaced")
    await bed.start("backup", "good.db")
    await bed.ended(0)
    for number, change in enumerate(HOSTILE.values()):
        hostile = f"hostile{number}.db"
        await asyncio.to_thread(_change, bed.folder / "good.db", bed.folder / hostile, change)
        await bed.start("restore", hostile, "--force")
        await bed.ended(1)
    await bed.start("restore", "good.db", "--force")
    await bed.ended(0)
    bed.check_log()
    return f"no file was replaced, {len(HOSTILE)} backups were refused"


def _change(good: Path, hostile: Path, change: str) -> None:
    whole = good.read_bytes()
    hostile.write_bytes(whole if change else whole[: len(whole) // 2])
    if change:
        with closing(sqlite3.connect(hostile)) as connection:
            connection.executescript(change)


@attack(22, "a machine whose time zone is a file, or none")
async def zones(bed: Bed) -> str:
    for zone in ZONES:
        await bed.start(TZ=zone)
        await bed.stop()
    bed.check_log()
    return f"started with {len(ZONES)} of {len(ZONES)}"


ATTACKS: tuple[Attack, ...] = (deleted, replaced, foreign_files, zones)

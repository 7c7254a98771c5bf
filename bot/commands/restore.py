"""`paperboy restore`: put a backup in the place of the database, which is kept aside."""

import asyncio
from pathlib import Path

from bot.commands.backup import SERVER_COPIES
from bot.commands.errors import FOREIGN_SCHEMA, CommandError
from bot.commands.output import Counter
from bot.settings.model import Settings
from storage.backups import BackupError, prepare_restore, put_in_place
from storage.database import Database
from storage.database_problem import DatabaseUnavailableError
from storage.leader import leader_lock


async def restore(settings: Settings, backup: Path, *, force: bool) -> None:
    """Verify a backup, upgrade its schema, and put it in the database's place."""
    database = Database(settings.database_url.get_secret_value())
    if database.path is None:
        raise CommandError(f"{database.url}: {SERVER_COPIES}")
    try:
        aside = await _restore(database, database.path, backup, force=force)
    except BackupError as error:
        raise CommandError(f"nothing was restored or changed: {error}") from error
    except DatabaseUnavailableError as error:
        what = error.detail or error.problem
        if error.problem in FOREIGN_SCHEMA:
            what = f"its schema {what} {FOREIGN_SCHEMA[error.problem]}"
        raise CommandError(f"{backup} was not restored, nothing was changed: {what}") from error
    except OSError as error:
        raise CommandError(f"{database.path} can't be written: {error.strerror}") from error
    print(f"{database.path}: restored from {backup}, verified, its schema up to date.")
    if aside is not None:
        print(f"What was there before is {aside}; delete it when you do not need it.")


async def _restore(database: Database, place: Path, backup: Path, *, force: bool) -> Path | None:
    await asyncio.to_thread(_check, place, backup)
    lead = leader_lock(database)
    if not await lead.take():
        raise CommandError(f"a bot is at work on {database.url}; stop it first")
    try:
        if not force and await asyncio.to_thread(place.exists):
            raise CommandError(
                f"there is a database at {place} already; --force puts it aside and goes on"
            )
        counter = Counter("copied pages:")
        async with prepare_restore(backup, place, progress=counter.show) as fresh:
            return await asyncio.to_thread(put_in_place, fresh, place)
    finally:
        await lead.give_back()


def _check(place: Path, backup: Path) -> None:
    if not backup.is_file():
        raise CommandError(f"there is no backup at {backup}")
    if place.exists() and backup.samefile(place):
        raise CommandError(f"{backup} is the database itself")
    place.parent.mkdir(parents=True, exist_ok=True)

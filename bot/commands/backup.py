"""`paperboy backup`: online backup, a copy of the database while the bot writes to it."""

import asyncio
from pathlib import Path

from bot.commands.errors import CommandError
from bot.commands.output import Counter
from bot.settings.model import Settings
from storage.backups import BackupError, make
from storage.database import Database

SERVER_COPIES = (
    "this is a PostgreSQL server's: copy it with pg_dump, and restore it with pg_restore"
)


async def backup(settings: Settings, target: Path) -> None:
    """Copy the database as it is at this moment, and verify the copy.

    Nothing is asked of the database but to be read: this also saves one that is locked, read-only
    or of another Paperboy's schema.
    """
    size = await asyncio.to_thread(_backup, settings, target)
    print(f"{target}: {size:,} bytes, verified.")


def _backup(settings: Settings, target: Path) -> int:
    database = Database(settings.database_url.get_secret_value())
    source = database.path
    if source is None:
        raise CommandError(f"{database.url}: {SERVER_COPIES}")
    if not source.is_file():
        raise CommandError(f"there is no database at {source} yet")
    if target.exists() and target.samefile(source):
        raise CommandError(f"{target} is the database itself")
    # A journal beside the file that goes would be taken for one of the file that comes.
    if Path(f"{target}-wal").exists():
        raise CommandError(f"{target} is a database in use: {target}-wal lies beside it")
    try:
        return make(source, target, progress=Counter("copied pages:").show)
    except BackupError as error:
        raise CommandError(f"no backup was made: {error}") from error

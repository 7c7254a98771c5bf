"""`paperboy move`: copy everything from one database into another, such as into PostgreSQL."""

from contextlib import AsyncExitStack

from bot.commands.errors import CommandError
from bot.commands.output import Counter
from storage.copying import CountsDifferError, NotEmptyError, move_all
from storage.database import Database
from storage.leader import leader_lock


async def move(source: str, target: str) -> None:
    """Copy everything, count it, and leave the source as it is."""
    if source == target:
        raise CommandError("that is the same database twice")
    old, new = Database(source), Database(target)
    if old.path is not None and not old.path.is_file():
        raise CommandError(f"there is no database at {old.path}")
    async with AsyncExitStack() as stack:
        for database in (old, new):
            await database.open()
            stack.push_async_callback(database.close)
            lead = leader_lock(database)
            if not await lead.take():
                raise CommandError(f"a bot is at work on {database.url}; stop it first")
            stack.push_async_callback(lead.give_back)
        try:
            moved = await move_all(old, new, progress=Counter("moved rows:").show)
        except NotEmptyError as error:
            raise CommandError(
                f"{new.url} is not empty: its table {error.table} has rows; nothing was changed"
            ) from error
        except CountsDifferError as error:
            raise CommandError(f"not all has arrived ({error}); nothing was changed") from error
    for table, rows in moved.items():
        print(f"{table}: {rows:,} rows")
    print(f"Counted in both. Now set DATABASE_URL to {new.url} and start the bot.")

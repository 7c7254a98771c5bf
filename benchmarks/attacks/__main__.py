"""Attack the running bot in each way of a table; print what held and what broke.

    python -m benchmarks.attacks                 (SQLite)
    python -m benchmarks.attacks --postgresql
    python -m benchmarks.attacks --rows 4 5

The bot is a process of its own that talks over real HTTP to the fake servers; each attack has a
new one, with a database of its own. What is waited for is told without the time in which others
had the cores. Ends with 1 where something broke. To add an attack: a function
with `@attack(row, title)` (see bed.py), and its name in the `ATTACKS` of its module.
"""

import argparse
import asyncio
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pgserver

# The benchmarks know each other by their names.
sys.path.insert(0, str(Path(__file__).parents[1]))

from attacks import (
    arxiv,
    chats,
    database,
    files,
    floods,
    process,
    pushes,
    servers,
    settings_and_engines,
    stops,
)
from attacks.bed import Attack, Broken, made, new_database

ATTACKS: Sequence[Attack] = sorted(
    (
        *arxiv.ATTACKS,
        *chats.ATTACKS,
        *database.ATTACKS,
        *files.ATTACKS,
        *floods.ATTACKS,
        *process.ATTACKS,
        *pushes.ATTACKS,
        *servers.ATTACKS,
        *settings_and_engines.ATTACKS,
        *stops.ATTACKS,
    ),
    key=lambda one: int(one.row),
)


async def run(chosen: Attack, folder: Path, url: str) -> str | None:
    """Make one attack; print how it went, and return what broke."""
    began = time.monotonic()
    broken = None
    try:
        async with made(folder, url, paced=chosen.paced) as bed:
            how = await chosen.run(bed)
    except Broken as error:
        how = broken = str(error)
    except Exception as error:  # noqa: BLE001 - an attack that fails is no proof that all holds
        traceback.print_exc()
        how = broken = f"the attack itself failed: {error!r}"
    word = "BROKEN" if broken else "held"
    print(
        f"{chosen.row:>4} {word:6} {time.monotonic() - began:5.0f} s  {chosen.title}: {how}"
        f" (load {os.getloadavg()[0]:.0f})",
        flush=True,
    )
    return broken


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--rows", nargs="*", help="only these rows of the table")
    parser.add_argument("--only", default="", help="only attacks with these words in their titles")
    asked = parser.parse_args()
    broken = 0
    with TemporaryDirectory(prefix="paperboy-", ignore_cleanup_errors=True) as name:
        server = None
        if asked.postgresql:
            server = pgserver.get_server(f"{name}/pg", cleanup_mode="delete")
        for number, chosen in enumerate(ATTACKS):
            if (asked.rows and chosen.row not in asked.rows) or asked.only not in chosen.title:
                continue
            folder = Path(name) / str(number)
            folder.mkdir()
            url = f"sqlite:///{folder / 'paperboy.db'}"
            if server is not None:
                url = new_database(server.get_uri(), f"attack{number}")
            broken += asyncio.run(run(chosen, folder, url)) is not None
        if server is not None:
            server.cleanup()
    print(f"{broken} broken" if broken else "all held")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

"""Attack the running bot in each way of a table; print what held and what broke.

    python benchmarks/attacks.py                 (SQLite)
    python benchmarks/attacks.py --postgresql
    python benchmarks/attacks.py --rows 4 5

The bot is a process of its own that talks over real HTTP to the fake servers; each attack has a
new one, with a database of its own. What is waited for is told without the time in which others
had the cores. Ends with 1 where something broke. To add an attack: a function
with `@attack(row, title)` (see attack_bed.py), and its name in the `ATTACKS` of its module.
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

import attacks_at_arxiv
import attacks_by_more_people
import attacks_by_more_servers
import attacks_by_people
import attacks_by_surroundings
import attacks_of_more_kinds
import attacks_on_data
import attacks_on_more_processes
import attacks_on_the_process
import pgserver
from attack_bed import Attack, Broken, made, new_database

ATTACKS: Sequence[Attack] = sorted(
    (
        *attacks_by_people.ATTACKS,
        *attacks_by_more_people.ATTACKS,
        *attacks_by_more_servers.ATTACKS,
        *attacks_by_surroundings.ATTACKS,
        *attacks_of_more_kinds.ATTACKS,
        *attacks_at_arxiv.ATTACKS,
        *attacks_on_data.ATTACKS,
        *attacks_on_the_process.ATTACKS,
        *attacks_on_more_processes.ATTACKS,
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

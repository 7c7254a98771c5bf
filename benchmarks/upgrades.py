"""Time each revision of the schema over a large SQLite file, and how much memory it takes.

    python benchmarks/upgrades.py --papers 1000000
    python benchmarks/upgrades.py --database COPY.db

Without a file it makes one of schema 0002 with so many papers, each matched, and half as many
deliveries. A file of one's own is changed: give a copy.
"""

import argparse
import multiprocessing
import resource
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from attacks.database import old_database
from sqlalchemy import NullPool, create_engine

from storage import migrations
from storage.migrate import with_foreign_keys, without_foreign_keys

ABSTRACT = "We report what was found in experiments with a method of our own. " * 18


class Took(NamedTuple):
    seconds: float
    cpu: float
    memory: float


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(migrations.__file__).parent))
    made.set_main_option("path_separator", "os")
    return made


def upgrade(file: Path, revision: str, took: "multiprocessing.SimpleQueue[Took]") -> None:
    began, used = time.monotonic(), time.process_time()
    asked = config()
    with create_engine(f"sqlite:///{file}", poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        connection.commit()
        without_foreign_keys(connection)
        with connection.begin():
            asked.attributes["connection"] = connection
            command.upgrade(asked, revision)
        with_foreign_keys(connection)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    took.put(Took(time.monotonic() - began, time.process_time() - used, peak))


def fill(file: Path, papers: int) -> None:
    old_database(f"sqlite:///{file}", "0002_own_store")
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA foreign_keys = OFF")
        for table, many, key in (
            ("paper", papers, "id"),
            ("match", papers, "paper_id"),
            ("delivery", papers // 2, "paper_id"),
        ):
            names = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
            row = dict(zip(names, raw.execute(f"SELECT * FROM {table}").fetchone(), strict=True))  # noqa: S608
            row.pop("number", None)
            if table != "paper":
                row.pop("id", None)
            if "abstract" in row:
                row["abstract"] = ABSTRACT
            columns = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            raw.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - ours
                (row | {key: f"{2500 + n // 90_000}.{n % 90_000:05}"} for n in range(many)),
            )
        raw.commit()


def schema_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as raw:
        return str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=1_000_000)
    parser.add_argument("--database", type=Path, help="a copy of a file, which is upgraded")
    parser.add_argument("--folder", type=Path, help="where the file is made")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="paperboy-", dir=asked.folder) as name:
        file = asked.database or Path(name) / "paperboy.db"
        if asked.database is None:
            fill(file, asked.papers)
        script = ScriptDirectory.from_config(config())
        revisions = [one.revision for one in script.walk_revisions()][::-1]
        print(f"schema {schema_of(file)}, {file.stat().st_size / 1e9:.1f} GB", flush=True)
        for revision in revisions[revisions.index(schema_of(file)) + 1 :]:
            told: multiprocessing.SimpleQueue[Took] = multiprocessing.SimpleQueue()
            child = multiprocessing.Process(target=upgrade, args=(file, revision, told))
            child.start()
            child.join()
            if child.exitcode:
                return 1
            took = told.get()
            print(
                f"{revision}: {took.seconds:.1f} s, CPU {took.cpu:.1f} s,"
                f" memory {took.memory:.0f} MB, {file.stat().st_size / 1e9:.1f} GB after it",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Digests and the site from a database of 1,000,000 papers.

    python benchmarks/digest.py

The papers are made up, a thousand a day, each on one of 100 topics, with abstracts of the length
and the formulas that real ones have; those of the last 30 days are translated already, without key
sentences, as older translations are. Everything is read from one SQLite file, as the bot reads it.
Memory is that of a process of its own. How long its event loop stood still is how long nobody else
would have been answered.
"""

import asyncio
import multiprocessing
import resource
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from as_run import begin_as_run, ready_as_run
from bare_loop import TICK_SECONDS
from beside import standstill

from bot.digest import compose
from bot.digest.markdown import Form, files
from bot.site.folder import OURS
from bot.site.publish import of_all, publish
from bot.translation.service import Translator
from storage.columns import utc_now
from storage.database import Database
from storage.translations import source_digest

PAPERS, TOPICS, A_DAY, DAYS = 1_000_000, 100, 1_000, 30
ASKED, ROUNDS = 11, 200
LANGUAGE = "zh-CN"
TELEGRAM_BYTES = 50_000_000
TITLE = "Learning 3D-Consistent Gaussian Splats from Few Unposed Views"
PROSE = "We study how scenes are rebuilt from few views, at a rate of 95.4% on two benchmarks. "
ABSTRACT = PROSE * 15
WITH_TEX = (
    ABSTRACT + r"It takes $\mathcal{O}(n \log n)$ steps and $x_i^2$ | see https://github.com/a/b_c."
)
TRANSLATED = "我们研究如何从少量视角重建场景，在两个基准上达到 95.4% 的准确率。" * 12
TRANSLATED_TEX = (
    TRANSLATED + r"需要 $\mathcal{O}(n \log n)$ 步和 $x_i^2$ | 见 https://github.com/a/b_c。"
)
"""Of 4,862 real abstracts half have more than 1,280 letters and signs; every sixth has TeX."""


def main() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "paperboy.db"
        began = time.perf_counter()
        asyncio.run(fill(path))
        size = path.stat().st_size / 1e9
        print(f"{PAPERS:,} papers, {size:.1f} GB, made in {time.perf_counter() - began:.0f} s\n")
        for measure in (asked_for, of_a_month, as_a_site):
            alone(measure, path)


def alone(measure: Callable[[Path], None], path: Path) -> None:
    """Measure in a process of its own, whose memory nobody used before."""
    process = multiprocessing.get_context("spawn").Process(target=measure, args=(path,))
    process.start()
    process.join()
    assert process.exitcode == 0


def asked_for(path: Path) -> None:
    asyncio.run(_asked_for(path))


async def _asked_for(path: Path) -> None:
    took, own = [], []
    async with opened(path) as (database, translator), standstill() as longest:
        for _round in range(ROUNDS):
            began, busy = time.perf_counter(), time.process_time()
            digest = await compose.digest(
                database=database,
                translator=translator,
                sections=headings(ASKED),
                wanted=compose.Wanted(language=LANGUAGE, updated=date(2026, 11, 25)),
            )
            pages = await asyncio.to_thread(files, digest, Form(), most_bytes=TELEGRAM_BYTES)
            took.append((time.perf_counter() - began) * 1000)
            own.append((time.process_time() - busy) * 1000)
    assert sum(len(section.papers) for section in digest.sections) == ASKED * 10
    assert all(paper.translated for section in digest.sections for paper in section.papers)
    print(f"digest of {ASKED} topics, {len(pages[0][1]):,} bytes, {ROUNDS} times:")
    for what, values in (("by the clock", took), ("of one core", own)):
        p50, p95 = statistics.median(values), statistics.quantiles(values, n=20)[-1]
        print(f"  {what}: p50 {p50:.0f} ms, p95 {p95:.0f} ms, first {values[0]:.0f} ms", flush=True)
    print(
        f"  the event loop stood still for at most {(max(longest) - TICK_SECONDS) * 1000:.0f} ms",
        flush=True,
    )


def of_a_month(path: Path) -> None:
    asyncio.run(_of_a_month(path))


async def _of_a_month(path: Path) -> None:
    async with opened(path) as (database, translator), standstill() as longest:
        before, began, busy = memory(), time.perf_counter(), time.process_time()
        now = utc_now()
        digest = await compose.digest(
            database=database,
            translator=translator,
            sections=headings(TOPICS),
            wanted=compose.Wanted(
                language=LANGUAGE,
                updated=date(2026, 11, 25),
                period=(now - timedelta(days=DAYS), now),
            ),
        )
        pages = await asyncio.to_thread(files, digest, Form(), most_bytes=TELEGRAM_BYTES)
    papers = sum(len(section.papers) for section in digest.sections)
    size = sum(len(page) for _name, page in pages)
    print(
        f"digest of {DAYS} days of {TOPICS} topics: {papers:,} papers, {len(pages)} files,", end=" "
    )
    print(f"{size / 1e6:.0f} MB, {seconds(began, busy)},", end=" ")
    print(f"stood still for at most {max(longest) - TICK_SECONDS:.2f} s,", end=" ")
    print(f"memory {before:.0f} -> {memory():.0f} MB", flush=True)


def as_a_site(path: Path) -> None:
    asyncio.run(_as_a_site(path))


async def _as_a_site(path: Path) -> None:
    folder = path.with_name("site")
    async with opened(path) as (database, translator):
        for what in ("first", "again", "with one more paper on one topic"):
            if what not in {"first", "again"}:
                add_one(path)
            before = stamps(folder)
            began, busy = time.perf_counter(), time.process_time()
            changed = await publish(
                database=database,
                translator=translator,
                folder=folder,
                sections=await of_all(database=database, language=LANGUAGE),
                wanted=compose.Wanted(language=LANGUAGE, updated=date(2026, 11, 25)),
            )
            took = seconds(began, busy)
            written = sorted(name for name, at in stamps(folder).items() if before.get(name) != at)
            assert len(written) == changed
            print(f"site of {TOPICS} topics, {what}: {took}, {changed} files", end="")
            print(f": {', '.join(written)}" if 0 < changed < 10 else "", flush=True)
    print(f"  index.html: {(folder / 'index.html').stat().st_size / 1e6:.1f} MB", end=", ")
    print(f"memory {memory():.0f} MB")


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[tuple[Database, Translator]]:
    begin_as_run()
    database = Database(f"sqlite:///{path}")
    await database.open()
    ready_as_run()
    try:
        yield database, Translator(engines=(), database=database)
    finally:
        await database.close()


def seconds(began: float, busy: float) -> str:
    clock, core = time.perf_counter() - began, time.process_time() - busy
    return f"{clock:.1f} s ({core:.1f} s of one core)"


def headings(count: int) -> list[compose.Heading]:
    return [
        compose.Heading(f"Topic {number}", number, f"topic{number}")
        for number in range(1, count + 1)
    ]


def stamps(folder: Path) -> dict[str, int]:
    return {
        str(file.relative_to(folder)): file.stat().st_mtime_ns
        for file in folder.rglob("*")
        if file.is_file() and file.name != OURS
    }


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def fill(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.close()
    now = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("digest", 2, source_digest, deterministic=True)
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(
            "INSERT INTO chat (id, telegram_id, thread_id, kind, state, ui_language, language,"
            " timezone, push_time, weekdays, papers_per_push, next_push_at, created_at)"
            " VALUES (1, 1, 0, 'private', 'active', 'en', ?, 'UTC', '09:00:00', 127, 10, ?, ?)",
            (LANGUAGE, str(now), str(now)),
        )
        for number in range(1, TOPICS + 1):
            connection.execute(
                "INSERT INTO topic (id, query, created_at, backfilled_at) VALUES (?, ?, ?, ?)",
                (number, f"word{number}", str(now), str(now)),
            )
            connection.execute(
                "INSERT INTO subscription (chat_id, topic_id, label, created_at)"
                " VALUES (1, ?, ?, ?)",
                (number, f"Topic {number}", str(now)),
            )
        step = timedelta(days=1) / A_DAY
        connection.executemany(
            "INSERT INTO paper (id, version, title, abstract, authors, categories, published_at,"
            " updated_at, swept_at) VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)",
            (row(age, str(now - age * step)) for age in range(PAPERS)),
        )
        connection.execute(
            "INSERT INTO paper_topic (paper_id, topic_id)"
            " SELECT id, 1 + abs(random() % ?) FROM paper",
            (TOPICS,),
        )
        connection.execute(
            "INSERT INTO match (topic_id, paper_id, published_at, created_at)"
            " SELECT topic_id, id, moment, moment FROM paper_topic JOIN (SELECT id,"
            " strftime('%s', published_at) * 1000000 AS moment FROM paper) ON paper_id = id"
        )
        connection.execute(
            "INSERT INTO translation"
            " (paper_id, language, abstract, engine, source_digest, created_at)"
            " SELECT id, ?, CASE abstract WHEN ? THEN ? ELSE ? END, 'libre',"
            " digest(title, abstract), published_at FROM paper WHERE published_at >= ?",
            (LANGUAGE, ABSTRACT, TRANSLATED, TRANSLATED_TEX, str(now - timedelta(days=DAYS + 1))),
        )


def add_one(path: Path) -> None:
    now = str(datetime.now(UTC).replace(tzinfo=None))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("digest", 2, source_digest, deterministic=True)
        connection.execute(
            "INSERT INTO paper (id, version, title, abstract, authors, categories, published_at,"
            " updated_at) VALUES ('new', 1, 'New', 'New', '[]', '[]', ?, ?)",
            (now, now),
        )
        connection.execute("INSERT INTO paper_topic VALUES ('new', 7)")
        connection.execute(
            "INSERT INTO match SELECT 7, id, strftime('%s', published_at) * 1000000,"
            " strftime('%s', published_at) * 1000000 FROM paper WHERE id = 'new'"
        )


def row(age: int, moment: str) -> tuple[str, ...]:
    abstract = ABSTRACT if age % 6 else WITH_TEX
    people, fields = '["Ada Lovelace", "Alan Turing"]', '["cs.CV", "cs.LG"]'
    return paper_id(age), f"{TITLE} {age}", abstract, people, fields, moment, moment, moment


def paper_id(age: int) -> str:
    return f"{2000 + age // 99_999:04}.{age % 99_999:05}"


if __name__ == "__main__":
    main()

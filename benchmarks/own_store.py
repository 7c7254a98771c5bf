"""Previews, searches and their exactness over the own store, among many papers.

    python benchmarks/own_store.py [--papers 45000] [--postgresql] [--folder DIR]
    python benchmarks/own_store.py --fuzz 10000 [--postgresql]
    python benchmarks/own_store.py --relevance 400 --folder DIR [--postgresql]

The papers are the real ones again and again, with ids and dates of their own: 1,400 a day, so that
45,000 are 32 days. They are written as the bot writes them, but in large transactions, and without
PostgreSQL's index, which is made at the end. A folder that is named is kept, and used again. A
preview is
what a reader waits for when a topic is looked at: how many papers of the last 30 days match, and
the newest three; a search is the newest 200 of all. The counts of the 3,000 most frequent words are
compared with the matcher's. `--fuzz` asks so many random queries of the
real papers, each once, and compares how many are found, and the newest 40, with the matcher.
`--relevance` asks so many questions for the most relevant 200, in words of the folder's own papers,
whichever they are, and the same questions for the newest 200.
"""

import argparse
import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory

import pgserver
from real_papers import read, real_papers
from sqlalchemy import text
from sqlmodel import col, select

from bot.query.ast import Query, render
from bot.query.matcher import matching
from bot.query.parser import QuerySyntaxError, parse
from bot.search import own_store
from bot.search.index_words import words_of
from storage import papers
from storage.database import Database
from storage.index_lookup import Words
from storage.models import Paper
from tests.query.queries import WIDE, drawn

A_DAY = 1_400
MONTH = timedelta(days=30)
WORDS = 3_000
AT_ONCE = 2_000
NOW = datetime.now(UTC).replace(microsecond=0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--papers", type=int, default=45_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--folder")
    parser.add_argument("--fuzz", type=int, default=0)
    parser.add_argument("--relevance", type=int, default=0)
    options = parser.parse_args()
    with ExitStack() as stack:
        made = TemporaryDirectory(ignore_cleanup_errors=True)
        folder = options.folder or stack.enter_context(made)
        if options.postgresql:
            mode = "stop" if options.folder else "delete"
            server = pgserver.get_server(f"{folder}/pg", cleanup_mode=mode)
            stack.callback(server.cleanup)
            url = server.get_uri()
        else:
            url = f"sqlite:///{folder}/paperboy.db"
        if options.relevance:
            work = _relevance(url, options.relevance, options.papers)
        else:
            work = _fuzz(url, options.fuzz) if options.fuzz else _measure(url, options.papers)
        asyncio.run(work)


async def _measure(url: str, count: int) -> None:
    real = list(read(real_papers()))
    database = Database(url)
    await database.open()
    seconds = time.process_time()
    words = words_of(real)
    print(f"cutting words: {(time.process_time() - seconds) / len(real) * 1e3:.2f} ms a paper")
    if not await _value(database, "SELECT count(*) FROM paper"):
        await _fill(database, real, words, count)
    await _sizes(database, count)
    asked = questions(real)
    for name, since, most in (("preview", MONTH, 3), ("search", None, 200)):
        times = []
        for query in asked:
            began = time.perf_counter()
            if since is None:
                await own_store.newest(database=database, query=query, most=most)
            else:
                await own_store.find(database=database, query=query, since=NOW - since, most=most)
            times.append((time.perf_counter() - began, render(query)))
        _tell(name, times)
    await _compare_months(database, real, count)
    await database.close()


def _tell(name: str, times: list[tuple[float, str]]) -> None:
    times.sort()
    p50, p95 = (times[int(len(times) * part)][0] * 1e3 for part in (0.5, 0.95))
    print(f"{name}, {len(times):,} questions: p50 {p50:.1f} ms, p95 {p95:.1f} ms; slowest:")
    for slow, which in times[-3:]:
        print(f"    {slow * 1e3:.0f} ms  {which[:80]}")


async def _relevance(url: str, count: int, stored: int) -> None:
    """Ask in the papers' own words for the most relevant ones, and for the newest."""
    database = Database(url)
    await database.open()
    if not await _value(database, "SELECT count(*) FROM paper"):
        real = list(read(real_papers()))
        await _fill(database, real, words_of(real), stored)
    papers_there = await _value(database, "SELECT count(*) FROM paper")
    asked = await _words_of_its_papers(database, count)
    for name, find in (("newest", own_store.newest), ("relevant", own_store.most_relevant)):
        times, cpu = [], time.process_time()
        for query in asked:
            began = time.perf_counter()
            await find(database=database, query=query, most=200)
            times.append((time.perf_counter() - began, render(query)))
        cpu = (time.process_time() - cpu) / len(asked) * 1e3
        _tell(f"{name} 200 of {papers_there:,}, {cpu:.1f} ms of this process's CPU each", times)
    await database.close()


async def _words_of_its_papers(database: Database, count: int) -> list[Query]:
    """Return questions in words of the newest papers: one word, two, either, a start, a phrase."""
    dice = random.Random(19)
    async with database.reading() as session:
        newest = select(Paper).order_by(col(Paper.number).desc()).limit(5_000)
        titles = [
            found
            for paper in (await session.exec(newest)).all()
            if len(found := re.findall(r"[a-z]\w{2,}", paper.title.lower())) > 1
        ]
    asked: list[Query] = []
    while len(asked) < count:
        title = dice.choice(titles)
        place = dice.randrange(len(title) - 1)
        one, other = title[place], title[place + 1]
        third = dice.choice(dice.choice(titles))
        asked += _parsed(
            [one, f"{one} {third}", f"{one} OR {third}", f"{one}*", f'"{one} {other}"']
        )
    return asked[:count]


async def _compare_months(database: Database, real: Sequence[Paper], count: int) -> None:
    """Compare how many papers a preview counts in a month with what the matcher finds in it."""
    asked = dict(enumerate(_parsed(_frequent(real, WORDS + 100))[:WORDS]))
    copies = Counter(number % len(real) for number in range(min(count, 30 * A_DAY + 1)))
    times_of = {paper.id: copies[number] for number, paper in enumerate(real)}
    truth = {
        number: sum(times_of[paper_id] for paper_id in found)
        for number, found in matching(real, asked).items()
    }
    short = differ = 0
    for number, query in asked.items():
        told = await own_store.find(database=database, query=query, since=NOW - MONTH, most=3)
        short += told.count < 0.9 * truth[number]
        differ += told.count != truth[number]
    print(f"{len(asked):,} words' months: {short} under nine tenths of the truth, {differ} differ")


async def _fill(
    database: Database, real: Sequence[Paper], words: dict[str, Words], count: int
) -> None:
    began = time.perf_counter()
    if not database.is_sqlite:
        await _run(database, "DROP INDEX ix_paper_index_words")
    for start in range(0, count, AT_ONCE):
        some = [_again(real, number) for number in range(start, min(start + AT_ONCE, count))]
        told = {one.id: words[real[number].id] for number, one in _numbered(real, start, some)}
        async with database.transaction() as session:
            await papers.store(session=session, papers=some, words=told)
    if not database.is_sqlite:
        await _run(database, "CREATE INDEX ix_paper_index_words ON paper_index USING gin (words)")
    took = time.perf_counter() - began
    print(f"storing {count:,} papers: {took / count * 1e3:.2f} ms a paper, index included")


async def _run(database: Database, sql: str) -> None:
    async with database.transaction() as session:
        await (await session.connection()).execute(text(sql))


async def _value(database: Database, sql: str) -> int:
    async with database.reading() as session:
        connection = await session.connection()
        return int((await connection.execute(text(sql))).scalar_one())


def _again(real: Sequence[Paper], number: int) -> Paper:
    """Return a real paper once more, as the number-th newest."""
    published = NOW - timedelta(days=1) * number / A_DAY
    return real[number % len(real)].model_copy(
        update={"id": _id(number), "published_at": published, "updated_at": published}
    )


def _id(number: int) -> str:
    return f"{1001 + number // 99_999:04}.{number % 99_999:05}"


def _numbered(real: Sequence[Paper], start: int, some: Sequence[Paper]) -> list[tuple[int, Paper]]:
    return [((start + place) % len(real), one) for place, one in enumerate(some)]


async def _sizes(database: Database, count: int) -> None:
    statements = _SIZES if database.is_sqlite else _SIZES_POSTGRESQL
    sizes = [await _value(database, sql) for sql in statements]
    whole, index = sizes[0], sum(sizes[1:])
    print(f"{whole / count:,.0f} bytes a paper all in all, {index / count:,.0f} of it the index")


_SIZES = (
    "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "SELECT sum(length(block)) FROM paper_index_data",
    "SELECT sum(length(c0||c1||c2||c3||c4||c5||c6)) FROM paper_index_content",
)
_SIZES_POSTGRESQL = (
    "SELECT pg_database_size(current_database())",
    "SELECT pg_total_relation_size('paper_index')",
)


def questions(real: Sequence[Paper]) -> list[Query]:
    """Return what people may ask: words, starts, phrases, names, exclusions, presets' kinds."""
    dice = random.Random(5)
    frequent = _frequent(real, 4_657)
    names = [author for paper in real for author in paper.authors]
    asked = [*dice.sample(frequent, 250), *(f"{word}*" for word in dice.sample(frequent, 150))]
    for author in dice.sample(names, 150):
        asked += [f'au:"{author}"', f'au:"{author.split()[0][0]}. {author.split()[-1]}"']
    for paper in dice.sample(list(real), 150):
        words = re.findall(r"[\w-]+", paper.title)
        for length in (2, 3):
            place = dice.randrange(max(1, len(words) - length))
            asked.append(f'"{" ".join(words[place : place + length])}"')
    for _ in range(150):
        one, other, third = dice.sample(frequent, 3)
        asked += [f"{one} {other}", f"{one} -{other}", f"({one} OR {other}) {third}"]
    asked += ["cat:cs.CV", "cat:cs.*", "cs.CL diffusion", "LLM OR GAN OR NeRF", "model", "learning"]
    return _parsed(asked)


def _parsed(asked: Sequence[str]) -> list[Query]:
    """Return each different query once; stop words alone are none."""
    queries: dict[Query, None] = {}
    for one in asked:
        try:
            queries[parse(one)] = None
        except QuerySyntaxError:
            continue
    return list(queries)


def _frequent(real: Sequence[Paper], count: int) -> list[str]:
    found = Counter(
        word for paper in real for word in set(re.findall(r"[a-z]{4,}", paper.abstract))
    )
    return [word for word, _times in found.most_common(count)]


async def _fuzz(url: str, count: int) -> None:
    once = list(read(real_papers()))
    real = [_again(once, number) for number in range(len(once))]
    words = words_of(real)
    database = Database(url)
    await database.open()
    for start in range(0, len(real), AT_ONCE):
        some = [one.model_copy() for one in real[start : start + AT_ONCE]]
        async with database.transaction() as session:
            await papers.store(session=session, papers=some, words=words)
    asked = drawn(WIDE, count)
    wrong = found = 0
    for start in range(0, len(asked), 500):
        part = dict(enumerate(asked[start : start + 500]))
        expected = matching(real, part)
        for number, query in part.items():
            told = await own_store.find(database=database, query=query, most=40)
            ids = [paper.id for paper in told.papers]
            if (told.count, ids) != (len(expected[number]), expected[number][:40]):
                wrong += 1
                print(f"differs: {render(query)}")
            found += bool(expected[number])
    print(f"{len(asked):,} random queries, of which {found:,} find something: {wrong} differ")
    await database.close()


if __name__ == "__main__":
    main()

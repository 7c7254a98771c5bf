"""A sweep through everything that arXiv does on bad days ends as one on a good day."""

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import SourceError
from bot.playground.arxiv.faults import ArxivFault
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.query.parser import normalise, parse
from bot.query.presets import PRESETS
from bot.sweep.sweep import sweep
from storage import chats, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Delivery, Match, Paper
from tests.material import real_rows

EVERYTHING = timedelta(days=120)
SWEEPS = 40
"""So many in a row are never all unlucky."""

PASSING = {
    ArxivFault.TOO_MANY_REQUESTS,
    ArxivFault.UNAVAILABLE,
    ArxivFault.BROKEN,
    ArxivFault.RESET,
    ArxivFault.CUT_OFF,
    ArxivFault.TRUNCATED,
    ArxivFault.HTML,
    ArxivFault.ERROR_ENTRY,
    ArxivFault.NOTHING,
    ArxivFault.EMPTY_PAGE,
    ArxivFault.SHORT_PAGE,
    ArxivFault.REPEATED_PAGE,
}
SILENT = {ArxivFault.HANG, ArxivFault.SLOW}
SPOILING = {ArxivFault.BAD_ENTRY, ArxivFault.ILL_FORMED_ENTRY}
"""These take a paper away without a word of warning; the next sweep has to bring it."""
USUAL = {ArxivFault.UNAVAILABLE, ArxivFault.TRUNCATED, ArxivFault.EMPTY_PAGE}
"""What arXiv does most; the others are tried as well where there is time."""


@asynccontextmanager
async def reader_of_everything(
    file: Path, empty: Path, rows: Iterable[dict[str, Any]], **options: Any
) -> AsyncIterator[tuple[Database, FakeArxiv, ArxivSource]]:
    """Open a database in which a chat follows all ready-made topics, before an arXiv."""
    shutil.copy(empty, file)
    database = Database(f"sqlite:///{file}")
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=utc_now()
        )
        for readymade in PRESETS:
            query = normalise(parse(readymade.query))
            topic = await topics.register(session=session, query=query)
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label=readymade.key
            )
    arxiv = FakeArxiv(rows, newest=datetime.now(UTC), seed=3)
    quick = {"delay_seconds": 0, "backoff_seconds": 0.0001, "max_tries": 8}
    source = ArxivSource(url=await arxiv.start(), **{**quick, **options})
    yield database, arxiv, source
    await source.aclose()
    await arxiv.stop()
    await database.close()


async def stored(database: Database) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    """Return the papers, the matches and what is owed."""
    async with database.reading() as session:
        papers = set((await session.exec(select(Paper.id))).all())
        matches = await session.exec(select(Match.topic_id, Match.paper_id))
        owed = await session.exec(select(Delivery.paper_id))
        found = {(str(topic), paper) for topic, paper in matches}
        return papers, found, set(owed.all())


async def sweep_until_good(database: Database, source: ArxivSource) -> int:
    """Sweep as the clock does, again after each failure; return how many failed."""
    for failed in range(SWEEPS):
        try:
            await sweep(database=database, source=source, window=EVERYTHING)
        except SourceError:
            continue
        return failed
    pytest.fail("no sweep ever ended well")


async def test_faults_that_come_together_cost_no_paper_no_match_and_no_delivery(
    tmp_path: Path, empty_database: Path
) -> None:
    rows = real_rows()[::12]
    async with reader_of_everything(tmp_path / "fair", empty_database, rows) as opened:
        database, arxiv, source = opened
        await sweep_until_good(database, source)
        expected = await stored(database)
    assert len(expected[0]) == len(rows)

    async with reader_of_everything(
        tmp_path / "foul", empty_database, rows, max_tries=30, page_size=40
    ) as opened:
        database, arxiv, source = opened
        # One of each kind: refused, broken, incomplete. All twelve at once leave 7 % of the
        # answers sound, and no sweep of several pages would ever end well.
        for fault in (ArxivFault.UNAVAILABLE, ArxivFault.TRUNCATED, ArxivFault.EMPTY_PAGE):
            arxiv.faults.sometimes(fault, probability=0.2)
        failed = await sweep_until_good(database, source)
        assert await stored(database) == expected
    bad = len(arxiv.requests) - len(rows) // 40 - 1
    assert bad > 2, f"{bad} requests went wrong, and {failed} sweeps"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fault, marks=() if fault in USUAL else pytest.mark.slow, id=fault.name)
        for fault in sorted(PASSING | SILENT)
    ],
)
async def test_a_fault_at_20_percent_costs_nothing(
    tmp_path: Path, empty_database: Path, fault: ArxivFault
) -> None:
    rows = real_rows()[::32]
    fast = {"page_size": 15, "timeout_seconds": 0.3 if fault in SILENT else 10}
    async with reader_of_everything(tmp_path / "app.db", empty_database, rows, **fast) as opened:
        database, arxiv, source = opened
        arxiv.faults.sometimes(fault, probability=0.2)
        await sweep_until_good(database, source)
        assert (await stored(database))[0] == set(arxiv.ids)
        assert len(arxiv.requests) > len(rows) // 15 + 1, "nothing went wrong, so nothing is shown"


@pytest.mark.parametrize("fault", sorted(SPOILING), ids=lambda fault: fault.name)
async def test_a_paper_that_came_spoilt_comes_with_the_next_sweep_that_has_it_whole(
    tmp_path: Path, empty_database: Path, fault: ArxivFault
) -> None:
    rows = real_rows()[::32]
    async with reader_of_everything(
        tmp_path / "app.db", empty_database, rows, page_size=15
    ) as opened:
        database, arxiv, source = opened
        arxiv.faults.sometimes(fault, probability=0.2)
        await sweep_until_good(database, source)
        assert 0 < len(arxiv.ids) - len((await stored(database))[0]) <= 5
        for _more in range(5):
            await sweep_until_good(database, source)
        assert (await stored(database))[0] == set(arxiv.ids)

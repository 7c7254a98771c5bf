"""Read all of arXiv by OAI-PMH, a usual day and a month, and tell what it costs.

    python benchmarks/oai.py

The fake OAI-PMH speaks as arXiv's does, with pages of 2,500 records. The real papers are repeated
under new ids: on a weekday 1,450 are new, and as many older ones were edited, by which they are
dated anew. Polite seconds are 3 between two requests; own seconds include the work of the fake.
"""

import asyncio
import gzip
import json
import logging
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import structlog
from real_papers import real_papers

from bot.arxiv.oai import OaiSource
from bot.playground.arxiv.calendar import announced_at
from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.stand_in import FakeArxiv

NEW = EDITED = 1_450
POLITE_SECONDS = 3
MONTH = 30
OLD = "2601"
SATURDAY = 5
LAST = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def main() -> None:
    file = real_papers()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    asyncio.run(_measure(file))


async def _measure(file: Path) -> None:
    days = [LAST - back * DAY for back in range(MONTH)]
    workdays = [day for day in days if day.weekday() < SATURDAY]
    rows = _rows(file)
    arxiv = FakeArxiv([*_new(rows, workdays), *_old(rows, EDITED * len(workdays))])
    oai = FakeOai(arxiv, now=lambda: LAST + 2 * DAY)
    old = iter([paper_id for paper_id in arxiv.ids if paper_id.startswith(OLD)])
    for day in workdays:
        oai.edit(islice(old, EDITED), day)
    source = OaiSource(url=await oai.start(), delay_seconds=0)
    print(f"{len(arxiv.ids):,} papers; before: {_megabytes():,.0f} MB")
    await _read(source, oai, "a day", LAST.date(), LAST.date())
    await _read(source, oai, "a month", days[-1].date(), LAST.date())
    await source.aclose()
    await oai.stop()


async def _read(source: OaiSource, oai: FakeOai, what: str, first: date, last: date) -> None:
    oai.requests.clear()
    began = time.perf_counter()
    papers = new = largest = 0
    async for page in source.changed(first, last):
        papers += len(page)
        new += sum(announced_at(paper.published_at).date() >= first for paper in page)
        largest = max(largest, len(page))
    seconds = time.perf_counter() - began
    requests = len(oai.requests)
    print(
        f"{what}: {papers:,} papers, {new:,} of them new, in {requests} requests"
        f" ({(requests - 1) * POLITE_SECONDS} polite s), {seconds:.1f} own s;"
        f" pages of {largest:,} at most, {_megabytes():,.0f} MB at most"
    )


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        papers = cycle([json.loads(line) for line in lines])
    for paper in papers:
        yield {**paper, "version": 1, "updated": None}


def _new(rows: Iterator[dict[str, Any]], workdays: Sequence[datetime]) -> Iterator[dict[str, Any]]:
    """Yield what was submitted the day before each of these, so that it is announced on them."""
    for day in workdays:
        for number in range(NEW):
            moment = (day - DAY).replace(hour=0) + number * timedelta(seconds=40)
            paper_id = f"{day:%y%m}.{day.day * 2_000 + number:05}"
            yield {**next(rows), "id": paper_id, "published": moment.isoformat()}


def _old(rows: Iterator[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {**next(rows), "id": f"{OLD}.{number:05}", "published": "2026-01-15T12:00:00+00:00"}


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

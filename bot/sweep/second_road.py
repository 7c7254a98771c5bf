"""Second road: what changed on arXiv, day by day, read from OAI-PMH when the API fails for a day.

The API is the first road also after a long stop: a month of arXiv is about 25 of its answers, and
100 and more of OAI-PMH's, which tells old papers that were edited as well.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from bot.arxiv.calendar import last_announcement, next_announcement
from bot.arxiv.oai import OaiSource
from bot.sweep.ingest import ingest
from bot.sweep.look import owe
from bot.sweep.window import WINDOW, Horizon
from storage import papers, sweeps
from storage.columns import utc_now
from storage.database import Database
from storage.models import Paper, Sweep

PATIENCE = timedelta(days=1)
"""For so long the API is waited for."""

_READY = timedelta(hours=3)
"""After an announcement its records are there: at 22:30 US Eastern, and half an hour is spare."""

_DAY = timedelta(days=1)


class Days(NamedTuple):
    """What to read of OAI-PMH."""

    first: date
    last: date
    ready: datetime
    """The announcement up to which the records are complete."""
    late: datetime
    """What was submitted before this should have been seen by an earlier sweep."""

    @property
    def start(self) -> datetime:
        """From when on they have everything submitted: no record changes before that."""
        return datetime.combine(self.first, time(), tzinfo=UTC)


def days(*, now: datetime, since: datetime | None, failing_since: datetime | None) -> Days | None:
    """Return which days to read now that the API has failed, None where it is too early for that.

    since: how far the newest good sweep reached; None before the first. failing_since: when the
    first sweep failed since then.
    """
    waiting_since = since or failing_since
    if waiting_since is None or waiting_since > now - PATIENCE:
        return None
    ready = last_announcement(now - _READY)
    if since is not None and ready <= since:
        return None
    # One day more: the API may have been behind when it was asked last.
    start = (since or now - WINDOW) - _DAY
    # Whoever asks for a day too early is told until midnight that it is empty.
    too_early = next_announcement(now - _READY).astimezone(UTC).date()
    return Days(
        first=start.astimezone(UTC).date(),
        last=min(now.astimezone(UTC).date(), too_early - _DAY),
        ready=ready,
        late=(since or now) - WINDOW,
    )


async def due(*, database: Database, now: datetime) -> Days | None:
    """Return which days to read now that the API has failed, None where it is too early."""
    async with database.reading() as session:
        good = await sweeps.last_good(session=session)
        failing_since = await sweeps.failing_since(session=session)
    return days(now=now, since=good.window_to if good else None, failing_since=failing_since)


async def read(*, database: Database, source: OaiSource, days: Days, horizon: Horizon) -> Sweep:
    """Ingest the papers that changed on these days; return the log entry.

    Each page is stored before the next. The cursor moves at the end alone, for a record that was
    changed again stands at its later day; and only up to where the records are complete.

    Raises:
        SourceError: arXiv gave no answer that can be trusted.

    """
    entry = Sweep(window_from=days.start, window_to=days.ready, whole=True, started_at=utc_now())
    ids: set[str] = set()
    async for page in source.changed(days.first, days.last):
        found = await _wanted(database, page, since=min(days.late, horizon.held))
        done = await ingest(
            database=database, found=found, entry=None, late=days.late, horizon=horizon
        )
        entry.new += done.new
        entry.matched += done.matched
        ids.update(paper.id for paper in found if paper.published_at >= days.start)
    entry.found, entry.finished_at = len(ids), utc_now()
    async with database.transaction() as session:
        await sweeps.add(session=session, sweep=entry)
    await owe(database, entry)
    return entry


async def _wanted(database: Database, page: list[Paper], *, since: datetime) -> list[Paper]:
    """Return what a sweep of the API would have told as well, and what is known already."""
    news = await database.read(partial(papers.news, papers=page), long=True)
    return [paper for paper in page if paper.published_at >= since or paper.id not in news.new]

"""Look: one stretch of time asked of arXiv's API, ingested, written into the log and fanned out."""

import structlog

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import RateLimitedError, SourceError, UnreachableError
from bot.sweep.fan_out import fan_out_new_matches
from bot.sweep.ingest import ingest
from bot.sweep.window import Horizon, Stretch
from storage import papers, sweeps
from storage.columns import utc_now
from storage.database import Database
from storage.models import Sweep, SweepFault, SweepState

_log = structlog.get_logger(__name__)


async def look(
    *,
    database: Database,
    source: ArxivSource,
    stretch: Stretch,
    horizon: Horizon,
    thoroughly: bool = False,
) -> Sweep:
    """Look at one stretch of time; what was matched before is left out unless `thoroughly`.

    What is found is stored a slice at a time, the entry in the log last, and deliveries are made of
    it at once. Where arXiv fails nothing is stored but that; what a later failure leaves counts as
    new, and the next look does it again.
    """
    started_at = utc_now()
    try:
        known = set() if thoroughly else await _known(database, stretch)
        found = await source.window(stretch.start, stretch.end, known=known)
        entry = Sweep(
            window_from=stretch.start,
            window_to=stretch.end,
            whole=True,
            started_at=started_at,
            found=len(known.union(paper.id for paper in found)),
        )
        await ingest(
            database=database, found=found, entry=entry, late=stretch.late, horizon=horizon
        )
    except Exception as error:
        entry = Sweep(
            window_from=stretch.start,
            window_to=stretch.end,
            state=SweepState.FAILED,
            started_at=started_at,
            finished_at=utc_now(),
            fault=_fault(error),
            # What is not arXiv's may quote anything.
            error=str(error) if isinstance(error, SourceError) else type(error).__name__,
        )
        async with database.transaction() as session:
            await sweeps.add(session=session, sweep=entry)
        raise
    await owe(database, entry)
    return entry


async def owe(database: Database, entry: Sweep) -> None:
    """Fan out what a look found, and note in its entry how many deliveries came of it."""
    entry.owed = await fan_out_new_matches(database)
    async with database.transaction() as session:
        await sweeps.note_owed(session=session, sweep_id=entry.id, owed=entry.owed)
    _log.info("swept", found=entry.found, new=entry.new, matched=entry.matched, owed=entry.owed)


async def _known(database: Database, stretch: Stretch) -> set[str]:
    """Return which papers of a stretch need no second look."""
    async with database.reading(long=True) as session:
        # arXiv, too, takes the whole minute in which a stretch begins.
        return await papers.swept(
            session=session,
            start=stretch.start.replace(second=0, microsecond=0),
            end=stretch.end,
        )


def _fault(error: Exception) -> SweepFault:
    match error:
        case RateLimitedError():
            return SweepFault.BUSY
        case UnreachableError():
            return SweepFault.UNREACHABLE
        case SourceError():
            return SweepFault.BROKEN
        case _:
            return SweepFault.OWN

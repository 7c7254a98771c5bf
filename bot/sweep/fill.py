"""Fill: the background job that reads arXiv further back, until the store holds all of HELD."""

from datetime import datetime

import structlog

from bot.arxiv.client import ArxivSource
from bot.sweep import window
from bot.sweep.look import look
from storage import sweeps
from storage.columns import utc_now
from storage.database import Database

_log = structlog.get_logger(__name__)


async def fill_step(
    *, database: Database, source: ArxivSource, now: datetime | None = None
) -> bool:
    """Look at the day before all that is held; return whether there is more to do.

    Nothing is remembered but the log of looks, so it goes on after a crash where it was.

    Raises:
        SourceError: arXiv gave no answer that can be trusted.

    """
    now = now or utc_now()
    async with database.reading() as session:
        since = await sweeps.known_since(session=session, now=now)
    due = window.fill(now=now, since=since)
    if not due:
        return False
    step = due[0]
    await look(database=database, source=source, stretch=step, horizon=window.horizon(now=now))
    if due[1:]:
        _log.info(
            "read further back",
            since=f"{step.start:%Y-%m-%d}",
            until=f"{due[-1].start:%Y-%m-%d}",
        )
        return True
    _log.info("all that is to be held of arXiv is there", since=f"{step.start:%Y-%m-%d}")
    return False

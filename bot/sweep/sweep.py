"""Sweep: one look at all of arXiv for what is new, for all topics together; also after downtime."""

from datetime import datetime, timedelta

import structlog

from bot.arxiv.client import ArxivSource
from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import SourceError
from bot.sweep import second_road
from bot.sweep.look import look
from bot.sweep.window import DEEP_EVERY, WINDOW, Horizon, deep_look, horizon, stretches
from storage import sweeps
from storage.columns import utc_now
from storage.database import Database
from storage.models import Sweep

_log = structlog.get_logger(__name__)


async def sweep(
    *,
    database: Database,
    source: ArxivSource,
    oai: OaiSource | None = None,
    now: datetime | None = None,
    window: timedelta = WINDOW,
) -> Sweep:
    """Sweep arXiv once for all topics, whether or not anybody follows any; return the log entry.

    A sweep that fails changes nothing but the log, and the next good one covers the gap, in steps
    where it is long. Where the API fails for a day, OAI-PMH is read instead. Once a week a second,
    deeper look follows, whose failure is only noted.

    Raises:
        SourceError: arXiv gave no answer that can be trusted.

    """
    started = now or utc_now()
    async with database.reading() as session:
        good = await sweeps.last_good(session=session)
        beginning = await sweeps.beginning(session=session)
        recent = await sweeps.good_since(session=session, moment=started - DEEP_EVERY)
    due = stretches(now=started, since=good.window_to if good else None, window=window)
    far = horizon(now=started, window=window)
    try:
        for stretch in due:
            entry = await look(database=database, source=source, stretch=stretch, horizon=far)
    except SourceError:
        instead = oai and await _second_road(database, oai, started, far)
        if instead:
            return instead
        raise
    deep = deep_look(now=started, beginning=beginning, recent=recent)
    if deep and deep[-1].start < due[0].start:
        try:
            for stretch in deep:
                await look(
                    database=database,
                    source=source,
                    stretch=stretch,
                    horizon=far,
                    thoroughly=True,
                )
        except SourceError as error:
            _log.warning("deep look failed", error=str(error))
    return entry


async def _second_road(
    database: Database, oai: OaiSource, now: datetime, horizon: Horizon
) -> Sweep | None:
    """Read OAI-PMH where it is time for that; None where it is not, or fails as well."""
    days = await second_road.due(database=database, now=now)
    if days is None:
        return None
    first, last = days.first.isoformat(), days.last.isoformat()
    _log.warning("the API fails, OAI-PMH is read instead", first=first, last=last)
    try:
        return await second_road.read(database=database, source=oai, days=days, horizon=horizon)
    except SourceError as error:
        _log.warning("OAI-PMH failed as well", error=str(error))
        return None

"""Retention job: old papers that nobody needs are deleted, slice after slice."""

from datetime import datetime, timedelta

from storage import retention
from storage.database import Database
from storage.retention import Place

PAPERS_AT_ONCE = 100
DELIVERIES_AT_ONCE = 5_000
"""Few enough in one transaction that nobody waits for it noticeably."""


async def delete_old_papers(*, database: Database, now: datetime, age: timedelta) -> int:
    """Remove papers of more than this age with their translations; return how many.

    What was sent of them is forgotten as well, and still none comes again: sweeps push nothing
    that is older than `bot.sweep.window.NEWS`, and `age` is more (see `RETENTION_DAYS`).
    A crash leaves at most a paper without its deliveries, which the next time removes.
    """
    removed, place = 0, None
    while True:
        async with database.reading() as session:
            found: list[Place] = await retention.unneeded(
                session=session, before=now - age, after=place, limit=PAPERS_AT_ONCE
            )
        if not found:
            return removed
        place = found[-1]
        ids = [one.paper_id for one in found]
        gone = DELIVERIES_AT_ONCE
        while gone == DELIVERIES_AT_ONCE:
            async with database.transaction() as session:
                gone = await retention.remove_deliveries(
                    session=session, paper_ids=ids, most=DELIVERIES_AT_ONCE
                )
        async with database.transaction() as session:
            removed += await retention.remove(session=session, paper_ids=ids)

"""Retention job: what nobody needs any more is let go, slice after slice."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from storage import outbox, retention, sweeps
from storage.database import Database
from storage.retention import UNNEEDED, UNTOUCHED, Place, Rule

PAPERS_AT_ONCE = 100
EXPIRED_AT_ONCE = 500
DELIVERIES_AT_ONCE = 5_000
"""Few enough in one transaction that nobody waits for it noticeably."""


async def expire_deliveries(*, database: Database, now: datetime, age: timedelta) -> int:
    """Stop owing what has been over the cap for this long; return how many deliveries."""
    expired, gone = 0, EXPIRED_AT_ONCE
    while gone == EXPIRED_AT_ONCE:
        async with database.transaction() as session:
            gone = await outbox.expire(session=session, now=now, age=age, limit=EXPIRED_AT_ONCE)
        expired += gone
    return expired


async def delete_untouched_papers(*, database: Database, now: datetime) -> int:
    """Remove the papers that no topic found and that are nobody's, when their 35 days are over."""
    removed = 0
    async for ids in _slices(database, UNTOUCHED, now - sweeps.HELD):
        async with database.transaction() as session:
            removed += await retention.remove(session=session, rule=UNTOUCHED, paper_ids=ids)
    return removed


async def delete_old_papers(*, database: Database, now: datetime, age: timedelta) -> int:
    """Remove papers of more than this age with their translations; return how many.

    What was sent of them is forgotten as well, and still none comes again: sweeps push nothing
    that is older than `bot.sweep.window.NEWS`, and `age` is more (see `RETENTION_DAYS`).
    A crash leaves at most a paper without its deliveries, which the next time removes.
    """
    removed = 0
    async for ids in _slices(database, UNNEEDED, now - age):
        gone = DELIVERIES_AT_ONCE
        while gone == DELIVERIES_AT_ONCE:
            async with database.transaction() as session:
                gone = await retention.remove_deliveries(
                    session=session, paper_ids=ids, most=DELIVERIES_AT_ONCE
                )
        async with database.transaction() as session:
            removed += await retention.remove(session=session, rule=UNNEEDED, paper_ids=ids)
    return removed


async def _slices(database: Database, rule: Rule, before: datetime) -> AsyncIterator[list[str]]:
    """Yield the papers that a rule lets go, oldest first, each once whatever becomes of it."""
    found: list[Place] = []
    while True:
        async with database.reading(long=True) as session:
            found = await retention.oldest(
                session=session,
                rule=rule,
                before=before,
                after=found[-1] if found else None,
                limit=PAPERS_AT_ONCE,
            )
        if not found:
            return
        yield [one.paper_id for one in found]

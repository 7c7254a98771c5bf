"""Retention job: what nobody needs any more is let go, slice after slice."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from functools import partial

from storage import outbox, retention, sweeps, topics, weeks
from storage.database import Database
from storage.retention import UNNEEDED, UNTOUCHED, Place, Rule
from storage.slices import Slices

WEEKS_KEPT = timedelta(weeks=10)

PAPERS_AT_ONCE = 100
"""Papers that are looked for at once; how many go in one transaction is learnt."""


async def expire_deliveries(*, database: Database, now: datetime, age: timedelta) -> int:
    """Stop owing what has been over the cap for this long; return how many deliveries."""
    expired, slices = 0, Slices(first=200, least=50, most=5_000)
    while True:
        most = slices.size
        work = partial(outbox.expire, now=now, age=age, limit=most)
        gone = await slices.write(database, work)
        expired += gone
        if gone < most:
            return expired


async def remove_unfollowed_topics(*, database: Database, now: datetime, age: timedelta) -> int:
    """Forget topics that were looked at but that nobody follows; return how many."""
    removed, slices = 0, Slices(first=200, least=50, most=5_000)
    while True:
        work = partial(topics.remove_unfollowed_slice, now=now, age=age, most=slices.size)
        some = await slices.write(database, work)
        if some is None:
            return removed
        removed += some


async def forget_weeks(*, database: Database, now: datetime) -> None:
    """Forget what was told of weeks long ago."""
    await database.write(partial(weeks.forget, before=now - WEEKS_KEPT))


async def delete_untouched_papers(*, database: Database, now: datetime) -> int:
    """Remove the papers that no topic found and that are nobody's, when their 35 days are over."""
    removed, slices = 0, _papers()
    async for ids in _found(database, UNTOUCHED, now - sweeps.HELD):
        removed += await _remove(database, UNTOUCHED, ids, slices)
    return removed


async def delete_old_papers(*, database: Database, now: datetime, age: timedelta) -> int:
    """Remove papers of more than this age with their translations; return how many.

    What was sent so long ago is forgotten as well, and still none comes again: sweeps push nothing
    that is older than `bot.sweep.window.NEWS`, and `age` is more (see `RETENTION_DAYS`).
    """
    await _forget_deliveries(database, now - age)
    removed, slices = 0, _papers()
    # Of one so old no delivery is made any more, so that none is missing here later.
    kept = await database.read(retention.unfinished, long=True)
    async for ids in _found(database, UNNEEDED, now - age):
        some = [one for one in ids if one not in kept]
        removed += await _remove(database, UNNEEDED, some, slices)
    return removed


async def _forget_deliveries(database: Database, before: datetime) -> None:
    last: int | None = 0
    slices = Slices(first=200, least=50, most=5_000)
    while last is not None:
        work = partial(retention.remove_deliveries, before=before, after=last, most=slices.size)
        last = await slices.write(database, work)


def _papers() -> Slices:
    return Slices(first=10, least=5, most=PAPERS_AT_ONCE)


async def _remove(database: Database, rule: Rule, ids: list[str], slices: Slices) -> int:
    removed, rest = 0, ids
    while rest:
        some, rest = rest[: slices.size], rest[slices.size :]
        removed += await slices.write(
            database, partial(retention.remove, rule=rule, paper_ids=some)
        )
    return removed


async def _found(database: Database, rule: Rule, before: datetime) -> AsyncIterator[list[str]]:
    """Yield the papers that a rule lets go, oldest first, each once whatever becomes of it."""
    found: list[Place] = []
    while True:
        work = partial(
            retention.oldest,
            rule=rule,
            before=before,
            after=found[-1] if found else None,
            limit=PAPERS_AT_ONCE,
        )
        found = await database.read(work, long=True)
        if not found:
            return
        yield [one.paper_id for one in found]

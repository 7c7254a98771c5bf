"""The fill: after the first week the bot reads further back, until 35 days of arXiv are held."""

from datetime import datetime, timedelta

import pytest

from bot.arxiv.transport import SourceError
from bot.playground.arxiv.faults import ArxivFault
from bot.sweep.fill import fill_step
from bot.sweep.sweep import sweep
from storage import outbox, papers, sweeps, topics
from storage.columns import utc_now
from tests.on_connection import found_by
from tests.outside import DAY, Outside, record


async def step(outside: Outside) -> bool:
    return await fill_step(database=outside.database, source=outside.source)


async def known_since(outside: Outside) -> datetime | None:
    async with outside.database.reading() as session:
        return await sweeps.known_since(session=session, now=utc_now())


def a_month_and_more() -> list[dict[str, object]]:
    return [record(age, "A NeRF", days_ago=age - 0.5) for age in range(1, 41)]


async def test_before_the_first_sweep_nothing_is_read_further_back(outside: Outside) -> None:
    assert not await step(outside)
    assert not outside.arxiv.requests


async def test_35_days_are_read_a_day_at_a_time_and_each_is_stored_before_the_next(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish(a_month_and_more())
    await sweep(database=outside.database, source=outside.source)
    assert len(outside.arxiv.requests) == 1
    steps = 1
    while await step(outside):
        steps += 1
        since = await known_since(outside)
        assert since is not None
        assert utc_now() - since == pytest.approx((7 + steps - 1) * DAY, abs=timedelta(minutes=1))
    assert steps in {28, 29}, "the last one may be of the seconds that have passed"
    assert len(outside.arxiv.requests) == 1 + steps
    since = await known_since(outside)
    assert since is not None
    assert utc_now() - since == pytest.approx(35 * DAY, abs=timedelta(minutes=1))
    async with outside.database.reading() as session:
        known = await papers.get_many(
            session=session, paper_ids=[f"2611.{age:05}" for age in range(1, 41)]
        )
    assert sorted(known) == [f"2611.{age:05}" for age in range(1, 36)]
    assert not await step(outside)
    assert len(outside.arxiv.requests) == 1 + steps


async def test_what_is_read_further_back_is_matched_and_pushed_to_nobody(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish(a_month_and_more())
    await sweep(database=outside.database, source=outside.source)
    while await step(outside):
        pass
    async with outside.database.transaction() as session:
        topic = await topics.register(session=session, query="nerf")
        found = await found_by(session, topic.id)
        owed = await outbox.pending(session=session, chat_id=chat.id, now=utc_now() + DAY)
        news = await sweeps.last_news(session=session)
        good = await sweeps.last_good(session=session)
    assert len(found) == 35
    assert [entry.paper.id for entry in owed] == [f"2611.{age:05}" for age in range(1, 8)]
    assert news == good, "what was read back is no news"


async def test_a_step_that_fails_is_taken_again_and_those_before_are_kept(
    outside: Outside,
) -> None:
    outside.arxiv.publish(a_month_and_more())
    await sweep(database=outside.database, source=outside.source)
    assert await step(outside)
    before = await known_since(outside)
    outside.arxiv.faults.next(ArxivFault.UNAVAILABLE, times=2)
    with pytest.raises(SourceError):
        await step(outside)
    assert await known_since(outside) == before
    while await step(outside):
        pass
    async with outside.database.reading() as session:
        known = await papers.swept(session=session, start=utc_now() - 40 * DAY, end=utc_now())
    assert len(known) == 35


async def test_after_an_update_what_is_known_already_costs_a_request_a_day(
    outside: Outside,
) -> None:
    """A sweep of the followed categories alone left holes, which the log knows."""
    outside.arxiv.publish(a_month_and_more())
    start = utc_now() - 41 * DAY
    await sweep(database=outside.database, source=outside.source, window=41 * DAY)
    async with outside.database.transaction() as session:
        good = await sweeps.last_good(session=session)
        assert good is not None
        good.whole = False
    assert await known_since(outside) is None
    await sweep(database=outside.database, source=outside.source)
    asked = len(outside.arxiv.requests)
    while await step(outside):
        pass
    assert len(outside.arxiv.requests) - asked in {28, 29}
    async with outside.database.reading() as session:
        looks = await sweeps.good_since(session=session, moment=start)
    assert sum(look.new for look in looks[1:]) == 0

"""Scheduled jobs: each goes on where a crash left the last one."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.playground.arxiv.faults import ArxivFault
from bot.playground.translator.stand_in import TranslatorFault
from bot.query.parser import parse
from bot.runtime.jobs import Jobs
from bot.runtime.schedule import run_once
from bot.search import own_store
from bot.telegram.rate_limiter import RateLimiter
from storage import papers, statistics, topics
from storage.columns import utc_now
from tests.fresh_batches import announce
from tests.on_connection import found_by
from tests.outside import Outside, record
from tests.push.test_worker import paper


async def test_the_push_makes_up_for_a_fan_out_that_a_crash_interrupted(outside: Outside) -> None:
    ada, chat = await outside.person("Ada")
    await outside.follow(chat, "nerf")
    found = [paper(1)]
    async with outside.database.transaction() as session:
        topic = await topics.register(session=session, query="nerf")
        await papers.store(session=session, papers=found)
    await announce(outside.database, {topic.id: [one.id for one in found]})
    await outside.due(chat)
    jobs = Jobs(outside.container, outside.bot, outside.pusher)
    await jobs.push()
    (text,) = outside.pushed(ada)
    assert "A NeRF 1" in text


async def test_reading_further_back_waits_for_a_sweep_and_a_sweep_for_one_step_of_it(
    outside: Outside,
) -> None:
    outside.arxiv.publish([record(age, "A NeRF", days_ago=age - 0.5) for age in range(1, 20)])
    jobs = Jobs(outside.container, outside.bot, outside.pusher)
    await jobs.sweep()
    asked = len(outside.arxiv.requests)
    outside.arxiv.faults.next(ArxivFault.TOO_MANY_REQUESTS, retry_after="1")
    filling = asyncio.ensure_future(jobs.fill())
    await outside.telegram.wait_for(lambda: len(outside.arxiv.requests) > asked)
    await asyncio.gather(jobs.sweep(), jobs.fill(), filling)
    back, again, sweep = (
        request.arguments["search_query"] for request in outside.arxiv.requests[asked:]
    )
    assert back == again, "the step is finished first"
    assert sweep != back, "and there is one of it, however often the clock asks"


async def test_after_an_update_papers_are_indexed_and_topics_matched_against_them(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    async with outside.database.transaction() as session:
        await papers.store(session=session, papers=[paper(1)])  # as before there was an index
    await Jobs(outside.container, outside.bot, outside.pusher).catch_up()
    found = await own_store.find(database=outside.database, query=parse("nerf"), most=10)
    assert found.count == 1
    async with outside.database.transaction() as session:
        topic = await topics.register(session=session, query="nerf")
        assert await found_by(session, topic.id) == [paper(1).id]
    assert topic.matched_at is not None


@pytest.mark.parametrize("retention_days", [0, 365])
async def test_every_night_what_nobody_wanted_for_35_days_goes(
    outside: Outside, retention_days: int
) -> None:
    settings = outside.settings.model_copy(update={"retention_days": retention_days})
    old, young = paper(1), paper(2)
    old.published_at = utc_now() - timedelta(days=35, minutes=1)
    async with outside.database.transaction() as session:
        await papers.store(session=session, papers=[old, young])
    jobs = Jobs(replace(outside.container, settings=settings), outside.bot, outside.pusher)
    await jobs.tidy()
    assert (await outside.database.read(statistics.totals)).papers == 1


@pytest.mark.parametrize("waits_for", ["Telegram", "a translation"])
async def test_at_a_stop_a_push_puts_back_what_it_took_and_the_next_start_goes_on_at_once(
    outside: Outside, waits_for: str
) -> None:
    people = []
    for number in range(6):
        language = "en" if waits_for == "Telegram" else "zh-CN"
        ada, chat = await outside.person(f"Ada {number}", language=language)
        await outside.follow(chat, "nerf")
        people.append((ada, chat))
    await outside.owe("nerf", [paper(n) for n in range(1, 10)])
    for _ada, chat in people:
        await outside.due(chat)
    outside.telegram.service.latency = 0.3
    outside.libre.fault = TranslatorFault.HANG
    pusher = outside.pusher
    jobs = Jobs(outside.container, outside.bot, pusher)
    await jobs.start()
    run_once(jobs._scheduler, jobs.push, name="now", after=timedelta(0))
    await asyncio.sleep(0.7)
    assert isinstance(outside.bot.rate_limiter, RateLimiter)
    outside.bot.rate_limiter.stop_pushes()
    pusher.stop()
    jobs.stop()
    pushing = set(jobs.underway)
    assert pushing
    _done, late = await asyncio.wait(pushing, timeout=2)
    for task in late:  # as a stop does once its patience is at an end
        task.cancel()
    await asyncio.wait(pushing)
    jobs.close()
    for _ada, chat in people:
        stored = await outside.chat(chat)
        assert stored.next_push_at - utc_now() < timedelta(seconds=5)
    if waits_for == "Telegram":
        outside.bot.rate_limiter.resume_pushes()
        await outside.pusher.push_due(now=utc_now() + timedelta(seconds=5))
        for ada, _chat in people:
            assert sum(text.count("A NeRF") for text in outside.pushed(ada)) == 9

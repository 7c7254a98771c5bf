"""Scheduled jobs: each goes on where a crash left the last one."""

import asyncio

from bot.playground.arxiv.faults import ArxivFault
from bot.runtime.jobs import Jobs
from storage import fan_out, matches, papers, topics
from tests.outside import Outside, record
from tests.push.test_worker import paper


async def test_the_push_makes_up_for_a_fan_out_that_a_crash_interrupted(outside: Outside) -> None:
    ada, chat = await outside.person("Ada")
    await outside.follow(chat, "nerf")
    found = [paper(1)]
    async with outside.database.transaction() as session:
        topic = await topics.register(session=session, query="nerf")
        await papers.store(session=session, papers=found)
        new = await matches.record_matches(session=session, matches={topic.id: found})
        await fan_out.record_fresh(session=session, matches=new)
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

"""Scheduled jobs: each goes on where a crash left the last one."""

from bot.runtime.jobs import Jobs
from storage import fan_out, matches, papers, topics
from tests.outside import Outside
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

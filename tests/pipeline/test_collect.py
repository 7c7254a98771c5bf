"""The sweep: everything that is new, once, for all topics together; and nothing where it fails."""

from datetime import timedelta

import pytest

from bot.papers.source import SourceError
from bot.pipeline.collect import backfill, backfill_waiting, sweep
from bot.pipeline.window import WINDOW
from bot.playground.arxiv_faults import ArxivFault
from storage import outbox, papers, sweeps, topics
from storage.models import Chat, Sweep, SweepState, Topic, utc_now
from tests.pipeline.conftest import DAY, Outside, record


async def run(outside: Outside) -> Sweep | None:
    return await sweep(database=outside.database, source=outside.source)


async def owed(outside: Outside, chat: Chat) -> list[str]:
    async with outside.database.reading() as session:
        found = await outbox.owed(session=session, chat_id=chat.id, now=utc_now() + DAY)
    return [entry.paper.id for entry in found]


async def test_a_sweep_owes_each_chat_the_new_papers_on_its_topics(outside: Outside) -> None:
    _ada, one = await outside.person("Ada")
    _bob, two = await outside.person("Bob")
    await outside.follow(one, "nerf", "gaussian splatting")
    await outside.follow(two, "nerf")
    outside.arxiv.publish(
        [
            record(1, "A NeRF with Gaussian splatting"),
            record(2, "Gaussian splatting of gardens", days_ago=2),
            record(3, "On the breeding of bees"),
        ]
    )
    entry = await run(outside)
    assert entry is not None
    assert (entry.found, entry.new, entry.matched, entry.owed) == (3, 3, 3, 3)
    assert await owed(outside, one) == ["2611.00001", "2611.00002"]
    assert await owed(outside, two) == ["2611.00001"]


@pytest.mark.parametrize("topic_count", [1, 40])
async def test_a_sweep_costs_one_request_whatever_the_number_of_topics(
    outside: Outside, topic_count: int
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, *(f"word{number}" for number in range(topic_count)))
    outside.arxiv.publish([record(n, f"Word{n} explained") for n in range(50)])
    await run(outside)
    assert len(outside.arxiv.requests) == 1


async def test_a_second_sweep_finds_nothing_new(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    entry = await run(outside)
    assert entry is not None
    assert (entry.found, entry.new, entry.matched, entry.owed) == (1, 0, 0, 0)


async def test_a_new_version_refreshes_the_paper_and_is_owed_to_nobody(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    outside.arxiv.publish([record(1, "A better NeRF", version=2, updated=utc_now().isoformat())])
    entry = await run(outside)
    assert entry is not None
    assert entry.owed == 0
    async with outside.database.reading() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00001"])
    assert stored["2611.00001"].title == "A better NeRF"


async def test_a_paper_that_is_announced_days_late_is_found(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A first NeRF", days_ago=0.5)])
    await run(outside)
    outside.arxiv.publish([record(2, "A NeRF held back by moderation", days_ago=5)])
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001", "2611.00002"]


async def test_the_first_good_sweep_after_downtime_covers_the_gap(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF from the dark days", days_ago=20)])
    async with outside.database.transaction() as session:
        await sweeps.add(
            session=session,
            sweep=Sweep(window_from=utc_now() - 27 * DAY, window_to=utc_now() - 20 * DAY),
        )
    entry = await run(outside)
    assert entry is not None
    assert entry.window_from < utc_now() - 20 * DAY - WINDOW + timedelta(minutes=1)
    assert await owed(outside, chat) == ["2611.00001"]


@pytest.mark.parametrize(
    "fault",
    [
        ArxivFault.UNAVAILABLE,
        ArxivFault.TOO_MANY_REQUESTS,
        ArxivFault.RESET,
        ArxivFault.TRUNCATED,
        ArxivFault.HTML,
        ArxivFault.EMPTY_PAGE,
        ArxivFault.ERROR_ENTRY,
    ],
)
async def test_a_failed_sweep_changes_nothing_but_the_diary(
    outside: Outside, fault: ArxivFault
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    outside.arxiv.faults.always(fault)
    with pytest.raises(SourceError):
        await run(outside)
    async with outside.database.reading() as session:
        last = await sweeps.last(session=session)
        assert await papers.count(session=session) == 0
        assert await sweeps.last_good(session=session) is None
    assert last is not None
    assert last.state is SweepState.FAILED
    assert last.error
    assert await owed(outside, chat) == []
    outside.arxiv.faults.clear()
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]


async def test_without_topics_arxiv_is_left_alone(outside: Outside) -> None:
    assert await run(outside) is None
    assert not outside.arxiv.requests


async def test_arxiv_is_asked_for_fewer_papers_when_every_topic_names_a_category(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf cat:cs.CV", "cat:cs.CL")
    outside.arxiv.publish(
        [
            record(1, "A NeRF"),
            record(2, "On the rotation of galaxies", categories=["astro-ph.GA"]),
        ]
    )
    entry = await run(outside)
    assert entry is not None
    assert entry.found == 1
    await outside.follow(chat, "galaxies")
    entry = await run(outside)
    assert entry is not None
    assert entry.found == 2
    assert sorted(await owed(outside, chat)) == ["2611.00001", "2611.00002"]


async def topic_of(outside: Outside, query: str) -> Topic:
    async with outside.database.transaction() as session:
        return await topics.register(session=session, query=query)


async def test_a_new_topic_is_backfilled_with_one_search(outside: Outside) -> None:
    outside.arxiv.publish(
        [record(1, "A NeRF", days_ago=90), record(2, "NeRF again"), record(3, "Bees")]
    )
    topic = await topic_of(outside, "nerf")
    for _again in range(2):
        await backfill(database=outside.database, source=outside.source, topic_id=topic.id)
    assert len(outside.arxiv.requests) == 1
    async with outside.database.reading() as session:
        newest = await topics.newest(session=session, topic_id=topic.id, limit=10)
    assert [paper.id for paper in newest] == ["2611.00002", "2611.00001"]


async def test_a_backfilled_paper_is_still_new_to_the_other_topics(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "splatting")
    outside.arxiv.publish([record(1, "NeRF against splatting")])
    topic = await topic_of(outside, "nerf")
    await backfill(database=outside.database, source=outside.source, topic_id=topic.id)
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]


async def test_a_backfill_that_failed_is_made_up_for_with_the_week_s_papers(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    outside.arxiv.publish([record(1, "A NeRF"), record(2, "An old NeRF", days_ago=30)])
    topic = await topic_of(outside, "nerf")
    async with outside.database.transaction() as session:
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="NeRF")
    outside.arxiv.down = True
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await owed(outside, chat) == []
    outside.arxiv.down = False
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await owed(outside, chat) == ["2611.00001"]


async def test_a_topic_that_does_not_parse_harms_only_itself(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    async with outside.database.transaction() as session:
        broken = await topics.register(session=session, query='ti:"')
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=broken.id, label="broken")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]

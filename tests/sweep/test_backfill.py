"""A topic's past: what arXiv has beyond the own store, and how far its answer reaches."""

from datetime import datetime, timedelta

import pytest

import bot.sweep.backfill
from bot.playground.arxiv.faults import ArxivFault
from bot.query.ast import Query
from bot.query.parser import parse_stored
from bot.search import own_store
from bot.sweep.backfill import EVER, backfill, backfill_waiting
from bot.sweep.sweep import sweep
from storage import sweeps, topics
from storage.columns import utc_now
from storage.models import Sweep
from tests.on_connection import found_by
from tests.outside import DAY, Outside, record


async def filled(outside: Outside, query: str) -> tuple[datetime | None, list[str]]:
    """Ask for a topic's past; return how far the answer reaches, and the topic's papers."""
    topic = await outside.topic(query)
    since = await backfill(database=outside.database, source=outside.source, topic_id=topic.id)
    async with outside.database.reading() as session:
        return since, await found_by(session, topic.id)


async def swept(outside: Outside, *, start: timedelta, end: timedelta) -> None:
    """Note that all of arXiv was read of a time."""
    now = utc_now()
    async with outside.database.transaction() as session:
        read = Sweep(window_from=now - start, window_to=now - end, whole=True)
        await sweeps.add(session=session, sweep=read)


async def test_a_topic_s_whole_past_is_asked_for_once(outside: Outside) -> None:
    outside.arxiv.publish(
        [record(1, "A NeRF", days_ago=90), record(2, "NeRF again"), record(3, "Bees")]
    )
    assert await filled(outside, "nerf") == (EVER, ["2611.00002", "2611.00001"])
    assert await filled(outside, "nerf") == (None, ["2611.00002", "2611.00001"])
    assert len(outside.arxiv.requests) == 1


async def test_ids_are_asked_for_by_themselves(outside: Outside) -> None:
    outside.arxiv.publish(
        [record(1, "A NeRF", days_ago=90), record(2, "Bees", days_ago=80), record(3, "Ants")]
    )
    assert await filled(outside, "id:2611.00002 OR nerf") == (EVER, ["2611.00002", "2611.00001"])
    asked = [request.arguments.get("id_list") for request in outside.arxiv.requests]
    assert asked.count("2611.00002") == 1


async def test_what_the_store_holds_all_of_is_not_asked_for_again(outside: Outside) -> None:
    outside.arxiv.publish([record(1, "A NeRF", days_ago=90), record(2, "NeRF", days_ago=3)])
    await swept(outside, start=35 * DAY, end=0 * DAY)
    assert await filled(outside, "nerf") == (EVER, ["2611.00001"])


async def test_a_store_that_lacks_the_last_days_is_made_up_for(outside: Outside) -> None:
    outside.arxiv.publish([record(1, "A NeRF", days_ago=90), record(2, "NeRF", days_ago=1)])
    await swept(outside, start=35 * DAY, end=3 * DAY)
    assert await filled(outside, "nerf") == (EVER, ["2611.00002", "2611.00001"])


async def test_of_many_papers_the_newest_two_hundred_are_enough(outside: Outside) -> None:
    outside.arxiv.publish(record(n, f"NeRF {n}", days_ago=1 + n) for n in range(250))
    since, found = await filled(outside, "nerf")
    assert found == [f"2611.{n:05}" for n in range(200)]
    assert since is not None
    assert abs(utc_now() - 200 * DAY - since) < timedelta(minutes=1)
    assert len(outside.arxiv.requests) == 1


async def test_where_little_of_an_answer_is_meant_it_is_read_on(outside: Outside) -> None:
    """Our matcher keeps a transformer apart from a transformation, which arXiv's can't."""
    outside.arxiv.publish(
        [record(n, f"Transformation {n}", days_ago=1 + n / 10) for n in range(450)]
    )
    outside.arxiv.publish([record(450, "A transformer", days_ago=50)])
    since, found = await filled(outside, "transformer")
    assert found == ["2611.00450"]
    assert since == EVER
    assert len(outside.arxiv.requests) == 3


async def test_reading_on_ends_after_a_thousand_papers(outside: Outside) -> None:
    outside.arxiv.publish(
        [record(n, f"Transformation {n}", days_ago=1 + n / 20) for n in range(1_100)]
    )
    since, found = await filled(outside, "transformer")
    assert found == []
    assert since is not None
    assert since > utc_now() - 52 * DAY
    assert len(outside.arxiv.requests) == 5


async def test_a_backfilled_paper_is_still_new_to_the_other_topics(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "splatting")
    outside.arxiv.publish([record(1, "NeRF against splatting")])
    await filled(outside, "nerf")
    await sweep(database=outside.database, source=outside.source)
    assert await outside.owed(chat) == ["2611.00001"]


async def test_a_backfill_that_failed_is_made_up_for_with_the_week_s_papers(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    outside.arxiv.publish([record(1, "A NeRF"), record(2, "An old NeRF", days_ago=30)])
    topic = await outside.topic("nerf")
    async with outside.database.transaction() as session:
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="NeRF")
    outside.arxiv.down = True
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await outside.owed(chat) == []
    outside.arxiv.down = False
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await outside.owed(chat) == ["2611.00001"]


async def test_a_topic_that_does_not_parse_harms_only_itself(outside: Outside) -> None:
    _ada, chat = await outside.person()
    outside.arxiv.publish([record(1, "A NeRF")])
    async with outside.database.transaction() as session:
        for query in ('ti:"', "nerf"):
            topic = await topics.register(session=session, query=query)
            await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label=query)
    await own_store.match_waiting(database=outside.database)
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await outside.owed(chat) == ["2611.00001"]


async def still_waiting(outside: Outside) -> list[str]:
    async with outside.database.reading() as session:
        waiting = await topics.unbackfilled(session=session, limit=1_000)
    return [topic.query for topic in waiting]


async def follow_anew(outside: Outside, *queries: str) -> None:
    """Let somebody follow topics that wait for their past, as all do after an update."""
    _ada, chat = await outside.person()
    await outside.follow(chat, *queries)
    async with outside.database.transaction() as session:
        for query in queries:
            (await topics.register(session=session, query=query)).backfilled_at = None


async def test_after_an_update_old_topics_are_asked_for_a_hundred_at_a_time_new_ones_first(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bot.sweep.backfill.AT_ONCE == 100
    monkeypatch.setattr(bot.sweep.backfill, "AT_ONCE", 3)
    await follow_anew(outside, *(f"word{number}" for number in range(6)))
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await still_waiting(outside) == ["word2", "word1", "word0"]
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await still_waiting(outside) == []


async def test_a_topic_that_arxiv_does_not_understand_keeps_no_other_waiting(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follow_anew(outside, "word1", "word2", "word3")
    outside.arxiv.faults.next(ArxivFault.ERROR_ENTRY)
    refused: set[int] = set()

    async def ask() -> list[str]:
        await backfill_waiting(database=outside.database, source=outside.source, refused=refused)
        return await still_waiting(outside)

    assert await ask() == ["word3"]
    # Not even a hundred of them, all the newest: they are not asked for again.
    monkeypatch.setattr(bot.sweep.backfill, "AT_ONCE", 1)
    await follow_anew(outside, "word0")
    outside.arxiv.faults.next(ArxivFault.ERROR_ENTRY)
    assert await ask() == ["word0", "word3"]
    await follow_anew(outside, "word2")
    assert await ask() == ["word0", "word3"]


async def test_a_failure_of_our_own_over_a_topic_harms_no_other(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await follow_anew(outside, "word1", "word2")

    def fails(query: str) -> Query:
        if query == "word2":
            raise RecursionError
        return parse_stored(query)

    monkeypatch.setattr(bot.sweep.backfill, "parse_stored", fails)
    await backfill_waiting(database=outside.database, source=outside.source)
    assert await still_waiting(outside) == ["word2"]

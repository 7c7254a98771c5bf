"""The sweep: everything that is new, once, for all topics together; and nothing where it fails."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select, update
from structlog.testing import capture_logs

from bot.arxiv.client import ArxivSource
from bot.arxiv.transport import SourceError
from bot.playground.arxiv.faults import ArxivFault
from bot.search.own_store import match_waiting
from bot.sweep.backfill import backfill, backfill_waiting
from bot.sweep.sweep import sweep
from storage import outbox, papers, statistics, sweeps, topics
from storage.columns import utc_now
from storage.models import (
    Chat,
    Delivery,
    DeliveryState,
    Subscription,
    Sweep,
    SweepFault,
    SweepState,
    Topic,
)
from tests.on_connection import found_by, mark_sent
from tests.outside import DAY, Outside, record
from tests.seldom import seldom


async def run(outside: Outside) -> Sweep:
    return await sweep(database=outside.database, source=outside.source)


async def owed(outside: Outside, chat: Chat) -> list[str]:
    async with outside.database.reading() as session:
        found = await outbox.pending(session=session, chat_id=chat.id, now=utc_now() + DAY)
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
    assert (entry.found, entry.new, entry.matched, entry.owed) == (1, 0, 0, 0)


async def test_a_new_version_refreshes_the_paper_and_is_owed_to_nobody(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    outside.arxiv.publish([record(1, "A better NeRF", version=2, updated=utc_now().isoformat())])
    entry = await run(outside)
    assert entry.owed == 0
    async with outside.database.reading() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00001"])
    assert stored["2611.00001"].title == "A better NeRF"


async def matched(outside: Outside, query: str) -> list[str]:
    async with outside.database.transaction() as session:
        topic = await topics.register(session=session, query=query)
        return await found_by(session, topic.id)


async def test_a_cross_list_brings_the_paper_once_to_those_who_never_got_it(
    outside: Outside,
) -> None:
    _ada, one = await outside.person("Ada")
    _bob, two = await outside.person("Bob")
    await outside.follow(one, "nerf")
    await outside.follow(one, "cat:cs.RO")
    await outside.follow(two, "cat:cs.RO")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    assert (await owed(outside, one), await owed(outside, two)) == (["2611.00001"], [])
    outside.arxiv.publish([record(1, "A NeRF", categories=["cs.CV", "cs.RO"])])
    first, second = await run(outside), await run(outside)
    assert (first.new, first.matched, first.owed) == (0, 1, 1)
    assert (second.new, second.matched, second.owed) == (0, 0, 0)
    assert await owed(outside, one) == await owed(outside, two) == ["2611.00001"]
    assert await matched(outside, "cat:cs.RO") == ["2611.00001"]


async def test_a_new_version_that_finds_another_topic_comes_to_that_topic_s_readers_only(
    outside: Outside,
) -> None:
    _ada, one = await outside.person("Ada")
    _bob, two = await outside.person("Bob")
    await outside.follow(one, "nerf")
    await outside.follow(two, "splatting")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    async with outside.database.transaction() as session:
        await mark_sent(
            session,
            outbox.Rows(Delivery, one.id, ("2611.00001",)),
            message_id=1,
            now=utc_now(),
        )
    newer = record(1, "A NeRF with splatting", version=2, updated=utc_now().isoformat())
    outside.arxiv.publish([newer])
    await run(outside)
    assert await owed(outside, one) == []
    assert await owed(outside, two) == ["2611.00001"]


async def test_a_new_version_of_a_paper_known_from_a_search_notifies_nobody_twice(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    outside.arxiv.publish([record(1, "A NeRF")])
    topic = await topic_of(outside, "nerf")
    await backfill(database=outside.database, source=outside.source, topic_id=topic.id)
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A better NeRF", version=2, updated=utc_now().isoformat())])
    entry = await run(outside)
    assert (entry.new, entry.matched, entry.owed) == (1, 0, 0)
    async with outside.database.reading() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00001"])
    assert (stored["2611.00001"].title, stored["2611.00001"].version) == ("A better NeRF", 2)


async def test_an_older_version_out_of_some_cache_changes_nothing(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf", "old")
    outside.arxiv.publish([record(1, "A NeRF", version=2, updated=utc_now().isoformat())])
    await run(outside)
    outside.arxiv.publish([record(1, "An old NeRF")])
    entry = await run(outside)
    assert (entry.matched, await matched(outside, "old")) == (0, [])


async def test_what_an_index_knew_of_a_paper_s_code_outlives_a_new_version(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    async with outside.database.transaction() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00001"])
        stored["2611.00001"].code_url = "https://github.com/ada/nerf"
    outside.arxiv.publish([record(1, "A better NeRF", version=2, updated=utc_now().isoformat())])
    await run(outside)
    async with outside.database.reading() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00001"])
    assert stored["2611.00001"].title == "A better NeRF"
    assert stored["2611.00001"].code_url == "https://github.com/ada/nerf"


WITHDRAWN: dict[str, Any] = {"comment": "This paper has been withdrawn by the authors"}


async def test_a_withdrawn_paper_is_marked_and_no_news(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF", **WITHDRAWN), record(2, "Another NeRF")])
    await run(outside)
    assert await owed(outside, chat) == ["2611.00002"]
    assert sorted(await matched(outside, "nerf")) == ["2611.00001", "2611.00002"]
    async with outside.database.reading() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00001", "2611.00002"])
    assert stored["2611.00001"].withdrawn
    assert not stored["2611.00002"].withdrawn


async def test_a_paper_that_is_withdrawn_before_its_push_is_not_pushed(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]
    now = utc_now().isoformat()
    outside.arxiv.publish([record(1, "A NeRF", version=2, updated=now, **WITHDRAWN)])
    await run(outside)
    assert await owed(outside, chat) == []
    async with outside.database.reading() as session:
        [delivery] = (await session.exec(select(Delivery))).all()
    assert (delivery.state, delivery.reason) == (DeliveryState.EXPIRED, "withdrawn")


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
    await run(outside)
    first = (await diary(outside))[1]
    assert first.window_from < utc_now() - 27 * DAY + timedelta(minutes=1)
    assert await owed(outside, chat) == ["2611.00001"]


async def diary(outside: Outside) -> list[Sweep]:
    async with outside.database.reading() as session:
        return list((await session.exec(select(Sweep).order_by(col(Sweep.id)))).all())


async def swept_before(outside: Outside, *spans: tuple[float, float]) -> None:
    """Write good sweeps into the diary that looked from and until so many days ago."""
    async with outside.database.transaction() as session:
        for start, end in spans:
            entry = Sweep(
                window_from=utc_now() - start * DAY,
                window_to=utc_now() - end * DAY,
                started_at=utc_now() - end * DAY,
            )
            await sweeps.add(session=session, sweep=entry)


async def followed_since(outside: Outside, chat: Chat, moment: datetime) -> None:
    async with outside.database.transaction() as session:
        await session.exec(
            update(Subscription)
            .where(col(Subscription.chat_id) == chat.id)
            .values(created_at=moment)
        )


async def test_half_a_year_of_downtime_is_caught_up_in_steps_without_a_hole(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    ages = range(1, 180, 10)
    outside.arxiv.publish([record(age, "A NeRF from the dark days", days_ago=age) for age in ages])
    await swept_before(outside, (187, 180))
    await run(outside)
    assert len(await matched(outside, "nerf")) == len(ages)
    assert await owed(outside, chat) == [f"2611.{age:05}" for age in ages if age < 60], (
        "what is older is no news any more"
    )
    steps = await diary(outside)
    assert len(steps) == 1 + 27
    assert steps[-1].window_to > utc_now() - timedelta(minutes=1)


async def test_a_gap_that_breaks_off_goes_on_where_it_broke_off(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(age, "A NeRF", days_ago=age) for age in (5, 30, 59)])
    await swept_before(outside, (63, 56))
    outside.arxiv.faults.next(ArxivFault.HTML, times=9, after=3)
    with pytest.raises(SourceError):
        await run(outside)
    assert await owed(outside, chat) == ["2611.00059"]
    outside.arxiv.faults.clear()
    asked = len(outside.arxiv.requests)
    await run(outside)
    assert await owed(outside, chat) == ["2611.00005", "2611.00030", "2611.00059"]
    windows = {request.arguments["search_query"] for request in outside.arxiv.requests[asked:]}
    assert len(windows) == 8, "of nine steps two were done, and a week is always looked at again"


async def test_once_a_week_a_deep_look_finds_what_moderation_held_for_weeks(
    outside: Outside,
) -> None:
    _ada, loyal = await outside.person("Ada")
    _bob, newcomer = await outside.person("Bob")
    await outside.follow(loyal, "nerf")
    await outside.follow(newcomer, "nerf")
    await followed_since(outside, loyal, utc_now() - 60 * DAY)
    await swept_before(outside, (90, 60), (40, 8), (8, 1))
    outside.arxiv.publish([record(1, "A NeRF"), record(2, "A NeRF held back", days_ago=20)])
    entry = await run(outside)
    assert entry.window_to - entry.window_from < 30 * DAY, "the usual look is what is answered"
    assert await owed(outside, loyal) == ["2611.00001", "2611.00002"]
    assert await owed(outside, newcomer) == ["2611.00001"], "to a newcomer it is not late but old"
    assert len(await matched(outside, "nerf")) == 2
    asked = len(outside.arxiv.requests)
    await run(outside)
    assert len(outside.arxiv.requests) - asked == 1, "the next deep look is in a week"


async def test_a_deep_look_that_fails_is_noted_and_tried_again(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    await swept_before(outside, (90, 60), (40, 8), (8, 1))
    outside.arxiv.publish([record(1, "A NeRF")])
    outside.arxiv.faults.next(ArxivFault.HTML, times=9, after=1)
    assert await run(outside) is not None
    assert await owed(outside, chat) == ["2611.00001"]
    last = (await diary(outside))[-1]
    assert (last.state, last.fault) == (SweepState.FAILED, SweepFault.BROKEN)
    outside.arxiv.faults.clear()
    await run(outside)
    last = (await diary(outside))[-1]
    assert last.state is SweepState.DONE
    assert last.started_at - last.window_from >= 30 * DAY


@pytest.fixture
async def small_pages(outside: Outside) -> Outside:
    """Give arXiv pages of ten papers, so that a window has several."""
    url = outside.source._url
    await outside.source.aclose()
    outside.source = ArxivSource(url=url, delay_seconds=0, backoff_seconds=0.01, page_size=10)
    return outside


async def test_a_sweep_with_nothing_new_is_one_request(small_pages: Outside) -> None:
    outside = small_pages
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(n, "A NeRF", days_ago=n / 10) for n in range(1, 36)])
    await run(outside)
    assert len(outside.arxiv.requests) == 4
    entry = await run(outside)
    assert len(outside.arxiv.requests) == 5
    assert (entry.found, entry.new) == (35, 0)


async def test_no_papers_at_all_is_not_believed_where_there_were_some(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    outside.arxiv.faults.always(ArxivFault.NOTHING)
    with pytest.raises(SourceError):
        await run(outside)


async def test_a_late_paper_behind_many_that_are_known_is_found(small_pages: Outside) -> None:
    outside = small_pages
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(n, "A NeRF", days_ago=n / 10) for n in range(1, 36)])
    await run(outside)
    outside.arxiv.publish([record(99, "A NeRF held back", days_ago=6)])
    entry = await run(outside)
    assert (entry.found, entry.new, entry.owed) == (36, 1, 1)


async def test_a_new_version_of_a_paper_of_last_week_is_read_first(small_pages: Outside) -> None:
    outside = small_pages
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    rows = [record(n, "A NeRF", days_ago=n / 10) for n in range(1, 36)]
    outside.arxiv.publish(rows)
    await run(outside)
    newer = {"title": "A better NeRF", "version": 2, "updated": utc_now().isoformat()}
    outside.arxiv.publish([{**rows[-1], **newer}])
    await run(outside)
    assert len(outside.arxiv.requests) == 5
    async with outside.database.reading() as session:
        stored = await papers.get_many(session=session, paper_ids=["2611.00035"])
    assert stored["2611.00035"].title == "A better NeRF"


async def test_a_topic_that_comes_while_arxiv_is_asked_misses_nothing(outside: Outside) -> None:
    _ada, one = await outside.person("Ada")
    _bob, two = await outside.person("Bob")
    await outside.follow(one, "splatting")
    outside.arxiv.publish([record(1, "A NeRF")])
    outside.arxiv.faults.next(ArxivFault.TOO_MANY_REQUESTS, retry_after="1")
    sweeping = asyncio.ensure_future(run(outside))
    await outside.telegram.wait_for(lambda: outside.arxiv.requests)
    await outside.follow(two, "nerf")
    await sweeping
    assert await owed(outside, two) == ["2611.00001"]


async def test_a_fault_of_our_own_is_noted_without_what_it_quotes(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF")])

    def broken(*_anything: object, **_bound: object) -> None:
        message = "with somebody's words"
        raise RuntimeError(message)

    monkeypatch.setattr("bot.sweep.ingest.matching_sparing", broken)
    with pytest.raises(RuntimeError):
        await run(outside)
    [entry] = await diary(outside)
    assert (entry.state, entry.fault, entry.error) == (
        SweepState.FAILED,
        SweepFault.OWN,
        "RuntimeError",
    )
    monkeypatch.undo()
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    seldom(
        [
            (ArxivFault.RESET, SweepFault.UNREACHABLE),
            (ArxivFault.TOO_MANY_REQUESTS, SweepFault.BUSY),
            (ArxivFault.ERROR_ENTRY, SweepFault.BROKEN),
            (ArxivFault.SHORT_PAGE, SweepFault.BROKEN),
        ]
    ),
)
async def test_the_diary_says_why_a_sweep_failed_and_since_when(
    outside: Outside, fault: ArxivFault, kind: SweepFault
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    outside.arxiv.publish([record(1, "A NeRF"), record(2, "Another NeRF")])
    await run(outside)
    outside.arxiv.faults.always(fault)
    for _again in range(2):
        with pytest.raises(SourceError):
            await run(outside)
    _good, first, second = await diary(outside)
    assert (first.fault, second.fault) == (kind, kind)
    async with outside.database.reading() as session:
        assert await sweeps.failing_since(session=session) == first.started_at
    outside.arxiv.faults.clear()
    await run(outside)
    async with outside.database.reading() as session:
        assert await sweeps.failing_since(session=session) is None


@pytest.mark.parametrize(
    "fault",
    seldom(
        [
            ArxivFault.UNAVAILABLE,
            ArxivFault.TOO_MANY_REQUESTS,
            ArxivFault.RESET,
            ArxivFault.TRUNCATED,
            ArxivFault.HTML,
            ArxivFault.EMPTY_PAGE,
            ArxivFault.ERROR_ENTRY,
        ]
    ),
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
        assert await sweeps.last_good(session=session) is None
    assert last is not None
    assert last.state is SweepState.FAILED
    assert last.error
    assert (await outside.database.read(statistics.totals)).papers == 0
    assert await owed(outside, chat) == []
    outside.arxiv.faults.clear()
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]


async def test_a_sweep_is_of_all_of_arxiv_whatever_is_followed(outside: Outside) -> None:
    _ada, chat = await outside.person()
    outside.arxiv.publish([record(1, "A NeRF"), record(2, "Galaxies", categories=["astro-ph.GA"])])
    entry = await run(outside)
    assert (entry.found, entry.new, entry.matched, entry.whole) == (2, 2, 0, True)
    await outside.follow(chat, "nerf cat:cs.CV", "cat:cs.CL")
    outside.arxiv.publish([record(3, "Comets", categories=["astro-ph.EP"])])
    entry = await run(outside)
    assert (entry.found, entry.new, entry.whole) == (3, 1, True)
    assert (await outside.database.read(statistics.totals)).papers == 3


async def test_what_is_found_after_35_days_is_kept_where_a_topic_wants_it(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    await swept_before(outside, (60, 50))
    outside.arxiv.publish(
        [
            record(1, "A NeRF", days_ago=36),
            record(2, "On the breeding of bees", days_ago=36),
            record(3, "On the breeding of ants", days_ago=34),
        ]
    )
    await run(outside)
    async with outside.database.reading() as session:
        known = await papers.get_many(
            session=session, paper_ids=[f"2611.0000{n}" for n in range(1, 4)]
        )
    assert sorted(known) == ["2611.00001", "2611.00003"]


async def topic_of(outside: Outside, query: str) -> Topic:
    async with outside.database.transaction() as session:
        return await topics.register(session=session, query=query)


async def test_a_topic_of_a_class_that_arxiv_no_longer_tells_harms_nothing(
    outside: Outside,
) -> None:
    _ada, chat = await outside.person()
    outside.arxiv.publish([record(1, "A NeRF", categories=["cs.CV", "68T07"])])
    for query in ("cat:68T07", "nerf OR cat:I.2.10"):
        topic = await topic_of(outside, query)
        async with outside.database.transaction() as session:
            await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="t")
    with capture_logs() as told:
        await backfill_waiting(database=outside.database, source=outside.source)
        await match_waiting(database=outside.database)
        await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]
    assert not [entry for entry in told if entry["log_level"] in {"warning", "error"}]


async def test_a_topic_that_does_not_parse_harms_only_itself(outside: Outside) -> None:
    _ada, chat = await outside.person()
    await outside.follow(chat, "nerf")
    async with outside.database.transaction() as session:
        broken = await topics.register(session=session, query='ti:"')
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=broken.id, label="broken")
    outside.arxiv.publish([record(1, "A NeRF")])
    await run(outside)
    assert await owed(outside, chat) == ["2611.00001"]

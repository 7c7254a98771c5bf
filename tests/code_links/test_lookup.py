import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.code_links.huggingface import CodeIndex
from bot.code_links.lookup import look_up
from bot.playground.huggingface import FakeHuggingFace, HuggingFaceFault
from storage import chats, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import ChatKind, Paper
from tests.on_connection import record_matches

DAY = timedelta(days=1)
NOW = utc_now()


def identify(number: int) -> str:
    return f"2611.{number:05}"


def repo(number: int) -> str:
    return f"https://github.com/ada/engine-{number}"


def paper(number: int, *, age: timedelta = DAY, **more: Any) -> Paper:
    return Paper(
        id=identify(number),
        title=f"Paper {number}",
        abstract="We study things.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=NOW - age,
        **{"updated_at": NOW - age, **more},
    )


class Lookup:
    """The step with an index of its own and papers that somebody follows."""

    def __init__(self, database: Database, hub: FakeHuggingFace, url: str) -> None:
        self.database = database
        self.hub = hub
        self.index = CodeIndex(url, delay_seconds=0, timeout_seconds=20)

    async def follow(self, *found: Paper) -> None:
        async with self.database.transaction() as session:
            chat = await chats.register(
                session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=NOW
            )
            topic = await topics.register(session=session, query="engine")
            await topics.subscribe(
                session=session, chat_id=chat.id, topic_id=topic.id, label="engine"
            )
            await papers.store(session=session, papers=found)
            await record_matches(session=session, matches={topic.id: found})

    async def round(self, now: datetime = NOW, **more: Any) -> int:
        return await look_up(database=self.database, index=self.index, now=now, **more)

    async def links(self) -> dict[str, str]:
        ids = [identify(number) for number in range(1, 20)]
        async with self.database.reading() as session:
            known = await papers.get_many(session=session, paper_ids=ids)
        return {paper_id: paper.code_url for paper_id, paper in known.items() if paper.code_url}


@pytest.fixture
async def lookup(tmp_path: Path, empty_database: Path) -> AsyncIterator[Lookup]:
    path = tmp_path / "paperboy.db"
    shutil.copy(empty_database, path)
    database = Database(f"sqlite:///{path}")
    await database.open()
    hub = FakeHuggingFace()
    made = Lookup(database, hub, await hub.start())
    yield made
    await hub.stop()
    await database.close()


async def test_papers_get_the_links_that_the_index_knows(lookup: Lookup) -> None:
    page = "https://ada.github.io/engine/"
    lookup.hub.records = {
        identify(1): {"githubRepo": repo(1), "projectPage": page},
        identify(2): {"projectPage": page},
        identify(3): {"upvotes": 7},
    }
    await lookup.follow(paper(1), paper(2), paper(3), paper(4))
    assert await lookup.round() == 2
    assert await lookup.links() == {identify(1): repo(1), identify(2): page}
    assert sorted(lookup.hub.asked) == [identify(number) for number in (1, 2, 3, 4)]


async def test_a_link_of_the_authors_wins_without_a_question(lookup: Lookup) -> None:
    lookup.hub.records = {identify(1): {"githubRepo": "https://github.com/hub/guess"}}
    await lookup.follow(paper(1, code_url=repo(1)))
    assert await lookup.round() == 0
    assert lookup.hub.asked == []
    assert await lookup.links() == {identify(1): repo(1)}


async def test_a_new_version_s_own_link_replaces_the_index_s(lookup: Lookup) -> None:
    lookup.hub.records = {identify(1): {"githubRepo": "https://github.com/hub/guess"}}
    await lookup.follow(paper(1))
    await lookup.round()
    await lookup.follow(paper(1, version=2, updated_at=NOW, code_url=repo(1)))
    await lookup.round(NOW + 8 * DAY)
    assert await lookup.links() == {identify(1): repo(1)}
    assert len(lookup.hub.asked) == 1


async def test_a_new_version_without_a_link_keeps_the_index_s(lookup: Lookup) -> None:
    lookup.hub.records = {identify(1): {"githubRepo": repo(1)}}
    await lookup.follow(paper(1))
    await lookup.round()
    await lookup.follow(paper(1, version=2, updated_at=NOW))
    assert await lookup.links() == {identify(1): repo(1)}


async def test_a_paper_is_asked_about_once_a_week_for_its_first_thirty_days(lookup: Lookup) -> None:
    await lookup.follow(paper(1))
    asked: list[int] = []
    for day in range(60):
        await lookup.round(NOW + day * DAY + timedelta(minutes=day))
        asked += [day] * (len(lookup.hub.asked) - len(asked))
    assert asked == [0, 7, 14, 21, 28]


async def test_code_that_comes_later_than_its_paper_is_found(lookup: Lookup) -> None:
    await lookup.follow(paper(1))
    assert await lookup.round() == 0
    lookup.hub.records = {identify(1): {"githubRepo": repo(1)}}
    assert await lookup.round(NOW + DAY) == 0
    assert await lookup.round(NOW + 8 * DAY) == 1


async def test_a_wish_for_patience_ends_the_round_and_the_next_one_goes_on(lookup: Lookup) -> None:
    numbers = range(1, 7)
    lookup.hub.records = {identify(number): {"githubRepo": repo(number)} for number in numbers}
    lookup.hub.quota, lookup.hub.retry_after = 2, "1"
    await lookup.follow(*map(paper, numbers))
    assert await lookup.round() == 2
    assert len(lookup.hub.asked) == 3
    assert await lookup.round() == 0
    assert len(lookup.hub.asked) == 3, "it was asked although it wanted patience"
    lookup.hub.quota = 500
    await asyncio.sleep(1)
    assert await lookup.round() == 4
    assert await lookup.links() == {identify(number): repo(number) for number in numbers}


async def test_an_index_that_is_down_is_left_alone_and_asked_in_the_next_round(
    lookup: Lookup,
) -> None:
    numbers = range(1, 10)
    lookup.hub.records = {identify(number): {"githubRepo": repo(number)} for number in numbers}
    await lookup.follow(*map(paper, numbers))
    lookup.hub.fault = HuggingFaceFault.UNAVAILABLE
    assert await lookup.round() == 0
    assert len(lookup.hub.asked) == 3
    lookup.hub.fault = None
    assert await lookup.round() == len(numbers)


@pytest.mark.parametrize(
    ("fault", "asked_again"),
    [
        (HuggingFaceFault.UNAVAILABLE, True),
        (HuggingFaceFault.RESET, True),
        (HuggingFaceFault.NESTED, False),
        (HuggingFaceFault.OTHER_PAPER, False),
    ],
)
async def test_a_bad_answer_about_one_paper_harms_no_other(
    lookup: Lookup, fault: HuggingFaceFault, *, asked_again: bool
) -> None:
    """What the index could not answer is asked in the next round, nonsense some days later."""
    lookup.hub.records = {identify(number): {"githubRepo": repo(number)} for number in range(1, 6)}
    lookup.hub.faults = {identify(1): fault, identify(2): fault}
    await lookup.follow(*map(paper, range(1, 6)))
    assert await lookup.round() == 3
    assert set(await lookup.links()) == {identify(number) for number in (3, 4, 5)}
    lookup.hub.faults.clear()
    assert await lookup.round() == (2 if asked_again else 0)
    assert await lookup.round(NOW + 8 * DAY) == (0 if asked_again else 2)


async def test_a_round_is_bounded_and_takes_the_newest(lookup: Lookup) -> None:
    await lookup.follow(*(paper(number, age=number * DAY) for number in range(1, 10)))
    await lookup.round(limit=3)
    assert set(lookup.hub.asked) == {identify(number) for number in (1, 2, 3)}
    await lookup.round(limit=3)
    assert set(lookup.hub.asked[3:]) == {identify(number) for number in (4, 5, 6)}


async def test_an_index_that_hangs_blocks_neither_the_loop_nor_the_database(
    lookup: Lookup,
) -> None:
    await lookup.follow(*map(paper, range(1, 4)))
    lookup.hub.fault = HuggingFaceFault.HANG
    going = asyncio.create_task(lookup.round())
    slowest, ticks = 0.0, 0
    while not lookup.hub.asked or ticks < 50:
        began = time.monotonic()
        async with lookup.database.transaction() as session:
            await papers.get_many(session=session, paper_ids=["none"])
        await asyncio.sleep(0)
        slowest = max(slowest, time.monotonic() - began)
        ticks += 1
    assert not going.done()
    assert slowest < 5
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    lookup.hub.fault = None
    await lookup.round()
    assert len(set(lookup.hub.asked)) == 3

"""Code links end to end: off unless set, looked up after a sweep, never in anybody's way."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from bot.container import Container, open_container, telegram_bot
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.huggingface import FakeHuggingFace, HuggingFaceFault
from bot.runtime.jobs import Jobs
from bot.settings.model import load
from storage import chats, papers, sweeps, topics
from storage.columns import utc_now
from storage.models import ChatKind

TOKEN = "123456:" + "a" * 35
KNOWN: dict[str, dict[str, str]] = json.loads(
    (files("bot.playground") / "feeds" / "code_links.json").read_text(encoding="utf-8")
)
TITLES = ("ti:EASG", "ti:ATK", "ti:SlimMoE", 'ti:"unseen galaxies"')
"""Queries that find these papers, each one of them."""


@dataclass
class Running:
    """The jobs by the clock, with somebody who follows everything in the sample."""

    opened: Container
    jobs: Jobs
    hub: FakeHuggingFace

    async def links(self) -> dict[str, str]:
        async with self.opened.database.reading() as session:
            known = await papers.get_many(session=session, paper_ids=KNOWN)
        return {paper_id: paper.code_url for paper_id, paper in known.items() if paper.code_url}

    async def swept(self) -> bool:
        async with self.opened.database.reading() as session:
            return await sweeps.last_good(session=session) is not None


@asynccontextmanager
async def running(folder: Path, empty: Path, *, looks_up: bool) -> AsyncIterator[Running]:
    database = shutil.copy(empty, folder / "paperboy.db")
    arxiv = FakeArxiv(newest=datetime.now(UTC))
    hub = FakeHuggingFace(KNOWN)
    url = await hub.start()
    settings = load(
        None,
        telegram_bot_token=TOKEN,
        arxiv_api_url=await arxiv.start(),
        arxiv_delay_seconds=0,
        database_url=f"sqlite:///{database}",
        default_language="en",
        **({"code_links_url": url} if looks_up else {}),
    )
    async with open_container(settings) as opened:
        async with opened.database.transaction() as session:
            chat = await chats.register(
                session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=utc_now()
            )
            for query in TITLES:
                topic = await topics.register(session=session, query=query)
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label=query
                )
        bot = telegram_bot(settings, token=TOKEN)
        jobs = Jobs(opened, bot, opened.pusher(bot))
        await jobs.start()
        try:
            yield Running(opened, jobs, hub)
        finally:
            jobs.stop()
            async with asyncio.timeout(20):
                while jobs.underway:  # noqa: ASYNC110 - they tell nobody that they end
                    await asyncio.sleep(0.01)
            jobs.close()
    await arxiv.stop()
    await hub.stop()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - a database calls nobody
            await asyncio.sleep(0.02)


async def test_a_sweep_s_papers_get_their_links(tmp_path: Path, empty_database: Path) -> None:
    async with running(tmp_path, empty_database, looks_up=True) as world:

        async def done() -> bool:
            return len(await world.links()) == len(KNOWN)

        await until(done)
        # Asked once each: the sample's own texts name none of them.
        assert sorted(world.hub.asked) == sorted(KNOWN)
        assert await world.links() == {
            paper: next(iter(known.values())) for paper, known in KNOWN.items()
        }


async def test_nothing_is_looked_up_unless_a_setting_says_so(
    tmp_path: Path, empty_database: Path
) -> None:
    async with running(tmp_path, empty_database, looks_up=False) as world:
        assert world.opened.code_index is None
        await until(world.swept)
        await world.jobs.look_up_code()
        assert world.hub.asked == []


async def test_an_index_that_hangs_holds_up_neither_the_sweep_nor_the_end(
    tmp_path: Path, empty_database: Path
) -> None:
    async with running(tmp_path, empty_database, looks_up=True) as world:
        world.hub.fault = HuggingFaceFault.HANG
        await until(world.swept)

        async def asked() -> bool:
            return bool(world.hub.asked)

        await until(asked)
        for job in (world.jobs.sweep, world.jobs.push, world.jobs.tidy):
            began = time.monotonic()
            await job()
            assert time.monotonic() - began < 10, job
        # It is still being waited for: a second look-up does not queue up behind it.
        await world.jobs.look_up_code()
        assert len(world.hub.asked) == 1
        began = time.monotonic()
    assert time.monotonic() - began < 10

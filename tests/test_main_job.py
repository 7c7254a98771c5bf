"""The main job, end to end, on the real papers: eleven topics, one reader, two languages.

Everything is the product itself, run as `paperboy run` runs it, over real HTTP: the replay server
pages through the papers as Atom, the `arxiv` package reads them, the translator speaks
LibreTranslate's protocol, and the reader taps buttons in Telegram.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from sqlmodel import select

from bot.arxiv.client import ArxivSource
from bot.container import Container, telegram_bot
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message, Person
from bot.playground.translator.stand_in import FakeLibreTranslate
from bot.push.worker import Pusher
from bot.query.presets import PRESETS
from bot.ranking.order import PersonalOrder
from bot.runtime.serve import serve
from bot.settings.model import load
from bot.sweep import sweep
from bot.translation.engines.registry import build_engines
from bot.translation.service import Translator
from storage import chats
from storage.columns import utc_now
from storage.database import Database
from storage.models import Sweep, Topic
from tests.long_steps import noted_long_steps
from tests.material import real_rows

TOPICS = [topic.labels()["zh_CN"] for topic in PRESETS]
EVERYTHING = timedelta(days=120)
PATIENCE = 60.0


def undated(page: str) -> str:
    """Return a page without the day in its head, which may be another by now."""
    return re.sub(r"\d{4}\.\d{2}\.\d{2}", "", page, count=1)


class MainJob:
    """A running Paperboy with one reader."""

    def __init__(self, telegram: FakeTelegram, parts: Container, reader: Person) -> None:
        self.telegram = telegram
        self.parts = parts
        self.reader = reader
        self._said = 0

    def say(self, text: str) -> None:
        self._said = self.telegram.send_text(self.reader, self.reader, text).id

    async def button(self, text: str) -> Message:
        """Wait until an answer to what was said last shows a button, and return it."""

        def found() -> Message | None:
            for message in reversed(self.telegram.from_bot(self.reader)):
                if message.id > self._said and any(text in b for b in message.buttons):
                    return message
            return None

        message = await self.telegram.wait_for(found, PATIENCE)
        assert message is not None
        return message

    async def tap(self, text: str) -> None:
        message = await self.button(text)
        (label, *_rest) = [label for label in message.buttons if text in label]
        self.telegram.tap(self.reader, message, label)

    async def document(self) -> str:
        """Ask for the digest, and return its Markdown."""
        before = len(self.telegram.documents)
        self.say("/digest")
        await self.telegram.wait_for(lambda: len(self.telegram.documents) > before, PATIENCE)
        return self.telegram.documents[-1].content.decode()

    async def filled(self) -> None:
        """Wait until every topic is matched, and arXiv has told what it has beyond that."""
        async with asyncio.timeout(PATIENCE):
            while True:
                async with self.parts.database.reading() as session:
                    known = (await session.exec(select(Topic))).all()
                if all(topic.matched_at and topic.backfilled_at for topic in known):
                    return
                await asyncio.sleep(0.05)

    async def sweep(self, window: timedelta = EVERYTHING) -> Sweep:
        return await sweep.sweep(
            database=self.parts.database, source=self.parts.source, window=window
        )

    async def push(self) -> int:
        """Let the reader's push be due now, and return how many papers came."""
        async with self.parts.database.transaction() as session:
            chat = await chats.find(session=session, telegram_id=self.reader.id)
            assert chat is not None
            chat.next_push_at = utc_now() - timedelta(seconds=1)
        bot = telegram_bot(self.parts.settings, token=self.telegram.token)
        async with bot:
            return await Pusher(self.parts.database, self.parts.translator, bot).push_due()

    def shown_papers(self) -> list[str]:
        """Return the ids of all papers that were sent, each as often as it was."""
        links = [
            str(dict(entity.detail)["url"])
            for message in self.telegram.from_bot(self.reader)
            if message.text.startswith("☀️") or "\n摘要 · PDF" in message.text
            for entity in message.formatted.entities
            if entity.type == "text_link"
        ]
        return [link.rpartition("/")[2] for link in links if "/pdf/" in link]


@asynccontextmanager
async def running(
    telegram: FakeTelegram, reader: Person, folder: Path, arxiv_url: str, libre_url: str
) -> AsyncIterator[MainJob]:
    """Start Paperboy on a folder's database, and stop it as SIGTERM does."""
    settings = load(
        None,
        telegram_bot_token=telegram.token,
        telegram_api_url=telegram.url,
        arxiv_api_url=arxiv_url,
        arxiv_delay_seconds=0,
        database_url=f"sqlite:///{folder / 'paperboy.db'}",
        translators=("libre",),
        libretranslate_url=libre_url,
        paid_broadcast=True,
        send_rate=1000,
    )
    database = Database(settings.database_url.get_secret_value())
    await database.open()
    engines = build_engines(["libre"], {"LIBRETRANSLATE_URL": libre_url})
    parts = Container(
        settings=settings,
        database=database,
        source=ArxivSource(url=arxiv_url, delay_seconds=0),
        personal=PersonalOrder(database),
        translator=Translator(engines=engines, database=database),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(
        serve(parts, telegram_bot(settings, token=telegram.token), stop=stop)
    )
    try:
        await telegram.wait_for(lambda: telegram.calls_to("setMyCommands") or task.done())
        yield MainJob(telegram, parts, reader)
    finally:
        stop.set()
        await task
        await parts.translator.aclose()
        await parts.source.aclose()
        await database.close()


def sections(markdown: str) -> dict[str, list[list[str]]]:
    """Read the page as any Markdown program does: heading to rows to the texts of the cells."""
    found: dict[str, list[list[str]]] = {}
    heading, tokens = "", MarkdownIt("commonmark").enable("table").parse(markdown)
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            heading = tokens[position + 1].content
            found[heading] = []
        elif token.type == "tr_open" and tokens[position + 1].type == "td_open":
            found[heading].append([])
        elif token.type == "td_open":
            found[heading][-1].append(tokens[position + 1].content)
    return {heading: rows for heading, rows in found.items() if rows}


@pytest.mark.parametrize(
    ("every", "topics"), [(8, TOPICS[::3]), pytest.param(1, TOPICS, marks=pytest.mark.slow)]
)
async def test_the_main_job_on_the_real_papers(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path, every: int, topics: list[str]
) -> None:
    rows = real_rows()[::every]
    shutil.copy(empty_database, tmp_path / "paperboy.db")
    reader = telegram.world.add_person("小林", "zh-hans")
    arxiv = FakeArxiv(rows, newest=datetime.now(UTC))
    libre = FakeLibreTranslate(unknown="pseudo")
    arxiv_url, libre_url = await arxiv.start(), await libre.start()

    with noted_long_steps(0.02) as long_steps:
        async with running(telegram, reader, tmp_path, arxiv_url, libre_url) as paperboy:
            paperboy.say("/start")
            await paperboy.tap("简体中文")
            for label in topics:
                paperboy.say("/subscribe")
                await paperboy.tap(label)
                await paperboy.tap("✅ 订阅")
                await paperboy.button("再加一个主题")
            await paperboy.filled()

            swept = await paperboy.sweep()
            assert swept.found == len(rows)
            window = f"submittedDate:[{swept.window_from:%Y%m%d%H%M} TO "
            pages = [
                request.arguments["start"]
                for request in arxiv.requests
                if request.arguments["search_query"].startswith(window)
            ]
            expected = [str(start) for start in range(0, len(rows), 2000)]
            assert pages == expected, "one query, page after page, for all topics together"

            page = await paperboy.document()
            refused = check_digest(page, rows, topics)

            assert await paperboy.push() == 10
            again = await paperboy.sweep()
            assert (again.found, again.new, again.owed) == (len(rows), 0, 0)
            assert await paperboy.push() == 10
            translated = len(libre.calls)
    # A few at the start read what is read once. Of each of some hundred papers it would be many.
    assert max(long_steps.values(), default=0) <= 6, long_steps

    async with running(telegram, reader, tmp_path, arxiv_url, libre_url) as paperboy:
        again = await paperboy.sweep(EVERYTHING / 4)
        assert again.found > 100 / every
        assert (again.new, again.owed) == (0, 0)
        same = await paperboy.document()
        assert undated(same) == undated(page), "the same data gives the same page"
        # What was refused is asked for again, for another engine may do better: once with its key
        # sentence, once alone.
        assert len(libre.calls) <= translated + 2 * refused, "a restart translates nothing again"
        assert await paperboy.push() == 10
        shown = paperboy.shown_papers()
        assert len(shown) == len(set(shown)) == 30, "nobody gets a paper twice"

    await libre.stop()
    await arxiv.stop()


def check_digest(page: str, rows: list[dict[str, Any]], topics: list[str]) -> int:
    assert page.startswith("---\nlayout: default\n---\n\n## Updated on ")
    found = sections(page)
    assert list(found) == topics
    known = {row["id"] for row in rows}
    translations: dict[str, str] = {}
    original: set[str] = set()
    stood_twice = 0
    for label, papers in found.items():
        assert len(papers) == 10, label
        dates = [date for date, *_rest in papers]
        assert dates == sorted(dates, reverse=True), label
        ids = [re.findall(r"arxiv\.org/abs/([\w.]+)", title)[-1] for _date, title, *_ in papers]
        assert len(set(ids)) == 10, label
        assert set(ids) <= known
        for paper_id, (_date, _title, _code, abstract) in zip(ids, papers, strict=True):
            if not re.search(r"[\u4e00-\u9fff]{4}", abstract):
                original.add(paper_id)
            stood_twice += paper_id in translations
            assert translations.setdefault(paper_id, abstract) == abstract, paper_id
    # The fake engine's nonsense may say another number, and is then refused as it should be.
    assert len(original) <= 2, original
    assert stood_twice, "no paper stands in two sections, so the comparison proved nothing"
    return len(original)

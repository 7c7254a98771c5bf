"""The pipeline with the outside world around it: real HTTP, a real SQLite file, no polling."""

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from telegram.ext import ExtBot

from bot.arxiv.client import ArxivSource
from bot.arxiv.oai import OaiSource
from bot.arxiv.transport import Access
from bot.container import Container, telegram_bot
from bot.playground.arxiv.oai import FakeOai
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Person
from bot.playground.translator.stand_in import FakeLibreTranslate
from bot.push.worker import Pusher
from bot.query.parser import normalise, parse
from bot.ranking.order import PersonalOrder
from bot.settings.model import Settings
from bot.telegram.rate_limiter import Priority
from bot.translation.engines.registry import build_engines
from bot.translation.service import Translator
from storage import chats, fan_out, outbox, papers, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatKind, Paper, Topic
from tests.given_settings import GivenSettings
from tests.on_connection import record_matches

DAY = timedelta(days=1)


def famous() -> list[dict[str, Any]]:
    """Return the playground's well-known papers as the fake arXiv takes them."""
    feeds = files("bot.playground") / "feeds" / "famous.json"
    papers: list[dict[str, Any]] = json.loads(feeds.read_text(encoding="utf-8"))["papers"]
    return papers


def record(
    number: int, title: str, *, days_ago: float = 1.0, version: int = 1, **more: Any
) -> dict[str, Any]:
    """Return a paper as the fake arXiv takes it."""
    moment = utc_now() - days_ago * DAY
    return {
        "id": f"2611.{number:05}",
        "version": version,
        "title": title,
        "abstract": f"We study {title.lower()} and report what was found in experiments.",
        "authors": ["Ada Lovelace", "Alan Turing"],
        "categories": ["cs.CV"],
        "published": moment.isoformat(),
        **more,
    }


@dataclass
class Outside:
    """The pipeline's parts, and the fake servers that they talk to."""

    telegram: FakeTelegram
    arxiv: FakeArxiv
    oai: FakeOai
    libre: FakeLibreTranslate
    database: Database
    source: ArxivSource
    second_road: OaiSource
    translator: Translator
    bot: ExtBot[Priority]
    settings: Settings

    @property
    def container(self) -> Container:
        """The same as the dependency container of the bot."""
        personal = PersonalOrder(self.database)
        return Container(
            settings=self.settings,
            database=self.database,
            source=self.source,
            translator=self.translator,
            personal=personal,
            oai=self.second_road,
        )

    @property
    def pusher(self) -> Pusher:
        """What pushes through the bot here; without a personal order."""
        return Pusher(self.database, self.translator, self.bot)

    async def person(self, name: str = "Ada", **settings: Any) -> tuple[Person, Chat]:
        """Return somebody who has written to the bot, and their chat."""
        person = self.telegram.world.add_person(name, "en")
        self.telegram.send_text(person, person, "/start")
        async with self.database.transaction() as session:
            chat = await chats.register(
                session=session,
                telegram_id=person.id,
                thread_id=0,
                kind=ChatKind.PRIVATE,
                now=utc_now(),
                **settings,
            )
        return person, chat

    async def follow(self, chat: Chat, *queries: str) -> None:
        """Let a chat follow topics, as if arXiv had been asked for their past already."""
        async with self.database.transaction() as session:
            for query in queries:
                topic = await topics.register(session=session, query=normalise(parse(query)))
                topic.backfilled_at = utc_now()
                await topics.subscribe(
                    session=session, chat_id=chat.id, topic_id=topic.id, label=query
                )

    async def owe(self, query: str, found: Sequence[Paper]) -> None:
        """Owe papers to whoever follows a query."""
        async with self.database.transaction() as session:
            topic = await topics.register(session=session, query=normalise(parse(query)))
            await papers.store(session=session, papers=found)
            new = await record_matches(session=session, matches={topic.id: found})
            await fan_out.fan_out_now(session=session, matches=new)

    async def topic(self, query: str) -> Topic:
        """Return a query's topic, made where it is new."""
        async with self.database.transaction() as session:
            return await topics.register(session=session, query=normalise(parse(query)))

    async def owed(self, chat: Chat) -> list[str]:
        """Return the ids of the papers that a chat is owed, newest first."""
        async with self.database.reading() as session:
            found = await outbox.pending(session=session, chat_id=chat.id, now=utc_now() + DAY)
        return [entry.paper.id for entry in found]

    async def chat(self, chat: Chat) -> Chat:
        """Return the chat as it is stored now."""
        async with self.database.reading() as session:
            stored = await chats.get(session=session, chat_id=chat.id)
        assert stored is not None
        return stored

    async def due(self, chat: Chat, at: datetime | None = None) -> None:
        """Let the chat's push be due."""
        async with self.database.transaction() as session:
            stored = await chats.get(session=session, chat_id=chat.id)
            assert stored is not None
            stored.next_push_at = at or utc_now()

    def pushed(self, person: Person) -> list[str]:
        """Return the texts that a person got from the bot."""
        return [message.text for message in self.telegram.from_bot(person)]


@pytest.fixture
async def outside(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> AsyncIterator[Outside]:
    arxiv = FakeArxiv([])
    oai = FakeOai(arxiv)
    libre = FakeLibreTranslate(unknown="pseudo")
    settings = GivenSettings(
        telegram_bot_token=SecretStr(telegram.token),
        telegram_api_url=telegram.url,
        paid_broadcast=True,
        send_rate=1000,
    )
    database = Database(f"sqlite:///{shutil.copy(empty_database, tmp_path / 'paperboy.db')}")
    await database.open()
    access = Access(delay_seconds=0)
    source = ArxivSource(url=await arxiv.start(), access=access, backoff_seconds=0.01, max_tries=2)
    second_road = OaiSource(url=await oai.start(), access=access, backoff_seconds=0.01, max_tries=2)
    engines = build_engines(["libre"], {"LIBRETRANSLATE_URL": await libre.start()})
    translator = Translator(engines=engines, database=database)
    async with telegram_bot(settings, token=telegram.token) as bot:
        yield Outside(
            telegram=telegram,
            arxiv=arxiv,
            oai=oai,
            libre=libre,
            database=database,
            source=source,
            second_road=second_road,
            translator=translator,
            bot=bot,
            settings=settings,
        )
    await translator.aclose()
    await source.aclose()
    await second_road.aclose()
    await database.close()
    await libre.stop()
    await arxiv.stop()
    await oai.stop()

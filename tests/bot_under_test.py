"""The whole bot, running, with the outside world around it: what a conversation is tested in.

Everything goes over real HTTP: Telegram, arXiv and LibreTranslate are the playground's fakes, and
the bot polls for updates as it does anywhere. Nothing sleeps; all waiting is for a condition.
"""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from sqlmodel import delete, select

from bot.arxiv.client import ArxivSource
from bot.container import Container, telegram_bot
from bot.playground.arxiv.stand_in import FakeArxiv
from bot.playground.telegram.account import Tap
from bot.playground.telegram.objects import message_object, person_user
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import (
    Chat,
    ChatRef,
    Event,
    Message,
    Person,
    Status,
    add_cast,
)
from bot.playground.translator.stand_in import FakeLibreTranslate
from bot.push.worker import Pusher
from bot.ranking.order import PersonalOrder
from bot.runtime.serve import serve
from bot.search.index_words import words_of
from bot.sweep import backfill, sweep
from bot.translation.engines.registry import build_engines
from bot.translation.service import Translator
from storage import chats, papers, sweeps, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat as StoredChat
from storage.models import ChatState, Delivery, DeliveryState, Paper, Sweep
from storage.sweeps import HELD
from storage.topics import Followed
from tests.given_settings import GivenSettings

__all__ = ["BotUnderTest", "open_bot"]

_T = TypeVar("_T")

PATIENCE_SECONDS = 30.0
"""Only a test that fails waits so long; the first call of all has models to build."""

_PDF = re.compile(r"https://arxiv\.org/pdf/(\S+)")
_STARTED = datetime.now(UTC)
"""What the bot's store has bears the same dates as what arXiv has."""

_UNFINISHED = ("🔎", "⏳")
"""What a message begins with that will be edited in place or taken away."""


@dataclass
class BotUnderTest:
    """A running bot, its people, and what a test may do and see."""

    telegram: FakeTelegram
    arxiv: FakeArxiv
    libre: FakeLibreTranslate
    parts: Container
    ada: Person
    """Writes English."""
    lin: Person
    """Writes Chinese."""
    group: Chat
    """Ada made it, Lin is a member; the bot is not in it yet."""
    _events: list[Event] = field(default_factory=list)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start the bot."""
        started = len(self.telegram.calls_to("setMyCommands"))
        self._stop = asyncio.Event()
        bot = telegram_bot(self.parts.settings, token=self.telegram.token)
        running = asyncio.create_task(serve(self.parts, bot, stop=self._stop))
        self._running = running
        await self.until(
            lambda: len(self.telegram.calls_to("setMyCommands")) > started or running.done()
        )

    async def close(self) -> None:
        """Stop the bot."""
        self._stop.set()
        if self._running is not None:
            await self._running

    @property
    def database(self) -> Database:
        """The bot's own."""
        return self.parts.database

    async def say(
        self, person: Person, text: str, *, chat: ChatRef | None = None, thread: int | None = None
    ) -> Message:
        """Write to the bot, in private or in `chat`, and return its finished answer."""
        where = person if chat is None else chat
        seen = len(self._events)
        self.telegram.send_text(person, where, text, thread=thread)
        return await self.answer(where, since=seen)

    async def tap(self, person: Person, button: str, *, message: Message | None = None) -> Message:
        """Press a button of the last message, or of `message`, and return what came of it."""
        tapped = message or self.last(person)
        seen = len(self._events)
        self.telegram.tap(person, tapped, button)
        return await self.answer(tapped.chat_id, since=seen)

    async def alert(self, person: Person, button: str, *, message: Message | None = None) -> str:
        """Press a button and return what pops up for it, '' where nothing does."""
        tapped = message or self.last(person)
        seen = len(self._events)
        self.telegram.tap(person, tapped, button)
        return await self.popped_up(person, since=seen)

    async def forge(self, person: Person, message: Message, data: str) -> str:
        """Send callback data that no button has, as a hostile client can; return what pops up."""
        seen = len(self._events)
        chat = self.telegram.world.chats[message.chat_id]
        account = self.telegram.account
        account.updates.push(
            "callback_query",
            {
                "id": account.tapped(Tap(person, chat, self.telegram.world.clock())),
                "from": person_user(person),
                "message": message_object(self.telegram.world, message),
                "chat_instance": "1",
                "data": data,
            },
        )
        return await self.popped_up(person, since=seen)

    async def answer(self, chat: ChatRef, *, since: int) -> Message:
        """Return the first finished message that the bot wrote or edited after event `since`."""
        where = self.telegram.world.chat(chat).id

        def found() -> Message | None:
            for event in self._events[since:]:
                told = event.message
                if event.chat_id == where and told is not None and self._is_finished(told):
                    return told
            return None

        message = await self.until(found)
        assert message is not None
        return message

    async def popped_up(self, person: Person, *, since: int) -> str:
        """Return what the next answer to a tap of this person says."""
        taps = await self.until(
            lambda: [
                event.detail["text"]
                for event in self._events[since:]
                if event.kind == "answer" and event.detail["person"] == person.id
            ]
        )
        return str(taps[0])

    async def until(self, predicate: Callable[[], _T]) -> _T:
        """Wait until something is true, and return it."""
        return await self.telegram.wait_for(predicate, PATIENCE_SECONDS)

    def mark(self) -> int:
        """Return where the story stands now, for `answer` and `popped_up`."""
        return len(self._events)

    def last(self, chat: ChatRef) -> Message:
        """Return the bot's last message in a chat: `text`, `buttons`, `formatted`, `document`."""
        return self.shown(chat)[-1]

    def shown(self, chat: ChatRef) -> list[Message]:
        """Return what a chat shows of the bot's, oldest first."""
        return self.telegram.from_bot(chat)

    async def chat(self, chat: ChatRef, *, thread: int = 0) -> StoredChat:
        """Return a chat as the bot has stored it."""
        found = await self.known(chat, thread=thread)
        assert found is not None
        return found

    async def known(self, chat: ChatRef, *, thread: int = 0) -> StoredChat | None:
        """Return a chat as the bot has stored it, None where it does not know it."""
        async with self.database.reading() as session:
            return await chats.find(
                session=session, telegram_id=self.telegram.world.chat(chat).id, thread_id=thread
            )

    async def followed(self, chat: ChatRef, *, thread: int = 0) -> list[Followed]:
        """Return what a chat follows."""
        stored = await self.chat(chat, thread=thread)
        async with self.database.reading() as session:
            return await topics.subscriptions(session=session, chat_id=stored.id)

    async def labels(self, chat: ChatRef, *, thread: int = 0) -> list[str]:
        """Return the labels of what a chat follows."""
        return [entry.subscription.label for entry in await self.followed(chat, thread=thread)]

    async def follow(self, person: Person, query: str, *, chat: ChatRef | None = None) -> Message:
        """Subscribe by words and a tap; return the confirmation."""
        words = query if chat is None else f"/subscribe {query}"
        preview = await self.say(person, words, chat=chat)
        offered = [one.get("callback_data", "") for row in preview.keyboard for one in row]
        # Where nothing is found it stands last.
        follow = [data for data in offered if data.startswith("follow:")]
        return await self.tap(person, (follow or offered)[0], message=preview)

    async def change(self, chat: ChatRef, **values: Any) -> None:
        """Change a stored chat behind the bot's back, such as its state."""
        stored = await self.chat(chat)
        async with self.database.transaction() as session:
            row = await chats.get(session=session, chat_id=stored.id)
            for name, value in values.items():
                setattr(row, name, value)

    def accidental_links(self) -> list[str]:
        """Return names in the bot's messages of which Telegram made addresses, such as `cs.RO`.

        What has a path or begins with www is an address, as abstracts have them.
        """
        return [
            link
            for event in self._events
            if event.message is not None and event.message.sender_id == self.telegram.world.bot.id
            for entity in event.message.formatted.entities
            if entity.type == "url"
            and not re.search(
                r"/|^www\.", link := _span(event.message.text, entity.offset, entity.length)
            )
        ]

    def papers(self, chat: ChatRef) -> list[str]:
        """Return the ids of the papers that a chat's messages show in full, each time they do."""
        return [
            found[1]
            for message in self.shown(chat)
            for entity in message.formatted.entities
            if (found := re.fullmatch(_PDF, entity.as_json().get("url", "")))
        ]

    async def sent(self, chat: ChatRef) -> set[str]:
        """Return the ids of the papers that count as sent to a chat."""
        stored = await self.chat(chat)
        async with self.database.reading() as session:
            query = select(Delivery.paper_id).where(
                Delivery.chat_id == stored.id, Delivery.state == DeliveryState.SENT
            )
            return set((await session.exec(query)).all())

    async def all_sent(self, chat: ChatRef, count: int) -> None:
        """Wait until so many papers count as sent to a chat."""

        async def are_sent() -> bool:
            return len(await self.sent(chat)) >= count

        await self.eventually(are_sent)

    async def becomes(self, chat: ChatRef, state: ChatState, *, thread: int = 0) -> StoredChat:
        """Wait until a chat is stored in a state, and return it."""

        async def is_so() -> bool:
            found = await self.known(chat, thread=thread)
            return found is not None and found.state is state

        await self.eventually(is_so)
        return await self.chat(chat, thread=thread)

    async def eventually(self, predicate: Callable[[], Awaitable[bool]]) -> None:
        """Wait until something is true that has to be asked for, of the database say."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await predicate():  # noqa: ASYNC110 - a database calls nobody
                await asyncio.sleep(0.01)

    async def join(self, person: Person, chat: ChatRef, *, status: Status = Status.MEMBER) -> Chat:
        """Let somebody add the bot to a group, and wait for its greeting."""
        seen = self.mark()
        self.telegram.add_bot(person, chat, status=status)
        await self.answer(chat, since=seen)
        return self.telegram.world.chat(chat)

    async def forget_arxiv(self) -> None:
        """Make the store what it is before the first sweep."""
        async with self.database.transaction() as session:
            await session.exec(delete(Sweep))
            await session.exec(delete(Paper))

    async def read_arxiv(self, start: timedelta, end: timedelta = timedelta(0)) -> None:
        """Let the store know all of arXiv from so long ago on, up to so long ago."""
        now = utc_now()
        async with self.database.transaction() as session:
            await session.exec(delete(Sweep))
            read = Sweep(window_from=now - start, window_to=now - end, whole=True)
            await sweeps.add(session=session, sweep=read)

    async def sweep(self) -> None:
        """Do what the bot does by the clock: look at arXiv, and ask again what it owes."""
        await sweep.sweep(database=self.database, source=self.parts.source)
        await backfill.backfill_waiting(database=self.database, source=self.parts.source)

    async def push(self, now: datetime | None = None) -> int:
        """Push what is due at a moment; return how many papers were sent."""
        async with telegram_bot(self.parts.settings, token=self.telegram.token) as bot:
            return await Pusher(self.database, self.parts.translator, bot).push_due(now=now)

    def see(self, event: Event) -> None:
        """Remember what happened in Telegram."""
        self._events.append(event)

    def _is_finished(self, message: Message) -> bool:
        return message.sender_id == self.telegram.world.bot.id and not message.text.startswith(
            _UNFINISHED
        )


def _span(text: str, offset: int, length: int) -> str:
    """Return a part of a text, counted in UTF-16 units."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


@asynccontextmanager
async def open_bot(
    telegram: FakeTelegram, *, folder: Path, empty: Path, **settings: Any
) -> AsyncIterator[BotUnderTest]:
    """Run the bot against `telegram`; `empty` is a database of the newest schema to start from."""
    cast = add_cast(telegram.world)
    arxiv = FakeArxiv(newest=_STARTED)
    libre = FakeLibreTranslate(_feed("translations"), phrases=_feed("phrases"))
    path = folder / "paperboy.db"
    shutil.copy(await _stocked(empty), path)
    chosen = GivenSettings(
        **{
            "telegram_bot_token": telegram.token,
            "telegram_api_url": telegram.url,
            "arxiv_api_url": await arxiv.start(),
            "database_url": f"sqlite:///{path}",
            "translators": ("libre",),
            "libretranslate_url": await libre.start(),
            "default_language": "en",
            **settings,
        },
    )
    parts = _parts(chosen, path)
    app = BotUnderTest(telegram, arxiv, libre, parts, cast.ada, cast.lin, cast.group)
    telegram.world.watch(app.see)
    try:
        await app.open()
        yield app
    finally:
        await app.close()
        await parts.translator.aclose()
        await parts.source.aclose()
        await parts.database.close()
        await arxiv.stop()
        await libre.stop()


@cache
def _feed(name: str) -> Any:
    path = files("bot.playground") / "feeds" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


async def _stocked(empty: Path) -> Path:
    """Return a database as it is after a good sweep: it has what arXiv has; made once."""
    path = empty.with_name(f"stocked-{empty.name}")
    if path.exists():
        return path
    arxiv = FakeArxiv(newest=_STARTED)
    source = ArxivSource(url=await arxiv.start(), delay_seconds=0)
    found = await source.window(_STARTED - HELD, _STARTED)
    await source.aclose()
    await arxiv.stop()
    shutil.copy(empty, path)
    database = Database(f"sqlite:///{path}")
    swept = Sweep(window_from=_STARTED - HELD, window_to=_STARTED, whole=True)
    async with database.transaction() as session:
        await papers.store(session=session, papers=found, words=words_of(found))
        # So that the bot does not look at arXiv before a test says so.
        await sweeps.add(session=session, sweep=swept)
    await database.write(partial(papers.mark_swept, swept={one.id: _STARTED for one in found}))
    await database.close()
    return path


def _parts(settings: Any, path: Path) -> Container:
    database = Database(f"sqlite:///{path}")
    engines = build_engines(["libre"], {"LIBRETRANSLATE_URL": settings.libretranslate_url})
    return Container(
        settings=settings,
        database=database,
        source=ArxivSource(
            url=settings.arxiv_api_url, delay_seconds=0, backoff_seconds=0.01, max_tries=2
        ),
        personal=PersonalOrder(database),
        translator=Translator(engines=engines, database=database),
    )

#!/usr/bin/env python3
"""Take the pictures of a week's look back, light and dark, on a phone, for docs/images.

`make screenshots` runs it; it needs what docs/screenshots.py needs. Its papers are invented: the
playground's sample has no nine weeks.
"""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from screenshots import Window, browser

from bot.container import telegram_bot
from bot.i18n import negotiate
from bot.playground.page.page import ChatPage
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Person, add_cast
from bot.query.parser import normalise, parse
from bot.settings.model import load
from bot.week.notes import send_weeks
from bot.week.watch import facts
from storage import chats, opinions, papers, topics
from storage.database import Database
from storage.models import ChatKind, Paper, Topic
from storage.objects import within
from tests.on_connection import record_matches

SUNDAY = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
WIDTH, HEIGHT = 390, 844
"""Of a phone."""
TOPICS = {
    "gaussian splatting": ("Gaussian splatting", (14, 17, 15, 19, 16, 21, 18, 20, 31)),
    "llm agents": ("LLM agents", (38, 41, 36, 44, 47, 45, 52, 49, 55)),
    "optical flow": ("Optical flow", (6, 4, 7, 5, 6, 3, 5, 4, 2)),
    "neural operators": ("Neural operators", (3, 5, 4, 8, 6, 7, 9, 8, 12)),
}
"""A topic's label, and how many papers it had a week."""
PLACES = ("Learning", "Towards", "On")
NEW = 9
"""Titles of the last week that have a new word."""
READERS = (("en", "light"), ("zh-CN", "dark"))


def found(query: str, counts: tuple[int, ...], start: int) -> list[Paper]:
    """Return as many papers a week as are counted; in the last one a word is new in many titles."""
    told = []
    for week, count in enumerate(counts):
        moment = SUNDAY - 5 * DAY - (len(counts) - 1 - week) * WEEK
        for place in range(count):
            is_new = week == len(counts) - 1 and place < NEW and query == "gaussian splatting"
            number = start + len(told)
            told.append(
                Paper(
                    id=f"26{moment.month:02}.{number:05}",
                    title=f"{PLACES[place % 3]} {'Relightable ' if is_new else ''}{query.title()}",
                    abstract="We study.",
                    published_at=moment,
                    updated_at=moment,
                )
            )
    return told


async def subscribe(database: Database, chat_id: int) -> None:
    """Let a chat follow the topics, save some papers, and one of them change."""
    kept = Paper(
        id="2606.01234",
        title="Learning to See in the Dark with Neural Operators",
        abstract="We study.",
        published_at=SUNDAY - 20 * WEEK,
        updated_at=SUNDAY - 20 * WEEK,
    )
    async with database.transaction() as session:
        await papers.store(session=session, papers=[kept])
        for number, (query, (label, counts)) in enumerate(TOPICS.items()):
            topic = await topics.register(session=session, query=normalise(parse(query)))
            await topics.subscribe(session=session, chat_id=chat_id, topic_id=topic.id, label=label)
            stored = await session.get_one(Topic, topic.id)
            stored.matched_at = stored.backfilled_at = SUNDAY - 9 * WEEK
            told = found(query, counts, 1_000 * (number + 1))
            await papers.store(session=session, papers=told)
            await record_matches(session=session, matches={topic.id: told})
            for one, saved_at in ((told[-1], SUNDAY - DAY), (kept, SUNDAY - 19 * WEEK)):
                save = partial(
                    opinions.save,
                    chat_id=chat_id,
                    paper_id=one.id,
                    now=saved_at,
                    known=facts(one),
                )
                await within(session, save)
        changed = await session.get_one(Paper, kept.id)
        changed.version, changed.abstract, changed.doi = 2, "We study more.", "10.1000/182"


async def tell(telegram: FakeTelegram, database: Database, reader: Person, language: str) -> None:
    """Let a week's look back come to somebody."""
    telegram.send_text(reader, reader, "/start")
    async with database.transaction() as session:
        chat = await chats.register(
            session=session,
            telegram_id=reader.id,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            now=SUNDAY,
            ui_language=negotiate(language),
        )
    await subscribe(database, chat.id)
    settings = load(None, telegram_bot_token=telegram.token, telegram_api_url=telegram.url)
    async with telegram_bot(settings, token=telegram.token) as bot:
        for now in (SUNDAY - DAY, SUNDAY):
            await send_weeks(database=database, bot=bot, personal=None, now=now)


def take(url: str, reader: Person, language: str, scheme: str) -> None:
    """Show the end of a conversation."""
    with browser() as driver:
        window = Window(driver, url)
        window.show(width=WIDTH, height=HEIGHT, dark=scheme == "dark", density=2)
        window.choose(reader.first_name)
        window.find(".message .photo")
        window.scroll_down()
        window.save(f"week-{language}-{scheme}.png")


async def main() -> None:
    """Take them all."""
    for language, scheme in READERS:
        telegram = FakeTelegram()
        cast = add_cast(telegram.world)
        reader = cast.ada if language == "en" else cast.lin
        page = ChatPage(telegram)
        url = await page.start(0)
        await telegram.start()
        with tempfile.TemporaryDirectory() as folder:
            database = Database(f"sqlite:///{Path(folder) / 'paperboy.db'}")
            await database.open()
            await tell(telegram, database, reader, language)
            await asyncio.to_thread(take, url, reader, language, scheme)
            await database.close()
        await telegram.stop()
        await page.stop()


if __name__ == "__main__":
    asyncio.run(main())

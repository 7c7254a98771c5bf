"""A database whose lock another process holds for longer than we wait: /week, /taste, weeks."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from bot.container import telegram_bot
from bot.playground.telegram.stand_in import FakeTelegram
from bot.week.notes import send_weeks
from storage import papers, seeds
from storage.database import Database
from tests.bot_under_test import BotUnderTest, open_bot

SORRY = "Sorry, that went wrong on my side. Nothing is lost; please try again."
WAITS = 0.2
"""Seconds that a writer waits for the lock here; elsewhere ten."""


@pytest.fixture
async def app(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[BotUnderTest]:
    defaults = {**(Database.__init__.__kwdefaults__ or {}), "busy_timeout_seconds": WAITS}
    monkeypatch.setattr(Database.__init__, "__kwdefaults__", defaults)
    async with open_bot(telegram, folder=tmp_path, empty=empty_database) as opened:
        yield opened


@asynccontextmanager
async def lock_held(database: Database) -> AsyncIterator[None]:
    """Write with a connection of somebody else's, and do not end."""
    assert database.path is not None
    connecting = sqlite3.connect(
        database.path, isolation_level=None, timeout=10, check_same_thread=False
    )
    with closing(connecting) as other:
        # The bot may be writing, and ends on this event loop.
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_week_is_shown_though_nothing_can_be_written(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    async with lock_held(app.database):
        shown = await app.say(app.ada, "/week")
    assert shown.text.startswith("Your week · ")


async def test_taste_shows_what_there_is_and_says_where_it_can_keep_nothing(
    app: BotUnderTest,
) -> None:
    async with app.database.reading() as session:
        one, two = await papers.newest(session=session, limit=2)
    await app.say(app.ada, f"/taste {one.id}")
    async with lock_held(app.database):
        assert "1 example:" in (await app.say(app.ada, "/taste")).text
        page = await app.tap(app.ada, "👆 Choose from ten")
        assert await app.alert(app.ada, "3", message=page) == SORRY
        app.telegram.send_text(app.ada, app.ada, f"/taste {two.id}")
        await app.until(lambda: app.last(app.ada).text == SORRY)
    told = await app.say(app.ada, f"/taste {two.id}")
    assert told.text.startswith("✅ I learn from 1 paper:")
    stored = await app.chat(app.ada)
    given = await app.database.read(partial(seeds.given, chat_id=stored.id))
    assert {paper.title for paper in given} == {one.title, two.title}


async def test_weeks_that_could_not_be_written_come_when_the_lock_is_gone_each_once(
    app: BotUnderTest,
) -> None:
    """The job of the evening fails while the lock is held, and begins again a minute later."""
    await app.follow(app.ada, "nerf")
    async with telegram_bot(app.parts.settings, token=app.telegram.token) as bot:
        look = partial(send_weeks, database=app.database, bot=bot, personal=None)
        await look()
        sunday = (await app.chat(app.ada)).next_week_at
        assert sunday is not None
        before = len(app.shown(app.ada))
        async with lock_held(app.database):
            for minute in range(3):
                with pytest.raises(OperationalError, match="database is locked"):
                    await look(now=sunday + timedelta(minutes=minute))
        sent = [await look(now=sunday + timedelta(minutes=minute)) for minute in range(3, 20)]
    assert sum(sent) == 1
    assert len(app.shown(app.ada)) == before + 1

"""ALLOWED_CHATS turns the others away, kindly, and remembers nothing of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telegram import Chat, Message, Update

from bot.conversation.permissions import may_change
from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram
from storage import chats
from tests.bot_under_test import BotUnderTest, open_bot

ADA = 700_000_001
"""Whom the fake server's first person is."""


@pytest.fixture
async def private_house(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> AsyncIterator[BotUnderTest]:
    """Serve nobody but Ada."""
    async with open_bot(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats=str(ADA)
    ) as app:
        assert app.ada.id == ADA
        yield app


@pytest.mark.parametrize("words", ["/start", "/digest", "/whatever", "gaussian splatting"])
async def test_a_stranger_is_told_whom_to_ask_and_for_what(
    private_house: BotUnderTest, words: str
) -> None:
    app = private_house
    answer = await app.say(app.lin, words)
    assert answer.text == f"这个 Paperboy 未公开。管理员可以为此聊天开通：{app.lin.id}"
    assert await app.known(app.lin) is None


async def test_who_is_allowed_is_served(private_house: BotUnderTest) -> None:
    app = private_house
    assert "Hello, I am Paperboy" in (await app.say(app.ada, "/start")).text


async def test_who_is_allowed_may_use_it_in_a_group_where_others_may_not(
    private_house: BotUnderTest,
) -> None:
    app = private_house
    group = await app.join(app.ada, app.group)
    answer = await app.say(app.ada, "/topics", chat=group)
    assert "This group doesn't follow anything yet." in answer.text
    turned_away = await app.say(app.lin, "/topics", chat=group)
    assert str(group.id) in turned_away.text


async def test_an_allowed_chat_serves_everybody_in_it(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> None:
    async with open_bot(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats="-4000001"
    ) as app:
        assert app.group.id == -4000001
        await app.join(app.ada, app.group)
        answer = await app.say(app.lin, "/topics", chat=app.group)
        assert "未公开" not in answer.text
        assert "未公开" in (await app.say(app.lin, "/topics")).text


async def test_admins_of_the_bot_are_always_let_in_and_may_change_any_group(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> None:
    async with open_bot(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats="1", admins="700000002"
    ) as app:
        assert app.lin.id == 700000002
        assert "你好" in (await app.say(app.lin, "/start")).text
        await app.join(app.lin, app.group)
        await app.follow(app.lin, "nerf", chat=app.group)
        assert await app.labels(app.group) == ["nerf"]


async def test_a_tap_of_who_is_not_allowed_any_more_pops_up_the_reason(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> None:
    async with open_bot(telegram, folder=tmp_path, empty=empty_database) as app:
        await app.say(app.lin, "/settings")
        card, lin = app.last(app.lin), app.lin
    async with open_bot(telegram, folder=tmp_path, empty=empty_database, allowed_chats="1") as app:
        said = await app.alert(lin, "⏸ 暂停", message=card)
        assert "这个 Paperboy 未公开" in said
        async with app.database.reading() as session:
            assert await chats.find(session=session, telegram_id=lin.id) is None


async def test_what_nobody_wrote_changes_nothing() -> None:
    """Telegram tells of such messages, a service's for one, without saying whose they are."""
    group = Chat(-5, "supergroup")
    said = Message(1, datetime(2026, 11, 1, tzinfo=UTC), group)
    context: Any = None
    assert not await may_change(Update(1, message=said), context)
    posted = Message(1, datetime(2026, 11, 1, tzinfo=UTC), group, sender_chat=Chat(-6, "channel"))
    assert not await may_change(Update(1, message=posted), context)


@pytest.mark.parametrize(
    ("code", "text"),
    [(400, "Bad Request: something quite new"), (403, "Forbidden: bot is not a member")],
)
async def test_where_telegram_does_not_tell_the_admins_nobody_is_one(
    app: BotUnderTest, code: int, text: str
) -> None:
    group = await app.join(app.ada, app.group)
    app.telegram.faults.always(faults.refuse(code, text), method="getChatAdministrators")
    answer = await app.say(app.ada, "/subscribe nerf", chat=group)
    assert answer.text == "Only this group's admins can change that."
    assert await app.labels(group) == []

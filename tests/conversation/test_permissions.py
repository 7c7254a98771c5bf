"""ALLOWED_CHATS turns the others away, kindly, and remembers nothing of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.playground.telegram.stand_in import TelegramStandIn
from storage import chats
from tests.bot_under_test import House, open_house

ADA = 700_000_001
"""Whom the stand-in's first person is."""


@pytest.fixture
async def private_house(
    telegram: TelegramStandIn, tmp_path: Path, empty_database: Path
) -> AsyncIterator[House]:
    """Serve nobody but Ada."""
    async with open_house(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats=str(ADA)
    ) as house:
        assert house.ada.id == ADA
        yield house


@pytest.mark.parametrize("words", ["/start", "/digest", "/whatever", "gaussian splatting"])
async def test_a_stranger_is_told_whom_to_ask_and_for_what(
    private_house: House, words: str
) -> None:
    house = private_house
    answer = await house.say(house.lin, words)
    assert answer.text == f"这个 Paperboy 是私人的。它的主人可以允许这个聊天使用：{house.lin.id}"
    assert await house.known(house.lin) is None


async def test_who_is_allowed_is_served(private_house: House) -> None:
    house = private_house
    assert "Hello, I am Paperboy" in (await house.say(house.ada, "/start")).text


async def test_who_is_allowed_may_use_it_in_a_group_where_others_may_not(
    private_house: House,
) -> None:
    house = private_house
    group = await house.join(house.ada, house.group)
    answer = await house.say(house.ada, "/topics", chat=group)
    assert "You don't follow anything yet." in answer.text
    turned_away = await house.say(house.lin, "/topics", chat=group)
    assert str(group.id) in turned_away.text


async def test_an_allowed_chat_serves_everybody_in_it(
    telegram: TelegramStandIn, tmp_path: Path, empty_database: Path
) -> None:
    async with open_house(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats="-4000001"
    ) as house:
        assert house.group.id == -4000001
        await house.join(house.ada, house.group)
        answer = await house.say(house.lin, "/topics", chat=house.group)
        assert "私人" not in answer.text
        assert "私人" in (await house.say(house.lin, "/topics")).text


async def test_admins_of_the_bot_are_always_let_in_and_may_change_any_group(
    telegram: TelegramStandIn, tmp_path: Path, empty_database: Path
) -> None:
    async with open_house(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats="1", admins="700000002"
    ) as house:
        assert house.lin.id == 700000002
        assert "您好" in (await house.say(house.lin, "/start")).text
        await house.join(house.lin, house.group)
        await house.follow(house.lin, "nerf", chat=house.group)
        assert await house.labels(house.group) == ["nerf"]


async def test_a_tap_of_who_is_not_allowed_any_more_pops_up_the_reason(
    telegram: TelegramStandIn, tmp_path: Path, empty_database: Path
) -> None:
    async with open_house(telegram, folder=tmp_path, empty=empty_database) as house:
        await house.say(house.lin, "/settings")
        card, lin = house.last(house.lin), house.lin
    async with open_house(
        telegram, folder=tmp_path, empty=empty_database, allowed_chats="1"
    ) as house:
        said = await house.alert(lin, "⏸ 暂停", message=card)
        assert "这个 Paperboy 是私人的" in said
        async with house.database.reading() as session:
            assert await chats.find(session=session, telegram_id=lin.id) is None

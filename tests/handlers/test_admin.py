"""/admin is there for the people in ADMINS alone, in private."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.container import telegram_bot
from bot.playground.telegram.stand_in import TelegramStandIn
from bot.push.broadcasts import send_notices
from storage.models import Delivery, DeliveryState
from tests.bot_under_test import House, open_house

ADA, LIN = 700_000_001, 700_000_002


@pytest.fixture
async def run_by_ada(
    telegram: TelegramStandIn, tmp_path: Path, empty_database: Path
) -> AsyncIterator[House]:
    async with open_house(
        telegram, folder=tmp_path, empty=empty_database, admins=str(ADA), allowed_chats=str(ADA)
    ) as opened:
        yield opened


async def test_to_others_admin_is_a_command_that_there_is_not(house: House) -> None:
    unknown = (await house.say(house.ada, "/whatever")).text
    assert (await house.say(house.ada, "/admin")).text == unknown
    assert (await house.say(house.ada, "/admin broadcast Hello")).text == unknown


async def test_the_operator_sees_numbers_and_engines(run_by_ada: House) -> None:
    text = (await run_by_ada.say(run_by_ada.ada, "/admin")).text
    assert "Chats: 1" in text
    assert "Translator libre: works" in text


async def test_who_is_let_in_at_run_time_is_served_until_shown_out(run_by_ada: House) -> None:
    house = run_by_ada
    private = (await house.say(house.lin, "/help")).text
    await house.say(house.ada, f"/admin allow {LIN}")
    assert (await house.say(house.lin, "/help")).text != private
    await house.say(house.ada, f"/admin disallow {LIN}")
    assert (await house.say(house.lin, "/help")).text == private


async def test_what_was_given_up_is_owed_again_with_one_tap(run_by_ada: House) -> None:
    house = run_by_ada
    await house.follow(house.ada, "cat:cs.CV")
    async with house.database.transaction() as session:
        await session.exec(
            update(Delivery)
            .where(col(Delivery.state) == DeliveryState.PENDING)
            .values(state=DeliveryState.DEAD, reason="too <odd>")
        )
    shown = await house.say(house.ada, "/admin")
    assert "too <odd>" in shown.text
    after = await house.tap(house.ada, "Release all", message=shown)
    assert "Given up: 0" in after.text


async def test_a_broadcast_is_looked_at_first_and_comes_as_it_was_shown(run_by_ada: House) -> None:
    house = run_by_ada
    shown = await house.say(house.ada, "/admin broadcast We <b>move</b> & rest")
    assert shown.text == "We <b>move</b> & rest"
    sent = await house.tap(house.ada, shown.buttons[0], message=shown)
    assert sent.text == "📣 On its way to 1 chat."
    async with telegram_bot(house.parts.settings, token=house.telegram.token) as bot:
        assert await send_notices(database=house.database, bot=bot) == 1
        assert await send_notices(database=house.database, bot=bot) == 0
    assert house.last(house.ada).text == "We <b>move</b> & rest"

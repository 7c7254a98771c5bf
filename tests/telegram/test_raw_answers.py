"""What is read of Telegram's answers without the library's objects."""

import pytest

from bot.playground.telegram.parameters import ApiCall
from bot.telegram.http_transport import NotTelegramError
from bot.telegram.raw_answers import admins_of, title_of
from tests.outside import Outside

ADA = {"id": 7, "is_bot": False, "first_name": "Ada"}


def answering(outside: Outside, result: object) -> None:
    def answer(call: ApiCall) -> None:
        if call.method in {"getChat", "getChatAdministrators"}:
            call.result, call.error = result, None

    outside.telegram.on_call.append(answer)


async def test_who_rules_a_chat_is_read_whatever_else_is_said_of_them(outside: Outside) -> None:
    answering(outside, [{"user": ADA}, {"user": ADA | {"id": 8}, "status": 5, "rank": []}])
    assert await admins_of(outside.bot, -100) == {7, 8}


async def test_a_chat_s_title_is_read_whatever_else_is_said_of_it(outside: Outside) -> None:
    answering(outside, {"id": -100, "type": "channel", "title": "Papers", "photo": 5})
    assert await title_of(outside.bot, -100) == "Papers"


@pytest.mark.parametrize("result", [None, 5, {}, [5], [{"user": {"id": "7"}}]], ids=repr)
async def test_what_is_not_as_described_is_no_answer(outside: Outside, result: object) -> None:
    answering(outside, result)
    with pytest.raises(NotTelegramError):
        await admins_of(outside.bot, -100)

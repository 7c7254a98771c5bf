"""What is no command and no query: answered or passed over, never an error."""

import pytest

from bot.playground.telegram.world import Json
from tests.bot_under_test import House


@pytest.mark.parametrize(
    ("person", "hint"),
    [
        ("ada", "I don't know that command. /help shows what I can do."),
        ("lin", "我不认识这个命令。发送 /help 看看我能做什么。"),
    ],
)
async def test_an_unknown_command_is_answered_with_the_way_to_help(
    house: House, person: str, hint: str
) -> None:
    for command in ("/unknown", "/papers now", "/help@another_bot"):
        assert (await house.say(getattr(house, person), command)).text == hint, command


@pytest.mark.parametrize("person", ["ada", "lin"])
async def test_help_names_every_command_and_its_examples_work(house: House, person: str) -> None:
    who = getattr(house, person)
    shown = await house.say(who, "/help")
    for command in house.telegram.menu(who):
        assert command in {"start", "help"} or f"/{command}" in shown.text
    raw = shown.text.encode("utf-16-le")
    examples = [e for e in shown.formatted.entities if e.type == "code"]
    assert len(examples) == 5
    for example in examples:
        query = raw[example.offset * 2 : example.end * 2].decode("utf-16-le")
        assert (await house.say(who, query)).buttons


async def test_what_is_no_text_is_answered_with_what_can_be_sent(house: House) -> None:
    sticker = {
        "file_id": "s",
        "file_unique_id": "s",
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    }
    await house.say(house.ada, "/help")
    for content in (
        {"sticker": sticker},
        {"contact": {"phone_number": "1", "first_name": "X"}},
        {"dice": {"emoji": "🎲", "value": 3}},
    ):
        seen = house.mark()
        push(house, "message", content)
        answer = await house.answer(house.ada, since=seen)
        assert answer.text.startswith("I understand words, such as gaussian splatting")
    push(house, "message", {"new_chat_title": "Hello"})
    assert "What I can do" in (await house.say(house.ada, "/help")).text
    assert len(house.shown(house.ada)) == 5


async def test_an_edit_is_answered_with_what_to_do(house: House) -> None:
    await house.say(house.ada, "/help")
    seen = house.mark()
    push(house, "edited_message", {"text": "/settings 7", "edit_date": 1_800_000_001})
    answer = await house.answer(house.ada, since=seen)
    assert answer.text == "I don't see what you change in a message. Please send it anew."


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
async def test_a_message_that_is_edited_is_not_done_twice(house: House, kind: str) -> None:
    await house.say(house.ada, "/settings 5")
    house.telegram.updates.allow([])
    push(
        house,
        kind,
        {"text": "/settings 7", "entities": [{"type": "bot_command", "offset": 0, "length": 9}]},
    )
    await house.say(house.ada, "/help")
    assert (await house.chat(house.ada)).papers_per_push == 5


def push(house: House, kind: str, content: Json) -> None:
    """Let Telegram bring something that nobody in the stand-in can do by hand."""
    person = {"id": house.ada.id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    chat = {"id": house.ada.id, "type": "private", "first_name": "Ada"}
    house.telegram.updates.push(
        kind, {"message_id": 9_000, "date": 1_800_000_000, "from": person, "chat": chat, **content}
    )

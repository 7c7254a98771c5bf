"""What is no command and no query: answered or passed over, never an error."""

import pytest

from bot.playground.telegram.world import Json
from tests.bot_under_test import BotUnderTest


@pytest.mark.parametrize(
    ("person", "hint"),
    [
        ("ada", "Unknown command. /help shows what I can do."),
        ("lin", "未知命令。发送 /help 看看我能做什么。"),
    ],
)
async def test_an_unknown_command_is_answered_with_the_way_to_help(
    app: BotUnderTest, person: str, hint: str
) -> None:
    for command in ("/unknown", "/papers now", "/help@another_bot"):
        assert (await app.say(getattr(app, person), command)).text == hint, command


@pytest.mark.parametrize("person", ["ada", "lin"])
async def test_help_names_every_command_and_its_examples_work(
    app: BotUnderTest, person: str
) -> None:
    who = getattr(app, person)
    shown = await app.say(who, "/help")
    for command in app.telegram.menu(who):
        assert command in {"start", "help"} or f"/{command}" in shown.text
    raw = shown.text.encode("utf-16-le")
    examples = [e for e in shown.formatted.entities if e.type == "code"]
    assert len(examples) == 5
    for example in examples:
        query = raw[example.offset * 2 : example.end * 2].decode("utf-16-le")
        assert (await app.say(who, query)).buttons


async def test_what_is_no_text_is_answered_with_what_can_be_sent(app: BotUnderTest) -> None:
    sticker = {
        "file_id": "s",
        "file_unique_id": "s",
        "type": "regular",
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
    }
    await app.say(app.ada, "/help")
    for content in (
        {"sticker": sticker},
        {"contact": {"phone_number": "1", "first_name": "X"}},
        {"dice": {"emoji": "🎲", "value": 3}},
    ):
        seen = app.mark()
        push(app, "message", content)
        answer = await app.answer(app.ada, since=seen)
        assert answer.text.startswith("I understand words, such as gaussian splatting")
    push(app, "message", {"new_chat_title": "Hello"})
    assert "What I can do" in (await app.say(app.ada, "/help")).text
    assert len(app.shown(app.ada)) == 5


async def test_an_edit_is_answered_with_what_to_do(app: BotUnderTest) -> None:
    await app.say(app.ada, "/help")
    seen = app.mark()
    push(app, "edited_message", {"text": "/settings 7", "edit_date": 1_800_000_001})
    answer = await app.answer(app.ada, since=seen)
    assert answer.text == "I can't see edits. Please send it as a new message."


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
async def test_a_message_that_is_edited_is_not_done_twice(app: BotUnderTest, kind: str) -> None:
    await app.say(app.ada, "/settings 5")
    app.telegram.updates.allow([])
    push(
        app,
        kind,
        {"text": "/settings 7", "entities": [{"type": "bot_command", "offset": 0, "length": 9}]},
    )
    await app.say(app.ada, "/help")
    assert (await app.chat(app.ada)).papers_per_push == 5


def push(app: BotUnderTest, kind: str, content: Json) -> None:
    """Let Telegram bring something that nobody in the fake server can do by hand."""
    person = {"id": app.ada.id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    chat = {"id": app.ada.id, "type": "private", "first_name": "Ada"}
    app.telegram.updates.push(
        kind, {"message_id": 9_000, "date": 1_800_000_000, "from": person, "chat": chat, **content}
    )

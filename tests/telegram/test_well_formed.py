"""What of an update, or of an answer, is not as Telegram describes it."""

from typing import Any

import pytest

from bot.telegram.well_formed import mistake_in, mistake_in_answer

ADA = {"id": 7, "is_bot": False, "first_name": "Ada"}
CHAT = {"id": 7, "type": "private"}
MESSAGE = {"message_id": 1, "date": 1, "chat": CHAT, "from": ADA, "text": "hello"}


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ({"message": MESSAGE}, None),
        ({"message": MESSAGE | {"nobody_reads_this": []}}, None),
        ({"callback_query": {"id": "1", "from": ADA, "data": "x"}}, None),
        ({"callback_query": {"id": "1", "from": ADA, "message": MESSAGE | {"date": 0}}}, None),
        ({"message": MESSAGE | {"reply_to_message": MESSAGE}}, None),
        ({"message": []}, "update.message"),
        ({"chat_boost": {"chat": {"id": [], "type": "private"}}}, "its type"),
        ({"message": MESSAGE | {"text": "half \ud83d"}}, "update.message.text"),
        ({"message": MESSAGE | {"text": "\0"}}, "update.message.text"),
        ({"message": MESSAGE | {"text": "x" * 4097}}, "update.message.text"),
        ({"message": MESSAGE | {"date": -1}}, "update.message.date"),
        ({"message": MESSAGE | {"message_id": True}}, "update.message.message_id"),
        ({"message": MESSAGE | {"chat": {"id": 2**52, "type": "group"}}}, "update.message.chat.id"),
        ({"message": MESSAGE | {"entities": [{}]}}, "update.message.entities.type"),
        (
            {"inline_query": {"id": "1", "from": ADA, "query": 1, "offset": ""}},
            "update.inline_query.query",
        ),
    ],
)
def test_a_field_that_is_read_is_as_described(content: dict[str, Any], mistake: str | None) -> None:
    assert mistake_in({"update_id": 1, **content}) == mistake


@pytest.mark.parametrize(
    ("method", "result", "mistake"),
    [
        ("sendMessage", MESSAGE, None),
        ("sendDocument", MESSAGE | {"document": 5}, "sendDocument.document"),
        ("sendMessage", True, "sendMessage"),
        ("editMessageText", True, None),
        ("editMessageText", {"message_id": 1}, "editMessageText.date"),
        ("getMe", {"id": "7"}, "getMe.id"),
        ("getFile", {"file_id": "a", "file_unique_id": "b", "file_path": 5}, "getFile.file_path"),
        ("getChatMember", {"status": [], "user": ADA}, "getChatMember.status"),
        ("getChatAdministrators", [{}], "getChatAdministrators.status"),
        ("deleteMessage", "whatever", None),
    ],
)
def test_an_answer_that_is_read_is_as_described(
    method: str, result: object, mistake: str | None
) -> None:
    assert mistake_in_answer(method, result) == mistake

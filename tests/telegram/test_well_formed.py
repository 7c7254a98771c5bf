"""What of an update, or of an answer, is not as Telegram describes it."""

from typing import Any

import pytest

from bot.telegram.well_formed import mistake_in, read_answer

ADA = {"id": 7, "is_bot": False, "first_name": "Ada"}
CHAT = {"id": 7, "type": "private"}
MESSAGE = {"message_id": 1, "date": 1, "chat": CHAT, "from": ADA, "text": "hello"}
BOT = {"id": 8, "is_bot": True, "first_name": "Bot", "username": "a_bot"}
ODD = {"story": [], "location": "zyzzyva", "gift": {"id": None}}


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
        ({"message": MESSAGE | {"message_id": 2**31 - 1}}, None),
        ({"message": MESSAGE | {"message_id": 2**31}}, "update.message.message_id"),
        ({"message": MESSAGE | {"message_thread_id": 2**31}}, "update.message.message_thread_id"),
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
        ("sendMessage", True, "sendMessage"),
        ("sendMessage", MESSAGE | {"message_id": 2**31}, "sendMessage.message_id"),
        ("sendDocument", MESSAGE | {"is_topic_message": 5}, "sendDocument.is_topic_message"),
        ("editMessageText", {"message_id": 1}, "editMessageText.date"),
        ("getMe", BOT | {"id": "7"}, "getMe.id"),
        ("getMe", ADA, "getMe.username"),
        ("getFile", {"file_id": "a", "file_unique_id": "b", "file_path": 5}, "getFile.file_path"),
        ("getChat", CHAT | {"title": ["zyzzyva"]}, "getChat.title"),
        ("getChatAdministrators", [{}], "getChatAdministrators.user"),
        ("getWebhookInfo", {"url": ""}, "getWebhookInfo.has_custom_certificate"),
    ],
)
def test_an_answer_that_is_read_is_as_described(method: str, result: object, mistake: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - what it says is compared below
        read_answer(method, result)
    assert str(refused.value) == mistake


@pytest.mark.parametrize(
    ("method", "result", "read"),
    [
        ("sendMessage", MESSAGE | ODD, {"message_id": 1, "date": 1, "chat": CHAT}),
        ("editMessageText", True, True),
        ("getMe", BOT | ODD, BOT),
        ("getChat", CHAT | ODD, CHAT),
        ("getChatAdministrators", [{"status": 5, "user": ADA | ODD}], [{"user": ADA}]),
        ("deleteMessage", "whatever", "whatever"),
    ],
)
def test_of_an_answer_nobody_makes_objects_of_what_nobody_reads(
    method: str, result: object, read: object
) -> None:
    assert read_answer(method, result) == read

"""The contract finds what is wrong with a request, by either description."""

from typing import Any

import pytest

from bot.playground.telegram.parameters import ApiCall, Upload, decoded
from bot.playground.telegram.refusal import Refusal
from tests import telegram_contract
from tests.telegram_contract import Contract

BOLD = {"type": "bold", "offset": 0, "length": 1}
BUTTON = {"text": "x", "callback_data": "y"}
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("sendMessage", {"chat_id": "1", "text": "x", "entities": [BOLD]}),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[BUTTON]]}}),
    ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": 1}}),
    ("getUpdates", {"offset": "-1", "allowed_updates": '["message"]'}),
    ("sendRichMessage", {"chat_id": 1, "rich_message": {"html": "<p>x</p>"}}),
    (
        "setMessageReaction",
        {"chat_id": 1, "message_id": 1, "reaction": [{"type": "emoji", "emoji": "👍"}]},
    ),
]
BAD: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {"text": "x"}, "chat_id"),
    ("sendMessage", {"chat_id": 1, "text": "x", "colour": "red"}, "colour"),
    ("sendMessage", {"chat_id": 1, "text": "x", "entities": [{"type": "bold"}]}, "offset"),
    ("sendMessage", {"chat_id": 1, "text": "x", "entities": [{**BOLD, "colour": 1}]}, "colour"),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [[{**BUTTON, "data": 1}]]}},
        "data",
    ),
    (
        "sendMessage",
        {"chat_id": 1, "text": "x", "link_preview_options": {"is_disabled": "perhaps"}},
        "is_disabled",
    ),
    ("setMyCommands", {"commands": [{"command": "x"}]}, "description"),
    ("setMyCommands", {"commands": [], "scope": {"type": "chat"}}, "chat_id"),
    ("getUpdates", {"timeout": "soon"}, "timeout"),
    ("getUpdates", {"timeout": 1.5}, "timeout"),
]


@pytest.fixture(params=["official", "aiogram"])
def each_description(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "aiogram":
        monkeypatch.setattr(telegram_contract, "_description", lambda: None)
    elif telegram_contract._description() is None:
        pytest.skip("the official description is not beside this checkout")


def _breaches(method: str, raw: dict[str, Any]) -> list[str]:
    contract = Contract()
    try:
        params = decoded(raw)
    except Refusal:
        params = raw
    contract(ApiCall(method, params, raw, error={"ok": False}))
    return contract.breaches


@pytest.mark.usefixtures("each_description")
@pytest.mark.parametrize(("method", "raw"), GOOD)
def test_a_request_as_described_passes(method: str, raw: dict[str, Any]) -> None:
    assert _breaches(method, raw) == []


@pytest.mark.usefixtures("each_description")
@pytest.mark.parametrize(("method", "raw", "where"), BAD)
def test_a_request_that_is_not_as_described_is_named(
    method: str, raw: dict[str, Any], where: str
) -> None:
    assert any(where in breach for breach in _breaches(method, raw))


@pytest.mark.usefixtures("each_description")
def test_a_file_must_belong_to_a_parameter() -> None:
    file = Upload("a.md", "text/markdown", b"x")
    for name, raw in (
        ("document", {"chat_id": 1}),
        ("f", {"chat_id": 1, "document": "attach://f"}),
    ):
        contract = Contract()
        contract(ApiCall("sendDocument", dict(raw), raw, {name: file}, error={"ok": False}))
        contract.check()


@pytest.mark.usefixtures("each_description")
def test_an_answer_that_a_client_could_not_read_is_named() -> None:
    contract = Contract()
    contract(ApiCall("getMe", {}, {}, result={"id": 1, "is_bot": True}))
    with pytest.raises(AssertionError, match="first_name"):
        contract.check()
    strange = Contract()
    user = {"id": 1, "is_bot": True, "first_name": "x", "shoe_size": 43}
    strange(ApiCall("getMe", {}, {}, result=user))
    assert strange.breaches == ["getMe: result.shoe_size is not in User"]

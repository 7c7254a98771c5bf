"""What benchmarks/push.py takes for a message that was sent twice, and what for two messages."""

import json
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.request import Request, urlopen

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module("counting_telegram")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ([(1, "a"), (2, "a")], None),
        ([(1, "first part"), (1, "second part"), (2, "a")], None),
        ([(1, "a"), (1, "a"), (2, "a")], "1 messages came once more than they should"),
        ([(1, "a"), (1, "b")], "1 of 2 chats got nothing"),
    ],
    ids=["one each", "a push of two messages", "one twice", "one missing"],
)
def test_a_push_of_two_messages_is_none_that_came_twice(
    counting: ModuleType, sent: list[tuple[int, str]], told: str | None
) -> None:
    with counting.CountingTelegram() as telegram:
        for chat, words in sent:
            post(f"{telegram.url}/bot1:a/sendMessage", {"chat_id": chat, "text": words})
        assert counting.fault(telegram.arrived(), chats=2) == told


def post(url: str, what: dict[str, object]) -> None:
    head = {"Content-Type": "application/json"}
    with urlopen(Request(url, json.dumps(what).encode(), head), timeout=10) as answer:  # noqa: S310
        assert answer.status == 200

"""How updates reach the bot: long polling with one reader, and the webhook."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Person

Post = dict[str, Any]


class Caller:
    """A client that knows nothing but HTTP."""

    def __init__(self, telegram: FakeTelegram) -> None:
        self._base = f"{telegram.url}/bot{telegram.token}"
        self._client = httpx.AsyncClient(verify=ssl.create_default_context(), timeout=5.0)

    async def __call__(self, method: str, **params: Any) -> Any:
        body = (await self._client.post(f"{self._base}/{method}", json=params)).json()
        return body["result"] if body["ok"] else body["description"]

    async def close(self) -> None:
        await self._client.aclose()


@pytest.fixture
async def call(telegram: FakeTelegram) -> AsyncIterator[Caller]:
    caller = Caller(telegram)
    yield caller
    await caller.close()


@pytest.fixture
def ada(telegram: FakeTelegram) -> Person:
    return telegram.world.add_person("Ada")


def _texts(updates: list[Post]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_updates_stay_until_they_are_confirmed(
    telegram: FakeTelegram, call: Caller, ada: Person
) -> None:
    for text in ("a", "b", "c"):
        telegram.send_text(ada, ada, text)
    first = await call("getUpdates")
    assert _texts(first) == ["a", "b", "c"] == _texts(await call("getUpdates"))
    assert [u["update_id"] for u in first] == list(
        range(first[0]["update_id"], first[0]["update_id"] + 3)
    )
    assert _texts(await call("getUpdates", limit=1)) == ["a"]
    assert _texts(await call("getUpdates", offset=first[1]["update_id"])) == ["b", "c"]
    assert _texts(await call("getUpdates", offset=-1)) == ["c"]
    assert await call("getUpdates", offset=first[2]["update_id"] + 1) == []
    assert telegram.updates.pending == []


async def test_a_reader_waits_for_the_first_update_and_no_longer(
    telegram: FakeTelegram, call: Caller, ada: Person
) -> None:
    reader = asyncio.create_task(call("getUpdates", timeout=4))
    await telegram.wait_for(lambda: telegram.updates.has_reader)
    assert not reader.done()
    began = time.monotonic()
    telegram.send_text(ada, ada, "hello")
    assert _texts(await reader) == ["hello"]
    assert time.monotonic() - began < 3.5
    last = telegram.updates.pending[-1]["update_id"]
    began = time.monotonic()
    assert await call("getUpdates", offset=last + 1, timeout=1) == []
    assert 0.9 < time.monotonic() - began < 5


async def test_a_reader_that_hangs_up_takes_nothing_with_it(
    telegram: FakeTelegram, call: Caller, ada: Person
) -> None:
    async with httpx.AsyncClient(verify=ssl.create_default_context(), timeout=0.2) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"{telegram.url}/bot{telegram.token}/getUpdates?timeout=30")
    await telegram.wait_for(lambda: telegram.calls_to("getUpdates"))
    telegram.send_text(ada, ada, "hello")
    assert _texts(await call("getUpdates", timeout=4)) == ["hello"]


async def test_only_wanted_kinds_are_queued(
    telegram: FakeTelegram, call: Caller, ada: Person
) -> None:
    await call("getUpdates", allowed_updates=["my_chat_member"])
    telegram.send_text(ada, ada, "unheard")
    telegram.block(ada)
    telegram.unblock(ada)
    assert [set(update) for update in await call("getUpdates")] == [
        {"update_id", "my_chat_member"}
    ] * 2
    await call("getUpdates", allowed_updates=[])
    telegram.send_text(ada, ada, "heard")
    assert "message" in (await call("getUpdates"))[-1]
    problem = await call("getUpdates", allowed_updates={})
    assert problem == "Bad Request: can't parse allowed updates JSON object"
    # That request was against the contract, as it should be.
    telegram.on_call[0].breaches.clear()  # type: ignore[attr-defined] # a hook of a known class


class Hook:
    """The bot's side of a webhook: keeps what it gets and answers what it is told."""

    def __init__(self) -> None:
        self.received: list[tuple[str | None, Post]] = []
        self.answers: list[int] = []
        self.url = ""

    def take(self, handler: RequestHandler) -> None:
        secret = handler.request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.received.append((secret, json.loads(handler.request.body)))
        handler.set_status(self.answers.pop(0) if self.answers else 200)


class HookHandler(RequestHandler):
    """Hands what comes to the hook."""

    def initialize(self, hook: Hook) -> None:
        self.hook = hook

    def post(self) -> None:
        self.hook.take(self)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    application = Application([("/hook", HookHandler, {"hook": hook})], log_function=lambda _: None)
    server = HTTPServer(application)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    hook.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/hook"
    yield hook
    server.stop()
    await server.close_all_connections()


async def test_a_webhook_gets_every_update_with_its_secret(
    telegram: FakeTelegram, call: Caller, ada: Person, hook: Hook
) -> None:
    telegram.send_text(ada, ada, "before")
    assert await call("setWebhook", url=hook.url, secret_token="s3cret_-") is True
    telegram.send_text(ada, ada, "after")
    await telegram.wait_for(lambda: len(hook.received) == 2)
    assert [secret for secret, _ in hook.received] == ["s3cret_-"] * 2
    assert _texts([update for _, update in hook.received]) == ["before", "after"]
    await telegram.wait_for(lambda: not telegram.updates.pending)
    assert (await call("getWebhookInfo"))["url"] == hook.url


async def test_a_webhook_that_fails_is_asked_again_and_loses_nothing(
    telegram: FakeTelegram, call: Caller, ada: Person, hook: Hook
) -> None:
    hook.answers = [500]
    await call("setWebhook", url=hook.url)
    telegram.send_text(ada, ada, "papers")
    await telegram.wait_for(lambda: len(hook.received) == 2)
    assert _texts([update for _, update in hook.received]) == ["papers"] * 2
    info = await call("getWebhookInfo")
    assert info["last_error_message"].startswith("Wrong response from the webhook: 500")


async def test_readers_and_webhooks_exclude_each_other(
    telegram: FakeTelegram, call: Caller, ada: Person, hook: Hook
) -> None:
    reader = asyncio.create_task(call("getUpdates", timeout=4))
    await telegram.wait_for(lambda: telegram.updates.has_reader)
    await call("setWebhook", url=hook.url)
    assert await reader == "Conflict: terminated by setWebhook request"
    assert (await call("getUpdates")) == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )
    assert await call("deleteWebhook") is True
    telegram.send_text(ada, ada, "again")
    assert _texts(await call("getUpdates")) == ["again"]
    assert hook.received == []
    assert await call("deleteWebhook", drop_pending_updates=True) is True
    assert await call("getUpdates") == []
    assert await call("setWebhook", url="") is True


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"url": "http://example.org/x"}, "An HTTPS URL must be provided for webhook"),
        ({"url": "https://example.org:8000/x"}, "only on ports 80, 88, 443 or 8443"),
        ({"url": "https://example.org/x", "secret_token": "ü"}, "secret token contains"),
        ({"url": "https://example.org/x", "secret_token": "a" * 257}, "secret token contains"),
        ({"url": "https://example.org/x", "max_connections": 101}, "between 1 and 100"),
    ],
)
async def test_webhooks_are_checked(call: Caller, params: Post, problem: str) -> None:
    assert problem in await call("setWebhook", **params)

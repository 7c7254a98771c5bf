"""Telegram posts what happens, instead of being asked for it."""

import asyncio
import contextlib
import signal
import socket
import time
from typing import Any

import httpx
import pytest

from bot.playground.telegram.faults import hang
from bot.playground.telegram.updates import WebhookSender
from bot.playground.telegram.world import Person
from bot.settings.secrets import webhook_secret
from tests.commands.paperboy import Paperboy, Running

SOON_SECONDS = 15.0
"""Of a busy machine; what hangs would go on for twenty."""

PATIENCE_SECONDS = 30.0
HEADER = "X-Telegram-Bot-Api-Secret-Token"
STANDING_BY = "another copy is at work, this one stands by"


@pytest.fixture
def hook(paperboy: Paperboy) -> str:
    """Return where Telegram posts to; every copy of the bot listens there once it leads."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    paperboy.settings |= {"WEBHOOK_URL": f"{url}/paperboy", "WEBHOOK_LISTEN": str(port)}
    return url


async def webhook_of(paperboy: Paperboy, bot: Running) -> WebhookSender:
    """Return the webhook that a bot has set, once it has."""
    await bot.says("Telegram posts its updates")
    found = paperboy.telegram.updates.webhook
    assert found is not None
    return found


async def test_telegram_posts_updates_and_a_stranger_s_are_refused(
    paperboy: Paperboy, hook: str
) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    bot = await paperboy.start("run")
    webhook = await webhook_of(paperboy, bot)
    secret = webhook_secret(telegram.token)
    bot.secrets.append(secret)
    assert (webhook.url, webhook.secret) == (f"{hook}/paperboy", secret)
    await paperboy.subscribed(ada, "gaussian splatting")
    await telegram.wait_for(lambda: not telegram.updates.pending)
    assert not telegram.calls_to("getUpdates")

    answers = len(telegram.from_bot(ada))
    update = words_of(ada, "/topics")
    async with httpx.AsyncClient(base_url=hook, timeout=5) as stranger:
        for wrong in (b"", b"guessed", "ü".encode()):
            headers = [(HEADER.encode(), wrong)] if wrong else []
            # Who is still sending may hear that the connection is closed, and not why.
            with contextlib.suppress(httpx.TransportError):
                refused = await stranger.post("/paperboy", json=update, headers=headers)
                assert refused.status_code == 403
        reader, writer = await asyncio.open_connection("127.0.0.1", int(hook.rpartition(":")[2]))
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{")
        early = await asyncio.wait_for(reader.readline(), 5)
        assert b"403" in early, "before there is a body to keep"
        writer.close()
        right = {HEADER: secret}
        for broken in (b"", b"no JSON", b"[]", b'{"update_id": "x"}', b"\xff", b"[" * 100_000):
            bad = await stranger.post("/paperboy", content=broken, headers=right)
            assert bad.status_code == 400
        giant = b"[" + b"0" * (2 * 1024 * 1024) + b"]"
        with contextlib.suppress(httpx.TransportError):  # it is cut off while it is sent
            assert (await stranger.post("/", content=giant, headers=right)).status_code == 400
        unreadable = {"update_id": 41, "message": {"chat": 7}}
        assert (await stranger.post("/", json=unreadable, headers=right)).is_success
        assert (await stranger.get("/paperboy", headers=right)).status_code == 405
        refused = await stranger.get("/paperboy")
        assert (refused.status_code, refused.headers["Connection"]) == (403, "close")
        assert (await stranger.get("/healthz")).json() == {"status": "ok"}
        assert len(telegram.from_bot(ada)) == answers
        for _again in range(2):
            assert (await stranger.post("/paperboy", json=update, headers=right)).is_success
        assert len(telegram.from_bot(ada)) == answers + 1

    checked = await paperboy("check")
    assert "✓ webhook: Telegram posts there; 0 updates wait" in checked.out

    ended = await bot.end()
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert "/topics" not in ended.err
    assert telegram.calls_to("deleteWebhook") == [], "Telegram keeps what comes meanwhile"

    paperboy.settings["WEBHOOK_URL"] = ""
    async with paperboy.running():
        await telegram.wait_for(lambda: telegram.calls_to("getUpdates"), PATIENCE_SECONDS)


def words_of(person: Person, text: str) -> dict[str, Any]:
    """Return an update as Telegram posts it."""
    who = {"id": person.id, "first_name": person.first_name, "is_bot": False}
    entity = {"type": "bot_command", "offset": 0, "length": len(text)}
    return {
        "update_id": 42,
        "message": {
            "message_id": 4242,
            "date": int(time.time()),
            "chat": {"id": person.id, "type": "private"},
            "from": who,
            "text": text,
            "entities": [entity],
        },
    }


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.slow
async def test_what_was_in_hand_when_it_stopped_is_answered_by_the_next(
    paperboy: Paperboy, hook: str, told: signal.Signals
) -> None:
    telegram = paperboy.telegram
    ada = telegram.world.add_person("Ada", "en")
    first = await paperboy.start("run")
    await webhook_of(paperboy, first)
    second = await paperboy.start("run")
    await second.says(STANDING_BY)
    telegram.faults.always(hang(), method="sendMessage")
    telegram.send_text(ada, ada, "/help")
    await telegram.wait_for(lambda: telegram.calls_to("sendMessage"))
    began = time.monotonic()
    ended = await first.end(told)
    assert time.monotonic() - began < SOON_SECONDS
    assert told is signal.SIGKILL or ended.code == 0
    assert "Traceback" not in ended.err
    assert told is signal.SIGTERM or telegram.updates.pending, "else the inbox has it"
    telegram.faults.clear()

    answer = await telegram.wait_for(lambda: telegram.from_bot(ada), PATIENCE_SECONDS)
    assert "/subscribe" in answer[0].text
    await telegram.wait_for(lambda: not telegram.updates.pending, PATIENCE_SECONDS)
    assert len(telegram.from_bot(ada)) == 1
    async with httpx.AsyncClient(base_url=hook) as proxy:
        assert (await proxy.get("/healthz")).is_success, "a proxy finds the copy at work"
    assert (await second.end()).code == 0


@pytest.mark.slow
async def test_a_leader_whose_lock_is_gone_leaves_the_port_to_the_next(
    paperboy: Paperboy, hook: str
) -> None:
    first = await paperboy.start("run")
    await webhook_of(paperboy, first)
    second = await paperboy.start("run")
    await second.says(STANDING_BY)
    first.tell(signal.SIGSTOP)
    (paperboy.folder / "data" / "paperboy.db.lead").unlink()
    await second.says("Paperboy is running")
    assert not [line for line in second.err if "Telegram posts" in line]
    first.tell(signal.SIGCONT)
    await first.says("the lead was lost")
    await second.says("Telegram posts its updates")
    async with httpx.AsyncClient(base_url=hook) as proxy:
        assert (await proxy.get("/healthz")).is_success
    for copy in (first, second):
        assert (await copy.end()).code == 0


async def test_a_port_that_is_taken_is_one_clear_line(paperboy: Paperboy, hook: str) -> None:
    port = int(hook.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        ended = await paperboy("run", METRICS_LISTEN=str(port))
    assert ended.code == 1
    assert ended.complaints == [
        "METRICS_LISTEN or WEBHOOK_LISTEN can't be listened on: Address already in use"
    ]

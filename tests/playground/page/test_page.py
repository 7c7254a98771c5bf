"""The chat page's server: what it shows, what it lets people do, and whom it answers at all."""

import base64
import json
import re
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from bot.playground.page.page import ChatPage, Control
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Cast, add_cast

Frame = dict[str, Any]


class Browser:
    """One open page."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket

    async def see(self, kind: str) -> Frame:
        """Return the next frame of a kind."""
        while True:
            raw = await self._socket.read_message()
            assert raw is not None, "the page was closed"
            frame: Frame = json.loads(raw)
            if frame["type"] == kind:
                return frame

    async def do(self, **frame: Any) -> None:
        await self._socket.write_message(json.dumps(frame))

    async def say(self, raw: str | bytes) -> None:
        await self._socket.write_message(raw, binary=isinstance(raw, bytes))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def cast(telegram: FakeTelegram) -> Cast:
    return add_cast(telegram.world)


@pytest.fixture
async def page(telegram: FakeTelegram, cast: Cast) -> AsyncIterator[ChatPage]:
    assert cast.group.id in telegram.world.chats
    page = ChatPage(telegram)
    await page.start()
    yield page
    await page.stop()


@pytest.fixture
async def browser(page: ChatPage) -> AsyncIterator[Browser]:
    browser = Browser(await _connect(page))
    yield browser
    browser.close()


async def _connect(page: ChatPage, **headers: str) -> WebSocketClientConnection:
    url = page.url.replace("http", "ws") + "/ws"
    return await websocket_connect(HTTPRequest(url, headers={"Origin": page.url} | headers))


async def _get(page: ChatPage, path: str, **headers: str) -> HTTPResponse:
    client = AsyncHTTPClient(force_instance=True)
    try:
        return await client.fetch(page.url + path, raise_error=False, headers=headers)
    finally:
        client.close()


async def _bot(telegram: FakeTelegram, method: str, **params: Any) -> Any:
    client = AsyncHTTPClient(force_instance=True)
    answer = await client.fetch(
        f"{telegram.url}/bot{telegram.token}/{method}",
        method="POST",
        headers={"Content-Type": "application/json"},
        body=json.dumps(params),
    )
    client.close()
    return json.loads(answer.body)["result"]


async def test_a_page_that_opens_sees_the_whole_world(
    telegram: FakeTelegram, cast: Cast, browser: Browser
) -> None:
    world = await browser.see("world")
    assert world["bot"]["username"] == "paperboy_playground_bot"
    assert [person["name"] for person in world["people"]] == ["Ada", "小林", "Marta"]
    assert [(chat["kind"], chat["title"]) for chat in world["chats"]] == [
        ("private", "Ada"),
        ("private", "小林"),
        ("private", "Marta"),
        ("group", "Vision Lab"),
    ]
    assert world["chats"][0]["person"] == cast.ada.id
    assert [chat["bot_member"] for chat in world["chats"]] == [True, True, True, False]
    assert world["messages"] == world["controls"] == []
    assert set(world["commands"]) == {str(chat) for chat in telegram.world.chats}


async def test_a_conversation_is_shown_as_it_happens(
    telegram: FakeTelegram, cast: Cast, browser: Browser
) -> None:
    ada = cast.ada.id
    await browser.do(type="text", person=ada, chat=ada, text="/start")
    said = (await browser.see("message"))["message"]
    assert said == {
        "chat": ada,
        "id": 1,
        "from": {"id": ada, "name": "Ada", "is_bot": False},
        "date": said["date"],
        "text": "/start",
        "entities": [{"type": "bot_command", "offset": 0, "length": 6}],
        "keyboard": [],
        "document": None,
        "photo": None,
        "rich": None,
        "edited": False,
        "reply_to": None,
        "thread": None,
        "service": None,
        "via": None,
        "location": None,
        "reply_keyboard": [],
        "force_reply": False,
    }
    await _bot(telegram, "sendChatAction", chat_id=ada, action="typing")
    assert await browser.see("action") == {"type": "action", "chat": ada, "action": "typing"}
    keyboard = [
        [
            {"text": "Take", "callback_data": "take"},
            {"text": "Copy", "copy_text": {"text": "2406.11840"}},
        ]
    ]
    sent = await _bot(
        telegram,
        "sendMessage",
        chat_id=ada,
        text="<b>Hi</b>",
        parse_mode="HTML",
        reply_markup={"inline_keyboard": keyboard},
    )
    shown = (await browser.see("message"))["message"]
    assert shown["from"] == {"id": telegram.world.bot.id, "name": "Paperboy", "is_bot": True}
    assert shown["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
    assert shown["keyboard"] == [
        [{"text": "Take", "callback_data": "take"}, {"text": "Copy", "copy_text": "2406.11840"}]
    ]
    await browser.do(type="tap", person=ada, chat=ada, message=sent["message_id"], row=0, column=0)
    [tap] = await telegram.wait_for(
        lambda: [u["callback_query"] for u in telegram.updates.pending if "callback_query" in u]
    )
    assert tap["data"] == "take"
    await _bot(telegram, "answerCallbackQuery", callback_query_id=tap["id"], text="Taken")
    assert await browser.see("answer") == {
        "type": "answer",
        "person": ada,
        "text": "Taken",
        "alert": False,
    }
    await _bot(telegram, "editMessageText", chat_id=ada, message_id=sent["message_id"], text="Done")
    edited = (await browser.see("edit"))["message"]
    assert (edited["text"], edited["edited"], edited["keyboard"]) == ("Done", True, [])
    await _bot(telegram, "deleteMessage", chat_id=ada, message_id=sent["message_id"])
    assert await browser.see("delete") == {"type": "delete", "chat": ada, "id": sent["message_id"]}


async def test_documents_open_as_text_and_never_as_a_page(
    cast: Cast, page: ChatPage, browser: Browser
) -> None:
    ada = cast.ada.id
    for name, kind in (("digest.md", "text/plain; charset=utf-8"), ("x.html", "text/plain")):
        content = base64.b64encode("# 摘要".encode()).decode()
        await browser.do(type="document", person=ada, chat=ada, name=name, content=content)
        document = (await browser.see("message"))["message"]["document"]
        assert (document["name"], document["size"]) == (name, 8)
        answer = await _get(page, document["url"])
        assert answer.body.decode() == "# 摘要"
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await _get(page, "/documents/none")).code == 404
    assert (await _get(page, "/elsewhere")).code == 404


async def test_membership_and_menus_are_shown_when_they_change(
    telegram: FakeTelegram, cast: Cast, browser: Browser
) -> None:
    ada, group = cast.ada.id, cast.group.id
    await browser.do(type="membership", person=ada, chat=group, action="add_bot")
    assert (await browser.see("chat"))["chat"]["bot_member"] is True
    assert (await browser.see("message"))["message"]["service"] == "Ada added Paperboy"
    await browser.do(type="membership", person=ada, chat=group, action="remove_bot")
    assert (await browser.see("message"))["message"]["service"] == "Ada removed Paperboy"
    await browser.do(type="membership", person=ada, chat=ada, action="block")
    assert (await browser.see("chat"))["chat"]["id"] == group
    assert (await browser.see("chat"))["chat"]["bot_member"] is False
    await browser.do(type="membership", person=ada, chat=ada, action="unblock")
    assert (await browser.see("chat"))["chat"]["bot_member"] is True
    menu = [{"command": "digest", "description": "Full digest"}]
    await _bot(telegram, "setMyCommands", commands=menu)
    while (told := await browser.see("commands"))["chat"] != group or not told["commands"]:
        pass
    assert told["commands"] == menu


async def test_controls_turn_the_outside_world(page: ChatPage, browser: Browser) -> None:
    turned: list[object] = []

    async def turn(value: object) -> str | None:
        turned.append(value)
        return None if value else "It stays broken"

    await browser.see("world")
    page.add_control(Control("arxiv", "arXiv is down", "503 for everything", turn, value=False))
    assert (await browser.see("controls"))["controls"] == [
        {
            "name": "arxiv",
            "label": "arXiv is down",
            "kind": "toggle",
            "value": False,
            "hint": "503 for everything",
        }
    ]
    await browser.do(type="control", name="arxiv", value=True)
    assert (await browser.see("controls"))["controls"][0]["value"] is True
    await browser.do(type="control", name="arxiv", value=False)
    assert (await browser.see("error"))["text"] == "It stays broken"
    assert (await browser.see("controls"))["controls"][0]["value"] is True
    assert turned == [True, False]


@pytest.mark.parametrize(
    "raw",
    [
        "{",
        "[]",
        "{}",
        b"\xff",
        '{"type": "dance", "person": 1}',
        '{"type": "text", "person": 1, "chat": 1, "text": "x"}',
        '{"type": "text", "person": [], "chat": 1, "text": "x"}',
        '{"type": "control", "name": "nothing"}',
    ],
)
async def test_a_frame_that_makes_no_sense_is_answered_and_changes_nothing(
    telegram: FakeTelegram, browser: Browser, raw: str | bytes
) -> None:
    await browser.say(raw)
    assert (await browser.see("error"))["text"].startswith("That did not work")
    assert telegram.world.all_messages() == []


async def test_a_tap_beside_the_keyboard_is_answered(
    telegram: FakeTelegram, cast: Cast, browser: Browser
) -> None:
    telegram.send_text(cast.ada, cast.ada, "/start")
    ada = cast.ada.id
    for row, column in ((0, 0), (-1, 0), (0, -1)):
        await browser.do(type="tap", person=ada, chat=ada, message=1, row=row, column=column)
        assert (await browser.see("error"))["text"]
    await browser.do(type="tap", person=ada, chat=ada, message=99, row=0, column=0)
    await browser.do(type="text", person=ada, chat=ada, text=" ")
    assert "needs a text" in (await browser.see("error"))["text"]


async def test_only_the_page_s_own_scripts_and_styles_may_run(page: ChatPage) -> None:
    answer = await _get(page, "/")
    assert answer.code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    html = answer.body.decode()
    assert not re.search(r"<style|<script(?![^>]* src=)| style=| on[a-z]+=", html)


async def test_every_script_and_style_of_the_package_is_served_as_what_it_is(
    page: ChatPage,
) -> None:
    names = [entry.name for entry in files("bot.playground.page").iterdir()]
    served = {name for name in names if name.endswith((".js", ".css"))}
    assert {"page.js", "layout.css"} <= served
    for name in served:
        answer = await _get(page, f"/page/{name}")
        assert answer.code == 200
        kind = "javascript" if name.endswith(".js") else "css"
        assert answer.headers["Content-Type"] == f"text/{kind}; charset=utf-8"


@pytest.mark.parametrize("path", ["/page/no.js", "/page/page.html", "/page/..%2fpage.py", "/page/"])
async def test_no_other_file_is_served(page: ChatPage, path: str) -> None:
    assert (await _get(page, path)).code == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "0.0.0.0:80"])
async def test_another_name_for_this_machine_is_refused(
    telegram: FakeTelegram, cast: Cast, page: ChatPage, host: str
) -> None:
    document = telegram.send_document(cast.ada, cast.ada, "a.md", b"secret").document
    assert document is not None
    for path in ("/", f"/documents/{document.id}"):
        answer = await _get(page, path, Host=host)
        assert answer.code == 403
        assert b"secret" not in answer.body
    with pytest.raises(HTTPClientError, match="403"):
        await _connect(page, Host=host, Origin=f"http://{host}")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "https://127.0.0.1", "http://localhost"]
)
async def test_a_foreign_page_cannot_open_the_socket(page: ChatPage, origin: str) -> None:
    with pytest.raises(HTTPClientError, match="403"):
        await _connect(page, Origin=origin)


async def test_localhost_is_as_good_a_name(page: ChatPage) -> None:
    host = page.url.removeprefix("http://").replace("127.0.0.1", "localhost")
    assert (await _get(page, "/", Host=host)).code == 200
    (await _connect(page, Host=host, Origin=f"http://{host}")).close()


async def test_a_reply_keyboard_is_shown_and_a_place_can_be_sent(
    telegram: FakeTelegram, cast: Cast, browser: Browser
) -> None:
    ada = cast.ada.id
    await browser.do(type="text", person=ada, chat=ada, text="/start")
    await browser.see("message")
    keyboard = [[{"text": "Here", "request_location": True}], [{"text": "No"}]]
    await _bot(
        telegram, "sendMessage", chat_id=ada, text="Where?", reply_markup={"keyboard": keyboard}
    )
    asked = (await browser.see("message"))["message"]
    assert asked["reply_keyboard"] == [
        [{"text": "Here", "location": True}],
        [{"text": "No", "location": False}],
    ]
    await browser.do(type="location", person=ada, chat=ada, latitude=51.5, longitude=-0.12)
    place = (await browser.see("message"))["message"]["location"]
    assert place == {"latitude": 51.5, "longitude": -0.12}

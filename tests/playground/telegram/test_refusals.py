"""What Telegram refuses, it refuses here, with the same words."""

import json
import ssl
from typing import Any

import httpx
import pytest

from bot.playground.telegram.server import METHODS
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Chat, Person, Status
from tests.material import shared_data
from tests.playground.telegram.test_bot_clients import PNG

Sent = dict[str, Any]

# One for all: to make it takes longer than a request.
TLS = ssl.create_default_context()


@pytest.fixture
async def lax() -> Any:
    """Start a fake server without the contract: these tests break it on purpose."""
    telegram = FakeTelegram(paced=False)
    await telegram.start()
    yield telegram
    await telegram.stop()
    assert not telegram.mistakes


@pytest.fixture
def ada(lax: FakeTelegram) -> Person:
    person = lax.world.add_person("Ada", "en")
    lax.send_text(person, person, "/start")
    return person


async def _call(
    telegram: FakeTelegram, method: str, files: Any = None, **params: Any
) -> dict[str, Any]:
    form = {
        name: value if isinstance(value, str | int) else json.dumps(value)
        for name, value in params.items()
    }
    async with httpx.AsyncClient(verify=TLS) as client:
        answer = await client.post(
            f"{telegram.url}/bot{telegram.token}/{method}", data=form, files=files
        )
    body: dict[str, Any] = answer.json()
    assert body["ok"] or body["error_code"] == answer.status_code
    return body


def _keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "x", **button}]]}


NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({}, "message text is empty"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n"}, "text must be non-empty"),
        ({"text": "x" * 4096}, None),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "<b>" + "x" * 4096 + "</b>", "parse_mode": "HTML"}, None),
        ({"text": "&lt;" * 4096, "parse_mode": "HTML"}, None),
        ({"text": "😀" * 2048}, None),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "&#65;" * 6554, "parse_mode": "html"}, "text is too long"),
        ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ({"text": "x", "parse_mode": "MarkdownV2"}, "can't parse entities: this fake server"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "entities": "["}, "can't parse entities JSON object"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": 1}, "chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "x", "colour": "red"}, "sendMessage has no parameter colour"),
        ({"text": "x", "message_thread_id": 7}, "message thread not found"),
        ({"text": "x", "message_thread_id": "seven"}, "must be an Integer"),
        ({"text": "x", "disable_notification": "maybe"}, "must be a Boolean"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        (
            {
                "text": "x",
                "reply_parameters": {"message_id": 99, "allow_sending_without_reply": True},
            },
            None,
        ),
        ({"text": "x", "reply_markup": "keyboard"}, "can't parse reply markup JSON object"),
        ({"text": "x", "reply_markup": [1]}, "object expected as reply markup"),
        ({"text": "x", "reply_markup": {"buttons": []}}, "can't parse reply keyboard markup"),
        ({"text": "x", "reply_markup": {"force_reply": True}}, None),
        ({"text": "x", "reply_markup": {"inline_keyboard": "x"}}, 'field "inline_keyboard" must'),
        ({"text": "x", "reply_markup": _keyboard()}, "Text buttons are unallowed in the inline"),
        ({"text": "x", "reply_markup": _keyboard(callback_data="a" * 64)}, None),
        ({"text": "x", "reply_markup": _keyboard(callback_data="a" * 65)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": _keyboard(callback_data="论" * 22)}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": _keyboard(callback_data="")}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "reply_markup": _keyboard(url="nowhere")},
            "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL",
        ),
        ({"text": "x", "reply_markup": _keyboard(url="https://arxiv.org")}, None),
        ({"text": "x", "reply_markup": _keyboard(copy_text={"text": "a" * 256})}, None),
        (
            {"text": "x", "reply_markup": _keyboard(copy_text={"text": "a" * 257})},
            "BUTTON_COPY_TEXT_INVALID",
        ),
        ({"text": "x", "reply_markup": _keyboard(url="a.org", pay=True)}, "Exactly one"),
        ({"text": "x", "reply_markup": _keyboard(url="a.org", style="danger")}, None),
        ({"text": "x", "reply_markup": _keyboard(url="a.org", style="pink")}, "Unknown style"),
        ({"text": "x", "reply_markup": _keyboard(url="a.org", icon="x")}, "is unknown"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"callback_data": "x"}]]}},
            'Field "text" must be of type String',
        ),
        (
            {
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "x"}]] * 101},
            },
            "reply markup is too long",
        ),
    ],
)
async def test_send_message_takes_and_refuses_what_telegram_does(
    lax: FakeTelegram, ada: Person, params: Sent, problem: str | None
) -> None:
    answer = await _call(lax, "sendMessage", **({"chat_id": ada.id} | params))
    if problem is None:
        assert answer["ok"], answer
        assert len(lax.from_bot(ada)) == 1
    else:
        assert answer["description"].startswith("Bad Request: ")
        assert problem in answer["description"]
        assert lax.from_bot(ada) == []


def row(*buttons: str) -> str:
    return f"<tg-button-row>{''.join(buttons)}</tg-button-row>"


def button(text: str, attributes: str) -> str:
    return f"<tg-button {attributes}>{text}</tg-button>"


@pytest.mark.parametrize(
    ("rich", "problem"),
    [
        ({"html": "<h1>x</h1>"}, None),
        ({"markdown": "# x"}, None),
        ({"html": "x", "markdown": "x"}, "exactly one of the fields html and markdown"),
        ({}, "exactly one of the fields html and markdown"),
        ({"html": " "}, "message text is empty"),
        ({"html": "x" * 32_768}, None),
        ({"html": "x" * 32_769}, "message is too long"),
        ([], "rich message must be an Object"),
        ({"html": "<p>x <tg-math>x^2</tg-math></p>"}, None),
        ({"html": "<details><summary>x</summary><p>y</p></details><hr/>"}, None),
        ({"html": "<p>x"}, "can't find end tag"),
        ({"html": "<p><b>x</p></b>"}, "unexpected end tag"),
        ({"html": "<p><p>x</p></p>"}, 'block "p" can\'t be in "p"'),
        ({"html": "<script>x</script>"}, "unsupported start tag"),
        ({"html": "a < b"}, "unescaped or malformed tag"),
        ({"html": "<tg-math><b>x</b></tg-math>"}, "a formula has no tags in it"),
        ({"html": "<li>x</li>"}, '"li" can\'t be in ""'),
        ({"html": "<p>x</p>" * 501}, "too many blocks"),
        ({"html": "<blockquote>" * 17 + "x" + "</blockquote>" * 17}, "nested too deeply"),
        ({"html": "<table><tr>" + "<td>x</td>" * 21 + "</tr></table>"}, "too many columns"),
        ({"html": row(*[button("x", 'type="callback_data" data="a"')] * 8)}, None),
        ({"html": row(button("x", 'type="url" url="https://a.org" style="danger"'))}, None),
        ({"html": "<p>or " + button("x", 'type="disabled"') + "</p>"}, None),
        ({"html": row(*[button("x", 'type="callback_data" data="a"')] * 9)}, "row of buttons"),
        ({"html": row()}, "row of buttons"),
        ({"html": row("words")}, 'text can\'t be in "tg-button-row"'),
        ({"html": row(button("x", 'type="callback_data" data=""'))}, "BUTTON_DATA_INVALID"),
        (
            {"html": row(button("x", 'type="callback_data" data="' + "ä" * 33 + '"'))},
            "BUTTON_DATA_IN",
        ),
        ({"html": row(button("x", 'type="url" url="javascript:1"'))}, "BUTTON_URL_INVALID"),
        ({"html": row(button("x", 'type="url" url="a.org" style="pink"'))}, "unknown style"),
        ({"html": row(button("x", 'data="a"'))}, "wrong button"),
        ({"html": row(button(" ", 'type="disabled"'))}, "wrong button"),
        ({"html": row(button("<b>x</b>", 'type="disabled"'))}, "a button has plain text in it"),
    ],
)
async def test_a_rich_message_has_one_form_and_a_limit(
    lax: FakeTelegram, ada: Person, rich: Any, problem: str | None
) -> None:
    answer = await _call(lax, "sendRichMessage", chat_id=ada.id, rich_message=rich)
    assert answer["ok"] if problem is None else problem in answer["description"]


@pytest.mark.parametrize(
    ("method", "files", "params", "code", "problem"),
    [
        ("sendDocument", None, {}, 400, "there is no document in the request"),
        ("sendDocument", None, {"document": "nonsense"}, 400, "wrong file identifier"),
        ("sendDocument", None, {"document": "https://a.org/x"}, 400, "failed to get HTTP URL"),
        ("sendDocument", {"document": ("a.md", b"")}, {}, 400, "file must be non-empty"),
        (
            "sendDocument",
            {"document": ("a.md", b"x" * (50 * 1024 * 1024 + 1))},
            {},
            413,
            "Request Entity Too Large",
        ),
        (
            "sendDocument",
            {"document": ("a.md", b"x")},
            {"caption": "x" * 1025},
            400,
            "message caption is too long",
        ),
        ("sendPhoto", {"photo": ("a.png", b"x")}, {}, 400, "IMAGE_PROCESS_FAILED"),
        ("sendPhoto", {"photo": ("a.png", PNG)}, {"caption": "x" * 1024}, 200, None),
        ("sendDocument", {"file0": ("a.md", b"x")}, {"document": "attach://file0"}, 200, None),
        ("sendDocument", {"document": ("a.md", b"x")}, {"caption": ""}, 200, None),
    ],
)
async def test_files_are_checked(
    lax: FakeTelegram,
    ada: Person,
    *,
    method: str,
    files: Any,
    params: Sent,
    code: int,
    problem: str | None,
) -> None:
    answer = await _call(lax, method, files, chat_id=ada.id, **params)
    assert answer.get("error_code", 200) == code
    assert problem is None or problem in answer["description"]


async def test_edits_are_refused_where_there_is_nothing_to_do(
    lax: FakeTelegram, ada: Person
) -> None:
    keyboard = _keyboard(callback_data="x")
    sent = await _call(lax, "sendMessage", chat_id=ada.id, text="one", reply_markup=keyboard)
    where = {"chat_id": ada.id, "message_id": sent["result"]["message_id"]}
    same = await _call(
        lax, "editMessageText", **where, text="<b></b>one", parse_mode="HTML", reply_markup=keyboard
    )
    assert same["description"] == NOT_MODIFIED
    same = await _call(lax, "editMessageReplyMarkup", **where, reply_markup=keyboard)
    assert same["description"] == NOT_MODIFIED
    assert (await _call(lax, "editMessageReplyMarkup", **where))["ok"]
    assert lax.from_bot(ada)[0].edited_at is None, "a changed keyboard is no edit"
    assert (await _call(lax, "editMessageText", **where, text="two"))["ok"]
    assert lax.from_bot(ada)[0].edited_at is not None

    async def problem(method: str, **params: Any) -> str:
        description: str = (await _call(lax, method, **(where | params)))["description"]
        return description.removeprefix("Bad Request: ")

    document = await _call(lax, "sendDocument", {"document": ("a.md", b"x")}, chat_id=ada.id)
    file_id = document["result"]["message_id"]
    theirs = lax.messages(ada)[0].id
    missing = "message to edit not found"
    assert await problem("editMessageText", message_id=999, text="x") == missing
    assert (
        await problem("editMessageText", message_id=theirs, text="x") == "message can't be edited"
    )
    assert await problem("editMessageText", text="") == "message text is empty"
    assert await problem("editMessageText", text="x", reply_markup={"force_reply": True}) == (
        "inline keyboard expected"
    )
    assert await problem("editMessageText", message_id=file_id, text="x") == (
        "there is no text in the message to edit"
    )
    assert await problem("editMessageCaption", caption="x") == (
        "there is no caption in the message to edit"
    )
    assert await problem("deleteMessage", message_id=999) == "message to delete not found"
    assert await problem("forwardMessage", from_chat_id=ada.id, message_id=999) == (
        "message to forward not found"
    )
    assert await problem("copyMessage", from_chat_id=ada.id, message_id=999) == (
        "message to copy not found"
    )
    assert await problem("pinChatMessage", message_id=999) == "message to pin not found"
    no_id = await _call(lax, "editMessageText", chat_id=ada.id, text="x")
    assert no_id["description"] == "Bad Request: message identifier is not specified"


async def test_a_tap_is_answered_once_soon_and_briefly() -> None:
    now = 1_700_000_000.0
    telegram = FakeTelegram(paced=False, clock=lambda: now)
    await telegram.start()
    ada = telegram.world.add_person("Ada")
    telegram.send_text(ada, ada, "/start")
    await _call(
        telegram,
        "sendMessage",
        chat_id=ada.id,
        text="x",
        reply_markup={
            "inline_keyboard": [
                [{"text": "Go", "callback_data": "go"}, {"text": "Look", "url": "https://a.org"}]
            ]
        },
    )
    [message] = telegram.from_bot(ada)
    assert telegram.tap(ada, message, "Look") is None, "a link is nobody's business"
    with pytest.raises(LookupError, match="Go"):
        telegram.tap(ada, message, "Stop")

    async def answer(tap: str | None, **params: Any) -> dict[str, Any]:
        return await _call(telegram, "answerCallbackQuery", callback_query_id=tap or "", **params)

    tap = telegram.tap(ada, message, "go")
    assert (await answer(tap, text="x" * 201))["description"] == "Bad Request: MESSAGE_TOO_LONG"
    assert (await answer(tap, url="https://a.org"))["description"] == "Bad Request: URL_INVALID"
    assert (await answer(tap, text="x" * 200, show_alert="true"))["ok"]
    assert (await answer(tap))["description"] == TOO_OLD
    assert (await answer("123"))["description"] == TOO_OLD
    late = telegram.tap(ada, message, "Go")
    now += 16
    assert (await answer(late))["description"] == TOO_OLD
    now += 48 * 3600
    gone = await _call(telegram, "deleteMessage", chat_id=ada.id, message_id=message.id)
    assert gone["description"] == "Bad Request: message can't be deleted for everyone"
    await telegram.stop()


@pytest.mark.parametrize(
    ("commands", "problem"),
    [
        ([{"command": "a" * 32, "description": "x" * 256}], None),
        ([{"command": "/digest", "description": "x"}], None),
        ([{"command": "a" * 33, "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "Digest", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "", "description": "x"}], "BOT_COMMAND_INVALID"),
        ([{"command": "a", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": "a", "description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
        ([{"command": f"a{i}", "description": "x"} for i in range(101)], "BOT_COMMANDS_TOO_MUCH"),
        ([{"command": "a", "description": "x"}] * 2, "BOT_COMMAND_DUPLICATE"),
        ({}, "expected an Array of BotCommand"),
    ],
)
async def test_command_menus_are_checked(
    lax: FakeTelegram, commands: Any, problem: str | None
) -> None:
    answer = await _call(lax, "setMyCommands", commands=commands)
    assert answer.get("description") == (problem and f"Bad Request: {problem}")


@pytest.mark.parametrize(
    ("params", "problem"),
    [
        ({"language_code": "zh-CN"}, "invalid language code specified"),
        ({"scope": {"type": "chat"}}, "can't parse BotCommandScope: chat_id is empty"),
        ({"scope": {"type": "moon"}}, "can't parse BotCommandScope: Unsupported type specified"),
    ],
)
async def test_menus_have_known_scopes_and_two_letter_languages(
    lax: FakeTelegram, params: Sent, problem: str
) -> None:
    answer = await _call(lax, "setMyCommands", commands=[], **params)
    assert answer["description"] == f"Bad Request: {problem}"


async def test_groups_and_channels_have_their_own_rules(lax: FakeTelegram, ada: Person) -> None:
    world = lax.world
    channel = world.add_channel("News", [ada], username="PaperNews")
    forum = world.add_supergroup("Forum", [ada], admins=[ada], topics={5: "OCR"})
    stranger = world.add_person("Eve")

    async def problem(chat: Chat | Person | str, **params: Any) -> str | None:
        where = chat if isinstance(chat, str) else chat.id
        answer = await _call(lax, "sendMessage", chat_id=where, text="x", **params)
        description: str | None = answer.get("description")
        return description

    assert await problem(stranger) == "Forbidden: bot can't initiate conversation with a user"
    assert await problem(channel) == "Forbidden: bot is not a member of the channel chat"
    assert await problem(forum) == "Forbidden: bot is not a member of the supergroup chat"
    lax.add_bot(ada, channel)
    lax.add_bot(ada, forum)
    assert await problem("@papernews") is None
    channel.bot = Status.MEMBER
    assert await problem(channel) == ("Bad Request: need administrator rights in the channel chat")
    members = await _call(lax, "getChatMember", chat_id=channel.id, user_id=ada.id)
    assert members["description"] == "Bad Request: member list is inaccessible"
    assert await problem(forum, message_thread_id=5) is None
    assert lax.messages(forum)[-1].thread == 5
    assert await problem(forum, message_thread_id=6) == "Bad Request: message thread not found"
    forum.closed_topics.add(5)
    assert await problem(forum, message_thread_id=5) == "Bad Request: TOPIC_CLOSED"
    lax.promote(ada, forum)
    assert await problem(forum, message_thread_id=5) is None
    lax.remove_bot(ada, forum)
    assert await problem(forum) == "Forbidden: bot was kicked from the supergroup chat"
    lax.block(ada)
    assert await problem(ada) == "Forbidden: bot was blocked by the user"
    lax.unblock(ada)
    ada.deactivated = True
    assert await problem(ada) == "Forbidden: user is deactivated"


async def test_json_forms_and_addresses_are_read_alike(lax: FakeTelegram, ada: Person) -> None:
    address = f"{lax.url}/bot{lax.token}/sendMessage"
    params: Sent = {"chat_id": ada.id, "text": "x", "disable_notification": True}
    async with httpx.AsyncClient(verify=TLS) as client:
        await client.post(address, json={**params, "reply_markup": _keyboard(url="https://a.org")})
        await client.get(address, params=params)
        await client.post(address, data=params)
        bad = await client.post(address, content=b"{", headers={"Content-Type": "application/json"})
    assert bad.json()["description"] == "Bad Request: can't parse JSON object"
    assert [message.text for message in lax.from_bot(ada)] == ["x"] * 3
    assert [call.params["disable_notification"] for call in lax.calls if call.ok] == [True] * 3


async def test_a_lenient_stand_in_ignores_unknown_parameters_as_telegram_does() -> None:
    telegram = FakeTelegram(strict=False)
    await telegram.start()
    assert (await _call(telegram, "getMe", colour="red"))["ok"]
    assert telegram.calls[0].unknown == ("colour",)
    await telegram.stop()


def test_every_method_takes_exactly_the_parameters_that_are_documented() -> None:
    described = json.loads(shared_data("bot_api.json").read_text(encoding="utf-8"))["methods"]
    documented = {
        name: {field["name"] for field in described[name].get("fields", [])} for name in METHODS
    }
    assert {name: set(method.parameters) for name, method in METHODS.items()} == documented

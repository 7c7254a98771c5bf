"""What Telegram answers to a message of a push, and what it means."""

from typing import Any

import pytest
from structlog.testing import capture_logs
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import TimedOut

from bot.playground.telegram import faults
from bot.playground.telegram.parameters import ApiCall
from bot.push.send import (
    Later,
    Migrated,
    NotRich,
    Outcome,
    Refused,
    Sent,
    Unreachable,
    _plain,
    probe,
    send,
)
from bot.render.push_message import PushMessage
from bot.telegram.rate_limiter import RateLimiter
from storage.chats import Recipient
from tests.outside import Outside
from tests.seldom import seldom

GONE = [
    (403, "Forbidden: bot was blocked by the user"),
    (403, "Forbidden: user is deactivated"),
    (403, "Forbidden: bot was kicked from the group chat"),
    (403, "Forbidden: bot was kicked from the supergroup chat"),
    (403, "Forbidden: bot was kicked from the channel chat"),
    (403, "Forbidden: bot is not a member of the supergroup chat"),
    (403, "Forbidden: bot is not a member of the channel chat"),
    (403, "Forbidden: the group chat was deleted"),
    (403, "Forbidden: bot can't initiate conversation with a user"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: have no rights to send a message"),
    (400, "Bad Request: not enough rights to send text messages to the chat"),
    (400, "Bad Request: need administrator rights in the channel chat"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
    (400, "Bad Request: CHAT_RESTRICTED"),
    (400, "Bad Request: TOPIC_CLOSED"),
    (400, "Bad Request: TOPIC_DELETED"),
    (400, "Bad Request: message thread not found"),
    (400, "Bad Request: PEER_ID_INVALID"),
    (400, "Bad Request: group chat was upgraded to a supergroup chat"),
]
MALFORMED = [
    "Bad Request: can't parse entities: Unsupported start tag",
    "Bad Request: message is too long",
    "Bad Request: message text is empty",
    "Bad Request: ENTITIES_TOO_LONG",
]
PASSING = [
    (401, "Unauthorized"),
    (404, "Not Found"),
    (409, "Conflict: terminated by other getUpdates request"),
    (413, "Request Entity Too Large"),
    (500, "Internal Server Error"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
]


async def sent(outside: Outside, html: str = "<b>Hello</b>") -> Outcome:
    _person, chat = await outside.person()
    return await send(outside.bot, Recipient.of(chat), PushMessage(html, ()))


def answer(outside: Outside, code: int, text: str, times: int = 1) -> None:
    outside.telegram.faults.next(faults.refuse(code, text), method="sendMessage", times=times)


async def test_what_telegram_accepts_is_sent(outside: Outside) -> None:
    assert isinstance(await sent(outside), Sent)


async def test_every_answer_about_the_chat_means_that_it_is_unreachable(outside: Outside) -> None:
    for code, text in GONE:
        answer(outside, code, text)
        outcome = await sent(outside)
        assert isinstance(outcome, Unreachable), text
        assert outcome.reason.lower() == text.removeprefix("Bad Request: ").lower()


async def test_what_is_no_fault_of_chat_or_message_passes(outside: Outside) -> None:
    for code, text in PASSING:
        answer(outside, code, text)
        assert await sent(outside) == Later(text, unsent=code in {401, 404, 409}), text


@pytest.mark.parametrize("text", MALFORMED)
async def test_what_is_malformed_is_sent_plain_and_logged_as_our_mistake(
    outside: Outside, text: str
) -> None:
    person, chat = await outside.person()
    answer(outside, 400, text)
    with capture_logs() as logged:
        outcome = await send(
            outside.bot,
            Recipient.of(chat),
            PushMessage('<b>A &lt; B</b>\n<a href="https://x.org">x</a>', ()),
        )
    assert isinstance(outcome, Sent)
    assert outside.pushed(person) == ["A < B\nx (https://x.org)"]
    assert [entry["log_level"] for entry in logged] == ["error"]


async def test_what_is_too_long_even_when_plain_is_sent_whole_in_parts(outside: Outside) -> None:
    person, chat = await outside.person()
    text = "\n".join(f"<b>{n}</b> " + "𝛼" * 300 for n in range(8))
    assert isinstance(await send(outside.bot, Recipient.of(chat), PushMessage(text, ())), Sent)
    shown = "".join(outside.pushed(person))
    assert shown.count("𝛼") == 8 * 300
    assert all(str(n) in shown for n in range(8))


async def test_what_stays_malformed_is_refused(outside: Outside) -> None:
    answer(outside, 400, MALFORMED[0], times=2)
    assert isinstance(await sent(outside), Refused)


async def test_what_nobody_has_heard_of_is_refused(outside: Outside) -> None:
    answer(outside, 400, "Bad Request: something quite new")
    assert await sent(outside) == Refused("Something quite new")


async def test_a_flood_says_how_long_to_wait(outside: Outside) -> None:
    outside.telegram.faults.next(faults.flood(17), method="sendMessage")
    outcome = await sent(outside)
    assert isinstance(outcome, Later)
    assert outcome.after_seconds == 17


async def test_a_broken_connection_passes(outside: Outside) -> None:
    outside.telegram.faults.next(faults.accept_then_reset(), method="sendMessage")
    outcome = await sent(outside)
    assert isinstance(outcome, Later)
    assert outcome.after_seconds is None


async def test_a_group_that_moved_tells_where(outside: Outside) -> None:
    person, chat = await outside.person()
    group = outside.telegram.world.add_group("Lab", [person], admins=[person])
    outside.telegram.add_bot(person, group)
    chat.telegram_id = group.id
    successor = outside.telegram.faults.afflict(group, "migrated")
    assert await send(outside.bot, Recipient.of(chat), PushMessage("Hello", ())) == Migrated(
        successor.id
    )


async def test_a_message_says_all_that_telegram_has_to_know(outside: Outside) -> None:
    person, _chat = await outside.person()
    buttons = [[InlineKeyboardButton("1", callback_data="p:2611.00001")]]
    message = PushMessage("<b>Hello</b>", (), keyboard=InlineKeyboardMarkup(buttons))
    where = Recipient(1, person.id, 0, shows_previews=False)
    assert isinstance(await send(outside.bot, where, message, silent=True), Sent)
    (call,) = outside.telegram.calls_to("sendMessage")
    assert call.raw == {
        "chat_id": person.id,
        "text": "<b>Hello</b>",
        "parse_mode": "HTML",
        "disable_notification": True,
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": [[{"text": "1", "callback_data": "p:2611.00001"}]]},
        "allow_paid_broadcast": True,  # the rate limiter of these tests is a fast one
    }


async def test_knocking_tells_whether_telegram_answers(outside: Outside) -> None:
    assert await probe(outside.bot) is None
    outside.telegram.faults.always(faults.server_error(), method="getMe")
    assert await probe(outside.bot) == Later("Bad Gateway", unsent=True)


async def test_knocking_believes_nothing_of_who_the_bot_is(outside: Outside) -> None:
    def answer(call: ApiCall) -> None:
        if call.method == "getMe":
            call.result |= {"id": 5, "username": "somebody_else"}

    await outside.bot.initialize()
    name = outside.bot.username
    outside.telegram.on_call.append(answer)
    assert await probe(outside.bot) is None
    assert (outside.bot.username, outside.bot.id) == (name, outside.telegram.world.bot.id)


@pytest.mark.parametrize("code", [400, 403, 404, 502])
async def test_a_proxy_s_error_page_is_not_telegram_s_word(
    outside: Outside, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def page(*_args: Any, **_more: Any) -> tuple[int, bytes]:
        return code, b"<html>Please log in</html>"

    _person, chat = await outside.person()
    monkeypatch.setattr(type(outside.bot.request), "do_request", page)
    assert await send(outside.bot, Recipient.of(chat), PushMessage("Hello", ())) == Later(
        "an answer that is not Telegram's"
    )


HERE: dict[str, Any] = {"date": 1, "chat": {"id": 1, "type": "private"}}


@pytest.mark.parametrize("form", ["list", "rich", "picture"])
@pytest.mark.parametrize(
    "result",
    seldom(
        [
            True,
            {"message_id": 1},
            {"message_id": "x", **HERE},
            None,
            5,
            {},
            [],
            {"message_id": 2**70, **HERE},
            {"message_id": 1, **HERE, "date": -1},
        ],
        after=3,
    ),
)
async def test_an_answer_without_a_message_is_no_yes(
    outside: Outside, form: str, result: object
) -> None:
    def answer(call: ApiCall) -> None:
        call.result = result

    picture = PushMessage("Hello", (), photo=b"\x89PNG")
    message = {"list": PushMessage("Hello", ()), "rich": RICH, "picture": picture}[form]
    _person, chat = await outside.person()
    outside.telegram.on_call.append(answer)
    outcome = await send(outside.bot, Recipient.of(chat), message)
    assert outcome == Later("Invalid server response")


FLOOD = "Flood control exceeded. Retry in 0:00:17"
RICH = PushMessage("", (), rich="<p>Hello</p>")


async def test_a_rich_message_goes_as_it_is_to_its_chat(outside: Outside) -> None:
    person, chat = await outside.person()
    outcome = await send(outside.bot, Recipient.of(chat), RICH, silent=True)
    [message] = outside.telegram.from_bot(person)
    assert outcome == Sent(message.id)
    assert outside.telegram.calls_to("sendMessage") == []
    [call] = outside.telegram.calls_to("sendRichMessage")
    assert call.params == {
        "chat_id": person.id,
        "rich_message": {"html": "<p>Hello</p>", "skip_entity_detection": True},
        "disable_notification": True,
        "allow_paid_broadcast": True,  # as these settings say
    }
    await send(outside.bot, Recipient.of(chat), RICH)
    assert outside.telegram.calls_to("sendRichMessage")[1].params["disable_notification"] is False


@pytest.mark.parametrize("message", [RICH, PushMessage("Hello", ())], ids=["rich", "list"])
async def test_a_message_goes_to_the_topic_of_a_forum(
    outside: Outside, message: PushMessage
) -> None:
    person, chat = await outside.person()
    forum = outside.telegram.world.add_group("Lab", [person], admins=[person])
    outside.telegram.add_bot(person, forum)
    chat.telegram_id, chat.thread_id = forum.id, 7
    method = "sendRichMessage" if message.rich else "sendMessage"
    await send(outside.bot, Recipient.of(chat), message)
    assert outside.telegram.calls_to(method)[0].params["message_thread_id"] == 7
    chat.thread_id = 0
    await send(outside.bot, Recipient.of(chat), message)
    assert "message_thread_id" not in outside.telegram.calls_to(method)[1].params


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        pytest.param(
            faults.refuse(404, "Not Found"), NotRich("unknown to this server"), id="an old server"
        ),
        pytest.param(
            faults.refuse(400, "Bad Request: quite new"), NotRich("Quite new"), id="refused"
        ),
        pytest.param(
            faults.refuse(403, "Forbidden: bot was blocked by the user"),
            Unreachable("Forbidden: bot was blocked by the user"),
            id="gone",
        ),
        pytest.param(faults.flood(17), Later(FLOOD, 17, unsent=True), id="told to wait"),
        pytest.param(faults.server_error(), Later("Bad Gateway"), id="out of order"),
    ],
)
async def test_what_is_wrong_with_the_rich_form_is_told_from_what_is_wrong_with_the_chat(
    outside: Outside, fault: faults.TelegramFault, expected: Outcome
) -> None:
    _person, chat = await outside.person()
    outside.telegram.faults.always(fault, method="sendRichMessage")
    assert await send(outside.bot, Recipient.of(chat), RICH) == expected
    assert not outside.telegram.calls_to("sendMessage")


@pytest.mark.parametrize("rich", ["<p>Hello</p>", None])
async def test_a_push_waits_for_its_turn_as_pushes_do(outside: Outside, rich: str | None) -> None:
    _person, chat = await outside.person()
    html = "" if rich else "<b>Hello</b>"
    await send(outside.bot, Recipient.of(chat), PushMessage(html, (), rich=rich))
    limiter = outside.bot.rate_limiter
    assert isinstance(limiter, RateLimiter)
    assert limiter.outcomes["push", "ok"] == 1


@pytest.mark.parametrize(("shows", "silent"), [(True, False), (False, True)])
async def test_a_list_comes_with_its_buttons_and_as_the_chat_wants_it(
    outside: Outside, *, shows: bool, silent: bool
) -> None:
    person, chat = await outside.person()
    chat.shows_previews = shows
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Go", url="https://a.org/")]])
    text = '<b>Hello</b> <a href="https://a.org/">a</a>'
    outcome = await send(
        outside.bot, Recipient.of(chat), PushMessage(text, (), keyboard=keyboard), silent=silent
    )
    [message] = outside.telegram.from_bot(person)
    assert outcome == Sent(message.id)
    assert (message.text, message.buttons) == ("Hello a", ["Go"])
    [call] = outside.telegram.calls_to("sendMessage")
    assert call.params["parse_mode"] == "HTML"
    assert call.params["link_preview_options"]["is_disabled"] is not shows
    assert call.params.get("disable_notification", False) is silent


async def test_what_is_sent_plain_is_as_silent_and_has_no_markup(outside: Outside) -> None:
    _person, chat = await outside.person()
    answer(outside, 400, MALFORMED[0])
    await send(outside.bot, Recipient.of(chat), PushMessage("<b>1 &lt; 2</b>", ()), silent=True)
    call = outside.telegram.calls_to("sendMessage")[1]
    assert (call.params["text"], call.params["disable_notification"]) == ("1 < 2", True)
    assert "parse_mode" not in call.params


async def test_of_a_message_in_parts_the_last_one_tells_how_it_went(outside: Outside) -> None:
    _person, chat = await outside.person()
    outside.telegram.faults.next(faults.refuse(400, MALFORMED[1]), method="sendMessage")
    text = f"<b>{'a' * 1500}\n{'b' * 1500}</b>"
    outcome = await send(outside.bot, Recipient.of(chat), PushMessage(text, ()))
    parts = outside.telegram.from_bot(chat.telegram_id)
    assert [part.text for part in parts] == ["a" * 1500, "b" * 1500]
    assert outcome == Sent(parts[-1].id)


async def test_nothing_but_markup_is_nothing_to_send(outside: Outside) -> None:
    assert await sent(outside, "<b> </b>") == Refused("nothing to send")


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ('<a href="u">a\nb</a> <a href="v">c</a>', ["a\nb (u) c (v)"]),
        ("a\n\nb", ["a\n\nb"]),
        ("a" * 2000, ["a" * 2000]),
        ("a" * 2001, ["a" * 2000, "a"]),
        ("a" * 4500, ["a" * 2000, "a" * 2000, "a" * 500]),
        ("\n".join(["a" * 999, "b" * 999]), ["a" * 999 + "\n" + "b" * 999]),
        ("\n".join(["a" * 999, "b" * 1000]), ["a" * 999, "b" * 1000]),
        ("\n" * 5000 + "a", ["a"]),
        (" ", []),
    ],
)
def test_plain_text_has_its_links_written_out_in_parts_of_two_thousand(
    html: str, parts: list[str]
) -> None:
    assert _plain(html) == parts


@pytest.mark.parametrize(("seconds", "wait"), [(60, 60), (None, None)])
async def test_a_question_that_is_told_to_wait_says_for_how_long(
    outside: Outside, seconds: int | None, wait: float | None
) -> None:
    fault = faults.flood(seconds) if seconds else faults.server_error(500, "Internal")
    outside.telegram.faults.always(fault, method="getMe")
    outcome = await probe(outside.bot)
    assert outcome is not None
    assert outcome.after_seconds == wait


async def test_a_time_out_is_no_answer_in_time(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(*_args: Any, **_more: Any) -> tuple[int, bytes]:
        raise TimedOut

    _person, chat = await outside.person()
    monkeypatch.setattr(type(outside.bot.request), "do_request", late)
    assert await send(outside.bot, Recipient.of(chat), PushMessage("Hello", ())) == Later(
        "no answer in time"
    )

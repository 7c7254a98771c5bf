"""What Telegram answers to a message of a push, and what it means."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.playground.telegram import faults
from bot.push.send import Later, Migrated, Outcome, Refused, Sent, Unreachable, probe, send
from bot.render.push_message import PushMessage
from tests.outside import Outside

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
    return await send(outside.bot, chat, PushMessage(html, ()))


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
        assert await sent(outside) == Later(text)


@pytest.mark.parametrize("text", MALFORMED)
async def test_what_is_malformed_is_sent_plain_and_logged_as_our_mistake(
    outside: Outside, text: str
) -> None:
    person, chat = await outside.person()
    answer(outside, 400, text)
    with capture_logs() as logged:
        outcome = await send(
            outside.bot, chat, PushMessage('<b>A &lt; B</b>\n<a href="https://x.org">x</a>', ())
        )
    assert isinstance(outcome, Sent)
    assert outside.pushed(person) == ["A < B\nx (https://x.org)"]
    assert [entry["log_level"] for entry in logged] == ["error"]


async def test_what_is_too_long_even_when_plain_is_sent_whole_in_parts(outside: Outside) -> None:
    person, chat = await outside.person()
    text = "\n".join(f"<b>{n}</b> " + "𝛼" * 300 for n in range(8))
    assert isinstance(await send(outside.bot, chat, PushMessage(text, ())), Sent)
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
    assert await send(outside.bot, chat, PushMessage("Hello", ())) == Migrated(successor.id)


async def test_knocking_tells_whether_telegram_answers(outside: Outside) -> None:
    assert await probe(outside.bot) is None
    outside.telegram.faults.always(faults.server_error(), method="getMe")
    assert await probe(outside.bot) == Later("Bad Gateway")


@pytest.mark.parametrize("code", [400, 403, 404, 502])
async def test_a_proxy_s_error_page_is_not_telegram_s_word(
    outside: Outside, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def page(*_args: Any, **_more: Any) -> tuple[int, bytes]:
        return code, b"<html>Please log in</html>"

    _person, chat = await outside.person()
    monkeypatch.setattr(type(outside.bot.request), "do_request", page)
    assert await send(outside.bot, chat, PushMessage("Hello", ())) == Later(
        "an answer that is not Telegram's"
    )

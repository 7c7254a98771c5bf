"""Inline mode: what Telegram takes as an answer, what it keeps, and what somebody may choose."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.playground.telegram.entities import utf16_length
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Person

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Clock:
    """A clock that somebody else turns."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def lax(clock: Clock) -> AsyncIterator[FakeTelegram]:
    """Start a fake server without the contract, which these tests break on purpose."""
    telegram = FakeTelegram(paced=False, clock=clock)
    await telegram.start()
    yield telegram
    await telegram.stop()
    assert not telegram.mistakes


@pytest.fixture
def ada(lax: FakeTelegram) -> Person:
    return lax.world.add_person("Ada")


def article(result_id: str = "1", **more: Any) -> dict[str, Any]:
    content = {"message_text": "<b>NeRF</b>", "parse_mode": "HTML"}
    return {
        "type": "article",
        "id": result_id,
        "title": "NeRF",
        "input_message_content": content,
    } | more


async def answer(telegram: FakeTelegram, query_id: str, **params: Any) -> str | None:
    """Answer a query; return what Telegram has against it."""
    url = f"{telegram.url}/bot{telegram.token}/answerInlineQuery"
    async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - plain http
        said = await client.post(url, json={"inline_query_id": query_id} | params)
    body = said.json()
    return None if body["ok"] else str(body["description"]).removeprefix("Bad Request: ")


UNREADABLE = "can't parse inline query result: "


async def test_an_answer_is_taken_or_refused_as_telegram_does(
    lax: FakeTelegram, ada: Person
) -> None:
    def text(words: str) -> dict[str, Any]:
        content = {"message_text": words, "parse_mode": "HTML"}
        return {"results": [article(input_message_content=content)]}

    cases: list[tuple[dict[str, Any], str | None]] = [
        ({"results": [article(str(number)) for number in range(50)]}, None),
        (
            {"results": [article(str(number)) for number in range(51)]},
            "too many inline query results specified",
        ),
        ({"results": [article("x" * 64)]}, None),
        ({"results": [article("é" * 33)]}, "RESULT_ID_INVALID"),
        ({"results": [article("")]}, "RESULT_ID_EMPTY"),
        ({"results": [article(), article()]}, "RESULT_ID_DUPLICATE"),
        ({"results": [article(title=" ")]}, "ARTICLE_TITLE_EMPTY"),
        ({"results": [article(url="javascript:x")]}, "WEBDOCUMENT_URL_INVALID"),
        (
            {"results": [article(type="poll")]},
            f'{UNREADABLE}type "poll" is unsupported for the inline query result',
        ),
        (
            {"results": [article(input_message_content=None)]},
            f"{UNREADABLE}input message content is not specified",
        ),
        ({"results": [article(hide_url=True)]}, f'{UNREADABLE}Field "hide_url" is unknown'),
        ({"results": "none"}, "can't parse results JSON object"),
        (text(""), "message text is empty"),
        (text("x" * 4096), None),
        (text("😀" * 2049), "MESSAGE_TOO_LONG"),
        (text("<b>x"), "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        (
            {
                "results": [
                    article(reply_markup={"inline_keyboard": [[{"text": "x", "url": "no"}]]})
                ]
            },
            "inline keyboard button URL 'no' is invalid: Wrong HTTP URL",
        ),
        ({"results": [], "next_offset": "x" * 64}, None),
        ({"results": [], "next_offset": "é" * 33}, "NEXT_OFFSET_INVALID"),
        ({"results": [], "cache_time": -1}, 'parameter "cache_time" must not be negative'),
        ({"results": [], "button": {"text": "Go", "start_parameter": "a-Z_9"}}, None),
        (
            {"results": [], "button": {"text": "Go", "start_parameter": "a b"}},
            "unallowed characters in start_parameter are used",
        ),
        (
            {"results": [], "button": {"text": "Go", "start_parameter": "x" * 65}},
            "too long start_parameter specified",
        ),
        (
            {"results": [], "button": {"text": "Go"}},
            f"{UNREADABLE}exactly one of web_app and start_parameter must be used",
        ),
    ]
    for number, (params, problem) in enumerate(cases):
        query = lax.ask_inline(ada, ada, f"nerf {number}")
        assert await answer(lax, query.id, **params) == problem, params
        assert (query.answer is None) is (problem is not None)


async def test_a_query_is_answered_once_and_soon_and_kept_as_long_as_asked(
    lax: FakeTelegram, ada: Person, clock: Clock
) -> None:
    lin = lax.world.add_person("Lin", "zh-hans")
    query = lax.ask_inline(ada, ada, "nerf")
    assert lax.updates.pending[-1]["inline_query"]["query"] == "nerf"
    assert await answer(lax, "7", results=[]) == TOO_OLD
    assert await answer(lax, query.id, results=[article()], cache_time=60, is_personal=True) is None
    assert await answer(lax, query.id, results=[]) == TOO_OLD

    waiting = len(lax.updates.pending)
    assert lax.ask_inline(ada, ada, "nerf").answer == query.answer
    assert len(lax.updates.pending) == waiting, "Telegram did not ask the bot again"
    assert lax.ask_inline(lin, lin, "nerf").answer is None, "the answer was Ada's"
    clock.now += 61
    late = lax.ask_inline(ada, ada, "nerf")
    assert late.answer is None
    clock.now += 16
    assert await answer(lax, late.id, results=[]) == TOO_OLD
    lax.world.bot = type(lax.world.bot)(1, inline=False)
    with pytest.raises(PermissionError):
        lax.ask_inline(ada, ada, "nerf")


async def test_what_is_chosen_comes_from_the_person_and_names_the_bot(
    lax: FakeTelegram, ada: Person
) -> None:
    group = lax.world.add_group("Lab", [ada], admins=[ada])
    query = lax.ask_inline(ada, group, "nerf")
    with pytest.raises(LookupError):
        lax.choose(query, "1")
    assert await answer(lax, query.id, results=[article()]) is None
    waiting = len(lax.updates.pending)
    sent = lax.choose(query, "1")
    assert (sent.sender_id, sent.text, sent.via_bot) == (ada.id, "NeRF", True)
    assert sent.formatted.entities[0].length == utf16_length("NeRF")
    assert len(lax.updates.pending) == waiting, "the bot is not in this group"
    lax.add_bot(ada, group)
    lax.choose(query, "1")
    assert lax.updates.pending[-1]["message"]["via_bot"]["is_bot"]

"""Groups whose admins let the bot send no files: it says so, and gives the text instead."""

import logging

import pytest

from bot.playground.telegram.faults import refuse
from tests.bot_under_test import BotUnderTest

REFUSALS = [
    "Bad Request: not enough rights to send documents to the chat",
    "Bad Request: CHAT_SEND_DOCS_FORBIDDEN",
]


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_digest_says_what_is_missing_and_where_the_papers_are(
    app: BotUnderTest, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    app.telegram.faults.always(refuse(400, refusal), method="sendDocument")
    await app.follow(app.ada, "transformer")
    answer = await app.say(app.ada, "/digest")
    assert answer.text.startswith("🚫 I may not send files here.")
    assert "/latest" in answer.text
    assert not caplog.records, "no traceback, and nobody is woken"


async def test_short_files_come_as_text(app: BotUnderTest) -> None:
    app.telegram.faults.always(refuse(400, REFUSALS[0]), method="sendDocument")
    await app.follow(app.ada, "transformer")
    first = await app.say(app.ada, "/export")
    assert first.text.startswith("🚫 I may not send files here, so here is the text.\n\n📦 1 topic")
    await app.until(lambda: 'query = "transformer"' in app.last(app.ada).text)


async def test_where_nothing_may_be_written_nobody_is_woken(
    app: BotUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    words = refuse(400, "Bad Request: not enough rights to send text messages to the chat")
    app.telegram.faults.next(words, method="sendMessage", times=1)
    answer = await app.say(app.ada, "/help")
    assert answer.text.startswith("🚫 I may not write here."), "the right came a moment later"
    assert not caplog.records

"""arXiv, Telegram or the database on a bad day: clear words, and nothing lost."""

import asyncio
import io
import logging
import sqlite3
from collections.abc import Iterator

import pytest
import structlog

from bot import log
from bot.playground.telegram.faults import (
    TelegramFault,
    accept_then_reset,
    flood,
    refuse,
    reset,
    server_error,
)
from bot.playground.telegram.parameters import ApiCall
from bot.runtime.application import COMMANDS
from storage.models import ChatState
from tests.bot_under_test import BotUnderTest
from tests.seldom import seldom

SORRY = "Sorry, that went wrong on my side. Nothing is lost; please try again."
SECRET = "my-secret-hypothesis"


@pytest.mark.parametrize(
    ("person", "words", "follow"),
    [
        ("ada", "arXiv isn't answering right now", "✅ Follow"),
        ("lin", "arXiv 暂时没有响应", "✅ 订阅"),
    ],
)
async def test_a_new_bot_before_an_arxiv_that_is_down_says_so_and_brings_the_papers_later(
    app: BotUnderTest, person: str, words: str, follow: str
) -> None:
    who = getattr(app, person)
    await app.forget_arxiv()
    app.arxiv.down = True
    preview = await app.say(who, "transformer")
    assert words in preview.text
    followed = await app.tap(who, follow)
    assert "transformer" in followed.text
    assert not any("📬" in one for one in followed.buttons), "there is nothing to send yet"
    due = (await app.chat(who)).next_push_at
    assert await app.push(now=due) == 0
    app.arxiv.down = False
    await app.sweep()
    assert await app.push(now=(await app.chat(who)).next_push_at) == 2
    assert len(app.papers(who)) == 2


async def test_an_arxiv_that_is_down_spoils_neither_a_preview_nor_the_first_papers(
    app: BotUnderTest,
) -> None:
    app.arxiv.down = True
    preview = await app.say(app.ada, "transformer")
    assert preview.text.startswith("transformer\n6 papers in the last 30 days\n\n• ")
    followed = await app.tap(app.ada, "✅ Follow")
    assert "2 papers from this week are ready for you." in followed.text
    assert (await app.tap(app.ada, "📬 Send them now")).text.startswith("☀️ 2 new papers")


@pytest.mark.parametrize(
    "fault",
    [server_error(), server_error(500, "Internal Server Error"), reset(), flood(1)],
    ids=["502", "500", "broken connection", "429"],
)
async def test_an_answer_survives_a_hiccup_of_telegram(
    app: BotUnderTest, fault: TelegramFault
) -> None:
    app.telegram.faults.next(fault, method="sendMessage")
    assert "Hello" in (await app.say(app.ada, "/start")).text
    assert len(app.shown(app.ada)) == 1


@pytest.mark.parametrize("method", ["answerCallbackQuery", "editMessageText"])
async def test_a_tap_survives_a_hiccup_of_telegram(app: BotUnderTest, method: str) -> None:
    await app.say(app.ada, "/settings")
    app.telegram.faults.next(server_error(), method=method)
    assert "When should papers come?" in (await app.tap(app.ada, "⏰ Time")).text


async def test_a_tap_whose_answer_telegram_never_takes_still_does_its_work(
    app: BotUnderTest,
) -> None:
    await app.say(app.ada, "/settings")
    app.telegram.faults.always(server_error(), method="answerCallbackQuery")
    await app.tap(app.ada, "📄 Papers at a time")
    await app.tap(app.ada, "3")
    assert (await app.chat(app.ada)).papers_per_push == 3


async def test_what_telegram_took_before_the_line_broke_is_at_worst_said_twice(
    app: BotUnderTest,
) -> None:
    app.telegram.faults.next(accept_then_reset(), method="sendMessage")
    app.telegram.send_text(app.ada, app.ada, "/help")
    await app.until(lambda: len(app.shown(app.ada)) == 2)
    await app.say(app.ada, "/topics")
    assert len(app.shown(app.ada)) == 3


async def test_telegram_that_is_gone_for_a_while_costs_that_answer_and_no_other(
    app: BotUnderTest,
) -> None:
    app.telegram.faults.next(server_error(), method="sendMessage", times=2)
    app.telegram.send_text(app.ada, app.ada, "/topics")
    assert "What I can do" in (await app.say(app.ada, "/help")).text
    assert len(app.shown(app.ada)) == 1


async def test_telegram_that_does_not_say_who_rules_a_group_is_not_taken_for_a_no(
    app: BotUnderTest,
) -> None:
    await app.join(app.ada, app.group)
    app.telegram.faults.next(server_error(), method="getChatAdministrators")
    assert "OCR" in (await app.say(app.ada, "/subscribe", chat=app.group)).buttons


async def test_an_odd_list_of_who_rules_a_group_is_no_answer_and_no_error_of_ours(
    app: BotUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    await app.join(app.ada, app.group)
    odd: list[object] = [5, [{"user": {"id": "zyzzyva"}}], [{"status": "administrator"}]]

    def answer(call: ApiCall) -> None:
        if call.method == "getChatAdministrators" and odd:
            call.result = odd.pop()

    app.telegram.on_call.append(answer)
    for _each in range(3):
        app.telegram.send_text(app.ada, app.group, "/subscribe")
    assert "OCR" in (await app.say(app.ada, "/subscribe", chat=app.group)).buttons
    assert not odd
    assert "a handler failed" not in caplog.text


async def test_an_answer_that_telegram_confirms_oddly_is_not_said_twice(app: BotUnderTest) -> None:
    def answer(call: ApiCall) -> None:
        if call.method == "sendMessage" and len(app.telegram.calls_to("sendMessage")) == 1:
            call.result = {"message_id": "zyzzyva"}

    app.telegram.on_call.append(answer)
    await app.say(app.ada, "/topics")
    await app.say(app.ada, "/help")
    assert len(app.shown(app.ada)) == 2


async def test_who_blocked_the_bot_meanwhile_is_not_written_to_again(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    app.telegram.faults.next(
        refuse(403, "Forbidden: bot was blocked by the user"), method="sendMessage"
    )
    app.telegram.send_text(app.ada, app.ada, "/topics")
    await app.becomes(app.ada, ChatState.BLOCKED)


async def test_a_group_that_moved_while_an_answer_was_made_is_followed(app: BotUnderTest) -> None:
    await app.join(app.ada, app.group)
    successor = app.telegram.world.add_supergroup("Vision Lab", [], admins=[app.ada])
    moved = refuse(400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert moved.refusal is not None
    object.__setattr__(moved.refusal, "migrate_to_chat_id", successor.id)
    app.telegram.faults.next(moved, method="sendMessage")
    app.telegram.send_text(app.ada, app.group, "/topics")

    async def has_moved() -> bool:
        return await app.known(successor) is not None

    await app.eventually(has_moved)
    assert await app.known(app.group) is None


@pytest.fixture(params=["console", "json"])
def lines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Log as the product does, into a text."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    log.configure(level="DEBUG", style=request.param)
    yield written
    structlog.reset_defaults()
    logging.basicConfig(level=logging.WARNING, force=True, handlers=[])
    for name in ("bot", "storage", "telegram.request"):
        logging.getLogger(name).setLevel(logging.NOTSET)


async def break_table(app: BotUnderTest, table: str) -> None:
    """Rename a table; in a thread, because the bot may be writing and has to finish first."""
    path = app.database.path
    assert path is not None

    def rename() -> None:
        connection = sqlite3.connect(path, timeout=20, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"ALTER TABLE {table} RENAME TO broken")
        connection.execute("COMMIT")
        connection.close()

    await asyncio.to_thread(rename)


async def test_an_error_is_apologised_for_and_logged_without_what_the_person_wrote(
    app: BotUnderTest, lines: io.StringIO
) -> None:
    await app.say(app.ada, "/start")
    await break_table(app, "topic")
    app.telegram.send_text(app.ada, app.ada, SECRET)
    await app.until(lambda: app.last(app.ada).text == SORRY)
    assert "a handler failed" in lines.getvalue()
    assert "topics.py" in lines.getvalue(), "where it happened"
    assert SECRET.split("-")[2] not in lines.getvalue()
    assert app.telegram.token not in lines.getvalue()
    await app.say(app.lin, "/help")


async def test_an_error_after_a_tap_is_apologised_for_in_the_chat_s_language(
    app: BotUnderTest, lines: io.StringIO
) -> None:
    followed = await app.follow(app.lin, "transformer")
    await break_table(app, "delivery")
    app.telegram.tap(app.lin, followed, "📬 现在就发给我")
    await app.until(lambda: "抱歉，我这边出错了" in app.last(app.lin).text)
    assert "a handler failed" in lines.getvalue()


async def test_an_error_before_a_tap_was_answered_pops_up(
    app: BotUnderTest, lines: io.StringIO
) -> None:
    await app.say(app.ada, "/topics")
    await break_table(app, "subscription")
    assert await app.alert(app.ada, "➕ Follow a topic") == SORRY
    await app.say(app.ada, "/help")
    assert "a handler failed" in lines.getvalue()


async def test_a_database_that_fails_in_the_first_handler_is_apologised_for_too(
    app: BotUnderTest, lines: io.StringIO
) -> None:
    await break_table(app, "chat")
    answer = await app.say(app.lin, "/start")
    assert answer.text.startswith("抱歉")
    # The next command is answered after whatever the first one still did.
    await app.say(app.lin, "/help")
    apologies = app.telegram.from_bot(app.lin)
    assert len(apologies) == 2, "one for each command"
    assert lines.getvalue().count("a handler failed") == 2


async def test_a_push_on_demand_that_telegram_refuses_for_now_is_told_from_nothing_owed(
    app: BotUnderTest,
) -> None:
    confirmation = await app.follow(app.ada, "transformer")
    app.telegram.faults.next(server_error(), method="sendMessage")
    seen = app.mark()
    app.telegram.tap(app.ada, confirmation, "📬 Send them now")
    answer = await app.answer(app.ada, since=seen)
    assert answer.text == "I can't send them right now. They'll come next time."


@pytest.mark.parametrize("words", seldom(["x" * 4000, "&" * 4000, "<b>" * 1300, "é 🔭 " * 1000]))
async def test_no_command_apologises_for_words_that_are_too_long(
    app: BotUnderTest, words: str
) -> None:
    await app.follow(app.ada, "nerf")
    for command in COMMANDS:
        answer = await app.say(app.ada, f"/{command} {words}"[:4096])
        assert answer.text != SORRY, command

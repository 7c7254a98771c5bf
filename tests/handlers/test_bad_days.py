"""arXiv, Telegram or the database on a bad day: clear words, and nothing lost."""

import io
import logging
import sqlite3
from collections.abc import Iterator

import pytest
import structlog

from bot import log
from bot.playground.telegram.faults import (
    Fault,
    accept_then_reset,
    flood,
    refuse,
    reset,
    server_error,
)
from storage.models import ChatState
from tests.bot_under_test import House

SORRY = "Sorry, that went wrong on my side. Nothing is lost; please try again."
SECRET = "my-secret-hypothesis"


@pytest.mark.parametrize(
    ("person", "words", "follow"),
    [
        ("ada", "arXiv is not answering right now", "✅ Follow"),
        ("lin", "arXiv 暂时没有响应", "✅ 订阅"),
    ],
)
async def test_arxiv_that_is_down_is_named_and_the_papers_come_when_it_is_back(
    house: House, person: str, words: str, follow: str
) -> None:
    who = getattr(house, person)
    house.arxiv.down = True
    preview = await house.say(who, "transformer")
    assert words in preview.text
    followed = await house.tap(who, follow)
    assert "transformer" in followed.text
    assert len(followed.buttons) == 2, "there is nothing to send yet"
    due = (await house.chat(who)).next_push_at
    assert await house.push(now=due) == 0
    house.arxiv.down = False
    await house.sweep()
    assert await house.push(now=(await house.chat(who)).next_push_at) == 2
    assert len(house.papers(who)) == 2


async def test_a_preview_works_again_when_arxiv_does(house: House) -> None:
    house.arxiv.down = True
    await house.say(house.ada, "transformer")
    house.arxiv.down = False
    again = await house.say(house.ada, "transformer")
    assert "papers in the last 30 days" in again.text


@pytest.mark.parametrize(
    "fault",
    [server_error(), server_error(500, "Internal Server Error"), reset(), flood(1)],
    ids=["502", "500", "broken connection", "429"],
)
async def test_an_answer_survives_a_hiccup_of_telegram(house: House, fault: Fault) -> None:
    house.telegram.faults.next(fault, method="sendMessage")
    assert "Hello" in (await house.say(house.ada, "/start")).text
    assert len(house.shown(house.ada)) == 1


@pytest.mark.parametrize("method", ["answerCallbackQuery", "editMessageText"])
async def test_a_tap_survives_a_hiccup_of_telegram(house: House, method: str) -> None:
    await house.say(house.ada, "/settings")
    house.telegram.faults.next(server_error(), method=method)
    assert "When should the daily push come?" in (await house.tap(house.ada, "⏰ Time")).text


async def test_a_tap_whose_answer_telegram_never_takes_still_does_its_work(house: House) -> None:
    await house.say(house.ada, "/settings")
    house.telegram.faults.always(server_error(), method="answerCallbackQuery")
    await house.tap(house.ada, "📄 Papers per push")
    await house.tap(house.ada, "3")
    assert (await house.chat(house.ada)).papers_per_push == 3


async def test_what_telegram_took_before_the_line_broke_is_at_worst_said_twice(
    house: House,
) -> None:
    house.telegram.faults.next(accept_then_reset(), method="sendMessage")
    house.telegram.send_text(house.ada, house.ada, "/help")
    await house.until(lambda: len(house.shown(house.ada)) == 2)
    await house.say(house.ada, "/topics")
    assert len(house.shown(house.ada)) == 3


async def test_telegram_that_is_gone_for_a_while_costs_that_answer_and_no_other(
    house: House,
) -> None:
    house.telegram.faults.next(server_error(), method="sendMessage", times=2)
    house.telegram.send_text(house.ada, house.ada, "/topics")
    assert "What I can do" in (await house.say(house.ada, "/help")).text
    assert len(house.shown(house.ada)) == 1


async def test_telegram_that_does_not_say_who_rules_a_group_is_not_taken_for_a_no(
    house: House,
) -> None:
    await house.join(house.ada, house.group)
    house.telegram.faults.next(server_error(), method="getChatAdministrators")
    assert "OCR" in (await house.say(house.ada, "/subscribe", chat=house.group)).buttons


async def test_who_blocked_the_bot_meanwhile_is_not_written_to_again(house: House) -> None:
    await house.say(house.ada, "/start")
    house.telegram.faults.next(
        refuse(403, "Forbidden: bot was blocked by the user"), method="sendMessage"
    )
    house.telegram.send_text(house.ada, house.ada, "/topics")
    await house.becomes(house.ada, ChatState.BLOCKED)


async def test_a_group_that_moved_while_an_answer_was_made_is_followed(house: House) -> None:
    await house.join(house.ada, house.group)
    successor = house.telegram.world.add_supergroup("Vision Lab", [], admins=[house.ada])
    moved = refuse(400, "Bad Request: group chat was upgraded to a supergroup chat")
    assert moved.refusal is not None
    object.__setattr__(moved.refusal, "migrate_to_chat_id", successor.id)
    house.telegram.faults.next(moved, method="sendMessage")
    house.telegram.send_text(house.ada, house.group, "/topics")

    async def has_moved() -> bool:
        return await house.known(successor) is not None

    await house.eventually(has_moved)
    assert await house.known(house.group) is None


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


def break_table(house: House, table: str) -> None:
    path = house.database.path
    assert path is not None
    with sqlite3.connect(path) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO broken")
    connection.close()


async def test_an_error_is_apologised_for_and_logged_without_what_the_person_wrote(
    house: House, lines: io.StringIO
) -> None:
    await house.say(house.ada, "/start")
    break_table(house, "topic")
    house.telegram.send_text(house.ada, house.ada, SECRET)
    await house.until(lambda: house.last(house.ada).text == SORRY)
    assert "a handler failed" in lines.getvalue()
    assert "topics.py" in lines.getvalue(), "where it happened"
    assert SECRET.split("-")[2] not in lines.getvalue()
    assert house.telegram.token not in lines.getvalue()
    await house.say(house.lin, "/help")


async def test_an_error_after_a_tap_is_apologised_for_in_the_chat_s_language(
    house: House, lines: io.StringIO
) -> None:
    await house.say(house.lin, "/start")
    await house.tap(house.lin, "✓ 简体中文")
    break_table(house, "topic")
    picked = house.last(house.lin)
    house.telegram.tap(house.lin, picked, "OCR")
    await house.until(lambda: "抱歉，我这边出错了" in house.last(house.lin).text)
    assert "a handler failed" in lines.getvalue()


async def test_an_error_before_a_tap_was_answered_pops_up(house: House, lines: io.StringIO) -> None:
    await house.say(house.ada, "/topics")
    break_table(house, "subscription")
    assert await house.alert(house.ada, "➕ Follow a topic") == ""
    await house.until(lambda: house.last(house.ada).text == SORRY)
    await house.say(house.ada, "/help")
    assert "a handler failed" in lines.getvalue()


async def test_a_database_that_fails_in_the_first_handler_is_apologised_for_too(
    house: House, lines: io.StringIO
) -> None:
    break_table(house, "chat")
    answer = await house.say(house.lin, "/start")
    assert answer.text.startswith("抱歉")
    # The next command is answered after whatever the first one still did.
    await house.say(house.lin, "/help")
    apologies = house.telegram.from_bot(house.lin)
    assert len(apologies) == 2, "one for each command"
    assert lines.getvalue().count("a handler failed") == 2


async def test_a_push_on_demand_that_telegram_refuses_for_now_is_told_from_nothing_owed(
    house: House,
) -> None:
    confirmation = await house.follow(house.ada, "transformer")
    house.telegram.faults.next(server_error(), method="sendMessage")
    seen = house.mark()
    house.telegram.tap(house.ada, confirmation, "📬 Send them now")
    answer = await house.answer(house.ada, since=seen)
    assert answer.text == "They can't be sent right now. They come with the next push."

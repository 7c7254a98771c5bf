"""Updates: chats side by side, each in its own order, and nothing that ends it for others."""

import asyncio
import io
import json
import logging
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import structlog
from sqlmodel import col, select
from telegram import Chat as TelegramChat
from telegram import ChatMemberLeft, ChatMemberMember, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatID
from telegram.ext import Application

from bot import log
from bot.conversation.user_limits import UserRateLimit
from bot.playground.telegram.faults import flood, hang, refuse
from bot.playground.telegram.objects import chat_object, person_user
from bot.playground.telegram.world import Status
from bot.runtime import intake, polling
from bot.runtime.update_fields import number_of
from storage import inbox
from storage.columns import utc_now
from storage.inbox_models import Inbox
from tests.bot_under_test import BotUnderTest


async def test_one_chat_s_trouble_keeps_nobody_else_waiting(app: BotUnderTest) -> None:
    app.telegram.faults.next(flood(1), method="sendMessage", chat=app.ada)
    seen = app.mark()
    app.telegram.send_text(app.ada, app.ada, "/topics")
    assert "你还没有订阅" in (await app.say(app.lin, "/topics")).text
    assert app.shown(app.ada) == []
    assert "You don't follow anything" in (await app.answer(app.ada, since=seen)).text


async def test_what_one_chat_says_is_answered_in_its_order(app: BotUnderTest) -> None:
    app.telegram.faults.next(flood(1), method="sendMessage", chat=app.ada)
    for words in ("/settings 1", "/settings 2", "/settings 3", "/help"):
        app.telegram.send_text(app.ada, app.ada, words)
    await app.until(lambda: len(app.shown(app.ada)) == 4)
    told = [message.text for message in app.shown(app.ada)]
    assert [f"up to {n}" in text for n, text in enumerate(told, 1)] == [True, True, True, False]
    assert (await app.chat(app.ada)).papers_per_push == 3


async def test_while_an_answer_waits_telegram_tells_nothing_again(app: BotUnderTest) -> None:
    app.telegram.faults.next(flood(1), method="sendMessage", chat=app.ada)
    app.telegram.send_text(app.ada, app.ada, "/topics")
    await app.until(lambda: not app.telegram.updates.pending)
    assert app.shown(app.ada) == [], "it is confirmed before it is handled"
    assert await kept(app) == 1
    asked = len(app.telegram.calls_to("getUpdates"))
    await app.until(lambda: bool(app.shown(app.ada)))
    assert len(app.telegram.calls_to("getUpdates")) <= asked + 1
    await app.eventually(partial(is_empty, app))


async def kept(app: BotUnderTest) -> int:
    async with app.database.reading() as session:
        found = await session.exec(select(Inbox).where(Inbox.update_id != inbox.RUN))
        return len(found.all())


async def is_empty(app: BotUnderTest) -> bool:
    return await kept(app) == 0


async def test_thirty_people_at_once_are_all_answered(app: BotUnderTest) -> None:
    crowd = [app.telegram.world.add_person(f"P{n}") for n in range(30)]
    for person in crowd:
        app.telegram.send_text(person, person, "/start")
        app.telegram.send_text(person, person, "/topics")
    await app.until(lambda: all(len(app.shown(person)) == 2 for person in crowd))
    assert all("Hello" in app.shown(person)[0].text for person in crowd)


QUEUED = 20
"""Of one chat, and of one person, so many wait at most."""


async def test_a_flooded_group_holds_one_place_and_a_short_queue(app: BotUnderTest) -> None:
    await app.join(app.ada, app.group)
    crowd = [app.telegram.world.add_person(f"P{n}") for n in range(5)]
    for person in crowd:
        app.group.members[person.id] = Status.MEMBER
    app.telegram.faults.always(flood(20), method="sendMessage", chat=app.group)
    for _each in range(60):  # 300 in all; there were 256 places
        for person in crowd:
            app.telegram.send_text(person, app.group, "/help")
    began = time.monotonic()
    assert "能做什么" in (await app.say(app.lin, "/help")).text
    assert time.monotonic() - began < 10, "the group waits for Telegram for twenty"
    app.telegram.faults.clear()
    answered = [m for m in app.shown(app.group) if m.text.startswith("What I can do")]
    assert len(answered) <= QUEUED


BROKEN_MESSAGES: dict[str, dict[str, Any]] = {
    "no date": {"date": None},
    "an entity without a length": {"entities": [{"type": "bold", "offset": 0}]},
    "a text that is a number": {"text": 7},
    "NUL": {"text": "zyzzyva \0"},
    "a giant text": {"text": "zyzzyva " * 10_000},
    "a chat without an id": {"chat": {"type": "private"}},
    "an id beyond all": {"chat": {"id": 2**70, "type": "private"}},
    "a reply to nothing": {"reply_to_message": []},
    "a sender who is a list": {"from": ["zyzzyva"]},
}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Read what the bot logs, as a process of its own would write it."""
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    log.configure(level="DEBUG", style="console")
    yield written
    structlog.reset_defaults()
    logging.basicConfig(level=logging.WARNING, force=True, handlers=[])
    for name in ("bot", "storage", "telegram.request"):
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize("broken", BROKEN_MESSAGES.values(), ids=BROKEN_MESSAGES)
async def test_an_update_that_can_t_be_read_is_skipped_and_its_words_are_logged_nowhere(
    app: BotUnderTest, broken: dict[str, Any], lines: io.StringIO
) -> None:
    app.telegram.on_call.clear()  # what follows breaks the Bot API's contract
    chat = app.telegram.world.chat(app.ada)
    whole = {
        "message_id": 1,
        "date": app.telegram.world.now(),
        "chat": chat_object(chat),
        "from": person_user(app.ada),
        "text": "zyzzyva",
    }
    content = {name: value for name, value in {**whole, **broken}.items() if value is not None}
    app.telegram.updates.push("message", content)
    number = app.telegram.updates.pending[-1]["update_id"]
    assert "能做什么" in (await app.say(app.lin, "/help")).text
    await app.until(lambda: not app.telegram.updates.pending)
    assert "an update can't be read" in lines.getvalue()
    assert str(number) in lines.getvalue()
    assert "zyzzyva" not in lines.getvalue()
    assert "Traceback" not in lines.getvalue()
    assert app.shown(app.ada) == []


def anonymous(chat_id: int, *, user_id: int = ChatID.ANONYMOUS_ADMIN) -> Update:
    return Update(
        1,
        Message(
            1,
            utc_now(),
            TelegramChat(chat_id, "supergroup"),
            from_user=User(user_id, "Group", is_bot=True),
        ),
    )


@pytest.mark.parametrize("nobody", [ChatID.ANONYMOUS_ADMIN, ChatID.FAKE_CHANNEL])
def test_anonymous_admins_of_different_groups_have_different_allowances(nobody: int) -> None:
    limits = UserRateLimit(clock=lambda: 0.0)
    passed = [limits.admits(anonymous(-1001, user_id=nobody))[0] for _ in range(70)]
    assert passed.count(True) == 60
    assert limits.admits(anonymous(-1002, user_id=nobody)) == (True, False)


def test_adding_and_removing_the_bot_by_the_hundred_has_an_allowance_of_its_own() -> None:
    limits = UserRateLimit(clock=lambda: 0.0)
    somebody = User(7, "Ada", is_bot=False)
    out, back = ChatMemberLeft(somebody), ChatMemberMember(somebody)
    passed = []
    for number in range(100):
        group = TelegramChat(-number - 1, "group")
        change = ChatMemberUpdated(group, somebody, utc_now(), out, back)
        passed.append(limits.admits(Update(number, my_chat_member=change))[0])
    assert passed.count(True) == 60
    words = Message(1, utc_now(), TelegramChat(7, "private"), from_user=somebody)
    assert limits.admits(Update(1, words)) == (True, False)


async def test_one_404_is_believed_no_more_than_one_502(app: BotUnderTest) -> None:
    app.telegram.faults.next(refuse(404, "Not Found"), method="getUpdates")
    assert "能做什么" in (await app.say(app.lin, "/help")).text


BROKEN_ROWS = {1: "1", 2: "[", 3: "null", 4: "{}", 5: "[" * 100_000, 6: '{"message": 1}'}


async def test_what_stands_in_the_inbox_ends_no_start(app: BotUnderTest) -> None:
    await app.close()
    app.telegram.send_text(app.lin, app.lin, "/help")
    (update,) = app.telegram.updates.pending
    app.telegram.updates.drop()
    kept = BROKEN_ROWS | {9: json.dumps(update)}
    await app.database.write(lambda each: inbox.keep(each, kept, now=utc_now()))
    await app.open()
    await app.until(lambda: app.shown(app.lin))
    assert "能做什么" in app.last(app.lin).text


async def test_a_stop_is_no_try_of_what_it_cuts_short(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An update that was begun ten times is given up: not for ten stops in a slow minute."""
    monkeypatch.setattr(intake, "LONGEST_QUIET_SECONDS", 0.0)
    app.telegram.faults.always(hang(), method="sendMessage")
    app.telegram.send_text(app.lin, app.lin, "/help")
    await app.until(lambda: app.telegram.calls_to("sendMessage"))
    await app.close()
    for _start in range(9):
        await killed(app)
    asked = len(app.telegram.calls_to("sendMessage"))
    await app.open()
    await app.until(lambda: len(app.telegram.calls_to("sendMessage")) > asked)
    await app.close()
    app.telegram.faults.clear()
    await app.open()
    await app.until(lambda: app.shown(app.lin))


async def test_whose_command_was_begun_too_often_is_told(app: BotUnderTest) -> None:
    """Nobody waits for an answer that never comes, however often the bot was killed meanwhile."""
    app.telegram.faults.always(hang(), method="sendMessage")
    app.telegram.send_text(app.lin, app.lin, "/help")
    await app.until(lambda: app.telegram.calls_to("sendMessage"))
    await app.close()
    for _kill in range(10):
        await killed(app)
    app.telegram.faults.clear()
    await app.open()
    await app.until(lambda: app.shown(app.lin))
    assert "再试一次" in app.last(app.lin).text
    await app.close()
    left = await app.database.write(lambda each: inbox.take_up(each, now=utc_now()))
    assert left == ({}, {}, {}, 0, False)


async def test_what_is_given_up_is_not_taken_from_telegram_once_more(app: BotUnderTest) -> None:
    """Who ends the process at once ends it before Telegram hears that the update was kept."""
    await app.close()
    app.telegram.send_text(app.lin, app.lin, "/help")
    (update,) = app.telegram.updates.pending
    kept = {update["update_id"]: json.dumps(update)}
    await app.database.write(lambda each: inbox.keep(each, kept, now=utc_now()))
    for _kill in range(10):
        await killed(app)
    await app.open()
    await app.until(lambda: not app.telegram.updates.pending)
    await app.until(lambda: app.shown(app.lin))
    await app.close()
    assert ["再试一次" in one.text for one in app.shown(app.lin)] == [True]


async def test_what_was_cut_short_twice_is_begun_one_by_one(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends the process does not take with it what only stood beside it."""
    monkeypatch.setattr(intake, "ALONE_SECONDS", 60.0)
    await app.close()
    people = [app.lin, app.telegram.world.add_person("Ana", "zh")]
    for person in people:
        app.telegram.send_text(person, person, "/help")
    kept = {int(one["update_id"]): json.dumps(one) for one in app.telegram.updates.pending}
    app.telegram.updates.drop()
    await app.database.write(lambda each: inbox.keep(each, kept, now=utc_now()))
    for _kill in range(2):
        await killed(app)
    app.telegram.faults.always(hang(), method="sendMessage", chat=app.lin)
    await app.open()
    await app.until(lambda: app.telegram.calls_to("sendMessage"))
    await asyncio.sleep(0.2)
    assert not app.shown(people[1]), "hers is begun once the first had its time"
    async with app.database.reading() as session:
        tries = select(Inbox.tries).where(Inbox.update_id != inbox.RUN)
        found = list((await session.exec(tries.order_by(col(Inbox.update_id)))).all())
    assert found == [3, 2]
    app.telegram.faults.clear()
    await app.close()
    await app.open()
    await app.until(lambda: all(map(app.shown, people)))


async def test_what_was_cut_short_often_is_begun_once_the_process_has_lived_a_while(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lives that are too short for what a command does are no tries of it, and give up nothing."""
    assert [*map(intake.quiet_seconds, range(2, 10))] == [0, 1, 2, 4, 8, 16, 30, 30]
    await app.close()
    app.telegram.send_text(app.lin, app.lin, "/help")
    kept = {int(one["update_id"]): json.dumps(one) for one in app.telegram.updates.pending}
    app.telegram.updates.drop()
    await app.database.write(lambda each: inbox.keep(each, kept, now=utc_now()))
    for _kill in range(9):
        await killed(app)
    monkeypatch.setattr(intake, "LONGEST_QUIET_SECONDS", 60.0)
    await app.open()
    await app.say(app.telegram.world.add_person("Ana", "zh"), "/help")
    assert not app.shown(app.lin), "others are answered meanwhile"
    await app.close()
    monkeypatch.setattr(intake, "LONGEST_QUIET_SECONDS", 0.0)
    for _short_life in range(2):
        found = await app.database.write(lambda each: inbox.take_up(each, now=utc_now()))
        assert list(found.suspects.values()) == [9]
    await app.open()
    await app.until(lambda: app.shown(app.lin))
    assert "能做什么" in app.last(app.lin).text


async def test_after_a_crash_an_update_is_kept_before_it_is_begun(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ends the process at once is given up, too."""
    begun: list[list[int]] = []
    handle = Application.process_update

    async def look(application: Application, update: Update) -> None:  # type: ignore[type-arg]
        async with app.database.reading() as session:
            rows = (await session.exec(select(Inbox.update_id))).all()
        begun.append([number - update.update_id for number in rows if number != inbox.RUN])
        await handle(application, update)

    monkeypatch.setattr(Application, "process_update", look)
    monkeypatch.setattr(polling, "PAUSE_SECONDS", 60.0)  # else what is slow is kept as well
    monkeypatch.setattr(intake, "SLOW_SECONDS", 60.0)
    await app.say(app.lin, "/help")
    await app.close()
    await killed(app)
    await app.open()
    await app.say(app.lin, "/help")
    assert begun == [[], [0]]


async def killed(app: BotUnderTest) -> None:
    """Begin all that waits, as a start does that is killed after it."""
    found = await app.database.write(lambda each: inbox.take_up(each, now=utc_now()))
    for number in found.suspects:
        await app.database.write(partial(inbox.count_try, number=number))


NO_NUMBERS: tuple[object, ...] = (None, True, "1", 1.5, [], {}, -1, 2_000_000_001, 2**70)
NO_UPDATES: tuple[object, ...] = (
    *({"update_id": wrong} for wrong in NO_NUMBERS),
    *({}, None, [], "update", 1),
)


@pytest.mark.parametrize("found", NO_UPDATES, ids=repr)
def test_what_has_no_number_that_can_be_kept_and_confirmed_is_no_update(found: object) -> None:
    assert number_of(found) is None
    assert number_of({"update_id": 2_000_000_000}) == 2_000_000_000


async def test_a_page_of_somebody_on_the_way_does_not_end_polling(app: BotUnderTest) -> None:
    app.telegram.faults.next(refuse(200, "Welcome to our hotel"), method="getUpdates")
    assert "能做什么" in (await app.say(app.lin, "/help")).text

"""The push: each chat gets each paper exactly once, at its own time, whatever Telegram answers."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from bot.container import telegram_bot
from bot.playground.telegram import faults
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.world import Person
from bot.playground.translator.stand_in import TranslatorFault
from bot.push.worker import Pusher
from bot.render import citation, push_message, rich_message
from bot.settings.model import load
from bot.translation import key_sentence
from bot.translation.service import Translator
from storage import outbox, statistics, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import Chat, ChatState, Delivery, DeliveryState, Paper, PushStyle
from tests.on_connection import claimed, on_connection
from tests.outside import DAY, Outside
from tests.seldom import seldom


def paper(number: int, title: str = "A NeRF", *, days_ago: float = 1.0) -> Paper:
    moment = utc_now() - days_ago * DAY
    return Paper(
        id=f"2611.{number:05}",
        title=f"{title} {number}",
        abstract="We study neural radiance fields and report what was found in experiments.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


async def subscriber(outside: Outside, count: int, **settings: Any) -> tuple[Person, Chat]:
    """Return somebody who follows a topic, is owed papers on it, and whose push is due."""
    person, chat = await outside.person(**settings)
    await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(n) for n in range(1, count + 1)])
    await outside.due(chat)
    return person, chat


async def push(outside: Outside) -> int:
    return await outside.pusher.push_due()


async def states(outside: Outside) -> dict[DeliveryState, int]:
    return (await outside.database.read(statistics.totals)).deliveries


def titles(outside: Outside, person: Person) -> list[int]:
    """Return the numbers of the papers that a person sees, in the order of the chat."""
    text = "\n".join(outside.pushed(person))
    return [n for n in range(1, 60) for _each in range(text.count(f"A NeRF {n}\n"))]


async def test_a_due_chat_gets_its_papers_once(outside: Outside) -> None:
    person, chat = await subscriber(outside, 3)
    assert await push(outside) == 3
    assert titles(outside, person) == [1, 2, 3]
    assert await push(outside) == 0
    await outside.due(chat)
    assert await push(outside) == 0
    assert titles(outside, person) == [1, 2, 3]


async def test_nobody_else_gets_anything(outside: Outside) -> None:
    person, chat = await subscriber(outside, 1)
    await outside.due(chat, at=utc_now() + timedelta(hours=1))
    assert await push(outside) == 0
    assert outside.pushed(person) == []


async def test_nothing_new_is_silent_and_the_next_push_is_tomorrow(outside: Outside) -> None:
    person, chat = await subscriber(outside, 0)
    await push(outside)
    assert outside.pushed(person) == []
    settled = await outside.chat(chat)
    assert settled.next_push_at > utc_now()
    assert settled.last_push_on is None


async def test_a_paper_on_two_topics_is_sent_once_under_both_labels(outside: Outside) -> None:
    person, chat = await outside.person()
    await outside.follow(chat, "nerf", "radiance fields")
    await outside.owe("nerf", [paper(1)])
    await outside.owe("radiance fields", [paper(1)])
    await outside.due(chat)
    await push(outside)
    (text,) = outside.pushed(person)
    assert text.count("A NeRF 1") == 1
    assert "nerf" in text
    assert "radiance fields" in text


async def test_the_cap_holds_and_says_how_many_are_left(outside: Outside) -> None:
    person, chat = await subscriber(outside, 5, papers_per_push=2)
    assert await push(outside) == 2
    assert "☀️ 2 of 5 new papers · the rest: tomorrow or /digest" in outside.pushed(person)[-1]
    assert await states(outside) == {DeliveryState.SENT: 2, DeliveryState.PENDING: 3}
    await outside.due(chat)
    assert await push(outside) == 2


async def test_what_a_cap_is_and_does_is_said_once(outside: Outside) -> None:
    person, chat = await subscriber(outside, 6, papers_per_push=2)
    for _day in range(3):
        await push(outside)
        await outside.due(chat)
    explained = ["Up to 2 papers at a time" in text for text in outside.pushed(person)]
    assert explained == [True, False, False]


async def test_who_is_due_is_not_asked_after_each_push(outside: Outside) -> None:
    """At 25 messages a second each look would be a transaction a message."""
    for number in range(5):
        _person, chat = await outside.person(f"P{number}")
        await outside.follow(chat, "nerf")
        await outside.due(chat)
    await outside.owe("nerf", [paper(1)])
    looks: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if "chat.next_push_at <= " in statement:
            looks.append(statement)

    event.listen(outside.database._in_threads, "before_cursor_execute", note)
    assert await push(outside) == 5
    assert len(looks) == 2, "at the beginning, and when all are served"


async def test_with_now_everything_that_is_owed_is_sent(outside: Outside) -> None:
    person, _chat = await subscriber(outside, 25, papers_per_push=2)
    sent = await outside.pusher.push_everything()
    assert sent == 25
    assert titles(outside, person) == list(range(1, 26))


async def test_with_now_chats_are_served_side_by_side(outside: Outside) -> None:
    """A chat gets a message a second: one after the other they would take twelve seconds."""
    readers = [(await outside.person(f"P{n}", papers_per_push=2)) for n in range(12)]
    for _person, chat in readers:
        await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(n) for n in range(1, 13)])
    told: list[tuple[int, int, int]] = []
    began = time.monotonic()
    sent = await outside.pusher.push_everything(
        told=lambda _chat, done, number, total: told.append((done.sent, number, total))
    )
    assert time.monotonic() - began < 6
    assert sent == 12 * 12
    assert told == [(12, number, 12) for number in range(1, 13)]
    for person, _chat in readers:
        assert titles(outside, person) == list(range(1, 13))


async def test_a_push_and_its_day_are_settled_with_its_last_message(outside: Outside) -> None:
    """Two transactions a message: the claim, and all that is known after Telegram's yes."""
    _person, chat = await subscriber(outside, 1)
    days: list[object] = []

    def look(_call: ApiCall) -> None:
        event.listen(outside.database._in_threads, "commit", days.append)

    outside.telegram.on_call.append(look)
    assert await push(outside) == 1
    assert len(days) == 1 + 1, "the settlement, and a look for what else is due"
    assert (await outside.chat(chat)).last_push_on is not None


async def test_abstracts_come_in_the_chat_s_language(outside: Outside) -> None:
    person, _chat = await subscriber(outside, 1, language="zh-CN", ui_language="zh_CN")
    await push(outside)
    (text,) = outside.pushed(person)
    assert "篇新论文" in text
    assert "radiance" not in text


async def test_without_a_translator_the_original_comes_with_a_note(outside: Outside) -> None:
    outside.libre.fault = TranslatorFault.SERVER_ERROR
    person, _chat = await subscriber(outside, 1, language="zh-CN")
    await push(outside)
    (text,) = outside.pushed(person)
    assert "neural radiance fields" in text
    assert "translators did not answer" in text


async def test_two_chats_with_one_language_cost_one_translation(outside: Outside) -> None:
    _ada, one = await outside.person("Ada", language="es")
    _bob, two = await outside.person("Bob", language="es")
    for chat in (one, two):
        await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(1)])
    for chat in (one, two):
        await outside.due(chat)
    assert await push(outside) == 2
    assert len(outside.libre.calls) == 1


async def test_two_copies_send_nothing_twice(outside: Outside) -> None:
    person, _chat = await subscriber(outside, 12)
    counts = await asyncio.gather(*(push(outside) for _copy in range(4)))
    assert sum(counts) == 10
    assert len(titles(outside, person)) == 10


async def test_two_copies_with_one_database_share_the_work(outside: Outside) -> None:
    readers = []
    for number in range(8):
        person, chat = await outside.person(f"P{number}")
        await outside.follow(chat, "nerf")
        readers.append((person, chat))
    await outside.owe("nerf", [paper(n) for n in range(1, 11)])
    for _person, chat in readers:
        await outside.due(chat)
    assert outside.database.path is not None
    second = Database(f"sqlite:///{outside.database.path}")
    settings = load(
        None,
        telegram_bot_token=outside.telegram.token,
        telegram_api_url=outside.telegram.url,
        paid_broadcast=True,
        send_rate=1000,
    )
    async with telegram_bot(settings, token=outside.telegram.token) as bot:
        translator = Translator(engines=(), database=second)
        counts = await asyncio.gather(push(outside), Pusher(second, translator, bot).push_due())
        await translator.aclose()
    await second.close()
    assert sum(counts) == 80
    for person, _chat in readers:
        assert titles(outside, person) == list(range(1, 11))


async def test_a_push_by_hand_beside_the_clock_sends_nothing_twice(outside: Outside) -> None:
    person, chat = await subscriber(outside, 9)
    await asyncio.gather(
        push(outside),
        *(outside.pusher.push_chat(chat.id, limit=None) for _hand in range(3)),
    )
    shown = titles(outside, person)
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("trouble", ["blocked", "deactivated", "not_found", "no_rights"])
async def test_a_chat_that_cannot_be_reached_is_left_alone_and_loses_nothing(
    outside: Outside, trouble: str
) -> None:
    person, chat = await subscriber(outside, 2)
    outside.telegram.faults.afflict(person, trouble)
    assert await push(outside) == 0
    stored = await outside.chat(chat)
    assert stored.state is ChatState.BLOCKED
    assert stored.state_reason
    assert await states(outside) == {DeliveryState.PENDING: 2}
    calls = len(outside.telegram.calls_to("sendMessage"))
    await outside.due(chat)
    await push(outside)
    assert len(outside.telegram.calls_to("sendMessage")) == calls


async def test_a_migrated_group_gets_its_papers_under_its_new_id(outside: Outside) -> None:
    person, chat = await subscriber(outside, 1)
    group = outside.telegram.world.add_group("Lab", [person], admins=[person])
    outside.telegram.add_bot(person, group)
    async with outside.database.transaction() as session:
        stored = await session.get_one(Chat, chat.id)
        stored.telegram_id = group.id
    successor = outside.telegram.faults.afflict(group, "migrated")
    assert await push(outside) == 1
    assert (await outside.chat(chat)).telegram_id == successor.id
    assert len(outside.telegram.from_bot(successor)) == 1


@pytest.mark.parametrize(
    "fault",
    seldom([faults.server_error(), faults.reset(), faults.flood(3)]),
    ids=["5xx", "reset", "429"],
)
async def test_a_hiccup_of_telegram_delays_a_push_and_loses_nothing(
    outside: Outside, fault: faults.TelegramFault
) -> None:
    person, chat = await subscriber(outside, 2)
    outside.telegram.faults.next(fault, method="sendMessage")
    assert await push(outside) == 0
    assert await states(outside) == {DeliveryState.PENDING: 2}
    stored = await outside.chat(chat)
    assert utc_now() < stored.next_push_at < utc_now() + timedelta(minutes=2)
    assert stored.last_push_on is None
    later = stored.next_push_at + timedelta(seconds=1)
    sent = await outside.pusher.push_due(now=later)
    assert sent == 2
    assert titles(outside, person) == [1, 2]


async def test_an_outage_of_days_gives_nothing_up_and_repeats_nothing(outside: Outside) -> None:
    """After the first try, which may have arrived, Telegram must answer something harmless."""
    person, chat = await subscriber(outside, 1)
    outside.telegram.faults.next(faults.accept_then_reset(), method="sendMessage")
    outside.telegram.faults.always(faults.server_error())
    now = utc_now()
    while len(outside.telegram.calls_to("getMe")) < 10:
        now = max(now, (await outside.chat(chat)).next_push_at) + timedelta(seconds=1)
        await outside.pusher.push_due(now=now)
    assert await states(outside) == {DeliveryState.PENDING: 1}
    assert titles(outside, person) == [1]
    outside.telegram.faults.clear()
    now = (await outside.chat(chat)).next_push_at + timedelta(seconds=1)
    await outside.pusher.push_due(now=now)
    assert await states(outside) == {DeliveryState.SENT: 1}
    assert titles(outside, person) == [1, 1]


async def test_while_telegram_is_down_not_every_chat_asks_whether_it_is_well(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.push.worker.chats_at_once", lambda _bot: 2)
    chats = [(await outside.person())[1] for _number in range(6)]
    for chat in chats:
        await outside.follow(chat, "nerf")
    await outside.owe("nerf", [paper(1)])
    for chat in chats:
        await outside.due(chat)

    async def push_when_all_are_due() -> int:
        now = max([(await outside.chat(chat)).next_push_at for chat in chats])
        return await outside.pusher.push_due(now=max(now, utc_now()) + timedelta(seconds=1))

    outside.telegram.faults.always(faults.server_error())
    assert await push_when_all_are_due() == 0
    assert len(outside.telegram.calls_to("sendMessage")) == 6
    outside.telegram.calls.clear()
    assert await push_when_all_are_due() == 0
    twice = 2  # an answer that failed is asked for once more
    assert len(outside.telegram.calls_to("getMe")) == 2 * twice
    outside.telegram.faults.clear()
    assert await push_when_all_are_due() == 6


async def test_a_chat_that_pauses_meanwhile_gets_no_further_message(outside: Outside) -> None:
    person, chat = await subscriber(outside, 16, papers_per_push=16)

    def pause(_call: ApiCall) -> None:
        """Pause the chat before the bot knows that its first message arrived."""
        with closing(sqlite3.connect(outside.database.path or "")) as raw, raw:
            raw.execute("UPDATE chat SET state = ?", [ChatState.PAUSED])

    outside.telegram.on_call.append(pause)
    assert await push(outside) == 8
    assert len(outside.pushed(person)) == 1
    settled = await outside.chat(chat)
    assert settled.state is ChatState.PAUSED
    assert settled.pushing_since is None


async def test_what_a_dead_copy_had_claimed_comes_with_the_same_push(outside: Outside) -> None:
    person, chat = await subscriber(outside, 2)
    async with outside.database.transaction() as session:
        await claimed(session, outbox.Rows(Delivery, chat.id, ("2611.00001",)), now=utc_now())
    assert await push(outside) == 1
    later = (await outside.chat(chat)).next_push_at
    assert later < utc_now() + timedelta(minutes=6)
    await outside.pusher.push_due(now=later + timedelta(seconds=1))
    assert sorted(titles(outside, person)) == [1, 2]


async def test_what_failed_before_a_copy_died_is_not_put_off_to_another_day(
    outside: Outside,
) -> None:
    _person, chat = await subscriber(outside, 2)
    soon = utc_now() + timedelta(minutes=2)
    async with outside.database.transaction() as session:
        await claimed(session, outbox.Rows(Delivery, chat.id, ("2611.00001",)), now=utc_now())
        await on_connection(
            session,
            outbox.retry_later,
            outbox.Rows(Delivery, chat.id, ("2611.00001",)),
            reason="Bad Gateway",
            next_try_at=soon,
        )
    assert await push(outside) == 1
    assert (await outside.chat(chat)).next_push_at == soon


async def test_one_chat_s_trouble_harms_nobody_else(outside: Outside) -> None:
    bad, _chat = await subscriber(outside, 1)
    good, other = await outside.person("Bob")
    await outside.follow(other, "splatting")
    await outside.owe("splatting", [paper(50)])
    await outside.due(other)
    outside.telegram.faults.afflict(bad, "blocked")
    assert await push(outside) == 1
    assert titles(outside, good) == [50]


async def test_a_message_that_telegram_finds_malformed_is_sent_plain(outside: Outside) -> None:
    person, _chat = await subscriber(outside, 1)
    outside.telegram.faults.next(
        faults.refuse(400, "Bad Request: can't parse entities: Unsupported start tag"),
        method="sendMessage",
    )
    assert await push(outside) == 1
    (message,) = outside.telegram.from_bot(person)
    assert "A NeRF 1" in message.text
    assert "<" not in message.text


async def test_what_telegram_will_never_take_becomes_a_dead_letter(outside: Outside) -> None:
    _person, _chat = await subscriber(outside, 1)
    outside.telegram.faults.always(
        faults.refuse(400, "Bad Request: something quite new"), method="sendMessage"
    )
    assert await push(outside) == 0
    assert await states(outside) == {DeliveryState.DEAD: 1}


async def test_deliveries_that_fail_for_ever_are_given_up_after_eight_tries(
    outside: Outside,
) -> None:
    _person, chat = await subscriber(outside, 1)
    outside.telegram.faults.always(faults.server_error(), method="sendMessage")
    now = utc_now()
    for _try in range(12):
        now = max(now, (await outside.chat(chat)).next_push_at) + timedelta(seconds=1)
        await outside.pusher.push_due(now=now)
    assert await states(outside) == {DeliveryState.DEAD: 1}
    assert len(outside.telegram.calls_to("sendMessage")) == 8


async def test_an_interrupted_push_goes_on_within_the_same_cap(outside: Outside) -> None:
    person, chat = await subscriber(outside, 30, papers_per_push=12)
    # The first message arrives, the second meets a broken connection.
    outside.telegram.faults.next(faults.reset(), method="sendMessage", times=1)
    first = await push(outside)
    stored = await outside.chat(chat)
    second = await outside.pusher.push_due(now=stored.next_push_at + timedelta(seconds=1))
    assert first + second == 12
    assert len(titles(outside, person)) == 12


async def test_after_unsubscribing_nothing_more_is_sent(outside: Outside) -> None:
    person, chat = await subscriber(outside, 2)
    async with outside.database.transaction() as session:
        (followed,) = await topics.subscriptions(session=session, chat_id=chat.id)
        await topics.unsubscribe(session=session, chat_id=chat.id, topic_id=followed.topic.id)
    assert await push(outside) == 0
    assert outside.pushed(person) == []


@pytest.mark.parametrize("style", seldom(PushStyle))
async def test_a_paper_that_can_t_be_rendered_costs_its_texts_and_not_the_push(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, style: PushStyle
) -> None:
    """Whatever that may be: nobody has thought of it."""
    person, _chat = await subscriber(outside, 9, push_style=style)
    for module in (push_message, rich_message, key_sentence, citation):
        for name in ("readable", "sentences", "to_bibtex", "bibtex_text"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, fails_over("A NeRF 4", getattr(module, name)))
    assert await push(outside) == 9
    shown = "\n".join(outside.pushed(person))
    assert "A NeRF 3" in shown
    assert "A NeRF 4" not in shown
    assert "arXiv:2611.00004" in shown


def fails_over(words: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def fails(text: str, *more: Any) -> Any:
        if words in text:
            raise RuntimeError
        return real(text, *more)

    return fails

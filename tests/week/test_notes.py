"""Looks back at a week: to whom they come, once, whatever happens, and to nobody else."""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select, update

from bot.playground.telegram.faults import (
    TelegramFault,
    accept_then_reset,
    flood,
    refuse,
    reset,
    server_error,
)
from bot.playground.telegram.world import Person
from bot.preferences.values import put
from bot.week.look_back import look_back
from bot.week.notes import send_weeks
from bot.week.watch import facts
from storage import chats, opinions, papers
from storage.models import Chat, Delivery, DeliveryState, Paper, Topic
from storage.week_models import WeekNote
from tests.on_connection import on_connection, record_matches
from tests.outside import Outside
from tests.seldom import seldom

SUNDAY = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
"""A Sunday evening in London; the week that is told ended on Thursday, the 26th."""
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def paper(number: int, title: str, *, weeks_ago: int = 0, **more: Any) -> Paper:
    moment = SUNDAY - 5 * DAY - weeks_ago * WEEK
    known: dict[str, Any] = {"published_at": moment, "updated_at": moment, "abstract": "We study."}
    return Paper(id=f"26{11 - weeks_ago // 5}.{number:05}", title=title, **known | more)


async def find(outside: Outside, query: str, *found: Paper) -> None:
    """Let a topic find papers."""
    topic = await outside.topic(query)
    async with outside.database.transaction() as session:
        known = await session.get_one(Topic, topic.id)
        known.matched_at = known.backfilled_at = SUNDAY - WEEK
        await papers.store(session=session, papers=found)
        await record_matches(session=session, matches={topic.id: found})


async def reader(outside: Outside, name: str = "Ada", **settings: Any) -> tuple[Person, Chat]:
    """Return somebody who follows nets, and whose look back is still to be planned."""
    person, chat = await outside.person(name)
    await outside.follow(chat, "nets")
    async with outside.database.transaction() as session:
        stored = await chats.get(session=session, chat_id=chat.id)
        assert stored is not None
        for setting, value in settings.items():
            setattr(stored, setting, value)
    return person, await outside.chat(chat)


async def evening(outside: Outside, now: datetime = SUNDAY) -> int:
    """Plan as on the day before, and send what is due at a moment."""
    await send_weeks(
        database=outside.database, bot=outside.bot, personal=None, now=now - timedelta(hours=20)
    )
    return await look(outside, now)


async def look(outside: Outside, now: datetime) -> int:
    return await send_weeks(database=outside.database, bot=outside.bot, personal=None, now=now)


async def keeps(outside: Outside, chat: Chat, kept: Paper, *, known: bool = True) -> None:
    async with outside.database.transaction() as session:
        await papers.store(session=session, papers=[kept])
        await on_connection(
            session,
            opinions.save,
            chat_id=chat.id,
            paper_id=kept.id,
            now=SUNDAY - 30 * DAY,
            known=facts(kept) if known else None,
        )


async def becomes(outside: Outside, kept: Paper, **more: Any) -> None:
    async with outside.database.transaction() as session:
        await session.exec(update(Paper).where(col(Paper.id) == kept.id).values(**more))


def words(outside: Outside, person: Person) -> list[str]:
    return [message.text for message in outside.telegram.from_bot(person) if message.text]


async def test_a_week_is_one_silent_picture_with_what_there_was(outside: Outside) -> None:
    ada, _chat = await reader(outside)
    before = [paper(100 + n, f"Some nets {n}", weeks_ago=1 + n // 4) for n in range(16)]
    await find(outside, "nets", *before, *(paper(n, "Nets of mamba") for n in range(6)))
    assert await evening(outside) == 1
    [message] = [one for one in outside.telegram.from_bot(ada) if one.photo]
    assert "1. nets: 6 papers, usually 4" in message.text
    assert "On the rise in titles: mamba (6, usually 0)" in message.text
    assert "Nov 19, 2026 – Nov 26, 2026" in message.text
    [call] = outside.telegram.calls_to("sendPhoto")
    assert call.params["disable_notification"] in {True, "true"}


async def test_it_comes_once_however_often_is_looked_and_in_the_next_week_again(
    outside: Outside,
) -> None:
    ada, _chat = await reader(outside)
    await find(outside, "nets", paper(1, "A net"))
    assert [await evening(outside, SUNDAY + n * DAY / 4) for n in range(6)] == [1, 0, 0, 0, 0, 0]
    await find(outside, "nets", paper(2, "Another net", weeks_ago=-1))
    assert await evening(outside, SUNDAY + WEEK) == 1
    assert len(words(outside, ada)) == 2


@pytest.mark.parametrize(
    ("settings", "sent"),
    seldom(
        [
            ({}, 1),
            ({"week_day": 7}, 0),
            ({"week_day": 2}, 0),
            ({"state": "paused"}, 0),
            ({"state": "blocked"}, 0),
            ({"timezone": "Asia/Tokyo"}, 1),
            ({"timezone": "America/Los_Angeles"}, 0),  # it is Sunday morning there
        ]
    ),
)
async def test_it_comes_on_the_evening_that_was_chosen(
    outside: Outside, settings: Mapping[str, Any], sent: int
) -> None:
    await reader(outside, **settings)
    await find(outside, "nets", paper(1, "A net"))
    assert await evening(outside) == sent


async def test_a_week_without_anything_is_silence(outside: Outside) -> None:
    ada, _chat = await reader(outside)
    await find(outside, "nets", paper(1, "Old nets", weeks_ago=3))
    assert await evening(outside) == 0
    assert words(outside, ada) == []


async def test_what_was_switched_off_while_it_waited_is_not_sent(outside: Outside) -> None:
    ada, chat = await reader(outside)
    await find(outside, "nets", paper(1, "A net"))
    outside.telegram.faults.next(flood(60), method="sendPhoto")
    assert await evening(outside) == 0
    async with outside.database.transaction() as session:
        await session.exec(
            update(Chat).where(col(Chat.id) == chat.id).values(week_day=7, watches_saved=False)
        )
    assert await evening(outside, SUNDAY + DAY) == 0
    assert words(outside, ada) == []


async def test_where_a_picture_is_refused_its_text_comes_alone(
    outside: Outside,
) -> None:
    ada, _chat = await reader(outside)
    lin, _other = await reader(outside, "Lin")
    await find(outside, "nets", paper(1, "A net"))
    refusal = refuse(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
    outside.telegram.faults.next(refusal, method="sendPhoto")
    assert await evening(outside) == 2
    shown = Counter(
        bool(message.photo) for one in (ada, lin) for message in outside.telegram.from_bot(one)
    )
    assert shown == {True: 1, False: 1}


async def test_a_chat_that_can_t_be_reached_harms_no_other_and_gets_nothing_later(
    outside: Outside,
) -> None:
    ada, _chat = await reader(outside)
    lin, _other = await reader(outside, "Lin")
    await find(outside, "nets", paper(1, "A net"))
    outside.telegram.faults.afflict(ada, "blocked")
    assert await evening(outside) == 1
    assert len(words(outside, lin)) == 1
    async with outside.database.reading() as session:
        states = (await session.exec(select(WeekNote.state))).all()
    assert sorted(states) == [DeliveryState.DEAD, DeliveryState.SENT]


async def test_what_became_of_saved_papers_is_told_once(outside: Outside) -> None:
    ada, chat = await reader(outside, week_day=7)
    changed, gone, same = (paper(n, f"Kept {n}", weeks_ago=4) for n in range(3))
    for kept in (changed, gone, same):
        await keeps(outside, chat, kept)
    assert await evening(outside) == 0
    await becomes(outside, changed, version=2, abstract="We study more.", doi="10.1/x")
    await becomes(outside, gone, withdrawn=True)
    assert await evening(outside, SUNDAY + WEEK) == 1
    [told] = words(outside, ada)
    assert "Kept 0: a new version with another abstract, it has a DOI" in told
    assert "Kept 1: withdrawn by its authors" in told
    assert "Kept 2" not in told
    assert await evening(outside, SUNDAY + 2 * WEEK) == 0


async def test_a_paper_saved_before_there_were_watches_is_watched_from_then_on(
    outside: Outside,
) -> None:
    ada, chat = await reader(outside, week_day=7)
    kept = paper(1, "Kept", weeks_ago=4, version=3)
    await keeps(outside, chat, kept, known=False)
    assert await evening(outside) == 0
    await becomes(outside, kept, version=4)
    assert await evening(outside, SUNDAY + WEEK) == 1
    assert "Kept: a new version" in words(outside, ada)[0]


async def test_nothing_is_told_of_saved_papers_where_that_is_switched_off(
    outside: Outside,
) -> None:
    _ada, chat = await reader(outside, watches_saved=False, week_day=7)
    kept = paper(1, "Kept", weeks_ago=4)
    await keeps(outside, chat, kept)
    await becomes(outside, kept, version=4)
    assert await evening(outside) == 0


async def test_the_best_that_the_cap_held_back_is_what_five_chats_saved(outside: Outside) -> None:
    _ada, chat = await reader(outside)
    liked, known, sent = (paper(n, f"Net {n}") for n in range(3))
    await find(outside, "nets", liked, known, sent)
    for n in range(5):
        _person, other = await outside.person(f"Reader {n}")
        await keeps(outside, other, liked)
        await keeps(outside, other, sent)
        if n < 4:
            await keeps(outside, other, known)
    async with outside.database.transaction() as session:
        for one in (liked, known, sent):
            state = DeliveryState.SENT if one is sent else DeliveryState.PENDING
            session.add(Delivery(chat_id=chat.id, paper_id=one.id, state=state))
    found = await look_back(database=outside.database, chat=chat, now=SUNDAY)
    assert [(one.paper.id, one.saved_by) for one in found.held_back] == [(liked.id, 5)]


async def test_a_topic_is_counted_again_until_all_its_papers_are_known(outside: Outside) -> None:
    _ada, chat = await reader(outside)
    topic = await outside.topic("nets")
    for count, known in ((1, False), (2, True), (3, True)):
        await find(outside, "nets", *(paper(n, f"Net {n}") for n in range(count)))
        if not known:
            async with outside.database.transaction() as session:
                (await session.get_one(Topic, topic.id)).matched_at = None
        week = await look_back(database=outside.database, chat=chat, now=SUNDAY)
        assert week.topics[0].papers[-1] == min(count, 2), "counted once, when it is whole"


@pytest.mark.slow
async def test_a_week_of_ten_topics_takes_little_time_once_it_is_counted(outside: Outside) -> None:
    _ada, chat = await reader(outside)
    for n in range(10):
        await outside.follow(chat, f"word{n}")
        found = [paper(1_000 * n + m, f"Title {m} {n}", weeks_ago=m % 9) for m in range(180)]
        await find(outside, f"word{n}", *found)
    await look_back(database=outside.database, chat=chat, now=SUNDAY)
    began = time.process_time()
    await look_back(database=outside.database, chat=chat, now=SUNDAY)
    assert time.process_time() - began < 0.05


@pytest.mark.parametrize("fault", ["it is not installed", "it does not load", "it can't draw"])
async def test_a_picture_that_can_t_be_drawn_is_a_week_in_words(
    outside: Outside, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise RuntimeError

    if fault == "it is not installed":
        monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    elif fault == "it does not load":
        monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", ModuleType("agg"))
    else:
        monkeypatch.setattr("matplotlib.figure.Figure.savefig", fail)
    ada, _chat = await reader(outside)
    await find(outside, "nets", paper(1, "A net"))
    assert await evening(outside) == 1
    [message] = outside.telegram.from_bot(ada)
    assert not message.photo
    assert "1. nets: 1 paper" in message.text


async def test_a_database_that_fails_in_between_loses_no_week_and_sends_none_twice(
    outside: Outside,
) -> None:
    ada, _chat = await reader(outside)
    await find(outside, "nets", paper(1, "A net"))

    async def rename(one: str, other: str) -> None:
        statement = text(f"ALTER TABLE {one} RENAME TO {other}")
        await outside.database.write(lambda connection: connection.execute(statement) and None)

    await evening(outside, SUNDAY - DAY)
    await rename("week_note", "gone")
    with pytest.raises(SQLAlchemyError):
        await look(outside, SUNDAY)
    await rename("gone", "week_note")
    assert words(outside, ada) == []
    minutes = [1, 6, 7]
    sent = [await look(outside, SUNDAY + timedelta(minutes=after)) for after in minutes]
    assert sent == [0, 1, 0], "what nobody settled is due again when its lease ends"
    assert len(words(outside, ada)) == 1


async def test_a_kill_between_sending_and_writing_down_sends_no_week_twice(
    outside: Outside,
) -> None:
    """Nobody knows then whether it arrived, and it can be asked for."""
    ada, _chat = await reader(outside)
    await find(outside, "nets", paper(1, "A net"))
    assert await evening(outside) == 1
    async with outside.database.transaction() as session:
        killed = {"state": DeliveryState.SENDING, "claimed_at": SUNDAY}
        await session.exec(update(WeekNote).values(**killed))
    minutes = [1, 30, 31, 300]
    sent = [await look(outside, SUNDAY + timedelta(minutes=after)) for after in minutes]
    assert sent == [0, 0, 0, 0]
    assert len(words(outside, ada)) == 1
    assert await note_states(outside) == [DeliveryState.DEAD]


@pytest.mark.parametrize(
    ("fault", "came"),
    [
        pytest.param(accept_then_reset(), 1, id="broke off after Telegram had taken it"),
        pytest.param(reset(), 0, id="broke off before"),
        pytest.param(server_error(), 0, id="Telegram is out of order"),
        pytest.param(flood(1), 1, id="told to wait"),
    ],
)
async def test_what_may_have_arrived_is_not_sent_again(
    outside: Outside, fault: TelegramFault, came: int
) -> None:
    ada, _chat = await reader(outside)
    await find(outside, "nets", paper(1, "A net"))
    outside.telegram.faults.next(fault, method="sendPhoto")
    await evening(outside)
    for hours in range(1, 8):
        await look(outside, SUNDAY + timedelta(hours=hours))
    assert len(words(outside, ada)) == came


async def test_while_telegram_is_out_of_order_no_week_is_tried_and_none_is_lost(
    outside: Outside,
) -> None:
    people = [await reader(outside, f"Reader {n}") for n in range(30)]
    await find(outside, "nets", paper(1, "A net"))
    outside.telegram.faults.always(server_error())
    assert await evening(outside) == 0
    assert not outside.telegram.calls_to("sendPhoto")
    outside.telegram.faults.clear()
    assert await look(outside, SUNDAY + DAY / 24) == 30
    assert {len(words(outside, person)) for person, _chat in people} == {1}


async def test_a_choice_that_changes_while_a_week_waits_is_obeyed(outside: Outside) -> None:
    """News of saved papers stay wanted: they come in their own time, without what is not."""
    ada, chat = await reader(outside)
    kept = paper(9, "Kept", weeks_ago=4)
    await keeps(outside, chat, kept)
    await find(outside, "nets", paper(1, "A net"))
    outside.telegram.faults.next(flood(1), method="sendPhoto")
    await evening(outside)

    async def switch_off() -> None:
        async with outside.database.transaction() as session:
            stored = await session.get_one(Chat, chat.id)
            put(stored, "week", "off", languages=[], now=SUNDAY)

    await switch_off()
    await becomes(outside, kept, version=2)
    assert await look(outside, SUNDAY + DAY / 24) == 0
    assert await look(outside, SUNDAY + WEEK) == 1
    [told] = words(outside, ada)
    assert "Kept: a new version" in told
    assert "nets" not in told


async def note_states(outside: Outside) -> list[str]:
    async with outside.database.reading() as session:
        return list((await session.exec(select(WeekNote.state))).all())


async def test_two_copies_that_look_at_once_put_a_week_together_once(outside: Outside) -> None:
    people = [await reader(outside, f"Reader {n}") for n in range(30)]
    await find(outside, "nets", paper(1, "A net"))
    await evening(outside, SUNDAY - DAY)
    sent = await asyncio.gather(look(outside, SUNDAY), look(outside, SUNDAY))
    assert sum(sent) == 30
    assert {len(words(outside, person)) for person, _chat in people} == {1}

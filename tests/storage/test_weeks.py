"""Looks back at weeks: owed once, claimed while wanted, given up where they may have arrived."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from storage import outbox, topics, weeks
from storage.columns import utc_now
from storage.database import Database
from storage.models import NO_DAY, Chat, DeliveryState
from storage.week_models import TopicWeek, WeekNote
from tests.storage.test_admin import people

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
"""A Saturday; every chat's look back comes on Sunday evening."""
SUNDAY = NOW + timedelta(hours=30)


async def owed(database: Database, chat_id: int, *, week: int = 1) -> bool:
    settle = partial(
        weeks.settle,
        chat_id=chat_id,
        week=week,
        now=SUNDAY,
        html="<b>Your week</b>",
        picture=b"png",
        known_now={},
    )
    return await database.write(settle)


async def due(database: Database) -> list[int]:
    found = await database.read(partial(weeks.due_notes, now=SUNDAY, limit=9))
    return [one.note.chat_id for one in found]


async def claimed(database: Database, *chat_ids: int, now: datetime = SUNDAY) -> list[int]:
    rows = [outbox.Rows(WeekNote, chat_id, (1,)) for chat_id in chat_ids]
    taken = await database.write(partial(outbox.claim, rows=rows, now=now))
    return [chat_id for chat_id, ids in zip(chat_ids, taken, strict=True) if ids]


async def chooses(database: Database, chat_id: int, **choice: object) -> None:
    """Change what a chat wants, as /settings and an import do."""
    async with database.transaction() as session:
        chat = await session.get_one(Chat, chat_id)
        for name, value in choice.items():
            setattr(chat, name, value)
        chat.next_week_at = None


@pytest.fixture
async def readers(database: Database) -> list[int]:
    ids = await people(database, 3)
    assert await database.write(partial(weeks.plan, now=NOW, limit=9)) == 3
    assert len(await database.write(partial(weeks.claim, now=SUNDAY, limit=9))) == 3
    return ids


async def test_a_week_is_owed_once_whatever_happens(database: Database, readers: list[int]) -> None:
    assert [await owed(database, readers[0]) for _ in range(2)] == [True, False]
    assert await claimed(database, *readers) == readers[:1]
    assert await claimed(database, *readers) == []


async def test_what_waits_goes_when_its_chat_changes_its_mind(
    database: Database, readers: list[int]
) -> None:
    for chat_id in readers:
        await owed(database, chat_id)
    await chooses(database, readers[0], week_day=NO_DAY, watches_saved=False)
    await chooses(database, readers[1], week_day=2)
    assert await claimed(database, *readers) == readers[2:], "nobody has planned anew yet"
    await database.write(partial(weeks.plan, now=SUNDAY, limit=9))
    assert await claimed(database, *readers) == []
    assert await due(database) == []


async def test_what_was_put_together_for_the_choice_before_is_not_owed(
    database: Database, readers: list[int]
) -> None:
    await chooses(database, readers[0], watches_saved=False)
    assert not await owed(database, readers[0])
    await database.write(partial(weeks.skip, chat_id=readers[0], now=SUNDAY))
    assert await database.write(partial(weeks.plan, now=SUNDAY, limit=9)) == 1


async def test_what_a_copy_claimed_and_died_with_is_given_up_and_found(
    database: Database, readers: list[int]
) -> None:
    await owed(database, readers[0])
    assert await claimed(database, readers[0]) == readers[:1]
    found = partial(weeks.given_up, chat_id=readers[0], week=1)
    for minutes, given_up in ((4, 0), (6, 1), (7, 0)):
        now = SUNDAY + timedelta(minutes=minutes)
        give_up = partial(outbox.give_up_claims, now=now, table=WeekNote)
        assert await database.write(give_up) == given_up
    note = await database.read(found)
    assert note is not None
    assert (note.state, note.reason) == (DeliveryState.DEAD, outbox.MAY_HAVE_ARRIVED)
    assert await due(database) == []
    assert not await owed(database, readers[0])


async def test_the_weeks_of_topics_are_kept_together_and_once(database: Database) -> None:
    async with database.transaction() as session:
        ids = [(await topics.register(session=session, query=word)).id for word in ("a", "b")]
    week = (utc_now() - timedelta(weeks=1), utc_now())
    for papers in ([1, 2], [3, 4]):
        counted = [TopicWeek(topic_id=one, ends_at=week[1], papers=papers) for one in ids]
        await database.write(partial(weeks.keep, counted=counted))
    known = await database.read(partial(weeks.known, topic_ids=ids, week=week))
    assert {one: found.papers for one, found in known.items()} == {one: [1, 2] for one in ids}

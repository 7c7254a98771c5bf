"""Old papers go when nobody needs them, with all that hangs on them, in both databases."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.runtime import retention as step
from bot.runtime.retention import delete_old_papers, delete_untouched_papers
from storage import chats, opinions, papers, retention, topics
from storage.columns import utc_now
from storage.database import Database
from storage.models import (
    ChatKind,
    Delivery,
    DeliveryState,
    Match,
    Paper,
    Translation,
)
from storage.retention import UNNEEDED
from storage.shown import note_shown
from storage.slices import Slices
from tests.on_connection import on_connection, record_matches

DAY = timedelta(days=1)
YEAR = 365 * DAY
OLD = 20


def paper(number: int, published: datetime) -> Paper:
    return Paper(
        id=f"2600.{number:05}",
        title=f"Transformer {number}",
        abstract="We report what was found.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=published,
        updated_at=published,
    )


async def fill(database: Database, now: datetime) -> tuple[int, list[Paper]]:
    """Let a chat follow a topic with its newest fifty, and more that are old; all were sent."""
    stored = [paper(number, now - YEAR - DAY * (number + 1)) for number in range(OLD)]
    stored += [paper(OLD + number, now - YEAR * 2 / 3) for number in range(50)]
    async with database.transaction() as session:
        chat = await chats.register(
            session=session,
            telegram_id=5,
            thread_id=0,
            kind=ChatKind.PRIVATE,
            now=now,
        )
        topic = await topics.register(session=session, query="transformer")
        await topics.subscribe(
            session=session, chat_id=chat.id, topic_id=topic.id, label="transformer"
        )
        await papers.store(session=session, papers=stored)
        await record_matches(session=session, matches={topic.id: stored})
        for one in stored:
            session.add(
                Delivery(
                    chat_id=chat.id,
                    paper_id=one.id,
                    state=DeliveryState.SENT,
                    created_at=one.published_at,
                )
            )
            session.add(
                Translation(
                    paper_id=one.id, language="es", abstract="x", engine="x", source_digest="x"
                )
            )
    return chat.id, stored


class Fixed(Slices):
    """Slices that learn nothing."""

    def __init__(self, *, size: int, **_sizes: int) -> None:
        super().__init__(first=size, least=size, most=size)


async def counts(database: Database) -> list[int]:
    async with database.reading() as session:
        return [
            (await session.exec(select(func.count()).select_from(table))).one()
            for table in (Paper, Match, Delivery, Translation)
        ]


async def test_what_nobody_needs_goes_with_all_that_hangs_on_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "PAPERS_AT_ONCE", 3)
    now = utc_now()
    chat_id, stored = await fill(database, now)
    async with database.transaction() as session:
        await on_connection(session, opinions.save, chat_id=chat_id, paper_id=stored[3].id, now=now)
        await on_connection(
            session,
            opinions.cast_vote,
            chat_id=chat_id,
            paper_id=stored[5].id,
            liked=False,
            now=now,
        )
        for one, state in ((7, DeliveryState.PENDING), (9, DeliveryState.DEAD)):
            owed = select(Delivery).where(Delivery.paper_id == stored[one].id)
            (await session.exec(owed)).one().state = state
    assert await delete_old_papers(database=database, now=now, age=YEAR) == OLD - 4
    # What was sent of the two that somebody kept or voted on is forgotten, but they stay.
    assert await counts(database) == [54, 54, 52, 54]
    assert await delete_old_papers(database=database, now=now, age=YEAR) == 0


async def test_what_was_sent_long_ago_is_forgotten_also_of_papers_that_stay(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slice by slice in the order of ids, past what is owed still, and up to what is new."""
    monkeypatch.setattr(step, "Slices", partial(Fixed, size=4))
    now = utc_now()
    await fill(database, now)
    async with database.transaction() as session:
        every = (await session.exec(select(Delivery).order_by(col(Delivery.id)))).all()
        for n, one in enumerate(every):
            one.created_at = now - YEAR - DAY if n < 30 else now - YEAR + DAY
        for n, state in ((2, DeliveryState.DEAD), (5, DeliveryState.PENDING)):
            every[n].state = state
        every[11].created_at, every[40].created_at = now, now - YEAR - DAY  # the clock jumped
    await delete_old_papers(database=database, now=now, age=YEAR)
    async with database.reading() as session:
        left = (await session.exec(select(Delivery.id).order_by(col(Delivery.id)))).all()
    ids = [one.id for one in every]
    assert left == [ids[2], ids[5], ids[11], *ids[30:]]


async def test_a_quiet_topic_keeps_its_newest_however_old(database: Database) -> None:
    now = utc_now()
    await fill(database, now)
    assert await delete_old_papers(database=database, now=now + 5 * YEAR, age=YEAR) == OLD
    async with database.reading() as session:
        left = (await session.exec(select(func.min(col(Paper.id))))).one()
    assert left == f"2600.{OLD:05}"


async def test_what_somebody_keeps_at_the_last_moment_stays(database: Database) -> None:
    now = utc_now()
    chat_id, stored = await fill(database, now)
    async with database.transaction() as session:
        await on_connection(session, opinions.save, chat_id=chat_id, paper_id=stored[0].id, now=now)
    async with database.transaction() as session:
        ids = [one.id for one in stored[:2]]
        assert await on_connection(session, retention.remove, rule=UNNEEDED, paper_ids=ids) == 1
    async with database.reading() as session:
        assert set(await papers.get_many(session=session, paper_ids=ids)) == {ids[0]}


async def test_after_35_days_a_paper_goes_that_no_topic_found_and_nobody_touched(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "PAPERS_AT_ONCE", 3)
    now = utc_now()
    hour = timedelta(hours=1)
    young = [paper(number, now - 35 * DAY + hour * (number + 1)) for number in range(3)]
    old = [paper(number, now - 35 * DAY - hour * (number - 9)) for number in range(10, 30)]
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=5, thread_id=0, kind=ChatKind.PRIVATE, now=now
        )
        topic = await topics.register(session=session, query="transformer")
        await papers.store(session=session, papers=young + old)
        found, kept, voted, sent = (old[number] for number in (1, 5, 7, 11))
        await record_matches(session=session, matches={topic.id: [found]})
        await on_connection(session, opinions.save, chat_id=chat.id, paper_id=kept.id, now=now)
        await on_connection(
            session, opinions.cast_vote, chat_id=chat.id, paper_id=voted.id, liked=False, now=now
        )
        await on_connection(
            session, note_shown, chat_id=chat.id, paper_ids=[sent.id], message_id=1, now=now
        )
    assert await delete_untouched_papers(database=database, now=now) == 20 - 4
    async with database.reading() as session:
        left = set((await session.exec(select(Paper.id))).all())
    assert left == {one.id for one in (*young, found, kept, voted, sent)}

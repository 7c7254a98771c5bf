"""From one database into another: everything arrives, and life goes on there."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from storage import chats, fan_out, papers, topics
from storage.columns import utc_now
from storage.copying import NotEmptyError, move_all
from storage.database import Database
from storage.models import Chat, ChatKind, Paper
from tests.on_connection import record_matches


@pytest.fixture
async def used(tmp_path: Path) -> AsyncIterator[Database]:
    """A SQLite file in which somebody follows a topic, and manages a channel of a later number."""
    database = Database(f"sqlite:///{tmp_path / 'used.db'}")
    await database.open()
    now = utc_now()
    async with database.transaction() as session:
        found = [paper(number) for number in range(2500)]
        await papers.store(session=session, papers=found)
        topic = await topics.register(session=session, query="nerf")
        people = [
            await chats.register(
                session=session, telegram_id=number, thread_id=0, kind=ChatKind.PRIVATE, now=now
            )
            for number in (5, 6)
        ]
        people[0].managing_id = people[1].id
        await topics.subscribe(
            session=session, chat_id=people[0].id, topic_id=topic.id, label="神经辐射场"
        )
        new = await record_matches(session=session, matches={topic.id: found})
        await fan_out.fan_out_now(session=session, matches=new)
    yield database
    await database.close()


def paper(number: int) -> Paper:
    moment = utc_now() - timedelta(minutes=number)
    return Paper(
        id=f"2600.{number:05}",
        title=f"论文 {number}",
        abstract="We report what was found.",
        authors=["Ada Lovelace"],
        categories=["cs.CV"],
        published_at=moment,
        updated_at=moment,
    )


async def rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async with database.reading() as session:
        connection = await session.connection()
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(
                    select(table).order_by(*table.primary_key.columns)
                )
            ]
            for table in SQLModel.metadata.sorted_tables
        }


async def test_everything_arrives_as_it_was_and_new_rows_get_new_numbers(
    used: Database, database: Database
) -> None:
    seen: list[tuple[int, int]] = []
    moved = await move_all(used, database, progress=lambda *told: seen.append(told))
    assert await rows(database) == await rows(used)
    assert moved["paper"] == moved["match"] == moved["delivery"] == 2500
    assert seen[-1] == (sum(moved.values()), sum(moved.values()))
    async with database.transaction() as session:
        newcomer: Chat = await chats.register(
            session=session, telegram_id=7, thread_id=0, kind=ChatKind.PRIVATE, now=utc_now()
        )
        assert newcomer.id > 1_000_000, "nor one of a row that was deleted"


async def test_a_target_with_rows_is_refused_and_stays_as_it_is(
    used: Database, database: Database
) -> None:
    async with database.transaction() as session:
        await topics.register(session=session, query="its own")
    before = await rows(database)
    with pytest.raises(NotEmptyError, match="topic"):
        await move_all(used, database)
    assert await rows(database) == before

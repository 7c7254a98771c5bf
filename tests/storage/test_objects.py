"""Objects that are made of plain rows are those that a session would have read."""

from datetime import UTC, datetime, time

import pytest
from sqlalchemy import Connection, inspect
from sqlmodel import SQLModel, select

from storage import chats, papers, sweeps, topics
from storage.database import Database
from storage.models import Chat, ChatKind, Paper, Subscription, Sweep, Topic
from storage.objects import loaded

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=7, thread_id=0, kind=ChatKind.GROUP, now=NOW
        )
        topic = await topics.register(session=session, query="nerf")
        await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label="NeRF")
        known = Paper(
            id="2611.00001",
            title="A NeRF",
            abstract="β",
            authors=["Ada"],
            categories=["cs.CV"],
            published_at=NOW,
            updated_at=NOW,
        )
        await papers.store(session=session, papers=[known])
        await sweeps.add(
            session=session, sweep=Sweep(window_from=NOW, window_to=NOW, started_at=NOW)
        )
    return database


@pytest.mark.parametrize("model", [Chat, Paper, Subscription, Sweep, Topic])
async def test_an_object_of_a_row_is_what_a_session_would_have_read(
    filled: Database, model: type[SQLModel]
) -> None:
    def read(connection: Connection) -> SQLModel:
        return loaded(model, connection.execute(select(model)).one())

    made = await filled.read(read)
    async with filled.reading() as session:
        known = (await session.exec(select(model))).one()
    assert made.model_dump() == known.model_dump()
    assert inspect(made).detached
    assert inspect(made).key == inspect(known).key


async def test_an_object_of_a_row_may_be_changed_in_a_session(filled: Database) -> None:
    chat = await filled.read(lambda connection: chats.look_up(connection, telegram_id=7))
    assert chat is not None
    async with filled.transaction() as session:
        session.add(chat)
        chat.push_time = time(7, 30)
    again = await filled.read(lambda connection: chats.look_up(connection, telegram_id=7))
    assert again is not None
    assert (again.id, again.push_time) == (chat.id, time(7, 30))

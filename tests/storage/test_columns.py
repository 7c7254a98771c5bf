"""Columns: moments are stored in UTC and come back with their time zone."""

from datetime import datetime, timedelta, timezone

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import StatementError
from sqlmodel import select

from storage.columns import NaiveDateTimeError, UtcMicroseconds
from storage.database import Database
from storage.models import Chat, ChatKind, ChatState


async def test_a_moment_comes_back_time_zone_aware_and_equal(database: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    async with database.transaction() as session:
        session.add(Chat(telegram_id=-100_123_456_789_012, next_push_at=moment))
    async with database.reading() as session:
        chat = (await session.exec(select(Chat))).one()
    assert chat.next_push_at == moment
    assert chat.next_push_at.tzinfo is not None
    assert chat.kind is ChatKind.PRIVATE
    assert chat.state is ChatState.ACTIVE


async def test_a_naive_moment_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        async with database.transaction() as session:
            session.add(Chat(telegram_id=1, next_push_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point


@pytest.mark.parametrize("url", ["sqlite", "postgresql+psycopg"])
def test_a_moment_that_is_kept_as_a_number_comes_back_to_the_microsecond(url: str) -> None:
    dialect = make_url(f"{url}://").get_dialect()()
    kind = UtcMicroseconds()
    there = datetime(2026, 11, 28, 9, 0, 0, 123_457, tzinfo=timezone(timedelta(hours=8)))
    stored = kind.process_bind_param(there, dialect)
    back = kind.process_result_value(stored, dialect)
    assert back == there
    assert back is not None
    assert back.utcoffset() == timedelta(0)
    assert kind.process_bind_param(None, dialect) is None
    with pytest.raises(NaiveDateTimeError):
        kind.process_bind_param(there.replace(tzinfo=None), dialect)

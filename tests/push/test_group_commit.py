"""Group commit: what is asked for meanwhile is stored together, and each is answered."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing

import pytest
from sqlalchemy import Connection, event, func, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from structlog.testing import capture_logs

from bot.push.group_commit import GroupCommit
from storage.database import Database
from storage.models import Topic
from tests.outside import Outside


def add(connection: Connection, queries: Sequence[str]) -> list[str]:
    for query in queries:
        connection.execute(insert(Topic).values(query=query))
    return [f"{query} is stored" for query in queries]


def count(connection: Connection, asked: Sequence[None]) -> list[int]:
    found = connection.scalar(select(func.count()).select_from(Topic)) or 0
    return [found for _one in asked]


def fail(_connection: Connection, _asked: Sequence[None]) -> list[int]:
    raise KeyError


async def stored(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.exec(select(Topic.query).order_by(col(Topic.id)))).all())


async def test_writes_side_by_side_share_a_transaction_of_at_most_two_hundred(
    database: Database,
) -> None:
    commit = GroupCommit(database)
    commits: list[object] = []
    event.listen(database._in_threads, "commit", commits.append)
    answers = await asyncio.gather(*(commit.write(add, f"topic {n}") for n in range(420)))
    assert answers == [f"topic {n} is stored" for n in range(420)]
    assert len(commits) == 3
    assert len(await stored(database)) == 420
    assert await commit.write(add, "one more") == "one more is stored"
    assert len(commits) == 4


async def test_a_transaction_waits_for_company_where_some_is_expected(database: Database) -> None:
    commit = GroupCommit(database, company=lambda: 0.1)
    commits: list[object] = []
    event.listen(database._in_threads, "commit", commits.append)
    began = time.monotonic()
    first = asyncio.create_task(commit.write(add, "a"))
    await asyncio.sleep(0.05)
    await asyncio.gather(first, commit.write(add, "b"))
    assert len(commits) == 1
    assert time.monotonic() - began >= 0.1


async def test_what_comes_first_is_done_before_what_was_asked_for_earlier(
    database: Database,
) -> None:
    commit = GroupCommit(database, first=(add,))
    counting = asyncio.create_task(commit.write(count, None))
    await asyncio.gather(commit.write(add, "a"), commit.write(add, "b"))
    assert await counting == 2


async def test_a_write_that_fails_is_alone_in_that(database: Database) -> None:
    commit = GroupCommit(database)
    one, two, again, three = await asyncio.gather(
        *(commit.write(add, query) for query in ("a", "b", "a", "c")), return_exceptions=True
    )
    assert (one, two, three) == ("a is stored", "b is stored", "c is stored")
    assert isinstance(again, IntegrityError)
    assert await stored(database) == ["a", "b", "c"]


async def test_who_is_gone_does_not_keep_others_from_their_answer(database: Database) -> None:
    commit = GroupCommit(database)
    for work in (count, fail):
        gone = asyncio.create_task(commit.write(work, None))
        await asyncio.sleep(0)
        stays = asyncio.create_task(commit.write(count, None))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == 0


async def test_what_was_sent_is_written_down_as_soon_as_the_database_lets(
    outside: Outside,
) -> None:
    path = outside.database.path
    assert path is not None
    database = Database(f"sqlite:///{path}", busy_timeout_seconds=0.01)
    commit = GroupCommit(database)
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with capture_logs() as logged:
            writing = asyncio.create_task(commit.write_until_stored(add, "x"))
            await asyncio.sleep(2.5)
            assert not writing.done()
            other.rollback()
            assert await asyncio.wait_for(writing, 3) == "x is stored"
    assert [entry["log_level"] for entry in logged] == ["error"], "said once"
    await database.close()


async def test_what_can_never_be_stored_is_said_at_once(database: Database) -> None:
    commit = GroupCommit(database)
    await commit.write(add, "x")
    with pytest.raises(IntegrityError):
        await asyncio.wait_for(commit.write_until_stored(add, "x"), 1)

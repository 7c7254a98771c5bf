"""What the database promises: schema, transactions, clear words when it can't be used."""

import asyncio
import gc
import sqlite3
import stat
import threading
import time
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy import select as select_any
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, select

from storage import chats, migrations
from storage.columns import utc_now
from storage.database import Database
from storage.database_problem import DatabaseProblem, DatabaseUnavailableError, problem_of
from storage.leader import leader_lock
from storage.models import Chat, ChatKind, Subscription, Topic
from storage.shielded import execute

REVISIONS = Path(migrations.__file__).parent / "versions"


async def test_opening_twice_changes_nothing(database: Database) -> None:
    before = await database.schema()
    await database.open()
    newest = max(file.stem for file in REVISIONS.glob("0*.py"))
    assert await database.schema() == before == newest


async def test_what_is_stored_in_sqlite_survives_a_power_cut(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'paperboy.db'}")
    await database.open()
    async with database.transaction() as session:
        synchronous = (await session.exec(text("PRAGMA synchronous"))).scalar_one()  # type: ignore[call-overload]
    await database.close()
    # 2 is FULL: each commit waits for the disk. 1, NORMAL, would lose the last ones.
    # https://www.sqlite.org/pragma.html#pragma_synchronous
    assert synchronous == 2


async def test_a_failed_transaction_leaves_no_trace(database: Database) -> None:
    async def add_and_fail() -> None:
        async with database.transaction() as session:
            session.add(Chat(telegram_id=1))
            await session.flush()
            raise KeyError

    with pytest.raises(KeyError):
        await add_and_fail()
    async with database.reading() as session:
        assert (await session.exec(select(Chat))).all() == []


@pytest.mark.parametrize("writes", [True, False])
async def test_cancellation_at_any_moment_leaves_no_connection_behind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, writes: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'paperboy.db'}"
    first = Database(url)
    await first.open()
    await first.close()
    took = 0.0
    for moment in range(50):
        database = Database(url)  # each connects anew: that is a moment of its own

        async def use(database: Database = database, moment: int = moment) -> None:
            async with database.transaction() if writes else database.reading() as session:
                await session.exec(select(Chat))
                session.add(Chat(telegram_id=moment))

        began = time.monotonic()
        if not took:
            await use()
            took = time.monotonic() - began
        using = asyncio.create_task(use())
        await asyncio.sleep(took * moment / 40)
        using.cancel()
        await asyncio.sleep(0)
        using.cancel()  # as a shutdown does that has waited long enough
        await asyncio.wait({using})
        await database.close()
    del database, using, use
    gc.collect()  # what was left behind would warn here, and a warning is an error
    assert not caplog.records


async def test_who_comes_after_the_close_leaves_no_connection_behind(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'paperboy.db'}")
    await database.open()
    await database.close()
    async with database.transaction() as session:
        session.add(Chat(telegram_id=1))
    async with database.reading() as session:
        assert len((await session.exec(select(Chat))).all()) == 1
    del database, session
    gc.collect()  # what was left behind would warn here, and a warning is an error


async def test_work_in_a_thread_is_stored_as_a_whole_or_not_at_all(database: Database) -> None:
    def add(connection: Connection, telegram_id: int) -> None:
        now = utc_now()
        connection.execute(
            insert(Chat), [Chat(telegram_id=telegram_id, created_at=now).model_dump(exclude={"id"})]
        )

    def add_and_fail(connection: Connection) -> None:
        add(connection, 2)
        raise KeyError

    await database.write(partial(add, telegram_id=1))
    with pytest.raises(KeyError):
        await database.write(add_and_fail)
    ids = select_any(col(Chat.telegram_id))
    kept = await database.read(lambda connection: connection.scalars(ids).all())
    assert kept == [1]


async def test_work_in_a_thread_reads_one_moment_and_writes_nothing(database: Database) -> None:
    began, written = threading.Event(), threading.Event()

    def count_twice(connection: Connection) -> list[int]:
        counts = [connection.scalar(text("SELECT count(*) FROM chat")) or 0]
        began.set()
        written.wait(5)
        return [*counts, connection.scalar(text("SELECT count(*) FROM chat")) or 0]

    reading = asyncio.create_task(database.read(count_twice))
    await asyncio.to_thread(began.wait, 5)
    async with database.transaction() as session:
        session.add(Chat(telegram_id=1))
    written.set()
    assert await reading == [0, 0]


async def test_a_reading_sees_one_moment_whatever_is_written_meanwhile(
    database: Database,
) -> None:
    async with database.reading() as session:
        assert (await session.exec(select(Chat))).all() == []
        async with database.transaction() as writing:
            writing.add(Chat(telegram_id=1))
        assert (await session.exec(select(Chat))).all() == []
    async with database.reading() as session:
        assert len((await session.exec(select(Chat))).all()) == 1


@pytest.mark.parametrize("hops", [True, False], ids=["in a thread", "on the loop"])
async def test_who_reads_for_too_long_is_stopped_and_loses_nothing(
    database: Database, *, hops: bool
) -> None:
    """A hundred million rows take seconds; the next reader has the connection and its own time."""
    impatient = Database(
        database.url if database.path is None else f"sqlite:///{database.path}", read_seconds=0.2
    )
    every = text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
        " SELECT count(*) FROM n"
    )

    async def count(most: int, *, long: bool = False) -> int:
        if hops:
            return await impatient.read(
                lambda connection: connection.execute(every, {"most": most}).scalar_one(), long=long
            )
        async with impatient.reading(long=long) as session:
            return int((await execute(session, every, {"most": most})).scalar_one())

    for _time in range(2):
        began = time.monotonic()
        with pytest.raises(DBAPIError) as caught:
            await count(100_000_000)
        assert problem_of(caught.value) is DatabaseProblem.SLOW
        assert time.monotonic() - began < 5
        assert await count(10) == 10
    began, most = time.monotonic(), 300_000
    while time.monotonic() - began < 0.3:
        began, most = time.monotonic(), 2 * most
        assert await count(most, long=True) == most
    await impatient.write(lambda connection: chats.expect(connection, chat_id=1, expecting=None))
    await impatient.close()


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.transaction() as session:
            session.add(Subscription(chat_id=1, topic_id=1, label="x"))


async def test_a_chat_takes_its_subscriptions_along(database: Database) -> None:
    async with database.transaction() as session:
        chat = await chats.register(
            session=session, telegram_id=1, thread_id=0, kind=ChatKind.PRIVATE, now=utc_now()
        )
        topic = Topic(query="x")
        session.add(topic)
        await session.flush()
        session.add(Subscription(chat_id=chat.id, topic_id=topic.id, label="x"))
    async with database.transaction() as session:
        await session.delete(await session.get_one(Chat, chat.id))
    async with database.reading() as session:
        assert (await session.exec(select(Subscription))).all() == []


async def test_a_schema_of_a_newer_version_is_refused_and_left_alone(database: Database) -> None:
    async with database.transaction() as session:
        await session.exec(text("UPDATE alembic_version SET version_num = '9999'"))  # type: ignore[call-overload] # SQLModel types only its own statements
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.open()
    assert caught.value.problem is DatabaseProblem.TOO_NEW
    assert caught.value.detail == "9999"


async def test_a_server_s_database_that_is_not_in_utf8_is_refused(postgresql_url: str) -> None:
    server = create_async_engine(
        postgresql_url.replace("postgresql://", "postgresql+psycopg://"),
        isolation_level="AUTOCOMMIT",
    )
    ascii_only = "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
    async with server.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE ascii {ascii_only}"))
    await server.dispose()
    with pytest.raises(DatabaseUnavailableError) as caught:
        await Database(postgresql_url.replace("/postgres?", "/ascii?")).open()
    assert caught.value.problem is DatabaseProblem.NOT_UTF8
    assert caught.value.detail == "SQL_ASCII"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("nonsense", DatabaseProblem.BAD_URL),
        ("mysql://localhost/x", DatabaseProblem.BAD_URL),
        ("", DatabaseProblem.BAD_URL),
        ("sqlite://", DatabaseProblem.BAD_URL),
        ("sqlite:///:memory:", DatabaseProblem.BAD_URL),
        ("sqlite:///file:a?mode=memory&uri=true", DatabaseProblem.BAD_URL),
        ("sqlite:///file::memory:?uri=true", DatabaseProblem.BAD_URL),
        ("postgresql://me@host:port/x", DatabaseProblem.BAD_URL),
        ("postgresql://me:word@[::1/x", DatabaseProblem.BAD_URL),
    ],
)
def test_a_bad_url_is_named(url: str, problem: DatabaseProblem) -> None:
    with pytest.raises(DatabaseUnavailableError) as caught:
        Database(url)
    assert caught.value.problem is problem


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://paperboy:secret-word@127.0.0.1:1/none",
        "postgresql://127.0.0.1:1/none?user=paperboy&password=secret-word",
    ],
)
async def test_a_server_that_is_not_there_is_named_without_its_password(url: str) -> None:
    database = Database(url)
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.open()
    assert caught.value.problem is DatabaseProblem.CANNOT_OPEN
    assert "secret-word" not in str(caught.value)


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    path.write_text("my thesis, only copy " * 100)
    with pytest.raises(DatabaseUnavailableError) as caught:
        await Database(f"sqlite:///{path}").open()
    assert caught.value.problem is DatabaseProblem.CORRUPT
    assert path.read_text().startswith("my thesis")


async def test_a_read_only_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    writable = Database(f"sqlite:///{path}")
    await writable.open()
    await writable.close()
    database = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.open()
    await database.close()
    assert caught.value.problem is DatabaseProblem.READ_ONLY


async def test_a_locked_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "paperboy.db"
    database = Database(f"sqlite:///{path}", busy_timeout_seconds=0.2)
    await database.open()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.open()
    other.execute("ROLLBACK")
    other.close()
    assert caught.value.problem is DatabaseProblem.LOCKED
    await database.open()
    await database.close()


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnavailableError) as caught:
        await Database(f"sqlite:///{tmp_path / 'file' / 'paperboy.db'}").open()
    assert caught.value.problem is DatabaseProblem.CANNOT_OPEN


async def test_nobody_but_its_owner_can_read_the_database_or_what_lies_beside_it(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'data' / 'paperboy.db'}")
    await database.open()
    lead = leader_lock(database)
    assert await lead.take()
    async with database.transaction() as session:
        session.add(Chat(telegram_id=1))
        await session.flush()
        rights = {
            path.name: oct(stat.S_IMODE(path.stat().st_mode))
            for path in (tmp_path / "data").iterdir()
        }
    assert rights == dict.fromkeys(
        ("paperboy.db", "paperboy.db-wal", "paperboy.db-shm", "paperboy.db.lead"), "0o600"
    )
    await lead.give_back()
    await database.close()

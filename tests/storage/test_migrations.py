"""The schema after the migrations, and databases from before the first release."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Connection,
    Inspector,
    MetaData,
    NullPool,
    create_engine,
    func,
    inspect,
    select,
    text,
)

from storage import chats, migrations, opinions, outbox
from storage import database as database_module
from storage.admin_models import Notice
from storage.backups import prepare_restore
from storage.columns import utc_now
from storage.database import Database
from storage.database_problem import DatabaseProblem, DatabaseUnavailableError
from storage.models import ChatKind
from storage.objects import within
from tests.seldom import seldom

SQL = Template((Path(__file__).parent / "last_unreleased_schema.sql").read_text("utf-8"))
WORDS = {
    "sqlite": {"serial": "INTEGER", "moment": "DATETIME", "off": "0"},
    "postgresql": {"serial": "SERIAL", "moment": "TIMESTAMP WITH TIME ZONE", "off": "false"},
}
OLDER = [
    *("0001", "0007"),
    *(
        pytest.param(revision, marks=pytest.mark.slow)
        for revision in ("0002", "0003", "0004", "0005", "0006")
    ),
]
NEWEST = "0015_matches_by_topic"
INDEX = "paper_index"
"""The full-text index: no model tells of it, and SQLite's has tables of its own behind it."""

Rows = dict[str, list[dict[str, Any]]]


@contextmanager
def connected(url: str, **options: Any) -> Iterator[Connection]:
    """Give a connection that is not the program's."""
    address = url.replace("postgresql://", "postgresql+psycopg://")
    with create_engine(address, poolclass=NullPool, **options).begin() as connection:
        yield connection


def make_last_unreleased(url: str, *, revision: str = "0008") -> str:
    """Make a database as the last program from before the first release left it."""
    with connected(url) as connection:
        for statement in SQL.substitute(WORDS[connection.dialect.name]).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.execute(text("UPDATE alembic_version SET version_num = :_"), {"_": revision})
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a database without any tables is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'paperboy.db'}"
    server: str = request.getfixturevalue("postgresql_url")
    with connected(server, isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS unreleased WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE unreleased"))
    return server.replace("/postgres?", "/unreleased?")


def rows(url: str) -> Rows:
    """Return all rows of all tables but Alembic's, SQLite's numbers of deliveries as moments."""
    with connected(url) as connection:
        tables = MetaData()
        tables.reflect(connection)
        return {
            name: [
                _read(name, dict(row))
                for row in connection.execute(
                    table.select().order_by(*table.primary_key)
                ).mappings()
            ]
            for name, table in tables.tables.items()
            if name != "alembic_version" and not name.startswith(INDEX)
        }


def _read(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - as SQLite's moments are read without a model
    return {
        column: epoch + timedelta(microseconds=value)
        if table in {"delivery", "match", "fresh_batch"}
        and column.endswith("_at")
        and isinstance(value, int)
        else value
        for column, value in row.items()
    }


def kept(found: Rows, before: Rows) -> Rows:
    """Return of all rows that are found what the tables and columns of `before` had."""
    return {
        name: [
            {column: row[column] for column in old}
            for row, old in zip(found[name], before[name], strict=True)
        ]
        for name in before
        if name != "fresh_match"  # what it noted became deliveries
    }


def asked_again(before: Rows) -> Rows:
    """Return the rows as an upgrade leaves them: arXiv is to be asked anew for every topic."""
    topic = [{**row, "backfilled_at": None} for row in before["topic"]]
    return {
        **{name: kept for name, kept in before.items() if name != "fresh_match"},
        "topic": topic,
    }


def files(folder: Path) -> dict[str, bytes]:
    """Return all files there."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def differences(connection: Connection) -> list[object]:
    """Return what Alembic would change to make a database what the models say."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _parents: kind != "table" or not name.startswith(INDEX),
    }
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Notice.metadata))


def described(connection: Connection, schema: str | None) -> dict[str, Any]:
    """Return all that a database tells of its tables, also what Alembic does not compare."""
    inspector = inspect(connection)
    told: list[Callable[..., Any]] = [
        Inspector.get_multi_columns,
        Inspector.get_multi_pk_constraint,
        Inspector.get_multi_foreign_keys,
        Inspector.get_multi_unique_constraints,
        Inspector.get_multi_indexes,
        Inspector.get_multi_check_constraints,
    ]
    return {
        f"{tell.__name__} {table}": _plain(entry)
        for tell in told
        for (_schema, table), entry in tell(inspector, schema=schema).items()
        if table != "alembic_version" and not table.startswith(INDEX)
    }


def _plain(told: Any) -> Any:
    match told:
        case dict():
            # Where a table lies is no part of what it is; a sequence says it in its name, too.
            return {
                name: _plain(value)
                for name, value in told.items()
                if name not in {"referred_schema", "comment"}
            }
        case list() | tuple():
            return sorted(map(_plain, told), key=str)
        case _:
            return str(told).replace("models.", "")


async def test_migrated_schema_is_the_models(database: Database) -> None:
    async with database.reading() as session:
        connection = await session.connection()
        assert await connection.run_sync(differences) == []


async def test_migrated_schema_equals_tables_made_from_the_models(empty_url: str) -> None:
    """Also the conditions of indexes and what a deleted row does to others."""
    database = Database(empty_url)
    await database.open()
    await database.close()
    with connected(empty_url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ATTACH ':memory:' AS models")
        else:
            connection.exec_driver_sql("CREATE SCHEMA models")
        Notice.metadata.create_all(
            connection.execution_options(schema_translate_map={None: "models"})
        )
        made, migrated = described(connection, "models"), described(connection, None)
    assert len(migrated) == 6 * 23, "six things are told of each of 23 tables"
    assert migrated == made


async def test_last_unreleased_database_is_stamped_and_keeps_every_row(empty_url: str) -> None:
    before = rows(make_last_unreleased(empty_url))
    assert all(before.values())
    missing = {"spelling", "inbox", "fresh_batch", "topic_week", "week_note", "seed"}
    missing |= {"delivered_paper", "paper_topic"}
    assert set(before) == set(Notice.metadata.tables) - missing | {"fresh_match"}
    database = Database(empty_url)
    await database.open()
    assert await database.schema() == NEWEST
    async with database.reading() as session:
        assert await (await session.connection()).run_sync(differences) == []
    await database.close()
    assert kept(rows(empty_url), before) == asked_again(before)


async def test_matches_that_were_noted_by_paper_are_owed_by_the_upgrade(empty_url: str) -> None:
    """To whom they were still to be owed: not the chats before, the blocked or the late."""
    make_last_unreleased(empty_url)
    with connected(empty_url) as connection:
        connection.execute(text("DELETE FROM delivery"))
        connection.execute(text("DELETE FROM subscription"))
        connection.execute(text("UPDATE chat SET state = 'active' WHERE id < 3"))
        for chat_id, topic_id, moment in ((1, 2, 29), (2, 2, 29), (3, 2, 29), (2, 1, 31)):
            connection.execute(
                text(
                    "INSERT INTO subscription (chat_id, topic_id, label, created_at, position,"
                    " muted, paused) VALUES (:chat, :topic, 'a', :moment, 0, :no, :no)"
                ),
                {
                    "chat": chat_id,
                    "topic": topic_id,
                    "moment": f"2026-10-{moment} 01:00:00.000000",
                    "no": False,
                },
            )
        connection.execute(text("UPDATE chat SET state = 'blocked' WHERE id = 3"))
    database = Database(empty_url)
    await database.open()
    await database.close()
    [owed] = rows(empty_url)["delivery"]
    assert (owed["chat_id"], owed["paper_id"], owed["state"]) == (2, "2610.00001", "pending")


async def test_last_unreleased_database_goes_on_working(empty_url: str) -> None:
    database = Database(make_last_unreleased(empty_url))
    await database.open()
    now = utc_now()
    async with database.transaction() as session:
        newcomer = await chats.register(
            session=session, telegram_id=5, thread_id=0, kind=ChatKind.PRIVATE, now=now
        )
        assert newcomer.id == 4
        [waiting] = await outbox.pending(session=session, chat_id=1, now=now)
        assert (waiting.paper.title, waiting.delivery.attempts) == ("A NeRF", 2)
        [kept] = await within(
            session, lambda connection: opinions.find_saved(connection, chat_id=1)
        )
        assert (kept.paper.abstract, kept.note) == ("We study $\\alpha$ fields.", "read this")
        await chats.forget(session=session, chat_id=1)
    await database.close()
    left = rows(empty_url)
    assert [row["id"] for row in left["delivery"]] == [3]
    assert left["saved_paper"] == left["vote"] == left["manager"] == []


@pytest.mark.parametrize("revision", OLDER)
async def test_older_unreleased_database_is_refused_and_left_alone(
    empty_url: str, tmp_path: Path, revision: str
) -> None:
    url = make_last_unreleased(empty_url, revision=revision)
    before, written = rows(url), files(tmp_path)
    database = Database(url)
    with pytest.raises(DatabaseUnavailableError) as caught:
        await database.open()
    assert caught.value.problem is DatabaseProblem.TOO_OLD
    assert caught.value.detail == revision
    assert files(tmp_path) == written
    assert rows(url) == before
    assert await database.schema() == revision
    await database.close()


async def test_restored_backup_of_the_last_unreleased_schema_keeps_every_row(
    tmp_path: Path,
) -> None:
    before = rows(make_last_unreleased(f"sqlite:///{tmp_path / 'backup.db'}"))
    async with prepare_restore(
        tmp_path / "backup.db", tmp_path / "paperboy.db", progress=lambda *_: None
    ) as fresh:
        assert kept(rows(f"sqlite:///{fresh}"), before) == asked_again(before)
        database = Database(f"sqlite:///{fresh}")
        assert await database.schema() == NEWEST
        await database.close()


@pytest.mark.parametrize("revision", OLDER)
async def test_older_unreleased_backup_is_not_restored(tmp_path: Path, revision: str) -> None:
    backup, place = tmp_path / "backup.db", tmp_path / "paperboy.db"
    make_last_unreleased(f"sqlite:///{backup}", revision=revision)
    place.write_bytes(b"what is there")
    before = files(tmp_path)
    with pytest.raises(DatabaseUnavailableError) as caught:
        async with prepare_restore(backup, place, progress=lambda *_: None):
            pass
    assert caught.value.problem is DatabaseProblem.TOO_OLD
    assert caught.value.detail == revision
    assert files(tmp_path) == before


def test_a_migration_s_file_bears_its_revision() -> None:
    """The start tells the newest schema by these, without Alembic."""
    for file in (Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"):
        assert f'revision = "{file.stem}"' in file.read_text("utf-8").splitlines()


def fill_what_is_empty(connection: Connection) -> None:
    """Put a row into every table without one; what points somewhere points to a row there."""
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name.startswith((INDEX, "alembic")) or connection.scalar(
            select(func.count()).select_from(table)
        ):
            continue
        values: dict[str, Any] = {}
        for column in table.columns:
            if column.autoincrement is True or column.nullable:
                continue
            if key := next(iter(column.foreign_keys), None):
                values[column.name] = connection.scalar(select(key.column).limit(1))
            elif isinstance(column.type, JSON):
                values[column.name] = []
            else:
                kind = column.type.python_type
                values[column.name] = utc_now() if kind is datetime else kind("1")
        connection.execute(table.insert().values(values))


def counts(found: Rows) -> dict[str, int]:
    """Return how many rows each table has; notes of what is to be owed become deliveries."""
    return {name: len(some) for name, some in found.items() if name != "fresh_match"}


def upgrade_to(url: str, revision: str) -> None:
    """Upgrade as the program does, but only so far, with foreign keys on: no rows may need it."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    with connected(url) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


@pytest.mark.parametrize(
    "restored_from",
    [
        pytest.param({"0001_initial_schema", NEWEST}, id="first-and-newest"),
        pytest.param(set(database_module._KNOWN), id="each", marks=pytest.mark.slow),
    ],
)
async def test_no_revision_loses_a_row_of_any_table(
    empty_url: str, tmp_path: Path, restored_from: set[str]
) -> None:
    """Upgraded step by step, and where it is a file restored from backups on the way as well."""
    make_last_unreleased(empty_url)
    with connected(empty_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001_initial_schema'"))
    before: dict[str, int] = {}
    for revision in database_module._KNOWN:
        upgrade_to(empty_url, revision)
        assert counts(rows(empty_url)).items() >= before.items(), revision
        with connected(empty_url) as connection:
            fill_what_is_empty(connection)
        before = counts(rows(empty_url))
        assert all(before.values()), revision
        if empty_url.startswith("sqlite") and revision in restored_from:
            backup, place = tmp_path / "backup.db", tmp_path / "new.db"
            shutil.copy(tmp_path / "paperboy.db", backup)
            async with prepare_restore(backup, place, progress=lambda *_: None) as fresh:
                restored = counts(rows(f"sqlite:///{fresh}"))
            assert restored.items() >= before.items(), revision
    database = Database(empty_url)
    await database.open()
    await database.close()
    assert counts(rows(empty_url)).items() >= before.items()


MADE_ANEW = """
from alembic import op
revision = "9999_another"
down_revision = "{newest}"
def upgrade():
    with op.batch_alter_table("{table}", recreate="always"):
        pass
    {more}
"""


@pytest.fixture
def another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what adds a migration to those that there are."""

    def add(table: str, more: str = "pass") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(Path(migrations.__file__).parent, folder)
        source = MADE_ANEW.format(newest=NEWEST, table=table, more=more)
        (folder / "versions" / "9999_another.py").write_text(source)
        known = [*database_module._KNOWN, "9999_another"]
        monkeypatch.setattr(database_module, "_MIGRATIONS", folder)
        monkeypatch.setattr(database_module, "_KNOWN", known)

    return add


@pytest.mark.parametrize("table", seldom(["chat", "topic", "paper", "broadcast"]))
async def test_a_table_made_anew_takes_nothing_with_it(
    empty_url: str, another: Callable[..., None], table: str
) -> None:
    if empty_url.startswith("postgresql"):
        return  # it refuses to drop what others point to
    before = rows(make_last_unreleased(empty_url))
    another(table)
    database = Database(empty_url)
    await database.open()
    async with database.reading() as session:
        connection = await session.connection()
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
    await database.close()
    assert counts(rows(empty_url)).items() >= counts(before).items()


async def test_a_migration_that_would_lose_rows_is_undone_and_said(
    empty_url: str, another: Callable[..., None]
) -> None:
    before = rows(make_last_unreleased(empty_url))
    another("spelling", 'op.execute("DELETE FROM vote")')
    database = Database(empty_url)
    with pytest.raises(DatabaseUnavailableError, match="vote would keep 0 of its"):
        await database.open()
    assert rows(empty_url) == before
    assert await database.schema() == "0008"
    await database.close()

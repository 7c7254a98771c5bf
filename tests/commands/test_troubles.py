"""What a person can get wrong, or the world: one clear line, exit 1, and nothing is changed."""

import asyncio
import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.commands.paperboy import Ended, Paperboy
from tests.seldom import seldom

WRONG_TOKEN = "123456789:AAF-a-token-that-nobody-knows_abcdefgh"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def database(paperboy: Paperboy, empty_database: Path) -> Paperboy:
    """Paperboy with a database that was used before."""
    paperboy.database.parent.mkdir(exist_ok=True)
    shutil.copy(empty_database, paperboy.database)
    return paperboy


def failed_with_one_line(ended: Ended, *words: str) -> bool:
    (line,) = ended.complaints
    assert ended.out == ""
    assert ended.code == 1
    assert all(word in line for word in words), line
    return True


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TELEGRAM_BOT_TOKEN", "hunter2", ["BotFather", "For example: TELEGRAM_BOT_TOKEN=1234"]),
        ("SWEEP_SCHEDULE", "daily", ["five fields", "For example: SWEEP_SCHEDULE=17 1"]),
        ("SEND_RAET", "3", ["did you mean SEND_RATE"]),
        ("DEFAULT_LANGUAGE", "klingon", ["klingon", "For example: DEFAULT_LANGUAGE=zh-CN"]),
    ],
)
async def test_a_bad_setting_is_refused_with_its_problem_and_an_example(
    paperboy: Paperboy, name: str, value: str, words: list[str]
) -> None:
    ended = await paperboy("run", **{name: value})
    assert failed_with_one_line(ended, f"{name}: ", *words)
    assert not paperboy.database.exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"TELEGRAM_BOT_TOKEN": WRONG_TOKEN}, ["TELEGRAM_BOT_TOKEN", "does not know this token"]),
        ({"TELEGRAM_API_URL": NOWHERE}, ["Telegram does not answer at http://127.0.0.1:9: "]),
    ],
)
async def test_a_telegram_that_does_not_let_us_in_is_one_line(
    paperboy: Paperboy, settings: dict[str, str], words: list[str]
) -> None:
    ended = await paperboy("run", **settings)
    assert failed_with_one_line(ended, *words)
    assert "error" not in ended.err, "no connection is left open, which aiohttp would say"


async def test_an_arxiv_that_does_not_answer_is_one_line_and_changes_nothing(
    paperboy: Paperboy,
) -> None:
    await paperboy.follow(5, "nerf")
    paperboy.arxiv.down = True
    ended = await paperboy("sweep")
    assert ended.code == 1
    (line,) = ended.complaints
    assert "arXiv gave no answer, and nothing was changed: HTTP 503, asked 5 times at" in line
    assert paperboy.sql("SELECT count(*) FROM paper") == [(0,)]


@pytest.mark.parametrize(
    "address",
    seldom(
        [
            "no.such.host.invalid:9464",
            "203.0.113.7:9464",
            "a..b:9464",
            "[fe80::1%x]:9464",
            "[1:2]:9464",
        ]
    ),
)
async def test_an_address_that_cannot_be_listened_on_is_one_line(
    paperboy: Paperboy, address: str
) -> None:
    ended = await paperboy("run", METRICS_LISTEN=address)
    assert failed_with_one_line(ended, "METRICS_LISTEN")


@pytest.mark.parametrize(
    "command", [("run",), ("sweep",), ("backup", "copy.db"), ("restore", "copy.db")]
)
async def test_a_database_s_address_without_a_port_is_one_line(
    paperboy: Paperboy, command: tuple[str, ...]
) -> None:
    ended = await paperboy(*command, DATABASE_URL="postgresql://me:secret-word@host:port/x")
    assert failed_with_one_line(ended, "not a URL")
    assert "secret-word" not in ended.err


async def test_a_key_in_an_address_is_told_by_no_command(paperboy: Paperboy) -> None:
    there = {"ARXIV_API_URL": f"{NOWHERE}/query?key=hidden-word"}
    telegram = {"TELEGRAM_API_URL": f"{NOWHERE}/hidden?auth=hidden-word"}
    for command, settings in (("sweep", there), ("run", telegram), ("check", there | telegram)):
        ended = await paperboy(command, **settings)
        assert ended.code == 1
        assert "hidden-word" not in ended.out + ended.err
        assert NOWHERE in ended.out + ended.err


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("sqlite:////dev/null/paperboy.db", ["/dev/null/paperboy.db", "does the place exist"]),
        ("sqlite:///.env", [".env", "file is not a database", "restore a backup"]),
    ],
)
async def test_a_database_that_is_none_is_one_line(
    paperboy: Paperboy, url: str, words: list[str]
) -> None:
    ended = await paperboy("run", DATABASE_URL=url)
    assert failed_with_one_line(ended, "The database can't be used: ", *words)


async def test_a_read_only_database_is_one_line(database: Paperboy) -> None:
    before = database.database.read_bytes()
    url = "sqlite:///file:data/paperboy.db?mode=ro&uri=true"
    ended = await database("run", DATABASE_URL=url)
    assert failed_with_one_line(ended, "readonly", "has to write to it")
    assert database.database.read_bytes() == before


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        ("9999", ["9999 (its schema is of a newer Paperboy; update this one)"]),
        ("0007", ["0007 (its schema is from before version 0.1.0; ", "of commit b5c012c upgrades"]),
    ],
)
async def test_a_database_of_another_schema_is_one_line(
    database: Paperboy, revision: str, words: list[str]
) -> None:
    database.sql(f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 - it is ours
    before = database.database.read_bytes()
    assert failed_with_one_line(await database("run"), *words)
    assert database.database.read_bytes() == before


@pytest.mark.slow
async def test_a_locked_database_stops_every_command_but_backup(database: Paperboy) -> None:
    commands = (
        ("run",),
        ("sweep",),
        ("digest", "--query", "nerf"),
        ("check",),
        ("backup", "copy.db"),
    )
    with contextlib.closing(sqlite3.connect(database.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        *stopped, check, backup = await asyncio.gather(
            *(database(*command, LOG_FORMAT="json") for command in commands)
        )
    for ended in stopped:
        assert ended.code == 1
        (line,) = map(json.loads, ended.err.splitlines())
        assert "database is locked" in line["event"]
        assert "try again" in line["event"]
    assert check.code == 1
    assert [line[0] for line in check.out.splitlines()] == ["✓", "✗", "✓", "✓", "✓", "✓"]
    assert backup.code == 0

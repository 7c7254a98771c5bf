"""PostgreSQL's own tools keep its data, as docs/deploy.md says."""

import asyncio
import re
from pathlib import Path

import pytest

from storage.database import Database
from storage.models import Chat

PAGE = Path(__file__).parents[2] / "docs" / "deploy.md"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
async def test_what_the_page_says_of_pg_dump_brings_everything_back(
    database: Database, postgresql_url: str, tmp_path: Path
) -> None:
    pgserver = pytest.importorskip("pgserver")
    tools = Path(pgserver.__file__).parent / "pginstall" / "bin"
    name = database.url.partition("?")[0].rpartition("/")[2]
    url = postgresql_url.replace("/postgres?", f"/{name}?")
    commands = re.findall(r"^    (pg_\w+) (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    dump, restore = (
        (tools / tool, [re.sub(r"postgresql:\S+", url, word) for word in words.split()])
        for tool, words in commands
    )

    async def run(tool: Path, arguments: list[str]) -> None:
        process = await asyncio.create_subprocess_exec(tool, *arguments, cwd=tmp_path)
        assert await process.wait() == 0

    async with database.transaction() as session:
        session.add(Chat(telegram_id=5))
    await run(*dump)
    async with database.transaction() as session:
        session.add(Chat(telegram_id=6))
    await run(*restore)
    async with database.reading() as session:
        connection = await session.connection()
        found = await connection.exec_driver_sql("SELECT telegram_id FROM chat")
        assert [tuple(row) for row in found] == [(5,)]
    await database.open()

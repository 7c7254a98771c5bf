"""The way of a push through the code: few files, to be read from one end to the other."""

import sys
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, event
from sqlmodel import SQLModel

from storage.columns import utc_now
from tests.outside import Outside
from tests.push.test_worker import paper

ROOT = Path(__file__).parents[2]


async def test_a_push_passes_through_at_most_fifteen_files(outside: Outside) -> None:
    _ada, chat = await outside.person("Ada", last_push_on=date(2026, 11, 1))  # as on most days
    await outside.follow(chat, "splatting")
    await outside.owe("splatting", [paper(1, "Splatting")])
    await outside.due(chat)
    seen: dict[str, None] = {}

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        place = Path(frame.f_code.co_filename)
        if event == "call" and place.is_relative_to(ROOT):
            seen[str(place.relative_to(ROOT))] = None

    sys.setprofile(note)
    try:
        assert await outside.pusher.push_due(now=utc_now()) == 1
    finally:
        sys.setprofile(None)
    # The fake Telegram runs in this process as well; tables and the routes of buttons are
    # declarations, not steps, and below each statement SQLAlchemy comes back for how a transaction
    # begins and a session is shielded, and python-telegram-bot for how a request is sent.
    no_steps = {"storage/columns.py", "storage/models.py"}
    no_steps |= {"storage/engines.py", "storage/shielded.py", "bot/telegram/http_transport.py"}
    no_steps |= {"bot/http/client.py", "bot/telegram/callback_data.py"}
    passed = [
        file
        for file in seen
        if file.startswith(("bot/", "storage/"))
        and "playground" not in file
        and file not in no_steps
    ]
    assert len(passed) <= 15, passed


async def test_no_statement_of_a_push_reads_a_whole_table(outside: Outside) -> None:
    """A push to a hundred chats must not read what a hundred thousand others are owed."""
    _ada, chat = await outside.person("Ada")
    await outside.follow(chat, "splatting")
    await outside.owe("splatting", [paper(1, "Splatting")])
    await outside.due(chat)
    plans: dict[str, list[str]] = {}

    def explain(
        connection: Connection,
        _cursor: Any,
        statement: str,
        parameters: Any,
        _context: Any,
        _many: Any,
    ) -> None:
        driver = connection.connection.driver_connection
        if statement.lstrip().startswith(("SELECT", "UPDATE", "WITH")) and driver is not None:
            given = parameters[0] if isinstance(parameters, list) else parameters
            rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", given).fetchall()
            plans[statement] = [str(row[3]) for row in rows]

    engine = outside.database._in_threads  # nothing else sees the statements
    event.listen(engine, "before_cursor_execute", explain)
    try:
        assert await outside.pusher.push_due(now=utc_now()) == 1
    finally:
        event.remove(engine, "before_cursor_execute", explain)
    tables = tuple(f"SCAN {name}" for name in SQLModel.metadata.tables)
    scans = {
        statement: step
        for statement, steps in plans.items()
        for step in steps
        if step.startswith(tables)
    }
    assert any(statement.startswith("WITH pair") for statement in plans)
    assert not scans

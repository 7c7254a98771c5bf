"""The log: one calm line an event for people, JSON for machines, and no secret for anybody."""

import json
from pathlib import Path

import pytest

from tests.commands.paperboy import python

TOKEN = "7000000042:AAsecret-half"
PASSWORD = 'pass"wörd/with\\signs'

SCRIPT = f"""
import logging, sys
import structlog
from bot import log

log.configure(level="INFO", style=sys.argv[1], secrets=[{TOKEN!r}, {PASSWORD!r}, "AAsecret-half"])
ours = structlog.get_logger("bot.some.module")
ours.info("swept", found=3, error="one line\\nand another", password={PASSWORD!r})
ours.info("asked https://telegram/bot{TOKEN}/getMe\\nand again", url="x?key=AAsecret-half")
ours.debug("not heard")
logging.getLogger("httpx").info("not heard")
logging.getLogger("apscheduler").warning("heard of {TOKEN}")
try:
    said_in_private = "hush"
    raise ValueError({TOKEN!r})
except ValueError:
    ours.exception("a job failed", job="sweep")
log.tell("it ended with {TOKEN}")
"""


async def test_people_read_one_line_an_event(tmp_path: Path) -> None:
    ended = await python("-c", SCRIPT, "console", folder=tmp_path)
    events, traceback = ended.err.split("Traceback")
    expected = (
        "[info     ] swept   ",
        "[info     ] asked https://telegram/bot[secret]/getMe and again",
        "[warning  ] heard of [secret]",
        "[error    ] a job failed   ",
    )
    for line, start in zip(events.splitlines(), expected, strict=True):
        assert line[21:].startswith(start)
    assert r"error='one line\nand another' found=3" in events
    assert "\n  ValueError\n" in traceback, "what an error says may quote anything"
    assert traceback.endswith("\nit ended with [secret]\n")


async def test_machines_read_json(tmp_path: Path) -> None:
    ended = await python("-c", SCRIPT, "json", folder=tmp_path)
    lines = [json.loads(line) for line in ended.err.splitlines()]
    assert [line["level"] for line in lines] == ["info", "info", "warning", "error", "error"]
    assert lines[0]["found"] == 3
    [error] = lines[3]["exception"]
    assert (error["exc_type"], error["exc_value"]) == ("ValueError", "")
    assert lines[4]["event"] == "it ended with [secret]"


@pytest.mark.parametrize("style", ["console", "json"])
async def test_no_secret_and_nobody_s_words_are_in_any_line(tmp_path: Path, style: str) -> None:
    ended = await python("-c", SCRIPT, style, folder=tmp_path)
    assert ended.err.count("[secret]") >= 5
    for hidden in ("AAsecret-half", PASSWORD, "rd/with", "hush\n", "not heard"):
        assert hidden not in ended.err


HOSTILE = """
import structlog, sys
from bot import log

log.configure(level="INFO", style=sys.argv[1])
ours = structlog.get_logger("bot.some.module")
forged = "\\n2026-11-26 02:00:00Z [info     ] Paperboy is running"
esc, csi, rtl, nel = "\\x1b[2J", "\\x9b31m", "\\u202egnp", "\\x85"
ours.warning("refused" + forged + esc, reason=forged + esc, short=esc + csi + rtl + nel)
try:
    raise ValueError(forged + esc + "\\r\\x85\\u2028" + forged)
except ValueError:
    ours.exception("a job failed")
log.tell("no folder " + esc + csi + "\\r")
"""


@pytest.mark.parametrize("style", ["console", "json"])
async def test_no_title_name_or_answer_can_forge_a_line_or_steer_a_terminal(
    tmp_path: Path, style: str
) -> None:
    ended = await python("-c", HOSTILE, style, folder=tmp_path)
    begun = [line for line in ended.err.split("\n") if line.startswith(("2026", "20", "{"))]
    assert len(begun) == (2 if style == "console" else 3)
    assert all("forged" not in line and "] Paperboy is" not in line[:45] for line in begun)
    assert not [one for one in ended.err if one in "\x1b\x9b\u202e\x85\r\u2028\x07"]
    assert "[2J" in ended.err, "it is told, and harmless"


WORDS = """
import structlog, sys
from bot import log

log.configure(level="DEBUG", style=sys.argv[1])
ours = structlog.get_logger("bot.some.module")
words = " ".join(["my", "private", "query"])
try:
    try:
        {}[words]
    except KeyError as error:
        error.add_note("said: " + words)
        raise ValueError("no such topic: " + words) from error
except ValueError:
    ours.exception("a job failed")
try:
    open("/no/such/" + "folder")
except OSError:
    ours.exception("a job failed")
"""


@pytest.mark.parametrize("style", ["console", "json"])
async def test_no_error_is_quoted_whoever_wrote_what_it_says(tmp_path: Path, style: str) -> None:
    ended = await python("-c", WORDS, style, folder=tmp_path)
    assert "private query" not in ended.err
    for kind in ("KeyError", "ValueError", "FileNotFoundError"):
        assert kind in ended.err

"""What is said before any command runs."""

from importlib.metadata import version
from pathlib import Path

import pytest

from tests.commands.paperboy import python

COMMANDS = ("run", "playground", "sweep", "push", "digest", "check", "backup")

LOOK = """
import sys
from bot.cli import main
try:
    main(["--help"])
except SystemExit as end:
    heavy = {"asyncio", "sqlalchemy", "telegram", "pydantic", "arxiv", "tornado", "structlog"}
    sys.exit(f"imported {heavy & set(sys.modules)}" if heavy & set(sys.modules) else end.code)
"""


async def test_help_names_every_command_and_imports_nothing_heavy(tmp_path: Path) -> None:
    ended = await python("-c", LOOK, folder=tmp_path)
    assert ended.code == 0, ended.err
    for command in COMMANDS:
        assert f"\n    {command} " in ended.out or f"\n    {command}\n" in ended.out


async def test_the_version_is_the_package_s(tmp_path: Path) -> None:
    ended = await python("-m", "bot", "--version", folder=tmp_path)
    assert (ended.code, ended.out) == (0, f"paperboy {version('paperboy-bot')}\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "arguments are required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["playground", "--port", "70000"], "70000 is no port"),
        (["digest", "--chat", "5", "--query", "nerf"], "not allowed with argument --chat"),
    ],
)
async def test_what_is_no_command_is_refused_with_the_usage(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    ended = await python("-m", "bot", *arguments, folder=tmp_path)
    assert ended.code == 2
    assert ended.err.startswith("usage: paperboy")
    assert words in ended.err


ENDING = """
import atexit, sys
from bot.cli import program

class Large:
    def __del__(self):
        print("taken apart")

sys.large = Large()
sys.argv = ["paperboy", *ARGUMENTS]
atexit.register(print, "closed")
program()
"""


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["dance"], 2)])
async def test_once_all_is_closed_the_process_is_gone(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    """To take a bot apart costs half a second of a core, which a stop has no time for."""
    ended = await python("-c", ENDING.replace("ARGUMENTS", repr(arguments)), folder=tmp_path)
    assert ended.code == code
    assert ended.out.endswith("closed\n")
    assert "taken apart" not in ended.out


@pytest.mark.parametrize(
    "zone",
    [
        *(":/etc/passwd", "Mars/No"),
        *(
            pytest.param(zone, marks=pytest.mark.slow, id=zone[:20])
            for zone in ("/etc/passwd", "../../etc/passwd", "UTC-99", ".", "/", "a" * 5000)
        ),
    ],
)
async def test_a_machine_s_time_zone_that_is_none_starts_every_command_all_the_same(
    tmp_path: Path, zone: str
) -> None:
    program = f"import os\nos.environ['TZ'] = {zone!r}\nfrom bot.cli import program\nprogram()"
    ended = await python("-c", program, "publish", folder=tmp_path)
    assert ended.code == 1
    assert ended.err == "PUBLISH_DIR is not set, so there is no folder to publish to\n"

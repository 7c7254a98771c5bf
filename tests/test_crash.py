"""Killed at any instant, the bot loses nothing, and repeats at most what was in flight."""

import re
from pathlib import Path

import pytest

from tests.commands.paperboy import ROOT, python

SHORT = ("--chats", "10", "--rate", "10", "--life", "1.6")


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.slow)])
async def test_nothing_is_lost_by_a_bot_that_is_killed_again_and_again_on_a_bad_day(
    tmp_path: Path, kills: int
) -> None:
    """The short version of a benchmark, whose long one is written down in benchmarks/README.md."""
    crash = str(ROOT / "benchmarks" / "crash.py")
    ended = await python(crash, "--kills", str(kills), *SHORT, folder=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert f"{kills} kills" in ended.out
    assert re.search(r"^lost: 0$", ended.out, re.MULTILINE)

"""Killed at any instant, the bot loses nothing, and repeats at most what was in flight."""

import re
from pathlib import Path

from tests.commands.paperboy import ROOT, python

SHORT = ("--kills", "10", "--chats", "10", "--rate", "10", "--life", "1.6")


async def test_nothing_is_lost_by_a_bot_that_is_killed_again_and_again_on_a_bad_day(
    tmp_path: Path,
) -> None:
    """The short version of a benchmark, whose long one is written down in benchmarks/README.md."""
    ended = await python(str(ROOT / "benchmarks" / "crash.py"), *SHORT, folder=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "10 kills" in ended.out
    assert re.search(r"^lost: 0$", ended.out, re.MULTILINE)

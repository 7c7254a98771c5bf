"""Whatever strangers tap and type, nothing fails or is refused, and nobody else is touched."""

from pathlib import Path

import pytest

from tests.commands.paperboy import ROOT, python


@pytest.mark.slow
async def test_random_taps_and_words_break_nothing_and_touch_nobody_else(tmp_path: Path) -> None:
    """The short version of a benchmark, whose long one is written down in benchmarks/README.md."""
    wander = str(ROOT / "benchmarks" / "wander.py")
    ended = await python(wander, "--sequences", "50", folder=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "50 sequences" in ended.out

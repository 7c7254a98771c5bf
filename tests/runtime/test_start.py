"""A start: what it does not load."""

import subprocess
import sys

NOT_NEEDED = ("arxiv", "bs4", "deep_translator", "feedparser", "requests", "selenium", "sklearn")

SCRIPT = f"""
import sys
import bot.commands.run
from bot.container import engines
from bot.settings import load

assert len(engines(load(None, translators="google,mymemory"))) == 2
print(sorted(set(sys.modules) & set({NOT_NEEDED!r})))
"""


def test_what_arxiv_and_the_engines_are_asked_with_is_not_loaded_before_they_are_asked() -> None:
    """A tenth of the memory of a bot that waits, and of what its start takes."""
    loaded = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert (loaded.stdout, loaded.stderr) == ("[]\n", "")

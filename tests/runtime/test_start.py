"""A start: what it does not load, and where its threads run."""

import os
import subprocess
import sys
import threading

import pytest

from bot.runtime.threads import stay_on_one_core, switch_often

NOT_NEEDED = (
    "arxiv",
    "bot.translation.checks.validation",
    "bot.translation.exchange",
    "bs4",
    "deep_translator",
    "feedparser",
    "latex2mathml",
    "prometheus_client",
    "pypinyin",
    "requests",
    "selenium",
    "sklearn",
    "sqlalchemy.dialects.postgresql",
    "tornado",
    "tzfpy",
)

SCRIPT = f"""
import sys
import bot.commands.run
from bot.container import engines
from bot.settings.model import load

assert len(engines(load(None, translators="google,mymemory"))) == 2
print(sorted(set(sys.modules) & set({NOT_NEEDED!r})))
"""


def test_what_not_every_bot_needs_is_not_loaded_before_it_is_needed() -> None:
    """A tenth of the memory of a bot that waits, and of what its start takes."""
    loaded = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert (loaded.stdout, loaded.stderr) == ("[]\n", "")


def test_no_garbage_is_looked_for_while_a_command_is_imported() -> None:
    script = """
import gc
from bot.cli import main
looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
code = main(["check"])
print(code, len(looks) < 10, gc.isenabled(), gc.get_freeze_count() > 0)
"""
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/nowhere", "SEND_RATE": "no number"},
    )
    assert ended.stdout == "1 True True True\n"
    assert "SEND_RATE" in ended.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps threads on a core")
def test_the_threads_that_are_begun_after_it_stay_on_one_core() -> None:
    before = os.sched_getaffinity(0)
    after: list[set[int]] = []
    inner = threading.Thread(target=lambda: after.append(os.sched_getaffinity(0)))

    def outer() -> None:
        stay_on_one_core()
        inner.start()
        inner.join()

    thread = threading.Thread(target=outer)
    thread.start()
    thread.join()
    assert len(after[0]) == 1
    assert after[0] <= before
    assert os.sched_getaffinity(0) == before


def test_a_thread_that_computes_hands_the_interpreter_on_within_half_a_millisecond() -> None:
    before = sys.getswitchinterval()
    try:
        switch_often()
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    finally:
        sys.setswitchinterval(before)


def test_paperboy_run_keeps_to_one_core_and_lets_no_thread_keep_the_interpreter() -> None:
    script = """
import os
import sys
from bot.cli import main
from bot.commands import run

def opened(_settings):
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    sys.exit(f"{cores} core, {sys.getswitchinterval()} s")

run.open_container = opened
main(["run"])
"""
    ended = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/nowhere", "TELEGRAM_BOT_TOKEN": "1:" + "a" * 35},
    )
    assert ended.stderr == "1 core, 0.0005 s\n"

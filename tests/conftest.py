"""How the tests run: what is made ready for all of them, and in which order they come."""

import contextlib
import gc
import importlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, settings

_ROOT = Path(__file__).parent.parent
_PLUGINS = (
    "aiogram_models",  # before anybody imports aiogram
    "compiled_statements",
    "fixtures",
    "databases",
    "outside",
    "raw_http",
    "shown_papers",
)

# Nothing here speaks TLS, and reading a list of authorities for each of thousands of HTTP clients
# takes minutes. httpx asks these two: https://www.python-httpx.org/advanced/ssl/
os.environ.pop("SSL_CERT_FILE", None)
os.environ["SSL_CERT_DIR"] = tempfile.gettempdir()

# Thousands of databases for a moment each: in memory, where there is enough, no disk is waited for.
_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own in it
if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 4 << 30:
    tempfile.tempdir = os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# How long one example takes says how busy the machine is, and nothing of the code. What is invented
# is the same in every run, so that a change is blamed for what it does; `make fuzz` invents anew.
# A mutant is only to be noticed: what shows it best is not looked for.
settings.register_profile("paperboy", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, derandomize=True)
settings.register_profile("fuzz", deadline=None, max_examples=3_000)
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("paperboy")


# Two clients of Telegram are many objects, and to look through them all takes a tenth of the time.
gc.set_threshold(20_000, 20, 100)


def pytest_configure(config: pytest.Config) -> None:
    """Load the fixtures, but not where tests are only handed out: that takes seconds."""
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return
    for name in _PLUGINS:
        config.pluginmanager.import_plugin(f"tests.{name}")


def pytest_collection(session: pytest.Session) -> None:
    """Import the tests in another order in each worker, so that they share pytest's rewriting.

    It takes as long as all else that happens before the first test, and is kept: whoever comes to
    a module second finds it there.
    """
    given = getattr(session.config, "workerinput", None)
    if given is None or session.config.args != session.config.getini("testpaths"):
        return
    paths = sorted(_ROOT.glob("tests/**/test_*.py"))
    begin = int(given["workerid"].removeprefix("gw")) * len(paths) // given["workercount"]
    for path in (*paths[begin:], *paths[:begin]):
        name = ".".join(path.relative_to(_ROOT).with_suffix("").parts)
        with contextlib.suppress(Exception):  # pytest tells of it in its own words
            importlib.import_module(name)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what stays to the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread the long tests over the workers: one begun last keeps all waiting.

    xdist's `worksteal` cuts the list into as many parts as there are workers. Long tests mostly
    wait, so that some workers begin with them, while others have something to do. What needs the
    browser or PostgreSQL is one worker's, and what starts commands is that of half of them: to
    start these takes as long as several of these tests.
    """
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    parts: tuple[list[pytest.Item], list[pytest.Item]] = ([], [])
    for item in items:
        is_long = item.path.parent.name in {"tests", "commands"}
        parts[is_long and not _needs_a_server(item)].append(item)
    short, long = parts
    short.sort(key=_needs_a_server, reverse=True)
    commands = [item for item in long if "paperboy" in _fixtures(item)]
    others = [item for item in long if "paperboy" not in _fixtures(item)]
    half = max(1, workers // 2)
    total = len(items)
    items.clear()
    for n in range(workers):
        mine_of_long = [*(commands[n::half] if n < half else ()), *others[n::workers]]
        part = (n + 1) * total // workers - n * total // workers
        size = max(0, part - len(mine_of_long))  # a slice to a negative one would lose some
        mine, short = short[:size], short[size:]
        before = size * n // workers
        items += [*mine[:before], *mine_of_long, *mine[before:]]
    assert len(items) == total


def _needs_a_server(item: pytest.Item) -> bool:
    return bool(_fixtures(item) & {"driver", "postgresql_url"})


def _fixtures(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))

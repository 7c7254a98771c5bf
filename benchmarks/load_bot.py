"""The bot's side of `load.py`: `paperboy run`, which counts its statements and hops to threads.

With SIGUSR1 it writes both to the file that is named first. It runs with whatever version of the
bot Python finds.
"""

import asyncio
import json
import signal
import sys
from functools import wraps
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Engine, event

from bot.cli import main

_counts = {"statements": 0, "hops": 0}


def _count(what: str, owner: Any, name: str) -> None:
    """Count the calls of a method, which does what it did."""
    method = getattr(owner, name)

    @wraps(method)
    def counted(*arguments: Any, **options: Any) -> Any:
        _counts[what] += 1
        return method(*arguments, **options)

    setattr(owner, name, counted)


def _noted(*_arguments: Any) -> None:
    _counts["statements"] += 1


def _tell(path: Path) -> None:
    path.write_text(json.dumps(_counts))


if __name__ == "__main__":
    told = Path(sys.argv[1])
    event.listen(Engine, "before_cursor_execute", _noted)
    _count("hops", asyncio.BaseEventLoop, "run_in_executor")
    _count("hops", aiosqlite.Connection, "_execute")
    signal.signal(signal.SIGUSR1, lambda *_signal: _tell(told))
    sys.exit(main(["run"]))

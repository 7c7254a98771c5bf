"""Start the bot again and again for crash.py, by forking: what it imports takes a second.

    python benchmarks/crash_bot.py

A line on standard input starts one, whose process id is printed; its settings are in the
environment. Time runs faster for it: what takes minutes takes seconds, so that what a killed bot
had claimed comes back while somebody watches.
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

import bot.runtime.schedule
from bot.cli import main
from bot.commands import run
from bot.push import delivery, worker
from storage import chats, outbox

IMPORTED = (run,)
LEASE = timedelta(seconds=3)


def _serve() -> None:
    # Whoever is killed ends unwaited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            sys.exit(main(["run"]))
        print(child, flush=True)


def _every_moment(*arguments: Any, **fields: Any) -> CronTrigger | IntervalTrigger:
    if fields.get("second") == 0:
        return IntervalTrigger(seconds=0.2, start_date=datetime.now(UTC), timezone=UTC)
    return CronTrigger(*arguments, **fields)


if __name__ == "__main__":
    outbox.CLAIM_LEASE = chats.PUSH_LEASE = LEASE
    delivery.FIRST_RETRY = timedelta(seconds=0.5)
    worker.LOOK_AGAIN_SECONDS = 0.2
    # Leases are short here, so that a claim must not wait for many others.
    at_once = max(6, round(float(os.environ["SEND_RATE"])))
    worker.chats_at_once = lambda bot: at_once  # noqa: ARG005 - its name is part of its type
    bot.runtime.schedule.CronTrigger = _every_moment  # type: ignore[attr-defined]
    _serve()

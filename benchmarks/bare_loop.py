"""A bare event loop in a process of its own: the longest that it stands still is the machine's."""

import asyncio
import multiprocessing
import os
import time
from multiprocessing.connection import Connection

TICK_SECONDS = 0.005


class BareLoop:
    """A loop that does nothing but tick, beside what is measured."""

    def __init__(self) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        spawn = multiprocessing.get_context("spawn")
        self._process = spawn.Process(target=_tick, args=(theirs,), daemon=True)
        self._process.start()
        self.longest_ms()

    def longest_ms(self) -> float:
        """Return the longest standstill since this was asked last, in milliseconds."""
        self._ours.send(None)
        longest: float = self._ours.recv()
        return longest * 1000

    def stop(self) -> None:
        self._process.terminate()
        self._process.join()


def _tick(asked: Connection) -> None:
    if hasattr(os, "sched_setaffinity"):  # whoever began it may keep to one core
        os.sched_setaffinity(0, range(os.cpu_count() or 1))

    async def ticking() -> None:
        longest = 0.0
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_SECONDS)
            longest = max(longest, time.perf_counter() - began)
            if asked.poll():
                asked.recv()
                asked.send(longest)
                longest = 0.0

    asyncio.run(ticking())

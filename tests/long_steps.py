"""Steps of the event loop that take long: meanwhile nobody else is answered."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def noted_long_steps(seconds: float) -> Iterator[Counter[str]]:
    """Count the steps of tasks that take so long or longer, by what their coroutine is called.

    What counts is the thread's own CPU time, so that a busy machine lengthens none. Those of the
    fake servers, which are processes of their own elsewhere, are left out.
    """
    found: Counter[str] = Counter()
    run: Any = asyncio.Handle._run

    def timed(handle: Any) -> None:
        task = getattr(handle._callback, "__self__", None)
        began = time.thread_time()
        run(handle)
        if time.thread_time() - began >= seconds and isinstance(task, asyncio.Task):
            name = getattr(task.get_coro(), "__qualname__", "?")
            if not name.startswith("RequestHandler."):
                found[name] += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.Handle, "_run", timed)
        yield found

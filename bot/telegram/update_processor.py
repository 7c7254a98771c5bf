"""Update processor: updates of one chat run in order, chats run concurrently."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor


class PerChatUpdateProcessor(BaseUpdateProcessor):
    """Update processor: ordered per chat, concurrent across chats."""

    def __init__(self) -> None:
        super().__init__(max_concurrent_updates=256)
        self.handled: Callable[[str, float], None] | None = None
        """Told of each update what kind it was, and the seconds from its turn to its end."""
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[int, int] = defaultdict(int)
        self.underway: set[asyncio.Task[Any]] = set()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle one update after those of its chat that came before."""
        chat = update.effective_chat if isinstance(update, Update) else None
        key = chat.id if chat else 0
        with tracked(self.underway), self._counted(key):
            async with self._turns[key]:
                began = time.perf_counter()
                try:
                    await coroutine
                finally:
                    if self.handled is not None:
                        self.handled(_kind(update), time.perf_counter() - began)

    @contextmanager
    def _counted(self, key: int) -> Iterator[None]:
        self._waiting[key] += 1
        try:
            yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._turns[key]

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to give back."""


def _kind(update: object) -> str:
    """Return what kind an update is; what people made up is `other`."""
    if not isinstance(update, Update):
        return "other"
    if update.callback_query:
        return "tap"
    words = update.message.text if update.message else None
    if not words:
        return "other"
    return "command" if words.startswith("/") else "words"


@contextmanager
def tracked(underway: set[asyncio.Task[Any]]) -> Iterator[None]:
    """Count the task that runs the block among those that are under way."""
    task = asyncio.current_task()
    if task is None:
        yield
        return
    underway.add(task)
    try:
        yield
    finally:
        underway.discard(task)

"""Whose turn it is: what one chat says in its order, chats side by side."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

__all__ = ["ChatByChat", "noted"]


class ChatByChat(BaseUpdateProcessor):
    """Handles chats side by side, but what one chat says in the order in which it was said."""

    def __init__(self) -> None:
        super().__init__(max_concurrent_updates=256)
        self._turns: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._waiting: defaultdict[int, int] = defaultdict(int)
        self.underway: set[asyncio.Task[Any]] = set()

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Handle one update after those of its chat that came before."""
        chat = update.effective_chat if isinstance(update, Update) else None
        key = chat.id if chat else 0
        with noted(self.underway), self._counted(key):
            async with self._turns[key]:
                await coroutine

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


@contextmanager
def noted(underway: set[asyncio.Task[Any]]) -> Iterator[None]:
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

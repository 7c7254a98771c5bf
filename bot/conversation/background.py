"""Background tasks: long work for a chat that goes on while its other commands are answered.

An update is handled once the tasks that it began have ended: what a stop cuts short is begun again.
"""

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any

from telegram import Update

from bot.conversation.context import Context

begun: ContextVar[set[asyncio.Task[Any]] | None] = ContextVar("begun", default=None)
"""The tasks that the update began which is handled here."""


def start(update: Update, context: Context, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start work that belongs to an update."""
    task = context.application.create_task(work, update=update)
    tasks = begun.get()
    if tasks is not None:
        tasks.add(task)
    return task


def start_once(
    update: Update, context: Context, name: str, work: Coroutine[Any, Any, None]
) -> bool:
    """Start work of a kind for the chat; False where such is under way already."""
    tasks, key = context.bot_data.tasks, (name, context.chat.id)
    if key in tasks:
        work.close()
        return False

    def forget(done: asyncio.Task[None]) -> None:
        if tasks.get(key) is done:
            del tasks[key]

    tasks[key] = start(update, context, work)
    tasks[key].add_done_callback(forget)
    return True

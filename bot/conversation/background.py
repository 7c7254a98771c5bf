"""Background tasks: long work for a chat that goes on while its other commands are answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from telegram import Update

from bot.conversation.context import Context


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

    tasks[key] = context.application.create_task(work, update=update)
    tasks[key].add_done_callback(forget)
    return True

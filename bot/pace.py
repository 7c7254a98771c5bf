"""Telegram's pace: every request of the bot passes here, and answers never wait behind a push.

Limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this): about 30
messages a second over all chats, one a second in a chat, 20 a minute in a group.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any

import structlog
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut
from telegram.ext import BaseRateLimiter

__all__ = ["Pace", "Pacer"]

PRIVATE_SECONDS = 1.0
GROUP_SECONDS = 60 / 20

PATIENCE_SECONDS = 30.0
"""How long an answer waits for Telegram's `retry after` before it is given up."""

HICCUP_SECONDS = 0.5
"""How long an answer waits after a 5xx or a broken connection before it is tried once more."""

EVERYBODY = 3
"""So many chats told to wait at once mean that all of them are."""

_log = structlog.get_logger(__name__)

_Answer = bool | dict[str, Any] | list[dict[str, Any]]


class Pace(StrEnum):
    """Who waits for whom."""

    PUSH = "push"  # waits for its turn; the outbox owns its retries


class Pacer(BaseRateLimiter[Pace]):
    """Lets pushes out one by one, and answers at once.

    An answer counts towards the pace, so that the pushes behind it wait a little longer.
    """

    def __init__(self, *, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `rate` messages a second over all chats."""
        self._interval = 1 / rate
        self._clock = clock
        self._next = 0.0
        self._chats: dict[Any, float] = {}
        self._told_to_wait: dict[Any, float] = {}

    async def initialize(self) -> None:
        """Nothing to set up."""

    async def shutdown(self) -> None:
        """Nothing to give back."""

    async def process_request(  # noqa: PLR0917 - the library's signature
        self,
        callback: Callable[..., Coroutine[Any, Any, _Answer]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Pace | None,
    ) -> _Answer:
        """Make the request when its turn has come."""
        chat = data.get("chat_id")
        if rate_limit_args is Pace.PUSH:
            await self._turn(chat)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as error:
                self._hold(chat, _seconds(error))
                raise
        if endpoint.startswith("send") and endpoint != "sendChatAction":
            self._count(chat)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            wait = _seconds(error)
            self._hold(chat, wait)
            if wait > PATIENCE_SECONDS:
                raise
        except NetworkError as error:
            # To this library a BadRequest is one too; after a time-out it is likely to be the next.
            if isinstance(error, (BadRequest, TimedOut)):
                raise
            wait = HICCUP_SECONDS
        _log.warning("answer waits for Telegram", endpoint=endpoint, seconds=wait)
        await asyncio.sleep(wait)
        return await callback(*args, **kwargs)

    async def _turn(self, chat: Any) -> None:
        while True:
            wait = max(self._next, self._chats.get(chat, 0.0)) - self._clock()
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        self._count(chat)

    def _count(self, chat: Any) -> None:
        now = self._clock()
        self._next = max(now, self._next) + self._interval
        # Groups and channels have negative ids (https://core.telegram.org/bots/api#chat).
        group = isinstance(chat, str) or (isinstance(chat, int) and chat < 0)
        seconds = GROUP_SECONDS if group else PRIVATE_SECONDS
        self._chats[chat] = max(now, self._chats.get(chat, 0.0)) + seconds
        if len(self._chats) > 10_000:  # noqa: PLR2004 - now and then is often enough
            self._chats = {known: until for known, until in self._chats.items() if until > now}

    def _hold(self, chat: Any, seconds: float) -> None:
        now = self._clock()
        until = now + seconds
        self._chats[chat] = max(until, self._chats.get(chat, 0.0))
        waiting = {known: end for known, end in self._told_to_wait.items() if end > now}
        self._told_to_wait = {**waiting, chat: until}
        if len(self._told_to_wait) >= EVERYBODY:
            self._next = max(self._next, until)


def _seconds(error: RetryAfter) -> float:
    after = error.retry_after
    return float(after if isinstance(after, int) else after.total_seconds())

"""Rate limiter: every request of the bot passes here, and answers never wait behind a push.

Limits (https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this): about 30
messages a second over all chats, one a second in a chat, 20 a minute in a group.
"""

import asyncio
import math
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import BaseRateLimiter

from bot.telegram.http_transport import NotTelegramError

PRIVATE_SECONDS = 1.0
GROUP_SECONDS = 60 / 20

PATIENCE_SECONDS = 30.0
"""How long a push waits for its turn, or an answer for what Telegram told its chat to wait."""

HICCUP_SECONDS = 0.5
"""How long an answer waits after a 5xx or a broken connection before it is tried once more."""

EVERYBODY = 3
"""Pushes to so many people told to wait at once may mean that all are; groups can be one's own."""

PROBES = 2
"""So many pushes in a row, each to another chat, must be told to wait before that is believed."""

PROBE_SECONDS = 1.0
"""Between them."""

LAG_SECONDS = 0.1
"""So much that a busy machine was late is made up for: two or three messages at most."""

MOST_A_SECOND = 30
HEADROOM = 1.2
"""So much faster than its pace a second may get: at a pace of 25, up to Telegram's 30."""

_log = structlog.get_logger(__name__)

_Answer = bool | dict[str, Any] | list[dict[str, Any]]
_Request = Callable[[], Coroutine[Any, Any, _Answer]]


class Priority(StrEnum):
    """Who waits for whom."""

    PUSH = "push"  # waits for its turn; the outbox owns its retries


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """A turn that was taken ahead."""

    chat: Any
    is_probe: bool


class RateLimiter(BaseRateLimiter[Priority]):
    """Rate limiter: lets pushes out one by one, and answers at once.

    An answer counts towards the pace, so that the pushes behind it wait a little longer. Where
    Telegram itself told a chat to wait, both do.
    """

    def __init__(
        self, *, rate: float, paid: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow `rate` messages a second over all chats.

        paid: pushes say `allow_paid_broadcast`, which the bot pays for in Telegram Stars, and
        without which Telegram refuses rates over 30.
        """
        self.rate = rate
        self._paid = paid
        self._interval = 1 / rate
        self._clock = clock
        self._next = 0.0
        self._most = max(MOST_A_SECOND, math.floor(HEADROOM * rate))
        self._under_way = 0
        self._arrived: deque[float] = deque()
        self._chats: dict[Any, float] = {}
        self._held: dict[Any, float] = {}
        self._all_held = 0.0
        self._pushes_held: dict[int, float] = {}
        """People whose pushes were told to wait, and until when."""
        self._probes_held: set[Any] | None = None
        """The chats of the probes that were told to wait; None: nobody is suspected."""
        self._probed = asyncio.Event()
        self._probed.set()
        self._queue = asyncio.Lock()
        self._is_stopped = False
        self._waiting: set[asyncio.Timeout] = set()
        """Pushes that wait for their turn."""
        self._taken: list[_Turn] = []
        """Turns that were taken ahead, and whose requests did not come yet."""
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """How many requests ended how since the start: push or answer, and the outcome."""

    def stop_pushes(self) -> None:
        """Let no push out any more: what waits for its turn goes back to the outbox at once."""
        self._is_stopped = True
        now = asyncio.get_running_loop().time()
        for patience in self._waiting:
            patience.reschedule(now)

    def resume_pushes(self) -> None:
        """Let pushes out again."""
        self._is_stopped = False

    def seconds_until(self, pushes: float) -> float:
        """Return how long it takes to let so many more pushes out; 0 where none waits."""
        return pushes * self._interval if self._waiting else 0.0

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
        rate_limit_args: Priority | None,
    ) -> _Answer:
        """Make the request when its turn has come.

        Raises:
            RetryAfter: Telegram wants more patience than there is; it may not even have been asked.

        """
        chat = data.get("chat_id")

        def request() -> Coroutine[Any, Any, _Answer]:
            return callback(*args, **kwargs)

        pushing = rate_limit_args is Priority.PUSH
        if pushing and self._paid:
            data["allow_paid_broadcast"] = True  # what `callback` is about to send
        outcome = "cancelled"
        try:
            work = self._push(chat, request) if pushing else self._answer(chat, request, endpoint)
            answer = await work
            outcome = "ok"
        except TelegramError as error:
            outcome = _kind(error)
            raise
        finally:
            self.outcomes["push" if pushing else "answer", outcome] += 1
        return answer

    @asynccontextmanager
    async def turn(self, chat: int) -> AsyncIterator[None]:
        """Take a push's turn ahead: the chat's first request within the block waits for none.

        So there is time for what must be just before it.

        Raises:
            RetryAfter: Telegram wants more patience than there is.

        """
        taken = _Turn(chat, is_probe=await self._patiently(chat))
        self._taken.append(taken)
        try:
            yield
        finally:
            if taken in self._taken:
                self._taken.remove(taken)
                if taken.is_probe:
                    self._probed.set()

    async def _push(self, chat: Any, request: _Request) -> _Answer:
        if self._is_stopped:
            raise RetryAfter(1)
        taken = next((one for one in self._taken if one.chat == chat), None)
        if taken is not None:
            self._taken.remove(taken)
        is_probe = await self._patiently(chat) if taken is None else taken.is_probe
        outcome: TelegramError | None = None
        try:
            # What was claimed together leaves together: a few, which may be too many by now.
            await self._room()
            return await self._send(chat, request)
        except TelegramError as error:
            outcome = error
            if isinstance(error, RetryAfter) and not is_probe:
                self._suspect(chat, retry_after_seconds(error))
            raise
        finally:
            # Telegram counts from when the message reached it, which was before now.
            self._rest(chat, self._clock())
            if is_probe:
                self._learn(chat, outcome)

    async def _patiently(self, chat: Any) -> bool:
        if self._is_stopped:
            raise RetryAfter(1)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS) as patience:
                self._waiting.add(patience)
                try:
                    return await self._turn(chat)
                finally:
                    self._waiting.discard(patience)
        except TimeoutError:
            # Better back to the outbox than to hold what nobody else may send meanwhile.
            raise RetryAfter(1 if self._is_stopped else math.ceil(PATIENCE_SECONDS)) from None

    def _suspect(self, chat: Any, seconds: float) -> None:
        """Note that a person's push was told to wait: of several such, all may be."""
        if not isinstance(chat, int) or chat < 0:
            return
        now = self._clock()
        held = {known: end for known, end in self._pushes_held.items() if end > now}
        self._pushes_held = {**held, chat: now + seconds}
        if len(self._pushes_held) >= EVERYBODY and self._probes_held is None:
            self._probes_held = set()

    def _learn(self, chat: Any, outcome: TelegramError | None) -> None:
        """Take what became of a probe: everybody is held once Telegram said so of several."""
        now = self._clock()
        if isinstance(outcome, RetryAfter) and self._probes_held is not None:
            seconds = retry_after_seconds(outcome)
            self._probes_held.add(chat)
            believed = len(self._probes_held) >= PROBES
            self._all_held = now + (seconds if believed else min(seconds, PROBE_SECONDS))
            if believed:
                _log.warning("Telegram tells everybody to wait", seconds=seconds)
        elif outcome is None or isinstance(outcome, (BadRequest, Forbidden, ChatMigrated)):
            # It was taken, or refused for another reason: who was told to wait is not everybody.
            self._probes_held = None
            self._pushes_held.clear()
        self._probed.set()

    async def _answer(self, chat: Any, request: _Request, endpoint: str) -> _Answer:
        await self._unheld(chat)
        ask = self._ask
        if endpoint.startswith("send") and endpoint != "sendChatAction":
            self._count(chat)
            ask = self._send
        try:
            return await ask(chat, request)
        except RetryAfter as error:
            wait = retry_after_seconds(error)
            if wait > PATIENCE_SECONDS:
                raise
        except NetworkError as error:
            # To this library a BadRequest is one too; after a time-out it is likely to be the next.
            # What had an odd answer was probably done.
            if isinstance(error, (BadRequest, TimedOut, NotTelegramError)):
                raise
            wait = HICCUP_SECONDS
        _log.warning("answer waits for Telegram", endpoint=endpoint, seconds=wait)
        await asyncio.sleep(wait)
        return await ask(chat, request)

    async def _send(self, chat: Any, request: _Request) -> _Answer:
        self._under_way += 1
        try:
            return await self._ask(chat, request)
        finally:
            self._under_way -= 1
            self._arrived.append(self._clock())
            self._forget_arrivals()

    async def _ask(self, chat: Any, request: _Request) -> _Answer:
        try:
            return await request()
        except RetryAfter as error:
            self._hold(chat, retry_after_seconds(error))
            raise

    async def _turn(self, chat: Any) -> bool:
        """Wait for a push's turn: first come, first served among the chats that may get one.

        Return whether it is a probe, behind which all others wait.
        """
        while True:
            await self._unheld(chat)
            await self._until(lambda: self._chats.get(chat, 0.0))
            async with self._queue:
                await self._probed.wait()
                await self._until(lambda: max(self._next, self._all_held))
                await self._room()
                # Something else may have gone to the chat, or it may have been told to wait.
                held_until = max(self._chats.get(chat, 0.0), self._held.get(chat, 0.0))
                if held_until <= self._clock():
                    self._count(chat)
                    if self._probes_held is None:
                        return False
                    self._probed.clear()
                    return True

    async def _unheld(self, chat: Any) -> None:
        """Wait while Telegram told a chat to wait; what is told of others is for pushes alone."""
        while (wait := self._held.get(chat, 0.0) - self._clock()) > 0:
            if wait > PATIENCE_SECONDS:
                raise RetryAfter(math.ceil(wait))
            await asyncio.sleep(wait)

    async def _until(self, moment: Callable[[], float]) -> None:
        while True:
            wait = moment() - self._clock()
            if wait <= 0:
                return
            await asyncio.sleep(wait)

    async def _room(self) -> None:
        """Wait while Telegram might count too many within a second.

        What left at an even pace need not arrive at one: a network or a machine that stood still
        lets go of everything at once. When a message arrived is known only when it is answered.
        """
        while True:
            self._forget_arrivals()
            has_room = self._under_way + len(self._arrived) < self._most
            if has_room and len(self._taken) < self._most:
                return
            await asyncio.sleep(self._interval)

    def _forget_arrivals(self) -> None:
        # Answers count as well, and a bot may answer for weeks before it pushes anything.
        while self._arrived and self._arrived[0] <= self._clock() - 1:
            self._arrived.popleft()

    def _count(self, chat: Any) -> None:
        now = self._clock()
        self._next = max(now - LAG_SECONDS, self._next) + self._interval
        self._rest(chat, max(now, self._chats.get(chat, 0.0)))
        if len(self._chats) > 10_000:  # noqa: PLR2004 - now and then is often enough
            self._chats = {known: until for known, until in self._chats.items() if until > now}

    def _rest(self, chat: Any, since: float) -> None:
        # Groups and channels have negative ids (https://core.telegram.org/bots/api#chat).
        group = isinstance(chat, str) or (isinstance(chat, int) and chat < 0)
        until = since + (GROUP_SECONDS if group else PRIVATE_SECONDS)
        self._chats[chat] = max(until, self._chats.get(chat, 0.0))

    def _hold(self, chat: Any, seconds: float) -> None:
        if chat is None:
            return
        now = self._clock()
        until = now + seconds
        waiting = {known: end for known, end in self._held.items() if end > now}
        self._held = {**waiting, chat: max(until, waiting.get(chat, 0.0))}


def _kind(error: TelegramError) -> str:
    match error:
        case RetryAfter():
            return "told to wait"
        case Forbidden():
            return "forbidden"
        case BadRequest():
            return "refused"
        case ChatMigrated():
            return "moved"
        case TimedOut():
            return "no answer"
        case _:
            return "failed"


def retry_after_seconds(error: RetryAfter) -> float:
    """Return how long Telegram wants to be left alone."""
    after = error.retry_after
    return float(after if isinstance(after, int) else after.total_seconds())

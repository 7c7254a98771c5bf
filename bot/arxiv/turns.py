"""Turns at arXiv: sweeps first, then people in turn, each with a few questions at most.

arXiv takes one question every three seconds. Asked in the order in which they came, the searches of
one person, in however many chats, would let everybody else's run out of patience, and keep a sweep
waiting.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MOST_WAITING = 3
"""Questions of one person that wait for their turn; what is more is refused."""

BACKGROUND = 0
"""Whose turn it is when nobody waits for the answer: nobody in Telegram has this number."""


@dataclass(slots=True)
class Asker:
    """Who asks: a person, a chat where there is none, or the background."""

    who: int
    """Telegram's number."""
    gave_up_waiting: bool = False
    """Whether patience ended before its turn came: arXiv was not even asked."""


asks_for: ContextVar[Asker | None] = ContextVar("asks_for", default=None)
"""For whom arXiv is asked in this task, and in the tasks that it begins; None: for everybody."""


class TooManyWaitingError(Exception):
    """Who asks has enough questions waiting."""


class Turns:
    """One turn at a time."""

    def __init__(self) -> None:
        self._is_taken = False
        self._everybodys: deque[asyncio.Future[None]] = deque()
        self._people: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn of whom this task asks for, and hold it in the block.

        Raises:
            TooManyWaitingError: the asker's own questions are too many.

        """
        await self._wait(asks_for.get())
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, asker: Asker | None) -> None:
        if not self._is_taken:
            self._is_taken = True
            return
        queue = self._everybodys
        if asker is not None:
            queue = self._people.setdefault(asker.who, deque())
            if len(queue) >= MOST_WAITING and asker.who != BACKGROUND:
                raise TooManyWaitingError
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if asker is not None:
                asker.gave_up_waiting = True
            if turn.done() and not turn.cancelled():
                self._pass_on()
            else:
                turn.cancel()
            raise

    def _pass_on(self) -> None:
        while (turn := self._next()) is not None:
            if not turn.done():
                turn.set_result(None)
                return
        self._is_taken = False

    def _next(self) -> asyncio.Future[None] | None:
        if self._everybodys:
            return self._everybodys.popleft()
        while self._people:
            who, queue = self._people.popitem(last=False)
            if queue:
                turn = queue.popleft()
                if queue:
                    self._people[who] = queue  # behind all others
                return turn
        return None

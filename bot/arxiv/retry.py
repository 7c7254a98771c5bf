"""Retry with exponential backoff and jitter, in the one place where arXiv is asked again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import SystemRandom
from typing import TypeVar

import structlog

from bot.arxiv.transport import LONGEST_WAIT, RateLimitedError, SourceError, UnreachableError

_T = TypeVar("_T")

_log = structlog.get_logger(__name__)
_dice = SystemRandom()


class Retry:
    """Asks as often as it takes and is allowed; `hold` stops the service's other questions."""

    def __init__(
        self, *, backoff_seconds: float, max_tries: int, hold: Callable[[float], None]
    ) -> None:
        self._backoff = backoff_seconds
        self._max_tries = max_tries
        self._hold = hold

    async def __call__(self, ask: Callable[[], Awaitable[_T]]) -> _T:
        """Return what `ask` returns; raises its last SourceError, which knows all tries."""
        tries = 0
        while True:
            try:
                return await ask()
            except SourceError as error:
                tries += error.tries  # none where an earlier answer's Retry-After forbade to ask
                wait = self._wait_after(error, tries)
                if isinstance(error, RateLimitedError) and error.tries:
                    self._hold(wait)
                error.tries = tries
                if not error.passing or tries >= self._max_tries or wait > LONGEST_WAIT:
                    raise
                _log.info("arxiv_asked_again", after=str(error), seconds=round(wait, 1))
            await asyncio.sleep(wait)

    def _wait_after(self, error: SourceError, tries: int) -> float:
        """Return the seconds until the next try: exponential, spread so that copies do not meet."""
        if error.retry_after is not None:
            return error.retry_after + _dice.uniform(0, self._backoff / 4)
        doubled = self._backoff * 2 ** (max(tries, 1) - 1)
        return float(min(doubled * _dice.uniform(0.5, 1.5), LONGEST_WAIT))


@asynccontextmanager
async def deadline(seconds: float, *, url: str) -> AsyncIterator[None]:
    """Raise UnreachableError where it takes longer, with all pages and tries."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise UnreachableError(url, f"not done within {seconds:.0f} seconds") from None

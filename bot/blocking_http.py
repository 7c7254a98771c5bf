"""HTTP for packages that block: daemon threads, one deadline, a bound on the answer's size.

The `arxiv` package and deep-translator speak requests, whose time-outs bound the silence between
two bytes only. What both keep to here is what `bot.http_client` keeps to.
"""

import asyncio
import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
import urllib3

from bot.http_client import Answer, NoAnswerError, TimedOutError, TooLargeError

_T = TypeVar("_T")
_PACKET = 1 << 16


class Threads:
    """Run blocking calls in daemon threads, so many at once, beside the event loop.

    Unlike an executor's, these threads do not keep the process from ending. A place is free when
    its call has ended, however early the caller gave up: a server never has more calls than agreed.
    """

    def __init__(self, *, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)

    async def run(self, call: Callable[[], _T], *, seconds: float | None = None) -> _T:
        """Return what a call returns, or raise what it raises.

        Raises:
            TimeoutError: no place was free for so many `seconds`, or the call took longer.

        """
        async with asyncio.timeout(seconds):
            await self._places.acquire()
        ended = self._start(call)
        async with asyncio.timeout(seconds):
            return await asyncio.shield(ended)

    def _start(self, call: Callable[[], _T]) -> asyncio.Future[_T]:
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[_T] = loop.create_future()

        def settle(put: Callable[[Any], None], outcome: object) -> None:
            self._places.release()
            if not ended.done():
                put(outcome)
                ended.exception()  # whoever gave up wants no complaint in the log either

        def run() -> None:
            put: Callable[[Any], None] = ended.set_result
            outcome: object
            try:
                outcome = call()
            except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
                put, outcome = ended.set_exception, error
            # A closed loop waits for no answer.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, put, outcome)

        threading.Thread(target=run, name="blocking", daemon=True).start()
        return ended


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an exchange may take."""

    connect: float
    """Seconds until a connection stands."""
    ends_at: float
    """The deadline, on the monotonic clock: a server that drips its answer is cut off here."""
    most_bytes: int
    """The size of the answer, unpacked."""
    silence: float = math.inf
    """Seconds between two bytes."""


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    bounds: Bounds,
    go_on: Callable[[], None] = lambda: None,
    **what: Any,
) -> Answer:
    """Return the answer, whatever its status; `go_on` is called at each packet, and may raise.

    Raises:
        NoAnswerError: none came whole.

    """
    silence = min(bounds.silence, bounds.ends_at - time.monotonic())
    if silence <= 0:
        raise TimedOutError
    timeout = (min(bounds.connect, silence), silence)
    try:
        with session.request(method, url, timeout=timeout, stream=True, **what) as response:
            body = bytearray()
            # A read returns after one packet: a server that drips can't outlive the deadline.
            while packet := response.raw.read1(_PACKET, decode_content=True):
                go_on()
                body += packet
                if len(body) > bounds.most_bytes:
                    raise TooLargeError(bounds.most_bytes)
                if time.monotonic() > bounds.ends_at:
                    raise TimedOutError(dripping=True)
            return Answer(response.status_code, response.headers, bytes(body))
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        failure: NoAnswerError = TimedOutError()
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        failure = NoAnswerError(type(error).__name__)
    # Not raised above: it would drag along the package's own error, with the address in it.
    raise failure

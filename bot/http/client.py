"""HTTP client: one deadline for a whole exchange, a bound on the answer's size, Retry-After.

httpx by itself bounds the silence between two bytes only, and reads whatever comes. Redirects are
not followed: a key belongs to the address that it was meant for. `exchange` keeps the same bounds
over requests, for packages that bring it along and block, and `Threads` runs them beside the loop.
Requests is imported when something is first asked through it: a bot that waits, and a start, do
without it and the packages over it.
"""

import asyncio
import json
import math
import re
import threading
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from bot.http.authorities import authorities

if TYPE_CHECKING:
    from bot.http.deadline import Session

USER_AGENT = f"paperboy-bot/{version('paperboy-bot')}"
"""The project, as it names itself to every server that it asks."""

LARGEST_ANSWER = 1_000_000
"""Bytes. The longest translation, or the talk about a paper, has a tenth of it."""


DEEPEST = 100
"""Brackets within brackets. An answer of any service that is asked has a tenth of it."""


class NoAnswerError(Exception):
    """No whole answer came; neither the address nor anything that was sent is in here."""


class TimedOutError(NoAnswerError):
    """The answer was not whole by the deadline, or the server was silent for too long."""

    def __init__(self, *, dripping: bool = False) -> None:
        super().__init__("the answer came too slowly" if dripping else "no answer in time")


class TooLargeError(NoAnswerError):
    """A server sends more than any answer can be."""

    def __init__(self, most: int) -> None:
        super().__init__(f"an answer of more than {most:,} bytes")


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """How many seconds the server wants to be left alone, where it said so."""
        return retry_after(self.headers.get("Retry-After"))

    def json(self) -> Any:
        """Return what the body says; raises ValueError where it is no JSON in UTF-8, or a trap."""
        return json_of(self.body)


_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"?')
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NEITHER_BRACKET_NOR_QUOTE = bytes(set(range(256)) - set(b'{}[]"'))


def json_of(body: bytes) -> Any:
    """Return what JSON says; raises ValueError where it is none in UTF-8, or a trap."""
    if _is_nested_too_deeply(body):
        message = f"JSON nested more than {DEEPEST} times"
        raise ValueError(message)
    # A body of lone surrogates is none, whatever json.loads would make of it.
    return json.loads(body.removeprefix(BOM_UTF8).decode())


def _is_nested_too_deeply(body: bytes) -> bool:
    """Say whether JSON in UTF-8 is nested deeper than any answer; the parser is not to find out.

    It goes on until the stack ends, and what Python does meanwhile by itself, such as finalizers of
    objects that nobody holds any more, then fails with it, unseen.
    """
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    # Every update passes here: no Python for a bracket. The innermost pairs go, level by level.
    left = _ESCAPED.sub(b"", body).translate(_ONE_KIND, _NEITHER_BRACKET_NOR_QUOTE)
    left = _STRING.sub(b"", left.replace(b'""', b""))
    for level in range(DEEPEST):
        outer = left.replace(b"[]", b"")
        if len(outer) == len(left):  # nothing left, or what is no JSON
            return level + left.count(b"[") > DEEPEST
        left = outer
    return bool(left)


class HttpClient:
    """Asks servers; a connection of its own for each question, so nothing is to be closed."""

    def __init__(self, *, timeout: float, headers: Mapping[str, str] | None = None) -> None:
        """Take the seconds that one question may take, all in all, and what each carries."""
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            verify=authorities(),
            timeout=timeout,
            limits=httpx.Limits(max_keepalive_connections=0),
            headers={
                **(headers or {}),
                "User-Agent": USER_AGENT,
                "Accept": "application/json",
                # What is not packed can't unpack to more than it seemed.
                "Accept-Encoding": "identity",
            },
        )

    async def get(self, url: str) -> Answer:
        """Return the answer, whatever its status; raises NoAnswerError where none came whole."""
        return await self._ask(self._client.stream("GET", url))

    async def post(self, url: str, question: object) -> Answer:
        """Return the answer to a question in JSON; raises NoAnswerError where none came whole."""
        return await self._ask(self._client.stream("POST", url, json=question))

    async def _ask(self, exchange: AbstractAsyncContextManager[httpx.Response]) -> Answer:
        try:
            async with asyncio.timeout(self._timeout), exchange as response:
                body = bytearray()
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > LARGEST_ANSWER:
                        raise TooLargeError(LARGEST_ANSWER)
                return Answer(response.status_code, response.headers, bytes(body))
        except (TimeoutError, httpx.TimeoutException):
            failure: NoAnswerError = TimedOutError()
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failure = NoAnswerError(type(error).__name__)
        # Not raised above: it would drag along httpx's own error, with the address in it.
        raise failure


def retry_after(header: str | None) -> float | None:
    """Return a Retry-After, seconds or a date (RFC 9110, 10.2.3), as seconds from now."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        seconds = float(text)
        return seconds if math.isfinite(seconds) else None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


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
    session: "Session",
    method: str,
    url: str,
    *,
    bounds: Bounds,
    go_on: Callable[[], None] = lambda: None,
    **what: Any,
) -> Answer:
    """Return the answer, whatever its status; `go_on` is called at each packet, and may raise.

    At the deadline the session's connections are shut down.

    Raises:
        NoAnswerError: none came whole.

    """
    import requests
    import urllib3

    from bot.http.deadline import watched

    silence = min(bounds.silence, bounds.ends_at - time.monotonic())
    if silence <= 0:
        raise TimedOutError
    timeout = (min(bounds.connect, silence), silence)
    with watched(bounds.ends_at) as watch:
        try:
            with session.request(method, url, timeout=timeout, stream=True, **what) as response:
                body = bytearray()
                while packet := response.raw.read1(_PACKET, decode_content=True):
                    go_on()
                    body += packet
                    if len(body) > bounds.most_bytes:
                        raise TooLargeError(bounds.most_bytes)
                if not watch.is_over:
                    return Answer(response.status_code, response.headers, bytes(body))
            failure: NoAnswerError = TimedOutError(dripping=True)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            failure = TimedOutError()
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            too_late = watch.is_over
            failure = (
                TimedOutError(dripping=True) if too_late else NoAnswerError(type(error).__name__)
            )
    # Not raised above: it would drag along the package's own error, with the address in it.
    raise failure

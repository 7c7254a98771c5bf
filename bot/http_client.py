"""HTTP client: one deadline for a whole exchange, a bound on the answer's size, Retry-After.

httpx by itself bounds the silence between two bytes only, and reads whatever comes. Redirects are
not followed: a key belongs to the address that it was meant for. `bot.blocking_http` keeps the same
bounds for packages that bring requests along.
"""

import asyncio
import json
import math
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any

import httpx

USER_AGENT = f"paperboy-bot/{version('paperboy-bot')}"
"""The project, as it names itself to every server that it asks."""

LARGEST_ANSWER = 1_000_000
"""Bytes. The longest translation, or the talk about a paper, has a tenth of it."""


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
        """Return what the body says; raises ValueError where it is no JSON."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError(*error.args) from None


class HttpClient:
    """Asks servers; a connection of its own for each question, so nothing is to be closed."""

    def __init__(self, *, timeout: float, headers: Mapping[str, str] | None = None) -> None:
        """Take the seconds that one question may take, all in all, and what each carries."""
        self._timeout = timeout
        self._client = httpx.AsyncClient(
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

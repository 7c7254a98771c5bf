"""Ask an HTTP API that speaks JSON: within a deadline, and whatever it answers."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

import httpx

from bot.translation.engine import AT_ONCE, Cause, EngineError

_LARGEST_ANSWER = 1_000_000
"""Bytes; an abstract's translation is a hundredth of it."""

_CAUSES: Mapping[int, Cause] = {
    HTTPStatus.UNAUTHORIZED: Cause.REFUSED,
    HTTPStatus.PAYMENT_REQUIRED: Cause.QUOTA,
    HTTPStatus.FORBIDDEN: Cause.REFUSED,
    HTTPStatus.NOT_FOUND: Cause.REFUSED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Cause.TOO_LONG,
    HTTPStatus.REQUEST_URI_TOO_LONG: Cause.TOO_LONG,
    HTTPStatus.TOO_MANY_REQUESTS: Cause.TOO_MANY_REQUESTS,
    456: Cause.QUOTA,  # https://developers.deepl.com/docs/best-practices/error-handling
}


class JsonApi:
    """One engine's API; a connection of its own for each question, so nothing is to be closed."""

    def __init__(self, engine: str, *, headers: Mapping[str, str], timeout: float) -> None:
        """Take what every question carries, and the seconds that one may take, all in all."""
        self._engine = engine
        self._timeout = timeout
        self._headers = {
            **headers,
            "User-Agent": f"paperboy-bot/{version('paperboy-bot')}",
            "Accept": "application/json",
            # What is not packed can't unpack to more than it seemed.
            "Accept-Encoding": "identity",
        }
        self._tls = httpx.create_ssl_context()
        self._free = asyncio.Semaphore(AT_ONCE)

    async def post(self, url: str, question: object) -> Any:
        """Return what the API says, read from JSON; its form is not checked.

        Raises:
            EngineError: no answer, whatever the reason.

        """
        async with self._free:
            outcome = await self._outcome(url, question)
        if isinstance(outcome, EngineError):
            raise outcome
        return outcome

    async def _outcome(self, url: str, question: object) -> Any:
        # Returned, not raised: an exception would drag along httpx's own, with the address in it.
        try:
            async with asyncio.timeout(self._timeout):
                status, body = await self._asked(url, question)
            if status != HTTPStatus.OK:
                cause = _CAUSES.get(status, Cause.SERVER)
                return EngineError(self._engine, cause, f"HTTP {status}")
            return json.loads(body)
        except (TimeoutError, httpx.TimeoutException):
            return EngineError(self._engine, Cause.TIMEOUT)
        except (ValueError, RecursionError) as error:
            return EngineError(self._engine, Cause.NO_ANSWER, type(error).__name__)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return EngineError(self._engine, Cause.UNREACHABLE, type(error).__name__)

    async def _asked(self, url: str, question: object) -> tuple[int, bytes]:
        body = bytearray()
        async with (
            httpx.AsyncClient(
                headers=self._headers, timeout=self._timeout, verify=self._tls
            ) as client,
            client.stream("POST", url, json=question) as response,
        ):
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > _LARGEST_ANSWER:
                    raise ValueError
        return response.status_code, bytes(body)

"""Client of an engine's JSON API: statuses, broken answers and time-outs become its errors."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from bot.http.client import HttpClient, NoAnswerError
from bot.translation.engines.engine import AT_ONCE, Cause, EngineError, not_answered

CAUSES: Mapping[int, Cause] = {
    HTTPStatus.UNAUTHORIZED: Cause.REFUSED,
    HTTPStatus.PAYMENT_REQUIRED: Cause.QUOTA,
    HTTPStatus.FORBIDDEN: Cause.REFUSED,
    HTTPStatus.NOT_FOUND: Cause.REFUSED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Cause.TOO_LONG,
    HTTPStatus.REQUEST_URI_TOO_LONG: Cause.TOO_LONG,
    HTTPStatus.TOO_MANY_REQUESTS: Cause.TOO_MANY_REQUESTS,
    456: Cause.QUOTA,  # https://developers.deepl.com/docs/best-practices/error-handling
}
"""What a status means."""


class JsonApi:
    """One engine's API, asked so many things at once."""

    def __init__(self, engine: str, *, headers: Mapping[str, str], timeout: float) -> None:
        """Take what every question carries, and the seconds that one may take, all in all."""
        self._engine = engine
        self._client = HttpClient(timeout=timeout, headers=headers)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def ask(self, url: str, question: object, *, read: Callable[[Any], str | None]) -> str:
        """Return the translation that `read` finds in the answer.

        Raises:
            EngineError: there is none, whatever the reason.

        """
        try:
            async with self._places:
                answer = await self._client.post(url, question)
            if answer.status != HTTPStatus.OK:
                cause = CAUSES.get(answer.status, Cause.SERVER)
                failure = EngineError(
                    self._engine, cause, f"HTTP {answer.status}", retry_after=answer.retry_after
                )
            elif (translated := read(answer.json())) is not None:
                return translated
            else:
                failure = EngineError(self._engine, Cause.NO_ANSWER)
        except NoAnswerError as error:
            failure = not_answered(self._engine, error)
        except ValueError as error:
            failure = EngineError(self._engine, Cause.NO_ANSWER, type(error).__name__)
        # Not raised above: it would drag along the other error, with the answer in it.
        raise failure

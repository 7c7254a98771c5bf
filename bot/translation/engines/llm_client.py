"""Client of chat completions: streamed, with a time-out that counts silence, and with patience.

Servers with one slot are asked one thing at a time, a server that wants fewer requests is waited
for in the queue, and what a server does not take is left away and not tried again.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from bot.http.authorities import authorities
from bot.http.client import LARGEST_ANSWER, USER_AGENT, json_of, retry_after
from bot.translation.engines.engine import Cause, EngineError
from bot.translation.engines.json_api import CAUSES
from bot.translation.engines.llm_answers import ended_well, said, text_of
from bot.translation.engines.llm_dialect import Dialect
from bot.translation.engines.llm_prompts import Prompt

_LONGER_THAN_SILENCE = 6
"""A whole answer may take so many times what the server may be silent."""
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 60.0
_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE, 529}
_FILTERED = re.compile(
    r"content.?filter|content_policy|content management policy|responsibleaipolicy"
    r"|data_inspection|inappropriate content|safety|sensitive|moderation|flagged",
    re.IGNORECASE,
)
_QUOTA = re.compile(
    r"insufficient.?(?:quota|balance|credits)|billing|exceeded your current quota", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"context.?length|maximum context|too long|context window|n_ctx", re.IGNORECASE
)
_SHOWN = 120
_SECRET = re.compile(r"https?://\S+|\b[\w-]*(?:key|sk|org|proj)-[\w*-]{6,}|\S{33,}")


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    text: str | None = None
    reason: str | None = None
    complaint: str = ""
    wait: float | None = None


class ChatClient:
    """One server, asked so many things at once."""

    def __init__(
        self,
        *,
        url: str,
        model: str,
        key: str | None,
        timeout: float,
        at_once: int,
        dialect: Dialect,
    ) -> None:
        """Take the seconds that the server may be silent; it is waited for as long when busy."""
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._key = key
        self._timeout = timeout
        self._dialect = dialect
        self._places = asyncio.Semaphore(at_once)
        self._free_at = 0.0
        headers: dict[str, str] = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._client = httpx.AsyncClient(
            verify=authorities(),
            timeout=timeout,
            headers=headers,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def ask(self, prompt: Prompt) -> str:
        """Return what the model says to a prompt.

        Raises:
            EngineError: nothing, or not all of it.

        """
        async with self._places:
            reply = await self._patiently(prompt)
        failure = self._failure(reply, prompt)
        if failure is not None:
            raise failure
        return reply.text or ""

    async def _patiently(self, prompt: Prompt) -> _Reply:
        waited, wait = 0.0, _FIRST_WAIT
        while True:
            pause = self._free_at - time.monotonic()
            if pause > 0:
                waited += pause
                await asyncio.sleep(pause)
            reply = await self._once(prompt)
            if reply.status in _BUSY and not _QUOTA.search(reply.complaint):
                pause = reply.wait if reply.wait is not None else min(wait, _LONGEST_WAIT)
                if waited + pause > self._timeout:
                    return reply
                self._free_at = time.monotonic() + pause
                wait *= 2
                continue
            refused = reply.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
            if refused and not _FILTERED.search(reply.complaint):
                if self._dialect.learn(reply.complaint):
                    continue
            elif reply.reason == "length" and self._dialect.wants_longer():
                continue
            return reply

    def _failure(self, reply: _Reply, prompt: Prompt) -> EngineError | None:
        why = self._shown(reply.complaint, prompt)
        if reply.status != HTTPStatus.OK:
            detail = f"HTTP {reply.status}{f': {why}' if why else ''}"
            return EngineError("llm", _cause(reply), detail, retry_after=reply.wait)
        if reply.reason == "content_filter":
            return EngineError("llm", Cause.FILTERED)
        if not ended_well(reply.reason):
            reason = self._shown(str(reply.reason), prompt) or "something else"
            return EngineError("llm", Cause.NO_ANSWER, f"ended by {reason}")
        if reply.text is None:
            return EngineError("llm", _cause(reply), why)
        return None

    def _shown(self, complaint: str, prompt: Prompt) -> str:
        """Return what a server complains of, without key, text or address."""
        words = " ".join(complaint.split())
        if self._key:
            words = words.replace(self._key, "…")
        words = _SECRET.sub("…", words)
        sent = " ".join(prompt.user.split())
        repeats = any(words[at : at + 16] in sent for at in range(0, len(words) - 15, 4))
        return "" if repeats or words.startswith("<") else words[:_SHOWN]

    async def _once(self, prompt: Prompt) -> _Reply:
        question = self._dialect.question(self._model, prompt)
        try:
            async with (
                asyncio.timeout(self._timeout * _LONGER_THAN_SILENCE),
                self._client.stream("POST", self._url, json=question) as response,
            ):
                streams = "text/event-stream" in response.headers.get("Content-Type", "")
                if response.status_code == HTTPStatus.OK and streams:
                    return await self._streamed(response)
                async with asyncio.timeout(self._timeout):
                    body = b"".join([part async for part in _bounded(response)])
                return _read(response.status_code, response.headers, body)
        except (TimeoutError, httpx.TimeoutException):
            failure = EngineError("llm", Cause.TIMEOUT)
        except _TooMuchError:
            failure = EngineError("llm", Cause.NO_ANSWER, f"more than {LARGEST_ANSWER:,} bytes")
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failure = EngineError("llm", Cause.UNREACHABLE, type(error).__name__)
        # Not raised above: it would drag along httpx's own error, with the address in it.
        raise failure

    async def _streamed(self, response: httpx.Response) -> _Reply:
        """Read server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
        written: list[str] = []
        reason: str | None = None
        ended = False
        buffer = b""
        async for part in _bounded(response):
            *lines, buffer = (buffer + part).split(b"\n")
            for line in lines:
                event = line.strip()
                if not event.startswith(b"data:"):
                    continue
                data = event[5:].strip()
                if data == b"[DONE]":
                    ended = True
                    continue
                match _json(data):
                    case {"error": error}:
                        return _complaint(HTTPStatus.OK, error, None)
                    case {"choices": [dict(choice), *_]}:
                        delta = choice.get("delta") or choice.get("message") or {}
                        written.append(text_of(delta.get("content")) or "")
                        reason = choice.get("finish_reason") or reason
        if not ended and reason is None:
            return _Reply(HTTPStatus.OK, None, None, "the stream broke off")
        return _Reply(HTTPStatus.OK, "".join(written) or None, reason)


class _TooMuchError(Exception):
    pass


async def _bounded(response: httpx.Response) -> AsyncIterator[bytes]:
    read = 0
    async for part in response.aiter_raw():
        read += len(part)
        if read > LARGEST_ANSWER:
            raise _TooMuchError
        yield part


def _json(data: bytes) -> Any:
    try:
        return json_of(data)
    except ValueError:
        return None


def _read(status: int, headers: Mapping[str, str], body: bytes) -> _Reply:
    answer = _json(body)
    wait = retry_after(headers.get("Retry-After"))
    if isinstance(answer, dict) and answer.get("error"):
        return _complaint(status, answer["error"], wait)
    if status != HTTPStatus.OK:
        match answer:
            case {"message": str(words)} | {"detail": str(words)} | {"error_msg": str(words)}:
                return _Reply(status, complaint=words, wait=wait)
        return _Reply(status, complaint=body[:2000].decode("utf-8", "replace"), wait=wait)
    text, reason = said(answer)
    return _Reply(status, text, reason)


def _complaint(status: int, error: Any, wait: float | None) -> _Reply:
    """Read an error object; some hosts send it with status 200, and the true one inside."""
    words = error if isinstance(error, str) else ""
    if isinstance(error, dict):
        inner = error.get("code")
        if status == HTTPStatus.OK and isinstance(inner, int) and inner >= HTTPStatus.BAD_REQUEST:
            status = inner
        words = " ".join(
            str(error.get(name) or "") for name in ("message", "code", "type", "param")
        )
    return _Reply(status, complaint=words, wait=wait)


def _cause(reply: _Reply) -> Cause:
    if _FILTERED.search(reply.complaint) and reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Cause.FILTERED
    if _QUOTA.search(reply.complaint):
        return Cause.QUOTA
    if _TOO_LONG.search(reply.complaint):
        return Cause.TOO_LONG
    if reply.status == HTTPStatus.OK:
        return Cause.NO_ANSWER
    return CAUSES.get(reply.status, Cause.SERVER)

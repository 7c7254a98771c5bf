"""The index that knows the code of papers whose authors named none: Hugging Face's papers API.

`GET {url}/{arXiv id}` needs no key. 404 means "not indexed"; 500 requests per five minutes and
address are allowed: https://huggingface.co/docs/hub/rate-limits. Whatever it answers is somebody
else's word: only links of the right form come through.
"""

import asyncio
import json
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import httpx

from bot.code_links import extract

LONGEST_HOLD = 6 * 3600.0
"""Seconds that a wish for patience is believed at most."""

_HOLD = 300.0
"""Seconds of patience where none are named: the length of Hugging Face's window."""
_LARGEST_ANSWER = 1_000_000
"""Bytes. A paper with hundreds of authors and its discussion has a tenth of it."""
_NOT_INDEXED = {httpx.codes.NOT_FOUND, httpx.codes.GONE, httpx.codes.BAD_REQUEST}
"""The last for ids of a form that it does not know, such as `hep-th/9901001`."""


class CodeIndexError(Exception):
    """The index gave no usable answer about a paper; `reason` is a few technical words."""

    def __init__(self, paper_id: str, reason: str) -> None:
        super().__init__(f"{reason} ({paper_id})")
        self.paper_id = paper_id
        self.reason = reason


class IndexDownError(CodeIndexError):
    """No connection, no answer in time, or a server that says that it is out of order."""


class IndexBusyError(CodeIndexError):
    """The index wants to be left alone for `retry_after` seconds."""

    def __init__(self, paper_id: str, retry_after: float) -> None:
        super().__init__(paper_id, f"asked for {retry_after:.0f} seconds of patience")
        self.retry_after = retry_after


class BadAnswerError(CodeIndexError):
    """An answer that is not what the index is known to say about this paper."""


@dataclass(frozen=True, slots=True)
class CodeLinks:
    """What the index knows of a paper, in the form of `links.code_link`."""

    repository: str | None
    project_page: str | None

    @property
    def best(self) -> str | None:
        """The link for the Code column: a repository before a page."""
        return self.repository or self.project_page


class CodeIndex:
    """Asks the index about one paper at a time, never faster than agreed."""

    def __init__(
        self, url: str, *, delay_seconds: float = 1.0, timeout_seconds: float = 10.0
    ) -> None:
        """Prepare; nothing is asked yet.

        url: the address that `/{id}` is put behind. delay_seconds lie between the end of an
        answer and the next question. timeout_seconds is what one question may take, all in all.
        """
        self.url = url
        self._delay = delay_seconds
        self._timeout = timeout_seconds
        self._free_at = self._held_until = time.monotonic()
        self._turn = asyncio.Lock()
        self._client = httpx.AsyncClient(
            timeout=timeout_seconds,
            headers={
                "User-Agent": f"paperboy-bot/{version('paperboy-bot')}",
                "Accept": "application/json",
                # What is not packed can't unpack to more than it seemed.
                "Accept-Encoding": "identity",
            },
        )

    async def lookup(self, paper_id: str) -> CodeLinks | None:
        """Return what the index knows about a paper, None where it does not know the paper.

        Raises:
            IndexBusyError: it wants patience; until then this is raised without asking.
            IndexDownError: it can't be reached or is out of order.
            BadAnswerError: what it said about this paper can't be used.

        """
        async with self._turn:
            held = self._held_until - time.monotonic()
            if held > 0:
                raise IndexBusyError(paper_id, held)
            await asyncio.sleep(self._free_at - time.monotonic())
            try:
                status, headers, body = await self._ask(paper_id)
            finally:
                self._free_at = time.monotonic() + self._delay
            if status == httpx.codes.TOO_MANY_REQUESTS or (
                status == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" in headers
            ):
                patience = _patience(headers)
                self._held_until = time.monotonic() + patience
                raise IndexBusyError(paper_id, patience)
        if status in _NOT_INDEXED:
            return None
        if status != httpx.codes.OK:
            raise IndexDownError(paper_id, f"HTTP {status}")
        return _read(body, paper_id)

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def _ask(self, paper_id: str) -> tuple[int, httpx.Headers, bytes]:
        url = f"{self.url}/{quote(paper_id, safe='')}"
        body = bytearray()
        try:
            # httpx's own time-out only bounds the silence between two bytes.
            async with asyncio.timeout(self._timeout), self._client.stream("GET", url) as response:
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > _LARGEST_ANSWER:
                        raise BadAnswerError(paper_id, "an answer without end")
        except (TimeoutError, httpx.TimeoutException):
            raise IndexDownError(paper_id, "no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            # Named only: what these say contains the whole address.
            raise IndexDownError(paper_id, type(error).__name__) from None
        return response.status_code, response.headers, bytes(body)


def _read(body: bytes, paper_id: str) -> CodeLinks:
    try:
        about: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswerError(paper_id, "no JSON") from None
    if not isinstance(about, dict):
        raise BadAnswerError(paper_id, "no JSON object")
    if about.get("id", paper_id) != paper_id:
        raise BadAnswerError(paper_id, "about another paper")
    repository, page = about.get("githubRepo"), about.get("projectPage")
    return CodeLinks(
        repository=extract.repository(repository) if isinstance(repository, str) else None,
        project_page=extract.page(page) if isinstance(page, str) else None,
    )


def _patience(headers: httpx.Headers) -> float:
    """Return the seconds that a server wants to be left alone.

    From Retry-After, seconds or a date (RFC 9110, 10.2.3), or from Hugging Face's
    `RateLimit: "api";r=0;t=55` (draft-ietf-httpapi-ratelimit-headers).
    """
    named = headers.get("Retry-After", "").strip()
    window = re.search(r";\s*t=([0-9]{1,9})\b", headers.get("RateLimit", ""))
    seconds = _HOLD
    if re.fullmatch(r"[0-9]{1,9}", named):
        seconds = float(named)
    elif moment := _moment(named):
        seconds = (moment - datetime.now(UTC)).total_seconds()
    elif window:
        seconds = float(window[1])
    return min(max(seconds, 0.0), LONGEST_HOLD)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""Client of Hugging Face's papers API: it knows the code of papers whose authors named none.

`GET {url}/{arXiv id}` needs no key. 404 means "not indexed"; 500 requests per five minutes and
address are allowed: https://huggingface.co/docs/hub/rate-limits. Whatever it answers is somebody
else's word: only links of the right form come through.
"""

import asyncio
import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from bot.code_links import extract
from bot.http.client import Answer, HttpClient, NoAnswerError, TooLargeError

LONGEST_HOLD = 6 * 3600.0
"""Seconds that a wish for patience is believed at most."""

_HOLD = 300.0
"""Seconds of patience where none are named: the length of Hugging Face's window."""
_NOT_INDEXED = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.BAD_REQUEST}
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
    """What the index knows of a paper, in the form of `extract.code_link`."""

    repository: str | None
    project_page: str | None

    @property
    def best(self) -> str | None:
        """The link for the Code column: a repository before a page."""
        return self.repository or self.project_page


class CodeIndex:
    """Rate-limited client: asks the index about one paper at a time, never faster than agreed."""

    def __init__(
        self, url: str, *, delay_seconds: float = 1.0, timeout_seconds: float = 10.0
    ) -> None:
        """Prepare; nothing is asked yet.

        url: the address that `/{id}` is put behind. delay_seconds lie between the end of an
        answer and the next question. timeout_seconds is what one question may take, all in all.
        """
        self.url = url
        self._delay = delay_seconds
        self._free_at = self._held_until = time.monotonic()
        self._turn = asyncio.Lock()
        self._client = HttpClient(timeout=timeout_seconds)

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
                answer = await self._ask(paper_id)
            finally:
                self._free_at = time.monotonic() + self._delay
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS or (
                answer.status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in answer.headers
            ):
                patience = _patience(answer)
                self._held_until = time.monotonic() + patience
                raise IndexBusyError(paper_id, patience)
        if answer.status in _NOT_INDEXED:
            return None
        if answer.status != HTTPStatus.OK:
            raise IndexDownError(paper_id, f"HTTP {answer.status}")
        return _read(answer, paper_id)

    async def _ask(self, paper_id: str) -> Answer:
        try:
            return await self._client.get(f"{self.url}/{quote(paper_id, safe='')}")
        except TooLargeError:
            raise BadAnswerError(paper_id, "an answer without end") from None
        except NoAnswerError as error:
            raise IndexDownError(paper_id, str(error)) from None


def _read(answer: Answer, paper_id: str) -> CodeLinks:
    try:
        about: Any = answer.json()
    except ValueError:
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


def _patience(answer: Answer) -> float:
    """Return the seconds that a server wants to be left alone.

    From Retry-After, or from Hugging Face's `RateLimit: "api";r=0;t=55`
    (draft-ietf-httpapi-ratelimit-headers).
    """
    seconds = answer.retry_after
    if seconds is None:
        window = re.search(r";\s*t=([0-9]{1,9})\b", answer.headers.get("RateLimit", ""))
        seconds = float(window[1]) if window else _HOLD
    return min(seconds, LONGEST_HOLD)

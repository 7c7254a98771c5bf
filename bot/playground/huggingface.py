"""Fake server of Hugging Face's papers API: `/api/papers/{id}` over records of its own.

Shape of answers: https://huggingface.co/docs/hub/api; limits and their headers:
https://huggingface.co/docs/hub/rate-limits.
"""

import asyncio
import math
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import Application

from bot.playground.local_server import Handler, LocalServer

_WINDOW_SECONDS = 300
_DRIP_SECONDS = 0.05


class HuggingFaceFault(StrEnum):
    """What happens to a request."""

    TOO_MANY_REQUESTS = "HTTP 429"
    UNAVAILABLE = "HTTP 503"
    FORBIDDEN = "HTTP 403"
    MOVED = "HTTP 302, to somewhere else"
    HANG = "no answer until the client gives up"
    DRIP = "the answer drips, a byte at a time, and never ends"
    RESET = "the connection breaks before the answer"
    HTML = "a page for people, HTTP 200"
    GARBAGE = "half of the JSON, as if it were all"
    NESTED = "JSON deeper than any program goes"
    HUGE = "an answer of four megabytes"
    LIST = "sound JSON of another shape"
    OTHER_PAPER = "the answer of another paper"


_WRONG = {
    HuggingFaceFault.HTML: "<!doctype html><title>Hugging Face</title>",
    HuggingFaceFault.GARBAGE: '{"githubRepo": "https://github.com/some',
    HuggingFaceFault.NESTED: "[" * 500_000,
    HuggingFaceFault.LIST: '[{"githubRepo": "https://github.com/a/b"}]',
    HuggingFaceFault.HUGE: "[" + "0," * 2_000_000 + "0]",
    HuggingFaceFault.OTHER_PAPER: '{"id": "1706.03762", "githubRepo": "https://github.com/a/b"}',
}


class FakeHuggingFace:
    """A Hugging Face on 127.0.0.1 that knows some papers."""

    def __init__(
        self, records: Mapping[str, Mapping[str, Any]] | None = None, *, quota: int = 500
    ) -> None:
        """Take `{arXiv id: {"githubRepo": ..., "projectPage": ...}}`, and requests a window."""
        self.records = {paper: dict(record) for paper, record in (records or {}).items()}
        self.quota = quota
        self.asked: list[str] = []
        """The ids of all requests."""
        self.agents: set[str] = set()
        """Who asked, by their own word."""
        self.fault: HuggingFaceFault | None = None
        """What every request meets, until it is None again."""
        self.faults: dict[str, HuggingFaceFault] = {}
        """What the requests about a paper meet."""
        self.retry_after: str | None = None
        """The header of 429 and 503; None: only RateLimit, as Hugging Face does."""
        self._window_began = -math.inf
        self._in_window = 0
        self._server = LocalServer()

    async def start(self, port: int = 0) -> str:
        """Serve; return the address that a paper's id is put behind."""
        routes = [(r"/api/papers/(.+)", _Paper, {"box": self})]
        served = Application(routes, log_function=lambda _: None)
        return f"{await self._server.start(served, port)}/api/papers"

    async def stop(self) -> None:
        """Stop serving and break what is still connected."""
        await self._server.stop()

    def answer(self, paper_id: str) -> dict[str, Any] | None:
        """Return what is known about a paper."""
        record = self.records.get(paper_id)
        if record is None:
            return None
        added = {"githubRepoAddedBy": "user", "githubStars": 0} if "githubRepo" in record else {}
        return {"id": paper_id, "authors": [], "upvotes": 0, **added, **record}

    def admit(self) -> tuple[int, int]:
        """Count a request; return what is left of the window, and the seconds to its end."""
        now = time.monotonic()
        if now - self._window_began >= _WINDOW_SECONDS:
            self._window_began, self._in_window = now, 0
        self._in_window += 1
        left = math.ceil(_WINDOW_SECONDS - (now - self._window_began))
        return self.quota - self._in_window, left


class _Paper(Handler):
    def initialize(self, box: FakeHuggingFace) -> None:
        self.box = box

    async def get(self, paper_id: str) -> None:
        box = self.box
        box.asked.append(paper_id)
        box.agents.add(self.request.headers.get("User-Agent", ""))
        remaining, seconds = box.admit()
        self.set_header("RateLimit-Policy", f'"fixed window";"api";q={box.quota};w=300')
        self.set_header("RateLimit", f'"api";r={max(remaining, 0)};t={seconds}')
        match box.faults.get(paper_id, box.fault):
            case None if remaining < 0:
                self.refuse(429, "We had to rate limit your IP")
            case None:
                self.tell(box.answer(paper_id))
            case fault:
                await self.misbehave(fault)

    async def misbehave(self, fault: HuggingFaceFault) -> None:
        match fault:
            case HuggingFaceFault.TOO_MANY_REQUESTS:
                self.refuse(429, "We had to rate limit your IP")
            case HuggingFaceFault.UNAVAILABLE:
                self.refuse(503, "Service Unavailable")
            case HuggingFaceFault.FORBIDDEN:
                self.refuse(403, "Forbidden")
            case HuggingFaceFault.MOVED:
                self.redirect("/api/papers/1706.03762")
            case HuggingFaceFault.HANG:
                await self.gone.wait()
            case HuggingFaceFault.DRIP:
                await self.drip()
            case HuggingFaceFault.RESET:
                self.detach().close()
            case _:
                self.finish(_WRONG[fault])

    def tell(self, answer: dict[str, Any] | None) -> None:
        if answer is None:
            self.refuse(404, "Paper not found")
        else:
            self.finish(answer)

    def refuse(self, status: int, error: str) -> None:
        if self.box.retry_after is not None and status != 404:  # noqa: PLR2004 - not found
            self.set_header("Retry-After", self.box.retry_after)
        self.set_status(status)
        self.finish({"error": error})

    async def drip(self) -> None:
        while not self.gone.is_set():
            try:
                self.write(" ")
                await self.flush()
            except StreamClosedError:
                return
            await asyncio.sleep(_DRIP_SECONDS)

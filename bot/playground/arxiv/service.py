"""A fake HTTP service of arXiv's: it keeps a log of its requests, and can have a bad day."""

import asyncio
import socket
import struct
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import Application

from bot.playground.arxiv.faults import ArxivFault, ArxivFaults
from bot.playground.local_server import Handler, LocalServer

_HTML = "<!DOCTYPE html><html><head><title>arXiv</title></head><body>Be back soon.</body></html>"
_SAID = {
    ArxivFault.TOO_MANY_REQUESTS: (429, "Rate exceeded."),
    ArxivFault.NOT_ACCEPTABLE: (406, _HTML),
    ArxivFault.UNAVAILABLE: (503, "Service Unavailable"),
    ArxivFault.BROKEN: (500, "Internal Server Error"),
    ArxivFault.HTML: (200, _HTML),
}


@dataclass(slots=True)
class Asked:
    """One request, for judging the manners of who asks; times are of time.monotonic()."""

    at: float
    arguments: dict[str, str]
    user_agent: str
    method: str
    repeated: bool
    """Whether an argument came more than once."""
    until: float | None = None
    status: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service says, when nothing happens on the way."""

    body: str
    content_type: str
    status: int = 200


class Service(ABC):
    """A service at one path; its children know what it answers."""

    path: str

    def __init__(self, *, min_delay: float = 0.0, seed: int = 0) -> None:
        """min_delay: seconds; whoever asks faster gets 429."""
        self.faults = ArxivFaults(seed)
        self.requests: list[Asked] = []
        self.min_delay = min_delay
        self.down = False
        self._closing = asyncio.Event()
        self._server = LocalServer()

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1; return the address to ask."""
        self._closing.clear()
        routes = [(self.path, _Request, {"service": self})]
        served = Application(routes, log_function=lambda _: None)
        return f"{await self._server.start(served, port)}{self.path}"

    async def stop(self) -> None:
        """Close every connection, also those that hang."""
        self._closing.set()
        await self._server.stop()

    async def closing(self) -> None:
        """Wait for `stop`."""
        await self._closing.wait()

    @abstractmethod
    def reply(self, asked: Asked, fault: ArxivFault | None) -> Reply:
        """Return what is answered to a request, with a fault that concerns what is said."""


class _Request(Handler):
    """A request, and what happens to it."""

    def initialize(self, service: Service) -> None:
        self._service = service

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._asked.until = self._asked.until or time.monotonic()

    def on_finish(self) -> None:
        self._asked.until = self._asked.until or time.monotonic()
        self._asked.status = self.get_status()

    def prepare(self) -> None:
        given: Mapping[str, list[Any]] = self.request.arguments
        self._asked = Asked(
            at=time.monotonic(),
            arguments={name: self.get_arguments(name, strip=False)[0] for name in given},
            user_agent=self.request.headers.get("User-Agent", ""),
            method=self.request.method or "",
            repeated=any(len(values) > 1 for values in given.values()),
        )
        self._service.requests.append(self._asked)

    async def get(self) -> None:
        """Answer, or not."""
        log = self._service.requests
        if self._service.down:
            self._say(503, "Service Unavailable")
            return
        if len(log) > 1 and self._asked.at - log[-2].at < self._service.min_delay:
            self._say(429, "Rate exceeded.")
            return
        fault, retry_after = self._service.faults.strike()
        if retry_after is not None:
            self.set_header("Retry-After", retry_after)
        match fault:
            case ArxivFault.HANG:
                await self._hang()
            case ArxivFault.RESET:
                self._reset()
            case ArxivFault() if fault in _SAID:
                self._say(*_SAID[fault])
            case _:
                await self._answer(fault)

    post = get

    async def _answer(self, fault: ArxivFault | None) -> None:
        reply = self._service.reply(self._asked, fault)
        self.set_status(reply.status)
        self.set_header("Content-Type", reply.content_type)
        body = reply.body
        if fault is ArxivFault.TRUNCATED:
            body = body[: len(body) // 2]
        if fault in {ArxivFault.CUT_OFF, ArxivFault.SLOW}:
            self.set_header("Content-Length", len(body.encode()))
            await self._send_some(body.encode()[:-1], slowly=fault is ArxivFault.SLOW)
        else:
            self.write(body)

    async def _send_some(self, body: bytes, *, slowly: bool) -> None:
        try:
            for start in range(0, len(body), 1 if slowly else len(body)):
                self.write(body[start : start + 1] if slowly else body[: len(body) // 2])
                await self.flush()
                if slowly:
                    await asyncio.sleep(0.1)
        except StreamClosedError:
            return
        self._reset()

    async def _hang(self) -> None:
        waiting = {
            asyncio.ensure_future(self.gone.wait()),
            asyncio.ensure_future(self._service.closing()),
        }
        _, left = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        self._reset()

    def _reset(self) -> None:
        """Break the connection so that the other side sees a reset instead of an end."""
        stream = self.detach()
        if not stream.closed():
            linger = struct.pack("ii", 1, 0)
            stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            stream.close()
        self._asked.until = time.monotonic()

    def _say(self, status: int, text: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(text)

"""A fake server for arXiv's API that replays recorded papers over real HTTP.

It answers as arXiv did in 2026, with its limits and its errors:
https://info.arxiv.org/help/api/user-manual.html. It keeps a log of how politely it was asked, and
can have a bad day.
"""

import asyncio
import re
import socket
import struct
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from tornado.iostream import StreamClosedError
from tornado.web import Application

from bot.playground.arxiv.faults import ArxivFault, ArxivFaults
from bot.playground.arxiv.feed import error, page
from bot.playground.arxiv.index import Index, SearchError
from bot.playground.arxiv.papers import (
    ArxivEntry,
    date_anew,
    from_feeds,
    from_rows,
    from_sample,
)
from bot.playground.arxiv.parameters import Parameters, RefusedError, read_parameters
from bot.playground.arxiv.search import find
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
    until: float | None = None
    status: int = 0


class FakeArxiv:
    """arXiv in a box; `await start()` returns the address for ARXIV_API_URL."""

    def __init__(
        self,
        papers: Iterable[Mapping[str, Any]] | None = None,
        *,
        feeds: Path | None = None,
        newest: datetime | None = None,
        hold_back: int = 0,
        min_delay: float = 0.0,
        seed: int = 0,
    ) -> None:
        """Prepare the papers: plain dictionaries, a folder of recorded feeds, or the own sample.

        newest: move all dates by whole days, so that the newest paper lies just before this.
        hold_back: keep so many of the newest papers until `announce`. min_delay: seconds; whoever
        asks faster gets 429.
        """
        self._entries = _read(papers, feeds)
        if newest is not None:
            date_anew(self._entries, newest)
        self._entries.sort(key=lambda entry: (entry.published, entry.id))
        kept = max(0, len(self._entries) - hold_back)
        self._held_back = self._entries[kept:]
        del self._entries[kept:]
        self._index: Index | None = None
        self._found: dict[object, list[ArxivEntry]] = {}
        self._closing = asyncio.Event()
        self._server = LocalServer()
        self.faults = ArxivFaults(seed)
        self.requests: list[Asked] = []
        self.min_delay = min_delay
        self.down = False

    @property
    def ids(self) -> list[str]:
        """The ids of all papers that can be found, oldest first."""
        return [entry.id for entry in self._entries]

    def announce(self, count: int | None = None) -> list[str]:
        """Release held-back papers, all or the newest `count`, dated now; return their ids."""
        kept = 0 if count is None else max(0, len(self._held_back) - count)
        released, self._held_back = self._held_back[kept:], self._held_back[:kept]
        now = datetime.now(UTC).replace(microsecond=0)
        for age, entry in enumerate(reversed(released)):
            moment = now - timedelta(seconds=age)
            entry.date(published=moment, updated=moment)
        self._entries += released
        self._changed()
        return [entry.id for entry in released]

    def publish(self, papers: Iterable[Mapping[str, Any]]) -> None:
        """Add papers; one that is known already gets this version."""
        new = from_rows(papers)
        ids = {entry.id for entry in new}
        kept = [entry for entry in self._entries if entry.id not in ids]
        self._entries = sorted([*kept, *new], key=lambda entry: (entry.published, entry.id))
        self._changed()

    def _changed(self) -> None:
        self._index = None
        self._found.clear()

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1; return the address to ask."""
        self._closing.clear()
        routes = [("/api/query", _Query, {"arxiv": self})]
        served = Application(routes, log_function=lambda _: None)
        return f"{await self._server.start(served, port)}/api/query"

    async def stop(self) -> None:
        """Close every connection, also those that hang."""
        self._closing.set()
        await self._server.stop()

    async def closing(self) -> None:
        """Wait for `stop`."""
        await self._closing.wait()

    def answer(self, arguments: Mapping[str, str], fault: ArxivFault | None = None) -> str:
        """Return the feed that answers a request. Raises an error that the handler knows."""
        parameters = read_parameters(arguments)
        found = self._search(parameters)
        total = len(found)
        rendered = [
            entry.xml for entry in found[parameters.start : parameters.start + parameters.size]
        ]
        match fault:
            case ArxivFault.NOTHING:
                rendered, total = [], 0
            case ArxivFault.EMPTY_PAGE:
                rendered = []
            case ArxivFault.SHORT_PAGE:
                rendered = rendered[: len(rendered) // 2]
            case ArxivFault.REPEATED_PAGE:
                rendered[-1:] = rendered[:1]
            case ArxivFault.BAD_ENTRY:
                rendered[:1] = [
                    re.sub(r"(?<=<published>)[^<]+", "soon", text) for text in rendered[:1]
                ]
            case ArxivFault.ILL_FORMED_ENTRY:
                rendered[:1] = [text.replace("<title>", "<title>0 < 1, ") for text in rendered[:1]]
        return page(
            query=parameters.query or "",
            ids=",".join(parameters.ids),
            total=total,
            start=parameters.start,
            size=parameters.size,
            entries=rendered,
        )

    def _search(self, parameters: Parameters) -> list[ArxivEntry]:
        key = (parameters.query, parameters.ids, parameters.sort_by, parameters.ascending)
        if key not in self._found:
            if len(self._found) > 100:  # noqa: PLR2004 - enough for paging
                self._found.clear()
            try:
                self._found[key] = self._sorted(parameters)
            except SearchError as error:
                raise RefusedError(error.message, status=error.status) from None
        return self._found[key]

    def _sorted(self, parameters: Parameters) -> list[ArxivEntry]:
        if self._index is None:
            self._index = Index(self._entries)
        found = find(self._index, parameters.query) if parameters.query else list(self._entries)
        if parameters.ids:
            found = _of_these(found, parameters.ids)
        found.sort(key=_SORT_KEYS[parameters.sort_by], reverse=not parameters.ascending)
        return found


_SORT_KEYS: Mapping[str, Callable[[ArxivEntry], tuple[object, ...]]] = {
    "relevance": lambda entry: (crc32(entry.id.encode()),),
    "lastUpdatedDate": lambda entry: (entry.updated, entry.id),
    "submittedDate": lambda entry: (entry.published, entry.id),
}
"""Relevance is not a date, and means nothing here."""


class _Query(Handler):
    """`/api/query`."""

    def initialize(self, arxiv: FakeArxiv) -> None:
        self._arxiv = arxiv

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._asked.until = self._asked.until or time.monotonic()

    def on_finish(self) -> None:
        self._asked.until = self._asked.until or time.monotonic()
        self._asked.status = self.get_status()

    def prepare(self) -> None:
        arguments = {name: self.get_argument(name) for name in self.request.arguments}
        agent = self.request.headers.get("User-Agent", "")
        self._asked = Asked(time.monotonic(), arguments, agent)
        self._arxiv.requests.append(self._asked)

    async def get(self) -> None:
        """Answer, or not."""
        log = self._arxiv.requests
        if self._arxiv.down:
            self._say(503, "Service Unavailable")
            return
        if len(log) > 1 and self._asked.at - log[-2].at < self._arxiv.min_delay:
            self._say(429, "Rate exceeded.")
            return
        fault, retry_after = self._arxiv.faults.strike()
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
        self.set_header("Content-Type", "application/atom+xml; charset=utf-8")
        if fault is ArxivFault.ERROR_ENTRY:
            self.write(error("unexpected error"))
            return
        try:
            body = self._arxiv.answer(self._asked.arguments, fault)
        except RefusedError as refusal:
            self.set_status(refusal.status)
            self.write(error(refusal.message, refusal.place))
            return
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
            asyncio.ensure_future(self._arxiv.closing()),
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


def _read(papers: Iterable[Mapping[str, Any]] | None, feeds: Path | None) -> list[ArxivEntry]:
    if papers is not None:
        return from_rows(papers)
    if feeds is not None:
        return from_feeds(feeds)
    return from_sample()


def _of_these(entries: Iterable[ArxivEntry], ids: Sequence[str]) -> list[ArxivEntry]:
    """Return the entries that have one of these ids; an id with a version means that one."""
    papers = {re.sub(r"v\d+$", "", text) for text in ids}
    return [
        entry.at(version)
        for entry in entries
        if entry.id in papers
        for version in range(1, entry.version + 1)
        if f"{entry.id}v{version}" in ids or (version == entry.version and entry.id in ids)
    ]

"""Rate-limited transport to arXiv: one request at a time, paced, timed, bounded and judged.

arXiv asks for one request every three seconds over one connection, from all of a person's
machines together: https://info.arxiv.org/help/api/tou.html. The `arxiv` package has no time-outs
and blocks, so it runs in one thread of its own here, over a transport that has them.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import arxiv
import requests

from bot.arxiv import feed
from bot.http_client import Answer, Bounds, NoAnswerError, Threads, TooLargeError, exchange
from storage.models import Paper

LONGEST_WAIT = 120.0
"""Seconds that a call waits at most before it asks again; when arXiv asks for more, it gives up."""
LONGEST_HOLD = 3600.0
"""Seconds that one Retry-After is believed at most."""

_LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A page of 2,000 papers has about 6 million."""
_CONNECT_SECONDS = 10.0
_SLOWEST_ANSWER = 4
"""Times the read time-out: a server that drips its answer is cut off here."""
_MAX_REDIRECTS = 3
_OWN_ARGUMENTS = {"search_query", "id_list", "start", "max_results", "sortBy", "sortOrder"}


class SourceError(Exception):
    """arXiv gave no usable answer."""

    passing = True
    """Whether the same question may be answered later."""

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        tries: int = 1,
    ) -> None:
        """Keep what is known; of the url, only what holds no secret.

        reason: a few technical words; status: the HTTP status, where there was one; retry_after:
        seconds after which arXiv wants to be asked again, where it said so; tries: how often this
        question was asked.
        """
        self.url = _without_secrets(url)
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.tries = tries
        super().__init__(reason)

    def __str__(self) -> str:
        often = "once" if self.tries == 1 else f"{self.tries} times"
        return f"{self.reason} (asked {often}: {self.url})"


class UnreachableError(SourceError):
    """No connection, no answer in time, or a server that says that it is out of order."""


class ClosedError(UnreachableError):
    """Nobody waits for the answer any more."""

    passing = False


class RateLimitedError(SourceError):
    """arXiv asks for patience (429, 406, or 503 with a Retry-After)."""


class BrokenAnswerError(SourceError):
    """An answer that is not a whole, consistent page of papers."""


class RefusedError(BrokenAnswerError):
    """A status that asking again does not mend, such as 403 or 404."""

    passing = False


class RejectedQueryError(SourceError):
    """arXiv does not understand the question; `message` is what it says about it."""

    passing = False

    def __init__(self, url: str, message: str, *, status: int | None = None) -> None:
        super().__init__(url, f"rejected: {message}", status=status)
        self.message = message


@dataclass(frozen=True, slots=True)
class ResultPage:
    """A page of papers; total, page_size and entries mean what they mean in `feed.Feed`."""

    url: str
    papers: list[Paper]
    total: int
    page_size: int
    entries: int

    @property
    def skipped(self) -> int:
        """How many entries cannot become papers."""
        return self.entries - len(self.papers)


class Connection:
    """Asks one question at a time, however many are waiting, and never faster than agreed."""

    def __init__(
        self, url: str, *, user_agent: str, delay_seconds: float, timeout_seconds: float
    ) -> None:
        """Prepare; nothing is asked yet.

        delay_seconds lie at least between the end of an answer and the next request.
        timeout_seconds is how long arXiv may be silent.
        """
        self._transport = _Transport(
            url, user_agent=user_agent, delay_seconds=delay_seconds, timeout_seconds=timeout_seconds
        )
        self._client = arxiv.Client(delay_seconds=0, num_retries=0)
        # The package logs what it knows of the address, which may hold a password: it knows none.
        self._client.query_url_format = "{}"
        self._client._session = self._transport  # noqa: SLF001 - its only door for time-outs
        self._thread = Threads(at_once=1)

    async def ask(self, search: arxiv.Search, *, start: int, size: int) -> ResultPage:
        """Return one page; raises one of this module's errors."""
        given_up = threading.Event()
        try:
            return await self._thread.run(lambda: self._page(search, start, size, given_up))
        finally:
            given_up.set()

    def hold(self, seconds: float) -> None:
        """Ask nothing at all for so long."""
        self._transport.hold(min(seconds, LONGEST_HOLD))

    def close(self) -> None:
        """Take no more questions; the one on its way is given up at the next packet."""
        self._transport.close()

    def _page(
        self, search: arxiv.Search, start: int, size: int, given_up: threading.Event
    ) -> ResultPage:
        transport = self._transport
        transport.begin(given_up)
        self._client.page_size = size
        papers: list[Paper] = []
        try:
            for result in self._client.results(search, offset=start):
                papers.append(feed.to_paper(result))
                if transport.page is None or len(papers) >= transport.page.sound:
                    break  # the package would go on to the next page by its own count
        except ValueError as error:
            raise BrokenAnswerError(transport.url, f"unreadable: {error}"[:200]) from None
        page = transport.page
        if page is None:
            raise BrokenAnswerError(transport.url, "nothing was asked")
        if len(papers) != page.sound:
            reason = f"{len(papers)} papers read from {page.sound} entries"
            raise BrokenAnswerError(transport.url, reason)
        return ResultPage(transport.url, papers, page.total, page.page_size, page.entries)


@dataclass(frozen=True, slots=True)
class _Response:
    """As much of a requests.Response as the package reads."""

    content: bytes
    status_code: int = 200


class _Transport:
    """What the package takes for its requests.Session; used by one thread."""

    def __init__(
        self, url: str, *, user_agent: str, delay_seconds: float, timeout_seconds: float
    ) -> None:
        self._address = url + ("&" if "?" in url else "?")
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        self._session.max_redirects = _MAX_REDIRECTS
        self._delay = delay_seconds
        self._timeout = timeout_seconds
        self._free_at = time.monotonic()
        self._closed = threading.Event()
        self.given_up = threading.Event()
        self.page: feed.Feed | None = None
        self.url = ""

    def begin(self, given_up: threading.Event) -> None:
        """Start on a new question, for somebody who may give up."""
        self.given_up = given_up
        self.page = None

    def get(self, arguments: str, **unused: Any) -> _Response:
        """Return the sound part of the answer, and leave what it said of itself in `page`."""
        del unused  # the package's own name for itself
        self.url = self._address + arguments
        self._wait()
        try:
            answer = self._exchange()
        finally:
            self._free_at = max(self._free_at, time.monotonic() + self._delay)
        self.page = self._judge(answer)
        return _Response(self.page.body)

    def hold(self, seconds: float) -> None:
        self._free_at = max(self._free_at, time.monotonic() + seconds)

    def close(self) -> None:
        self._closed.set()
        self._session.close()

    def _wait(self) -> None:
        """Wait for the pace, or for as long as arXiv asked for; nobody waiting ends it."""
        while (left := self._free_at - time.monotonic()) > 0:
            if left > max(LONGEST_WAIT, self._delay):
                reason = f"arXiv asked for {left:.0f} seconds of patience"
                raise RateLimitedError(self.url, reason, retry_after=left, tries=0)
            self._go_on()
            self.given_up.wait(min(left, 0.5))
        self._go_on()

    def _go_on(self) -> None:
        if self.given_up.is_set() or self._closed.is_set():
            raise ClosedError(self.url, "given up", tries=0)

    def _exchange(self) -> Answer:
        bounds = Bounds(
            connect=_CONNECT_SECONDS,
            silence=self._timeout,
            ends_at=time.monotonic() + _SLOWEST_ANSWER * self._timeout,
            most_bytes=_LARGEST_ANSWER,
        )
        try:
            return exchange(self._session, "GET", self.url, bounds=bounds, go_on=self._go_on)
        except TooLargeError as error:
            raise BrokenAnswerError(self.url, str(error)) from None
        except NoAnswerError as error:
            raise UnreachableError(self.url, str(error)) from None

    def _judge(self, answer: Answer) -> feed.Feed:
        status, page, broken = answer.status, None, ""
        try:
            page = feed.read(answer.body)
        except feed.FeedError as error:
            broken = error.reason
        if page is not None and page.error is not None and status in {200, 400}:
            raise RejectedQueryError(self.url, page.error, status=status)
        retry_after = answer.retry_after
        if retry_after is not None:
            retry_after = min(retry_after, LONGEST_HOLD)
        # 406, with a page for people, is what arXiv says of too many requests since September 2026
        # (https://github.com/blazickjp/arxiv-mcp-server/issues/277).
        if status in {requests.codes.too_many_requests, requests.codes.not_acceptable} or (
            status == requests.codes.service_unavailable and retry_after is not None
        ):
            self.hold(retry_after or 0)  # at once: the next question may be waiting already
            raise RateLimitedError(
                self.url, f"HTTP {status}", status=status, retry_after=retry_after
            )
        if status >= requests.codes.internal_server_error:
            raise UnreachableError(self.url, f"HTTP {status}", status=status)
        if status == requests.codes.bad_request:
            raise RejectedQueryError(self.url, "HTTP 400 without a reason", status=status)
        if status != requests.codes.ok:
            raise RefusedError(self.url, f"HTTP {status}", status=status)
        if page is None:
            raise BrokenAnswerError(self.url, broken, status=status)
        return page


def _without_secrets(url: str) -> str:
    """Return the address without user, password and whatever else its owner put into it."""
    parts = urlsplit(url)
    ours = [(name, value) for name, value in parse_qsl(parts.query) if name in _OWN_ARGUMENTS]
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(ours), ""))

"""Rate-limited transport to arXiv: one request at a time, paced, timed, bounded and judged.

arXiv asks for one request every three seconds over one connection, from all of a person's
machines and over all of its services together: https://info.arxiv.org/help/api/tou.html.
"""

import re
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bot.arxiv.redaction import shape
from bot.arxiv.turns import TooManyWaitingError, Turns
from bot.http.client import (
    Answer,
    Bounds,
    NoAnswerError,
    Threads,
    TooLargeError,
    exchange,
)

if TYPE_CHECKING:
    from bot.arxiv.session import ArxivSession

LONGEST_WAIT = 120.0
"""Seconds that a call waits at most before it asks again; when arXiv asks for more, it gives up."""
LONGEST_HOLD = 3600.0
"""Seconds that one Retry-After is believed at most."""

_LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A page of 2,000 papers has about 6 million."""
_CONNECT_SECONDS = 10.0
_SLOWEST_ANSWER = 4
"""Times the read time-out: a server that drips its answer is cut off here."""
_OWN_ARGUMENTS = {
    *("search_query", "id_list", "start", "max_results", "sortBy", "sortOrder"),
    *("verb", "metadataPrefix", "from", "until", "identifier", "resumptionToken"),
}
_KEY_GOES_TO = re.compile(
    r"https://(?:[\w-]+\.)*arxiv\.org|https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?"
)
"""Where the key may go: to arXiv, and to this machine, where a proxy of one's own may be."""

_T = TypeVar("_T")


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
        """Keep what is known; of the url, only what holds no secret and nobody's words.

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
        # What arXiv says may quote what was looked for.
        super().__init__(url, "the question was refused", status=status)
        self.message = message


class CrowdedError(SourceError):
    """arXiv was not even asked: others come first, or the chat has enough questions waiting."""

    passing = False

    def __init__(self) -> None:
        super().__init__("", "no turn at arXiv", tries=0)


class Access:
    """How this process asks arXiv: one request at a time, so far apart, with its key.

    Shared by the clients of all services of arXiv, because arXiv counts them together.
    """

    def __init__(self, *, delay_seconds: float = 3.0, api_key: str | None = None) -> None:
        """Prepare. delay_seconds lie at least between the end of an answer and the next request."""
        self.api_key = api_key
        self._delay = delay_seconds
        self._free_at = time.monotonic()
        self._thread = Threads(at_once=1)
        self._turns = Turns()

    async def run(self, call: Callable[[], _T]) -> _T:
        """Return what a blocking call returns, when it is the turn of whom this task asks for."""
        try:
            async with self._turns.turn():
                return await self._thread.run(call)
        except TooManyWaitingError:
            raise CrowdedError from None

    def wait(self, go_on: Callable[[], None], given_up: threading.Event) -> None:
        """Block until the next request may go out; `go_on` is called meanwhile, and may raise."""
        while (left := self._free_at - time.monotonic()) > 0:
            go_on()
            given_up.wait(min(left, 0.5))

    def asked(self) -> None:
        """Note that an exchange has just ended."""
        self._free_at = time.monotonic() + self._delay


class Transport:
    """Requests to one service of arXiv; `get` and `post` are called within `run`."""

    def __init__(self, url: str, *, access: Access, timeout_seconds: float) -> None:
        """Prepare; nothing is asked yet. timeout_seconds is how long arXiv may be silent."""
        self._address = url + ("&" if "?" in url else "?")
        self._access = access
        self._timeout = timeout_seconds
        self._session: ArxivSession | None = None
        self._key = access.api_key if _may_have_key(url) else None
        self.has_key = bool(self._key)
        self._held_until = 0.0
        self._closed = threading.Event()
        self._given_up = threading.Event()
        self.url = url
        """What was asked last."""

    async def run(self, call: Callable[[], _T]) -> _T:
        """Return what a blocking call returns that asks arXiv, when it is its turn."""
        given_up = threading.Event()

        def begin() -> _T:
            self._given_up = given_up
            return call()

        try:
            return await self._access.run(begin)
        finally:
            given_up.set()

    def get(self, arguments: str) -> Answer:
        """Return the whole answer, whatever its status; raises one of this module's errors."""
        self.url = self._address + arguments
        return self._ask("GET", self.url)

    def post(self, arguments: str) -> Answer:
        """Return the answer of the service itself: what is posted passes every cache by.

        A redirect would lose what is posted, and is not followed.
        """
        self.url = self._address + arguments
        form = dict(parse_qsl(arguments))
        return self._ask("POST", self._address[:-1], data=form, allow_redirects=False)

    def _ask(self, method: str, url: str, **what: Any) -> Answer:
        self._go_on()
        if (left := self._held_until - time.monotonic()) > 0:
            # Not waited for here: other services of arXiv may be asked meanwhile.
            reason = f"arXiv asked for {left:.0f} seconds of patience"
            raise RateLimitedError(self.url, reason, retry_after=left, tries=0)
        self._access.wait(self._go_on, self._given_up)
        self._go_on()
        try:
            return self._exchange(method, url, **what)
        finally:
            self._access.asked()

    def judge(self, answer: Answer) -> None:
        """Raise what a status other than 200 means."""
        status = answer.status
        retry_after = answer.retry_after
        if retry_after is not None:
            retry_after = min(retry_after, LONGEST_HOLD)
        # 406, with a page for people, is what arXiv says of too many requests since September 2026
        # (https://github.com/blazickjp/arxiv-mcp-server/issues/277).
        if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.NOT_ACCEPTABLE} or (
            status == HTTPStatus.SERVICE_UNAVAILABLE and retry_after is not None
        ):
            self.hold(retry_after or 0)  # at once: the next question may be waiting already
            raise RateLimitedError(
                self.url, f"HTTP {status}", status=status, retry_after=retry_after
            )
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UnreachableError(self.url, f"HTTP {status}", status=status)
        if status != HTTPStatus.OK:
            raise RefusedError(self.url, f"HTTP {status}", status=status)

    def hold(self, seconds: float) -> None:
        """Ask this service nothing at all for so long."""
        until = time.monotonic() + min(seconds, LONGEST_HOLD)
        self._held_until = max(self._held_until, until)

    def close(self) -> None:
        """Ask nothing any more; the request on its way is given up at the next packet."""
        self._closed.set()
        if self._session is not None:
            self._session.close()

    def _go_on(self) -> None:
        if self._given_up.is_set() or self._closed.is_set():
            raise ClosedError(self.url, "given up", tries=0)

    def _opened(self) -> "ArxivSession":
        """Return the session; within `run`, so that the import keeps nobody waiting."""
        from bot.arxiv.session import ArxivSession

        if self._session is None:
            self._session = ArxivSession(self._key)
        return self._session

    def _exchange(self, method: str, url: str, **what: Any) -> Answer:
        bounds = Bounds(
            connect=_CONNECT_SECONDS,
            silence=self._timeout,
            ends_at=time.monotonic() + _SLOWEST_ANSWER * self._timeout,
            most_bytes=_LARGEST_ANSWER,
        )
        try:
            return exchange(self._opened(), method, url, bounds=bounds, go_on=self._go_on, **what)
        except TooLargeError as error:
            raise BrokenAnswerError(self.url, str(error)) from None
        except NoAnswerError as error:
            raise UnreachableError(self.url, str(error)) from None


def _may_have_key(url: str) -> bool:
    parts = urlsplit(url)
    return _KEY_GOES_TO.fullmatch(f"{parts.scheme}://{parts.netloc}") is not None


def _without_secrets(url: str) -> str:
    """Return the address without what its owner put into it, and without anybody's words."""
    parts = urlsplit(url)
    ours = {name: value for name, value in parse_qsl(parts.query) if name in _OWN_ARGUMENTS}
    if "search_query" in ours:
        ours["search_query"] = shape(ours["search_query"])
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, urlencode(ours), ""))

"""HTTP transport of the Bot API: python-telegram-bot's requests over aiohttp.

The library's own transport, over httpx, walks its whole pool at each request, and encodes forms
byte by byte. This one keeps connections in a pool that costs the same however many are open, sends
JSON, and bounds what comes back. The token is part of every address, and aiohttp's errors quote
addresses: nothing of such an error is handed on but its name and what the system said.
"""

import io
import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import unquote, urlsplit

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyConnector, ProxyError, ProxyTimeoutError
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.http.authorities import authorities
from bot.http.client import json_of
from bot.http.proxies import proxy_for
from bot.telegram.well_formed import is_id, read_answer

LARGEST_ANSWER_BYTES = 20 * 1024 * 1024
"""The largest file that a bot can download: https://core.telegram.org/bots/api#getfile."""

LONGEST_DESCRIPTION = 300
"""Characters of why something was refused; it is logged, and kept with what was refused."""

LONGEST_PATIENCE_SECONDS = 86_400
"""So long Telegram is left alone at most, whatever it, or somebody on the way, asks for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many connections there may be, and how many seconds each step of a request may take."""

    connections: int
    connect: float = 10
    read: float = 20
    write: float = 20
    write_media: float = 120
    pool: float = 30


@dataclass(frozen=True, slots=True)
class JsonData:
    """A request's parameters, ready for `json.dumps`: for what is sent in great numbers.

    It stands where the library has its RequestData, which looks at each value for objects and
    files, and which is final.
    """

    parameters: dict[str, Any]
    contains_files: Literal[False] = False
    multipart_data: None = None

    @property
    def json_parameters(self) -> dict[str, str]:
        """The same for a form, as the library's own transport sends it."""
        return {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in self.parameters.items()
        }


class NeverSentError(Exception):
    """The cause of an error before the request was written: whoever it was for has not got it."""


class NotTelegramError(NetworkError):
    """What answered is not Telegram, or not as Telegram describes itself; nothing of it is told.

    What was asked for may have been done all the same.
    """

    def __init__(self) -> None:
        """Take nothing of what was answered."""
        super().__init__("Invalid server response")


async def post_json(request: BaseRequest, url: str, parameters: dict[str, Any]) -> Any:
    """Return the result of a method of the Bot API as it comes, or raise the library's errors."""
    return await request.post(url, cast("RequestData", JsonData(parameters)))


def transport(limits: Limits, *, url: str) -> "AiohttpRequest":
    """Return the transport to the Bot API at an address, through the proxy that is set for it."""
    return AiohttpRequest(limits, proxy=proxy_for(url))


class AiohttpRequest(BaseRequest):
    """Transport of the Bot API over aiohttp, with the errors of the library's own one."""

    __slots__ = ("_limits", "_proxy", "_session")

    def __init__(self, limits: Limits, *, proxy: str | None = None) -> None:
        """Prepare; proxy: the address of one, as `bot.http.proxies` gives it."""
        self._limits = limits
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """The seconds that an answer may take where a request says nothing else."""
        return self._limits.read

    async def initialize(self) -> None:
        """Open the pool; connections are made when they are needed."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=self._connector(limit=self._limits.connections, ssl=authorities()),
                proxy=None if _is_socks(self._proxy) else self._proxy,
                cookie_jar=aiohttp.DummyCookieJar(),
                # What is not packed can't unpack to more than it seemed.
                headers={"User-Agent": self.USER_AGENT, "Accept-Encoding": "identity"},
            )

    def _connector(self, **how: Any) -> aiohttp.TCPConnector:
        """Return the pool; aiohttp itself knows HTTP proxies, and no SOCKS."""
        if self._proxy is None or not _is_socks(self._proxy):
            return aiohttp.TCPConnector(**how)
        parts = urlsplit(self._proxy)
        return ProxyConnector(
            parts.hostname or "",
            parts.port or 1080,
            username=unquote(parts.username or "") or None,
            password=unquote(parts.password or "") or None,
            rdns=True,
            **how,
        )

    async def shutdown(self) -> None:
        """Close all connections."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    async def do_request(  # noqa: PLR0917 - the library's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | JsonData | None = None,
        read_timeout: object = BaseRequest.DEFAULT_NONE,
        write_timeout: object = BaseRequest.DEFAULT_NONE,
        connect_timeout: object = BaseRequest.DEFAULT_NONE,
        pool_timeout: object = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return the status and the body of the answer.

        Raises:
            TimedOut: it did not come in time.
            NetworkError: it did not come whole, or is larger than any can be.

        NeverSentError is the cause of those after which the request surely did nothing.

        """
        if self._session is None:
            message = "the transport is not initialized"
            raise RuntimeError(message)
        media = request_data is not None and request_data.contains_files
        read = _seconds(read_timeout, self._limits.read)
        connect = _seconds(connect_timeout, self._limits.connect)
        pool = _seconds(pool_timeout, self._limits.pool)
        write = _seconds(write_timeout, self._limits.write_media if media else self._limits.write)
        try:
            async with self._session.request(
                method,
                url,
                data=_body(request_data),
                headers=None if media else _JSON,
                # A redirect would carry the token elsewhere.
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    # aiohttp bounds neither writing nor an answer that drips, except by this.
                    total=_sum(pool, connect, write, read),
                    connect=_sum(pool, connect),
                    sock_connect=connect,
                    sock_read=read,
                ),
            ) as response:
                answer = _Answer(await _read(response))
                answer.method = url.rpartition("/")[2]
                return response.status, answer
        except (TimeoutError, ProxyTimeoutError) as error:
            failure: TelegramError = TimedOut()
            cause = _cause(error)
        except (aiohttp.ClientError, ProxyConnectionError, ProxyError) as error:
            failure = NetworkError(_described(error))
            cause = _cause(error)
        # Not raised above: it would drag along aiohttp's own error, with the address in it.
        raise failure from cause

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, object]:
        """Return what an answer says; a page of somebody on the way, or a trap, is none.

        The library's own way quotes what it can't read in the log.
        """
        with suppress(ValueError):
            said = json_of_telegram(payload)
            if isinstance(said, dict):
                _bound_refusal(said)
                if "result" in said and isinstance(payload, _Answer):
                    said["result"] = read_answer(payload.method, said["result"])
                return _Said(said)
        raise NotTelegramError


def json_of_telegram(body: bytes) -> Any:
    """Return what JSON from Telegram says; raises ValueError where it is none.

    Bytes that are no UTF-8 cost themselves only, and not all updates that come with them.
    """
    try:
        return json_of(body)
    except UnicodeDecodeError:
        return json_of(body.decode(errors="replace").encode())


_QUOTED = re.compile(r"\"(?:.*\"|.*)|(?<!\w)'(?:.*'|.*)", re.DOTALL)
"""Telegram quotes what it can't read, such as a tag or an address: words of somebody's."""


class _Answer(bytes):
    """The body of an answer, and the method of the Bot API that it answers."""

    method = ""


def _bound_refusal(said: dict[str, Any]) -> None:
    """Keep of a refusal what Telegram describes: words, how long to wait, where a group went.

    A Retry-After that is no number is left out; a day is believed at most.
    """
    description, parameters = said.pop("description", None), said.pop("parameters", None)
    if isinstance(description, str):
        said["description"] = _QUOTED.sub("…", description[:LONGEST_DESCRIPTION])
    if not isinstance(parameters, dict):
        return
    bounded: dict[str, object] = {}
    seconds, moved = parameters.get("retry_after"), parameters.get("migrate_to_chat_id")
    if isinstance(seconds, int | float) and seconds > 0:
        bounded["retry_after"] = math.ceil(min(seconds, LONGEST_PATIENCE_SECONDS))
    if is_id(moved):
        bounded["migrate_to_chat_id"] = moved
    said["parameters"] = bounded


class _Said(dict[str, object]):
    def __missing__(self, key: str) -> object:
        """Refuse what has no result, and so is not Telegram's."""
        raise NotTelegramError


_JSON = {"Content-Type": "application/json"}


def _seconds(given: object, usual: float) -> float | None:
    """Return what a request says of a time-out, where None is no time-out at all."""
    return given if given is None or isinstance(given, int | float) else usual


def _sum(*seconds: float | None) -> float | None:
    known = [each for each in seconds if each is not None]
    return sum(known) if len(known) == len(seconds) else None


def _body(data: RequestData | JsonData | None) -> bytes | aiohttp.FormData | None:
    if data is None:
        return None
    if isinstance(data, JsonData) or not data.contains_files:
        return json.dumps(data.parameters).encode()
    # Names of files are UTF-8 on the way, as Telegram and browsers write them.
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in data.multipart_data.items():
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=filename, content_type=mime)
    return form


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > LARGEST_ANSWER_BYTES:
            message = f"an answer of more than {LARGEST_ANSWER_BYTES:,} bytes"
            raise NetworkError(message)
    return bytes(body)


_BEFORE_THE_REQUEST = (
    aiohttp.ClientConnectorError,  # refused, no such name, a certificate of nobody's
    aiohttp.ConnectionTimeoutError,  # also where no connection of the pool was free
    aiohttp.ClientHttpProxyError,
    ProxyConnectionError,
    ProxyError,
    ProxyTimeoutError,
)
"""https://docs.aiohttp.org/en/stable/client_reference.html#hierarchy-of-exceptions"""


def _cause(error: Exception) -> NeverSentError | None:
    return NeverSentError() if isinstance(error, _BEFORE_THE_REQUEST) else None


def _described(error: Exception) -> str:
    """Return what went wrong, without the address."""
    said = ""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        said = str(error.certificate_error)
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        said = f"the proxy answers {error.status}"
    elif isinstance(error, aiohttp.ClientOSError):
        said = error.strerror or ""
    room = type(error).__module__.partition(".")[0]
    return f"{room}.{type(error).__name__}" + (f": {said}" if said else "")


def _is_socks(proxy: str | None) -> bool:
    return proxy is not None and proxy.startswith("socks")

"""What deep-translator gets in place of `requests`: with time-outs, and with secrets in the body.

Its modules call `requests.get` and `requests.post` without any time-out (all of 1.11.4), put the
text and the key of LibreTranslate into the address, where logs and proxies keep them, and read
answers of any size.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

import requests
import urllib3

_CONNECT_SECONDS = 5.0
_LARGEST_ANSWER = 1_000_000
"""Bytes; an abstract's translation is a hundredth of it."""

_ends_at: ContextVar[float] = ContextVar("ends_at")


class AnswerTooLarge(Exception):  # noqa: N818 - it is named by what happened
    """A server sends more than any translation can be."""


class _Answer:
    """What deep-translator reads of a response."""

    def __init__(self, status_code: int, body: bytes) -> None:
        self.status_code = status_code
        # All of them send UTF-8, not all of them say so.
        self.text = body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        return json.loads(self.text)

    def close(self) -> None:
        """Do nothing: the body was read."""


class _Requests:
    def get(
        self, url: str, params: Mapping[str, str], proxies: Mapping[str, str] | None = None
    ) -> _Answer:
        return self._ask("GET", url, params=params, proxies=proxies)

    def post(self, url: str, params: Mapping[str, str]) -> _Answer:
        return self._ask("POST", url, data=params)

    def _ask(self, method: str, url: str, **what: Any) -> _Answer:
        with requests.request(
            method, url, timeout=(min(_CONNECT_SECONDS, _left()), _left()), stream=True, **what
        ) as response:
            return _Answer(response.status_code, _body(response))


def _body(response: requests.Response) -> bytes:
    # A read returns after one packet: a server that drips cannot outlive the deadline.
    body = bytearray()
    try:
        while packet := response.raw.read1(65_536, decode_content=True):
            body += packet
            if len(body) > _LARGEST_ANSWER:
                raise AnswerTooLarge
            _left()
    except urllib3.exceptions.TimeoutError as error:
        raise requests.Timeout from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError from error
    return bytes(body)


def _left() -> float:
    left = _ends_at.get() - time.monotonic()
    if left <= 0:
        raise requests.Timeout
    return left


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let every request in the block, taken together, last no longer."""
    before = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(before)


def install(module: ModuleType) -> None:
    """Make one of deep-translator's modules use it; its calls then need a `deadline`."""
    module.requests = _REQUESTS  # type: ignore[attr-defined] # the name that it imported


_REQUESTS = _Requests()

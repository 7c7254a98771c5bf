"""HTTP transport for deep-translator: with time-outs, and with secrets in the body.

Its modules call `requests.get` and `requests.post` without any time-out (all of 1.11.4), put the
text and the key of LibreTranslate into the address, where logs and proxies keep them, and read
answers of any size. This is what they get in place of `requests`.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from bot.http.client import LARGEST_ANSWER, Answer, Bounds, exchange, json_of

_CONNECT_SECONDS = 5.0

_ends_at: ContextVar[float] = ContextVar("ends_at")


class _Response:
    """What deep-translator reads of a response."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        # All of them send UTF-8, not all of them say so.
        self.text = answer.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        return json_of(self.text.encode())

    def close(self) -> None:
        """Do nothing: the body was read."""


class _Requests:
    def get(
        self, url: str, params: Mapping[str, str], proxies: Mapping[str, str] | None = None
    ) -> _Response:
        return self._ask("GET", url, params=params, proxies=proxies)

    def post(self, url: str, params: Mapping[str, str]) -> _Response:
        return self._ask("POST", url, data=params)

    def _ask(self, method: str, url: str, **what: Any) -> _Response:
        from bot.http.deadline import Session

        bounds = Bounds(connect=_CONNECT_SECONDS, ends_at=_ends_at.get(), most_bytes=LARGEST_ANSWER)
        with Session() as asking:
            return _Response(exchange(asking, method, url, bounds=bounds, **what))


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
    vars(module)["requests"] = _REQUESTS  # the name that it imported


_REQUESTS = _Requests()

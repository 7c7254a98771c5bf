"""Deadline of a whole blocking exchange: at its end the connection itself is shut down.

A read's time-out starts anew with each byte. A server that drips its headers, says `100 Continue`
for ever, or sends the length of a chunk a digit at a time keeps a thread, and nothing above the
socket hears of it. So the sockets of an exchange are shut down below requests and urllib3, from a
thread of their own, whatever is being read then.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.contrib.socks import (
    SOCKSConnection,
    SOCKSHTTPConnectionPool,
    SOCKSHTTPSConnection,
    SOCKSHTTPSConnectionPool,
    SOCKSProxyManager,
)
from urllib3.exceptions import ConnectTimeoutError

_here = threading.local()
"""The watch of the exchange that this thread is in."""

_CONNECTING = threading.BoundedSemaphore(64)
"""Threads that connect: where a resolver answers nothing, no more of them wait for it."""


class Watch:
    """The connections of one exchange."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.is_over = False
        """Whether they were shut down."""
        self._wires: list[socket.socket] = []
        self._lock = threading.Lock()

    def add(self, wire: socket.socket) -> None:
        """Shut this one down as well; one that comes too late, at once.

        A handle of its own: the connection's is closed while an answer without a length is read.
        """
        with self._lock:
            self._wires.append(wire := wire.dup())
            if self.is_over:
                _shut_down(wire)

    def close(self) -> None:
        """Leave them to whom they belong."""
        with self._lock:
            for wire in self._wires:
                wire.close()

    def end(self) -> None:
        """Let whoever reads from any of them, or writes, read or write no more."""
        with self._lock:
            self.is_over = True
            for wire in self._wires:
                _shut_down(wire)


@contextmanager
def watched(ends_at: float) -> Iterator[Watch]:
    """Shut down what a `Session` has connected in the block at a moment of the monotonic clock."""
    watch = Watch(ends_at)
    timer = threading.Timer(max(0.0, ends_at - time.monotonic()), watch.end)
    timer.daemon = True
    timer.start()
    _here.watch = watch
    try:
        yield watch
    finally:
        _here.watch = None
        timer.cancel()
        watch.close()


def _shut_down(wire: socket.socket) -> None:
    with suppress(OSError):  # closed meanwhile
        wire.shutdown(socket.SHUT_RDWR)


def _connected(connect: Callable[[], socket.socket], watch: Watch) -> socket.socket | None:
    """Connect in a thread of its own; None: it took too long, and is left to itself.

    Nothing ends a look-up of a name but the system's resolver.
    """
    places = _CONNECTING
    if not places.acquire(blocking=False):
        return None
    ended: Future[socket.socket] = Future()

    def run() -> None:
        made = None
        try:
            try:
                ended.set_result(made := connect())
            except Exception as error:  # noqa: BLE001 - it is raised where it is waited for
                ended.set_exception(error)
        except InvalidStateError:
            if made is not None:
                made.close()
        finally:
            places.release()

    threading.Thread(target=run, name="connecting", daemon=True).start()
    with suppress(TimeoutError):
        return ended.result(max(0.0, watch.ends_at - time.monotonic()))
    return None if ended.cancel() else ended.result()


class _Plain(HTTPConnection):
    """A connection that shows its socket to the watch; the other kinds stand behind it."""

    _wire: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        watch: Watch | None = getattr(_here, "watch", None)
        made = _connected(super()._new_conn, watch) if watch else super()._new_conn()
        if made is None:
            raise ConnectTimeoutError(self, "no connection in time")
        # A second handle: TLS takes the first one away, before its handshake.
        self._wire = made.dup()
        self._show()
        return made

    def request(self, *arguments: Any, **more: Any) -> None:
        self._show()  # a connection that is used again was made in another exchange
        super().request(*arguments, **more)

    def close(self) -> None:
        super().close()
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _show(self) -> None:
        watch: Watch | None = getattr(_here, "watch", None)
        if watch is not None and self._wire is not None:
            watch.add(self._wire)


class _Secure(_Plain, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _PlainSocks(_Plain, SOCKSConnection):
    pass


class _SecureSocks(_Plain, SOCKSHTTPSConnection):
    pass


class _PlainSocksPool(SOCKSHTTPConnectionPool):
    ConnectionCls = _PlainSocks


class _SecureSocksPool(SOCKSHTTPSConnectionPool):
    ConnectionCls = _SecureSocks


_POOLS = {"http": _PlainPool, "https": _SecurePool}
_SOCKS_POOLS = {"http": _PlainSocksPool, "https": _SecureSocksPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **more)
        is_socks = isinstance(manager, SOCKSProxyManager)
        manager.pool_classes_by_scheme = _SOCKS_POOLS if is_socks else _POOLS
        return manager


class Session(requests.Session):
    """A session whose connections can be shut down, and which reads no redirect's body."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where an answer leads to, None where it is the last."""
        target = super().get_redirect_target(resp)
        if target:
            # Else requests would read it, however long it is, to use the connection again.
            resp.close()
        return target

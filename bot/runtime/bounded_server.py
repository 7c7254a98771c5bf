"""Bounded HTTP server: connections, time and size have limits of our own.

tornado takes every connection that comes and waits an hour for its request, and where the process
may open no more files it logs a traceback for each look at the socket.
"""

import errno
import os
import socket
import time
from collections import OrderedDict
from typing import Any

import structlog
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets
from tornado.web import Application

from bot.http.address import CannotListenError

HEAD_SECONDS = 10.0
"""For a request's first lines, and between two requests on a connection."""

BODY_SECONDS = 10.0
HEAD_BYTES = 16 * 1024
TOLD_SECONDS = 600.0
"""Trouble that goes on is told again after so long."""

_NO_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

_log = structlog.get_logger(__name__)


class BoundedServer(HTTPServer):
    """HTTP server with at most so many connections: one more closes the one that idles longest."""

    most = 50

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Set up what tornado makes of a constructor's arguments."""
        super().initialize(*args, **kwargs)
        self._open: OrderedDict[IOStream, None] = OrderedDict()

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a connection, and close another where there are too many."""
        self._open = OrderedDict((known, None) for known in self._open if not known.closed())
        self._open[stream] = None
        while len(self._open) > self.most:
            oldest, _none = self._open.popitem(last=False)
            oldest.close()
        super().handle_stream(stream, address)

    def trust(self, request: HTTPServerRequest) -> None:
        """Close the connection of a request after all others: we know whose it is."""
        stream = getattr(request.connection, "stream", None)
        if isinstance(stream, IOStream) and stream in self._open:
            self._open.move_to_end(stream)

    def listen_on(self, address: tuple[str, int]) -> int:
        """Listen, and return the port, which port 0 leaves to the system.

        Raises:
            CannotListenError: the host is none, the port is taken or not for us.

        """
        sockets = [PatientSocket(fileno=each.detach()) for each in bind(address)]
        self.add_sockets(sockets)
        return int(sockets[0].getsockname()[1])


def bind(address: tuple[str, int]) -> list[socket.socket]:
    """Return sockets that listen at an address.

    Raises:
        CannotListenError: the host is none, the port is taken or not for us.

    """
    host, port = address
    try:
        return bind_sockets(port, host)
    except UnicodeError as error:  # a name that no host can have
        raise CannotListenError(errno.EINVAL, "that is no host's name") from error
    except OSError as error:
        raise CannotListenError(error.errno, error.strerror) from error


def bounded_server(application: Application, *, most: int, largest_bytes: int) -> BoundedServer:
    """Return a server that takes at most `most` connections, and bodies of so many bytes."""
    server = BoundedServer(
        application,
        max_header_size=HEAD_BYTES,
        max_body_size=largest_bytes,
        max_buffer_size=HEAD_BYTES + 2 * largest_bytes,
        idle_connection_timeout=HEAD_SECONDS,
        body_timeout=BODY_SECONDS,
    )
    server.most = most
    return server


class PatientSocket(socket.socket):
    """Listening socket that turns a connection away where the process may open no more files.

    One file is kept for that: an accept that fails would be tried again at once, for ever.
    """

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._spare = os.open(os.devnull, os.O_RDONLY)
        self._told_at = float("-inf")

    def accept(self) -> tuple[socket.socket, Any]:
        """Accept a connection; raises BlockingIOError where there is none."""
        try:
            return super().accept()
        except OSError as error:
            if error.errno not in _NO_FILES:
                raise
            self._tell(error)
        os.close(self._spare)
        try:
            connection, _address = super().accept()
            connection.close()
        except OSError as error:
            raise BlockingIOError from error
        finally:
            self._spare = os.open(os.devnull, os.O_RDONLY)
        raise BlockingIOError

    def close(self) -> None:
        """Close the socket and the file that was kept."""
        super().close()
        if self._spare >= 0:
            os.close(self._spare)
            self._spare = -1

    def _tell(self, error: OSError) -> None:
        now = time.monotonic()
        if now - self._told_at >= TOLD_SECONDS:
            self._told_at = now
            _log.error("connections are turned away", problem=error.strerror)

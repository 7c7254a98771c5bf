"""HTTP server on 127.0.0.1 for a fake server: started on a port, stopped with its connections."""

import asyncio
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler


class LocalServer:
    """Serves one application, once started."""

    def __init__(self) -> None:
        self._server: HTTPServer | None = None

    async def start(self, application: Application, port: int = 0, **options: Any) -> str:
        """Listen; return the base URL, such as `http://127.0.0.1:5000`. Port 0: any free one."""
        sockets = bind_sockets(port, "127.0.0.1")
        self._server = HTTPServer(application, **options)
        self._server.add_sockets(sockets)
        return f"http://127.0.0.1:{sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Stop listening and break what is still connected."""
        if self._server is not None:
            self._server.stop()
            await self._server.close_all_connections()
            self._server = None


class Handler(RequestHandler):
    """Request handler that knows when its client is gone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.gone = asyncio.Event()
        super().__init__(*args, **kwargs)

    def on_connection_close(self) -> None:
        """Note that nobody waits for the answer any more."""
        self.gone.set()

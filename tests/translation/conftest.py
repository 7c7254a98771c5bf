"""What translation is tested against: real HTTP servers, a real database, real abstracts."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from storage.database import Database
from tests.material import real_rows

Behaviour = Callable[[RequestHandler], Awaitable[None]]
Serve = Callable[[Behaviour], str]


class _Handler(RequestHandler):
    def initialize(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.client_is_gone = asyncio.Event()

    def on_connection_close(self) -> None:
        self.client_is_gone.set()

    async def get(self) -> None:
        await self.behaviour(self)

    async def post(self) -> None:
        await self.behaviour(self)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve HTTP that behaves as a function says; gives the address."""
    servers: list[HTTPServer] = []

    def start(behaviour: Behaviour) -> str:
        sockets = bind_sockets(0, "127.0.0.1")
        server = HTTPServer(
            Application([("/.*", _Handler, {"behaviour": behaviour})], log_function=lambda _: None)
        )
        server.add_sockets(sockets)
        servers.append(server)
        return f"http://127.0.0.1:{sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.stop()
        await server.close_all_connections()


@pytest.fixture
async def database(tmp_path: Path, empty_database: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{shutil.copy(empty_database, tmp_path / 'paperboy.db')}")
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def abstracts() -> list[str]:
    """Give a thousand real abstracts; every one with a formula or a command is among the first."""
    found = [row["abstract"] for row in real_rows()]
    found.sort(key=lambda abstract: "$" not in abstract and "\\" not in abstract)
    return found[:1000]

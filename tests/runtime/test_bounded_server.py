"""Ports that strangers may find: limits of connections, time and size."""

import asyncio
import logging
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from structlog.testing import capture_logs
from tornado.web import Application, RequestHandler

from bot.runtime import bounded_server
from bot.runtime.bounded_server import BoundedServer

MOST = 50


class _Hello(RequestHandler):
    def get(self) -> None:
        self.finish("hello")

    def post(self) -> None:
        self.finish("hello")


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Listen with the limits of `METRICS_LISTEN`."""
    server: BoundedServer = bounded_server.bounded_server(
        Application([("/", _Hello)], log_function=lambda _: None), most=MOST, largest_bytes=1024
    )
    yield server.listen_on(("127.0.0.1", 0))
    server.stop()
    await server.close_all_connections()


async def is_answered(port: int) -> bool:
    async with httpx.AsyncClient(timeout=5) as client:
        return (await client.get(f"http://127.0.0.1:{port}/")).text == "hello"


async def test_idle_connections_mute_nothing_and_are_closed_one_by_one(port: int) -> None:
    idle = [await asyncio.open_connection("127.0.0.1", port) for _each in range(4 * MOST)]
    assert await is_answered(port)
    closed = [reader for reader, _writer in idle if reader.at_eof()]
    assert len(closed) >= 3 * MOST
    for _reader, writer in idle:
        writer.close()


async def test_a_request_that_drips_has_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (bounded_server.HEAD_SECONDS, bounded_server.BODY_SECONDS) == (10, 10)
    monkeypatch.setattr(bounded_server, "HEAD_SECONDS", 0.2)
    server = bounded_server.bounded_server(
        Application([("/", _Hello)]), most=MOST, largest_bytes=1024
    )
    hasty = server.listen_on(("127.0.0.1", 0))
    reader, writer = await asyncio.open_connection("127.0.0.1", hasty)
    writer.write(b"GET / HTTP/1.1\r\n")
    async with asyncio.timeout(5):
        assert await reader.read() == b""
    writer.close()
    server.stop()
    await server.close_all_connections()


@pytest.mark.parametrize("length", [1025, 100 * 1024 * 1024])
async def test_a_body_that_is_too_large_is_refused_before_it_comes(port: int, length: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    async with asyncio.timeout(5):
        assert (await reader.read()).startswith(b"HTTP/1.1 400")
    writer.close()


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let the process open no file more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 2, hard))
    try:
        with suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_who_comes_when_no_file_can_be_opened_is_turned_away_and_told_of_once(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    clients = [socket.socket() for _each in range(20)]
    for client in clients:
        client.setblocking(False)
    with caplog.at_level(logging.INFO), capture_logs() as told, no_more_files():
        for client in clients:
            await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", port))
            assert await asyncio.get_running_loop().sock_recv(client, 1) == b""
    assert [line["problem"] for line in told] == ["Too many open files"]
    assert caplog.records == [], "the event loop says nothing either"
    assert await is_answered(port)
    for client in clients:
        client.close()

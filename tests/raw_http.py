"""Servers that send whatever bytes a test wants: slowly, without end, or lying."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

Behaviour = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Behaviour], Awaitable[str]]


@pytest.fixture
async def serve_raw() -> AsyncIterator[Serve]:
    """Serve TCP: a behaviour gets the head of a request and writes what it likes."""
    servers: list[asyncio.Server] = []

    async def start(behaviour: Behaviour) -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await behaviour(await reader.readuntil(b"\r\n\r\n"), writer)
                await writer.drain()
            except ConnectionError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def saying(status: str, body: bytes = b"", *headers: str) -> Behaviour:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])

    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        del request
        writer.write(head.encode() + b"\r\n\r\n" + body)

    return behave


def endless(piece: bytes, *, pause: float, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Behaviour:
    async def behave(request: bytes, writer: asyncio.StreamWriter) -> None:
        del request
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return behave


SLOW = {
    "silence": endless(b"", pause=0.05, head=b""),
    "slow headers": endless(b"X-A: b\r\n", pause=0.02, head=b"HTTP/1.1 200 OK\r\n"),
    "dripping body": endless(b"x", pause=0.02),
    "continue for ever": endless(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02, head=b""),
    "dripping status": endless(b"9", pause=0.02, head=b"HTTP/1.1 2"),
    "dripping chunk": endless(
        b"0", pause=0.02, head=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    ),
}

"""Proxies: small real ones, HTTP (RFC 9110) and SOCKS5 (RFC 1928, RFC 1929)."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

USER, PASSWORD = "reader", "pass-that-nobody-may-see"


class ProxyServer:
    """A proxy that looks names up itself: all of them are this machine."""

    def __init__(self, kind: str, *, wants_password: bool = False) -> None:
        self.kind = kind
        self.asked: list[tuple[str, int]] = []
        """Host and port of each connection that was asked for."""
        self._wants_password = wants_password
        self._tasks: set[asyncio.Task[None]] = set()
        self._wires: list[asyncio.StreamWriter] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Return the address as an operator writes it."""
        who = f"{USER}:{PASSWORD}@" if self._wants_password else ""
        return f"{self.kind}://{who}127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, whatever becomes of it."""
        serve = self._socks if self.kind == "socks5" else self._http
        if task := asyncio.current_task():
            self._tasks.add(task)
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def end(self) -> None:
        """End all that still goes through it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for wire in self._wires:
            wire.close()
        await asyncio.sleep(0.05)  # closed transports let go of their sockets

    async def _socks(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _version, count = await reader.readexactly(2)
        offered = await reader.readexactly(count)
        method = 2 if self._wants_password else 0
        if method not in offered:
            writer.write(b"\x05\xff")
            return
        writer.write(bytes([5, method]))
        if method:
            await reader.readexactly(1)
            user, password = [
                await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)
            ]
            known = (user.decode(), password.decode()) == (USER, PASSWORD)
            writer.write(b"\x01\x00" if known else b"\x01\x01")
            if not known:
                return
        *_head, kind = await reader.readexactly(4)
        assert kind == 3, "a name, which the proxy is to look up"
        host = await reader.readexactly((await reader.readexactly(1))[0])
        port = int.from_bytes(await reader.readexactly(2))
        await self._tunnel(
            host.decode(), port, reader, writer, b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
        )

    async def _http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        proof = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self._wants_password and f"proxy-authorization: basic {proof}".lower() not in (
            head.lower()
        ):
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, rest = head.split(" ", 2)
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            await self._tunnel(host, int(port), reader, writer, b"HTTP/1.1 200 OK\r\n\r\n")
            return
        parts = urlsplit(target)
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        first = f"{method} {path} {rest}".replace("keep-alive", "close").encode()
        await self._tunnel(parts.hostname or "", parts.port or 80, reader, writer, b"", first)

    async def _tunnel(  # noqa: PLR0917 - both ends of it
        self,
        host: str,
        port: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: bytes,
        first: bytes = b"",
    ) -> None:
        self.asked.append((host, port))
        there, to_there = await asyncio.open_connection("127.0.0.1", port)
        self._wires.append(to_there)
        writer.write(answer)
        to_there.write(first)
        ways = [_pump(reader, to_there), _pump(there, writer)]
        tasks = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            to_there.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while packet := await reader.read(1 << 16):
        writer.write(packet)
        await writer.drain()


@asynccontextmanager
async def proxy_server(kind: str, *, wants_password: bool = False) -> AsyncIterator[ProxyServer]:
    """Run a proxy of a kind, `http` or `socks5`, for as long as the block lasts."""
    proxy = ProxyServer(kind, wants_password=wants_password)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.end()


Ask = Callable[[str], Awaitable[int]]
"""Ask an address; return the status."""

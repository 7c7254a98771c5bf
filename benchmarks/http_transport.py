"""What a request to Telegram costs: the library's own transport and ours, side by side.

    python benchmarks/http_transport.py

`send_message` of 3,000 characters over real HTTP, so many at once, to a server in a process of its
own that answers at once. Both take turns, three times; the cheapest turn of each is printed.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from telegram import Bot
from telegram.constants import ParseMode
from telegram.request import BaseRequest, HTTPXRequest

from bot.telegram.http_transport import AiohttpRequest, Limits

REQUESTS = 2_000
TURNS = 3
AT_ONCE = (2, 100)
TEXT = "<b>论文</b> A paper of which something is said: attention, at last. " * 45
TRANSPORTS: dict[str, Callable[[], BaseRequest]] = {
    "httpx": lambda: HTTPXRequest(connection_pool_size=200, read_timeout=20, pool_timeout=30),
    "aiohttp": lambda: AiohttpRequest(Limits(connections=200)),
}
ANSWER = (
    b'{"ok": true, "result": {"message_id": 1, "date": 1, "text": "x",'
    b' "chat": {"id": 1, "type": "private", "first_name": "Ada"}}}'
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


async def main(url: str) -> None:
    for at_once in AT_ONCE:
        cheapest: dict[str, tuple[float, float]] = {}
        for _turn in range(TURNS):
            for name, transport in TRANSPORTS.items():
                took = await asking(url, transport(), at_once)
                cheapest[name] = min(cheapest.get(name, took), took)
        for name, (cpu, wall) in cheapest.items():
            print(
                f"{at_once:>4} at once, {name:8}{cpu / REQUESTS * 1000:6.2f} ms of CPU a request,"
                f" {REQUESTS / wall:6,.0f} a second,"
                f" {cheapest['httpx'][0] / cpu:4.1f} times cheaper"
            )


async def asking(url: str, request: BaseRequest, at_once: int) -> tuple[float, float]:
    """Return the seconds of CPU and of the clock that all requests take."""
    left = iter(range(REQUESTS))
    async with request:
        bot = Bot("1:x", f"{url}/bot", request=request)

        async def worker() -> None:
            for number in left:
                await bot.send_message(number + 1, TEXT, ParseMode.HTML)

        busy, began = time.process_time(), time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
        return time.process_time() - busy, time.monotonic() - began


def serve(port: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                await reader.readexactly(length)
                writer.write(HEAD % len(ANSWER) + ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def listen() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(listen())


if __name__ == "__main__":
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,))
    process.start()
    try:
        asyncio.run(main(f"http://127.0.0.1:{ours.recv()}"))
    finally:
        process.terminate()
        process.join()

"""A Telegram for benchmarks: a process that takes every message, and counts them by chat and text.

A text that comes twice to a chat is a message that was sent twice; two texts are two messages.
"""

import asyncio
import json
import multiprocessing
from collections import Counter
from multiprocessing.connection import Connection
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import parse_qs

_ME = {"id": 1, "is_bot": True, "first_name": "P", "username": "p_bot"}
_MESSAGE = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}


class Message(NamedTuple):
    chat: int
    text: int
    """Its hash."""


def fault(arrived: Counter[Message], *, chats: int) -> str | None:
    """Return in what these are not the messages of a push to each of so many chats."""
    if twice := arrived.total() - len(arrived):
        return f"{twice} messages came once more than they should"
    if missing := chats - len({message.chat for message in arrived}):
        return f"{missing} of {chats} chats got nothing"
    return None


class CountingTelegram:
    """Runs while its block does."""

    def __init__(self) -> None:
        self._ours, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(theirs,), daemon=True
        )

    def __enter__(self) -> Self:
        self._process.start()
        self.url = f"http://127.0.0.1:{self._ours.recv()}"
        return self

    def arrived(self) -> Counter[Message]:
        """Return how often each message has come."""
        self._ours.send(None)
        counted: Counter[Message] = self._ours.recv()
        return counted

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.join()


def _serve(pipe: Connection) -> None:
    arrived: Counter[Message] = Counter()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(
                    line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
                )
                body = await reader.readexactly(int(fields.get("content-length", 0)))
                result = _ME
                if head.split(" ", 2)[1].lower().endswith("/sendmessage"):
                    arrived[_message(body, fields["content-type"])] += 1
                    result = _MESSAGE
                said = json.dumps({"ok": True, "result": result}).encode()
                start = f"HTTP/1.1 200 OK\r\nContent-Length: {len(said)}\r\n"
                writer.write(f"{start}Content-Type: application/json\r\n\r\n".encode() + said)
        except asyncio.IncompleteReadError:
            writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        asked = asyncio.get_running_loop().run_in_executor
        while True:
            await asked(None, pipe.recv)
            pipe.send(arrived)

    asyncio.run(serve())


def _message(body: bytes, kind: str) -> Message:
    if kind.startswith("application/json"):
        said = json.loads(body)
    else:
        said = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return Message(int(said["chat_id"]), hash(said["text"]))

"""HTTP server of the Bot API: addresses, bodies, answers, and the ways in which it can go wrong.

https://core.telegram.org/bots/api#making-requests
"""

import asyncio
import contextlib
import inspect
import json
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tornado.http1connection import HTTP1Connection
from tornado.httputil import HTTPFile
from tornado.routing import URLSpec

from bot.playground.local_server import Handler
from bot.playground.telegram import (
    methods_bot,
    methods_chats,
    methods_editing,
    methods_inline,
    methods_sending,
)
from bot.playground.telegram.account import Account
from bot.playground.telegram.faults import Faults, TelegramFault
from bot.playground.telegram.method import Method
from bot.playground.telegram.parameters import ApiCall, Upload, decoded
from bot.playground.telegram.rate_limits import RateLimits
from bot.playground.telegram.refusal import Refusal, too_many_requests
from bot.playground.telegram.world import ChatKind

METHODS: Final[dict[str, Method]] = {
    **methods_bot.METHODS,
    **methods_inline.METHODS,
    **methods_chats.METHODS,
    **methods_sending.METHODS,
    **methods_editing.METHODS,
}
"""Names as the Bot API spells them; in an address their case does not matter."""

_SPELLING: Final = {name.lower(): name for name in METHODS}
_UNAUTHORIZED: Final = Refusal(401, "Unauthorized")
_NOT_FOUND: Final = Refusal(404, "Not Found")


@dataclass(slots=True)
class Service:
    """What the addresses below serve, and what came of it."""

    account: Account
    faults: Faults
    pace: RateLimits | None
    """None: nobody is ever too fast."""
    strict: bool
    """Whether parameters that a method does not have are refused; Telegram ignores them."""
    calls: list[ApiCall] = field(default_factory=list)
    on_call: list[Callable[[ApiCall], None]] = field(default_factory=list)
    mistakes: list[BaseException] = field(default_factory=list)
    latency: float = 0.0
    """Seconds until an answer arrives, after what was asked for has been done."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when whoever still waits must go."""

    def record(self, call: ApiCall) -> None:
        """Keep a request whose answer is known, and tell who listens."""
        self.calls.append(call)
        for listener in tuple(self.on_call):
            listener(call)


def routes(service: Service) -> list[URLSpec]:
    """Return the addresses that the Bot API has."""
    given = {"service": service}
    return [
        URLSpec(r"/file/bot([^/]+)/documents/(.+)", _FileHandler, given),
        URLSpec(r"/bot([^/]+)/(\w+)", _MethodHandler, given),
        URLSpec(r".*", _NowhereHandler, given),
    ]


class _Handler(Handler):
    def initialize(self, service: Service) -> None:
        self.service = service

    def check_xsrf_cookie(self) -> None:
        """Bots have no cookies."""

    def log_exception(self, *details: Any) -> None:
        """Keep our own mistakes where a test sees them."""
        self.service.mistakes.append(details[1])
        super().log_exception(*details)

    def answer(self, body: Any, status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def refuse(self, refusal: Refusal) -> None:
        """Finish with `ok: false`."""
        if refusal.retry_after is not None:
            self.set_header("Retry-After", str(refusal.retry_after))
        self.answer(refusal.as_json(), refusal.code)


class _NowhereHandler(_Handler):
    def prepare(self) -> None:
        self.refuse(_NOT_FOUND)


class _FileHandler(_Handler):
    async def get(self, token: str, file_id: str) -> None:
        """Serve what getFile named."""
        stored = self.service.account.world.files.get(file_id)
        if token != self.service.account.token:
            self.refuse(_UNAUTHORIZED)
        elif stored is None:
            self.refuse(_NOT_FOUND)
        else:
            self.set_header("Content-Type", "application/octet-stream")
            self.finish(stored.content)


class _MethodHandler(_Handler):
    async def get(self, token: str, name: str) -> None:
        """Run a method."""
        if token != self.service.account.token:
            self.refuse(_UNAUTHORIZED)
            return
        spelling = _SPELLING.get(name.lower())
        if spelling is None:
            self.refuse(_NOT_FOUND)
            return
        call = ApiCall(spelling, {}, {}, at=self.service.account.world.clock())
        fault = await self._run(call)
        self.service.record(call)
        if self.service.latency and call.method != "getUpdates":
            await asyncio.sleep(self.service.latency)
        if fault is not None and fault.refusal is None:
            await self._fail(fault)
        elif call.error is not None:
            retry_after = call.error.get("parameters", {}).get("retry_after")
            if retry_after is not None:
                self.set_header("Retry-After", str(retry_after))
            self.answer(call.error, call.error["error_code"])
        else:
            self.answer({"ok": True, "result": call.result})

    async def post(self, token: str, name: str) -> None:
        """Run a method."""
        await self.get(token, name)

    async def _run(self, call: ApiCall) -> TelegramFault | None:
        """Fill in what became of the call; return the fault that struck it."""
        fault = None
        try:
            call.raw, call.files = self._body()
            call.params = decoded(call.raw)
            fault = self.service.faults.strike(call.method, call.chat_id)
            if fault is not None:
                call.fault = True
                if not fault.accepted:
                    if fault.refusal is not None:
                        raise fault.refusal
                    return fault
            method = METHODS[call.method]
            self._check(method, call)
            call.result = await self._result(method, call)
        except Refusal as refusal:
            call.error = refusal.as_json()
        return fault

    def _check(self, method: Method, call: ApiCall) -> None:
        call.unknown = tuple(sorted(set(call.raw) - method.parameters))
        # Telegram ignores what it does not know, and the bot would never learn of its mistake.
        if call.unknown and self.service.strict:
            raise Refusal(400, f"Bad Request: {call.method} has no parameter {call.unknown[0]}")
        chat = self.service.account.world.chats.get(call.chat_id or 0)
        if method.paced and self.service.pace is not None and chat is not None:
            shared = chat.kind is not ChatKind.PRIVATE
            wait = self.service.pace.admit(chat.id, shared=shared)
            if wait is not None:
                raise too_many_requests(wait)

    async def _result(self, method: Method, call: ApiCall) -> Any:
        result = method.run(self.service.account, call)
        if not inspect.isawaitable(result):
            return result
        # A client that hangs up must not hold the place of the next one.
        work = asyncio.ensure_future(result)
        gone = asyncio.ensure_future(self.gone.wait())
        ended = asyncio.ensure_future(self.service.ended.wait())
        try:
            await asyncio.wait({work, gone, ended}, return_when="FIRST_COMPLETED")
            return await work if work.done() else []
        finally:
            for task in (work, gone, ended):
                task.cancel()

    def _body(self) -> tuple[dict[str, Any], dict[str, Upload]]:
        raw: dict[str, Any] = {
            name: values[-1].decode("utf-8", "surrogateescape")
            for name, values in self.request.arguments.items()
        }
        if self.request.headers.get("Content-Type", "").startswith("application/json"):
            try:
                body = json.loads(self.request.body or b"{}")
            except ValueError:
                raise Refusal(400, "Bad Request: can't parse JSON object") from None
            if not isinstance(body, dict):
                raise Refusal(400, "Bad Request: can't parse JSON object")
            raw |= body
        files = {name: _upload(parts[-1]) for name, parts in self.request.files.items()}
        return raw, files

    async def _fail(self, fault: TelegramFault) -> None:
        """Say nothing until the client gives up, or break the connection."""
        if not fault.reset:
            gone = asyncio.ensure_future(self.gone.wait())
            ended = asyncio.ensure_future(self.service.ended.wait())
            await asyncio.wait({gone, ended}, return_when="FIRST_COMPLETED")
            gone.cancel()
            ended.cancel()
        connection = self.request.connection
        if isinstance(connection, HTTP1Connection) and not connection.stream.closed():
            with contextlib.suppress(OSError, AttributeError):
                # Lingering for no time makes the kernel answer with RST instead of FIN.
                connection.stream.socket.setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                )
            connection.stream.close()


def _upload(part: HTTPFile) -> Upload:
    return Upload(part.filename, part.content_type, part.body)

"""Webhook: Telegram posts updates, authenticated by a secret, acknowledged once handled.

python-telegram-bot's `start_webhook` answers 200 before anything was done, so a bot that is
killed forgets what it was told; it compares secrets byte by byte, and logs what people write where
it can't read it. Hence this server of our own, on the same tornado.
"""

import asyncio
import errno
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import structlog
from telegram.error import BadRequest, InvalidToken, TelegramError
from tornado.httputil import HTTPServerRequest
from tornado.routing import URLSpec
from tornado.web import Application, RequestHandler, stream_request_body

from bot.conversation.context import App
from bot.http.address import shown
from bot.runtime.bounded_server import BoundedServer, bounded_server
from bot.runtime.intake import Intake
from bot.runtime.polling import REFUSALS, WANTED
from bot.runtime.pulse import Pulse
from bot.runtime.update_fields import number_of
from bot.telegram.http_transport import json_of_telegram

ANSWER_SECONDS = 5.0
"""An update that is neither handled nor kept by then is to come again: the database is in trouble.
"""

LARGEST_BYTES = 1024 * 1024
"""Telegram's updates have some kilobytes."""

LOOK_SECONDS = 300.0
"""How often Telegram is asked whether it still posts here."""

_CONNECTIONS = 100
"""As many as Telegram opens; each waits for its update to be handled."""

PORT_SECONDS = 10.0
"""A copy on the same machine that lost the lead lets the port go within so long."""

_LOOK_AT_PORT_SECONDS = 0.2
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0

_log = structlog.get_logger(__name__)


class WebhookListener:
    """Webhook listener: gives an application what Telegram posts to `url`, through a proxy here."""

    def __init__(
        self,
        app: App,
        intake: Intake,
        pulse: Pulse,
        *,
        url: str,
        address: tuple[str, int],
        secret: str,
    ) -> None:
        self.secret = secret
        self._app, self._intake, self._pulse = app, intake, pulse
        self._url = url
        self._address = address
        self._server: BoundedServer | None = None
        self._ended = asyncio.Event()
        self._unanswered: set[asyncio.Task[Any]] = set()

    async def listen(self) -> None:
        """Listen until cancelled; what came before that is handled and answered first.

        The webhook stays set: Telegram keeps what it can't deliver, and brings it to the next
        start or to the copy that takes over.

        Raises:
            InvalidToken: Telegram knows the token no more.
            OSError: somebody else listens there.

        """
        async with self._served():
            await self._keep_set()

    async def confirm(self) -> None:
        """Wait until Telegram has its answers to what it posted."""
        while self._unanswered:
            await asyncio.wait(self._unanswered)

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        routes = [
            URLSpec(r"/healthz", _Health),
            URLSpec(r"/.*", _Updates, {"webhook": self}),
        ]
        server = bounded_server(
            Application(routes, log_function=lambda _: None),
            most=2 * _CONNECTIONS,
            largest_bytes=LARGEST_BYTES,
        )
        self._server = server
        await self._take_port(server)
        try:
            yield
        finally:
            self._ended.set()
            server.stop()
            if self._unanswered:
                await asyncio.wait(self._unanswered, timeout=2 * ANSWER_SECONDS)
            await server.close_all_connections()

    async def _take_port(self, server: BoundedServer) -> None:
        """Listen on the port, which another copy may have to let go first."""
        end = time.monotonic() + PORT_SECONDS
        while True:
            try:
                server.listen_on(self._address)
            except OSError as error:
                if error.errno != errno.EADDRINUSE or time.monotonic() > end:
                    raise
            else:
                return
            await asyncio.sleep(_LOOK_AT_PORT_SECONDS)

    async def _keep_set(self) -> None:
        """Have Telegram post here, and say so where it can't."""
        is_set, since, wait, refusals = False, datetime.now(UTC), 0.0, 0
        self._pulse.expect("updates", every=LOOK_SECONDS + 2 * _LONGEST_WAIT_SECONDS)
        while True:
            self._pulse.beat("updates")
            try:
                if not is_set:
                    await self._set()
                info = await self._app.bot.get_webhook_info()
                is_set = info.url == self._url
                if not is_set:
                    _log.error("somebody else with the same token took the webhook away")
                elif info.last_error_date is not None and info.last_error_date > since:
                    since = info.last_error_date
                    _log.warning("Telegram can't post here", problem=info.last_error_message)
                wait, refusals = 0.0, 0
                await asyncio.sleep(LOOK_SECONDS if is_set else _FIRST_WAIT_SECONDS)
            except TelegramError as error:
                refusals = refusals + 1 if isinstance(error, InvalidToken) else 0
                if refusals >= REFUSALS:
                    raise
                said = error.message if isinstance(error, BadRequest) else type(error).__name__
                _log.warning("Telegram did not take the webhook", error=said)
                wait = min(max(_FIRST_WAIT_SECONDS, 2 * wait), _LONGEST_WAIT_SECONDS)
                await asyncio.sleep(wait)

    async def _set(self) -> None:
        await self._app.bot.set_webhook(
            self._url,
            secret_token=self.secret,
            allowed_updates=WANTED,
            max_connections=_CONNECTIONS,
        )
        _log.info("Telegram posts its updates", url=shown(self._url), port=self._address[1])

    async def take(self, body: bytes) -> HTTPStatus:
        """Handle one request of Telegram's, and return how to answer it."""
        if self._ended.is_set() or self._intake.is_full:
            return HTTPStatus.SERVICE_UNAVAILABLE
        try:
            fields = json_of_telegram(body)
        except ValueError:
            return HTTPStatus.BAD_REQUEST
        number = number_of(fields)
        if number is None:
            return HTTPStatus.BAD_REQUEST
        confirmed = self._intake.take(number, fields)
        await asyncio.wait({confirmed}, timeout=ANSWER_SECONDS)
        # What was cut short comes again, to whoever is at work then.
        if not confirmed.done() or confirmed.cancelled():
            return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.OK

    def trust(self, request: HTTPServerRequest) -> None:
        """Keep the connection of a request that knows the secret longer than others."""
        if self._server is not None:
            self._server.trust(request)

    @asynccontextmanager
    async def answering(self) -> AsyncIterator[None]:
        """Let nobody close the connection before the request in the block is answered."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError
        self._unanswered.add(task)
        try:
            yield
        finally:
            self._unanswered.discard(task)


class _Health(RequestHandler):
    def get(self) -> None:
        """Say that this is the copy at work: no other listens."""
        self.finish({"status": "ok"})


@stream_request_body
class _Updates(RequestHandler):
    def initialize(self, webhook: WebhookListener) -> None:
        self._webhook = webhook
        self._body = bytearray()

    def prepare(self) -> None:
        """Refuse who does not know the secret, and so is not Telegram, before a body is kept."""
        said = self.request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(said.encode(), self._webhook.secret.encode()):
            self.set_status(HTTPStatus.FORBIDDEN)
            # tornado closes it, as not all was read; who is not told so may ask again there.
            self.set_header("Connection", "close")
            self.finish()
            return
        self._webhook.trust(self.request)

    def data_received(self, chunk: bytes) -> None:
        """Keep a part of the body, which the server bounds; none comes once it is refused."""
        self._body += chunk

    async def post(self) -> None:
        """Take an update."""
        async with self._webhook.answering():
            self.set_status(await self._webhook.take(bytes(self._body)))
            await self.finish()

"""Updates on their way to the bot: the queue, long polling and the webhook."""

import asyncio
import contextlib
import itertools
import json
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest

from bot.playground.telegram.refusal import Refusal
from bot.playground.telegram.world import Json

UPDATE_KINDS_WORDS = """
    message edited_message channel_post edited_channel_post business_connection business_message
    edited_business_message deleted_business_messages guest_message message_reaction
    message_reaction_count inline_query chosen_inline_result callback_query shipping_query
    pre_checkout_query purchased_paid_media poll poll_answer my_chat_member chat_member
    chat_join_request chat_boost removed_chat_boost managed_bot
    """
UPDATE_KINDS: Final = frozenset(UPDATE_KINDS_WORDS.split())
ONLY_ON_REQUEST: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that come only to a bot that names them; https://core.telegram.org/bots/api#getupdates."""

_RETRY_SECONDS: Final = (0.1, 0.5, 2.0, 10.0)
_WEBHOOK_TIMEOUT_SECONDS: Final = 10.0
_SUCCESS: Final = range(200, 300)


class WebhookSender:
    """Where updates are posted to, and how that went."""

    def __init__(self, url: str, secret: str | None, max_connections: int) -> None:
        self.url = url
        self.secret = secret
        self.max_connections = max_connections
        self.last_error_at: int | None = None
        self.last_error: str | None = None


class Updates:
    """The queue of updates: kept until the bot confirms them, handed to one reader at a time."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._pending: deque[Json] = deque()
        self._ids = itertools.count(880_000_001)
        self._arrived = asyncio.Event()
        self._reader: asyncio.Future[None] | None = None
        self._delivery: asyncio.Task[None] | None = None
        self.allowed: frozenset[str] = UPDATE_KINDS - ONLY_ON_REQUEST
        self.webhook: WebhookSender | None = None

    @property
    def pending(self) -> list[Json]:
        """The updates that the bot has not confirmed yet."""
        return list(self._pending)

    @property
    def has_reader(self) -> bool:
        """Whether a reader waits for the next update."""
        return self._reader is not None

    def allow(self, kinds: Sequence[str] | None) -> None:
        """Set which kinds come from now on; None leaves it, an empty list means the default."""
        if kinds is not None:
            wanted = frozenset(kinds) & UPDATE_KINDS
            self.allowed = wanted or UPDATE_KINDS - ONLY_ON_REQUEST

    def push(self, kind: str, content: Json) -> None:
        """Queue an update, unless the bot does not want its kind."""
        if kind in self.allowed:
            self._pending.append({"update_id": next(self._ids), kind: content})
            self._arrived.set()

    def drop(self) -> None:
        """Forget what is pending."""
        self._pending.clear()

    async def read(self, offset: int, limit: int, seconds: float) -> list[Json]:
        """Confirm what is before `offset`, then wait up to so many seconds for something.

        A negative offset counts from the newest update. Raises Refusal (409) while a webhook is
        set, and in the *earlier* of two readers when another comes.
        """
        if self.webhook is not None:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._end_reader(
            "Conflict: terminated by other getUpdates request; "
            "make sure that only one bot instance is running"
        )
        self._confirm(offset)
        if not self._pending and seconds > 0:
            await self._wait(seconds)
        return list(itertools.islice(self._pending, limit))

    async def set_webhook(self, webhook: WebhookSender | None) -> None:
        """Post updates to a webhook from now on; None: keep them for a reader."""
        await self.close()
        self._end_reader("Conflict: terminated by setWebhook request")
        self.webhook = webhook
        if webhook is not None:
            self._delivery = asyncio.create_task(self._deliver(webhook))

    async def close(self) -> None:
        """Stop posting and let a waiting reader go."""
        if self._delivery is not None:
            self._delivery.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._delivery
            self._delivery = None

    def _end_reader(self, conflict: str) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_exception(Refusal(409, conflict))
            self._reader.exception()  # it may have gone meanwhile, and nobody looks

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        while self._pending and self._pending[0]["update_id"] < offset:
            self._pending.popleft()

    async def _wait(self, seconds: float) -> None:
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = ended
        self._arrived.clear()
        arrival: asyncio.Future[bool] = asyncio.ensure_future(self._arrived.wait())
        try:
            waits: set[asyncio.Future[Any]] = {arrival, ended}
            await asyncio.wait(waits, timeout=seconds, return_when="FIRST_COMPLETED")
            if ended.done():
                ended.result()
        finally:
            arrival.cancel()
            if self._reader is ended:
                self._reader = None

    async def _deliver(self, webhook: WebhookSender) -> None:
        """Post what is pending, chats side by side, but what one chat says in its order."""
        client = AsyncHTTPClient(force_instance=True, max_clients=webhook.max_connections)
        posting: dict[int, asyncio.Task[None]] = {}
        try:
            while True:
                self._arrived.clear()
                for update in self._pending:
                    whose = _whose(update)
                    if whose not in posting and len(posting) < webhook.max_connections:
                        taken = self._post_until_taken(client, webhook, update)
                        posting[whose] = asyncio.create_task(taken)
                arrival = asyncio.create_task(self._arrived.wait())
                try:
                    waits: set[asyncio.Task[Any]] = {arrival, *posting.values()}
                    await asyncio.wait(waits, return_when="FIRST_COMPLETED")
                finally:
                    arrival.cancel()
                posting = {whose: post for whose, post in posting.items() if not post.done()}
        finally:
            for post in posting.values():
                post.cancel()
            client.close()

    async def _post_until_taken(
        self, client: AsyncHTTPClient, webhook: WebhookSender, update: Json
    ) -> None:
        for pause in itertools.chain(_RETRY_SECONDS, itertools.repeat(_RETRY_SECONDS[-1])):
            error = await _post(client, webhook, update)
            if error is None:
                break
            webhook.last_error_at, webhook.last_error = int(self._clock()), error
            await asyncio.sleep(pause)
        with contextlib.suppress(ValueError):  # dropped meanwhile
            self._pending.remove(update)


def _whose(update: Json) -> int:
    """Return the number of the chat, or of the person, that an update is about."""
    content = next(content for name, content in update.items() if name != "update_id")
    source = content.get("message", content)
    about: Json = source.get("chat") or source.get("from") or {}
    return int(about.get("id", 0))


async def _post(client: AsyncHTTPClient, webhook: WebhookSender, update: Json) -> str | None:
    """Deliver one update; return what Telegram would say of a failure."""
    headers = {"Content-Type": "application/json"}
    if webhook.secret:
        headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret
    request = HTTPRequest(
        webhook.url,
        method="POST",
        headers=headers,
        body=json.dumps(update),
        request_timeout=_WEBHOOK_TIMEOUT_SECONDS,
        follow_redirects=False,
    )
    try:
        answer = await client.fetch(request, raise_error=False)
    except (OSError, HTTPError) as error:
        return f"Connection failed: {error}"
    if answer.code in _SUCCESS:
        return None
    return f"Wrong response from the webhook: {answer.code} {answer.reason}"

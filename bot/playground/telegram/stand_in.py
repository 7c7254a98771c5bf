"""A strict fake server for Telegram's Bot API, over real HTTP.

It answers what https://core.telegram.org/bots/api describes as far as a bot for texts and
documents needs it, refuses what Telegram refuses with Telegram's own words, and can be told to
misbehave. The playground serves it to the bot, and so do the tests.
"""

import asyncio
import secrets
import string
import time
from collections.abc import Callable
from typing import Final, TypeVar

from tornado.web import Application

from bot.playground.local_server import LocalServer
from bot.playground.telegram.account import Account
from bot.playground.telegram.faults import Faults
from bot.playground.telegram.parameters import ApiCall
from bot.playground.telegram.people import People
from bot.playground.telegram.rate_limits import RateLimits
from bot.playground.telegram.server import Service, routes
from bot.playground.telegram.updates import Updates
from bot.playground.telegram.world import Bot, ChatRef, Message, StoredFile, World

_T = TypeVar("_T")
_TOKEN_ALPHABET: Final = string.ascii_letters + string.digits + "_-"
_LARGEST_REQUEST_BYTES: Final = 60 * 1024 * 1024


def new_token(bot_id: int = 7_000_000_042) -> str:
    """Return a token of the shape that Telegram's own have; it opens nothing."""
    return f"{bot_id}:AA" + "".join(secrets.choice(_TOKEN_ALPHABET) for _ in range(33))


class FakeTelegram:
    """The Bot API for one bot, and the people whom the bot serves.

    `burst`: messages that a chat takes at once after a silence; `paced`: whether 429 is answered
    at all; `strict`: whether parameters that a method does not have are refused (Telegram ignores
    them); `clock`: seconds since 1970.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        burst: int = 5,
        paced: bool = True,
        strict: bool = True,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token or new_token()
        self.world = World(Bot(int(self.token.split(":", maxsplit=1)[0])), clock)
        self.updates = Updates(clock)
        self.account = Account(self.token, self.world, self.updates)
        self.people = People(self.account)
        self.faults = Faults(self.world, seed)
        pace = RateLimits(burst, clock) if paced else None
        self.service = Service(self.account, self.faults, pace, strict)
        self.calls = self.service.calls
        """Every request to a method that exists, oldest first."""
        self.on_call = self.service.on_call
        """Called with every request once its answer is known."""
        self.mistakes = self.service.mistakes
        """What went wrong inside the fake server itself; no test may end with any."""
        self.url = ""
        """Where it listens, such as `http://127.0.0.1:43210`, once started."""
        self._server = LocalServer()
        self.send_text = self.people.send_text
        self.send_document = self.people.send_document
        self.send_location = self.people.send_location
        self.tap = self.people.tap
        self.ask_inline = self.people.ask_inline
        self.choose = self.people.choose
        self.block = self.people.block
        self.unblock = self.people.unblock
        self.add_bot = self.people.add_bot
        self.remove_bot = self.people.remove_bot
        self.promote = self.people.promote
        self.demote = self.people.demote

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 and return the base URL, as `TELEGRAM_API_URL` wants it."""
        self.service.ended.clear()
        self.url = await self._server.start(
            Application(routes(self.service), log_function=lambda _: None),
            port,
            max_buffer_size=_LARGEST_REQUEST_BYTES,
        )
        return self.url

    async def stop(self) -> None:
        """Let go of whoever waits, and close all connections."""
        self.service.ended.set()
        await self.updates.close()
        await self._server.stop()

    @property
    def documents(self) -> list[StoredFile]:
        """The files of all messages that are there now, oldest first."""
        return [m.document for m in self.world.all_messages() if m.document is not None]

    def messages(self, chat: ChatRef) -> list[Message]:
        """Return what a chat shows now, oldest first."""
        return self.world.messages(chat)

    def from_bot(self, chat: ChatRef) -> list[Message]:
        """Return what a chat shows of the bot's own, oldest first."""
        return [m for m in self.messages(chat) if m.sender_id in {None, self.world.bot.id}]

    def calls_to(self, method: str) -> list[ApiCall]:
        """Return the requests to one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    def menu(self, chat: ChatRef) -> list[str]:
        """Return the commands that the chat's viewer is shown."""
        shown = self.world.chat(chat)
        return [
            item["command"] for item in self.account.menu(shown, self.world.people.get(shown.id))
        ]

    async def wait_for(self, predicate: Callable[[], _T], seconds: float = 20.0) -> _T:
        """Wait until `predicate()` is true and return what it returned.

        Raises TimeoutError that lists the latest requests.
        """
        end = time.monotonic() + seconds
        while not (found := predicate()):
            if time.monotonic() > end:
                latest = [f"{c.method} {c.error or 'ok'}" for c in self.calls[-8:]]
                message = f"not within {seconds} s; the latest requests: {latest}"
                raise TimeoutError(message)
            await asyncio.sleep(0.01)
        return found

"""Event loop that waits for no look-up of a name: each has a daemon thread of its own.

asyncio's own loop gives it one of a few threads that everything else shares, for as long as the
system's resolver likes, and does not close before the resolver has answered.
"""

import asyncio
import socket
from functools import partial
from typing import Any

from bot.http.client import Threads

AT_ONCE = 32
"""Names that are looked up side by side: more than settings can name servers."""


class Loop(asyncio.SelectorEventLoop):
    """The event loop of every command; who asks for what is being looked up waits for the same."""

    def __init__(self) -> None:
        """Prepare; nothing is looked up yet."""
        super().__init__()
        self._threads = Threads(at_once=AT_ONCE)
        self._underway: dict[tuple[Any, ...], asyncio.Task[Any]] = {}

    async def getaddrinfo(
        self,
        host: Any,
        port: Any,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - the loop's own names
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """Return the addresses of a name, as socket.getaddrinfo does."""
        asked = (host, port, family, type, proto, flags)
        looking = self._underway.get(asked)
        if looking is None:
            looking = self.create_task(self._threads.run(partial(socket.getaddrinfo, *asked)))
            self._underway[asked] = looking
            looking.add_done_callback(partial(self._forget, asked))
        return await asyncio.shield(looking)

    def _forget(self, asked: tuple[Any, ...], done: asyncio.Task[Any]) -> None:
        self._underway.pop(asked, None)
        if not done.cancelled():
            done.exception()  # whoever gave up wants no complaint in the log

"""Addresses that `paperboy check` looks at: where the bot listens, and where it is posted to."""

import asyncio
import errno
import socket
from urllib.parse import urlsplit

from bot.http.address import CannotListenError
from bot.http.proxies import proxy_for
from bot.runtime.bounded_server import bind
from bot.settings.model import Settings
from storage.database import Database
from storage.database_problem import DatabaseUnavailableError
from storage.leader import leader_lock


async def listen(
    address: tuple[str, int], settings: Settings, *, patience_seconds: float
) -> tuple[bool | None, str]:
    """Say whether the bot could listen at an address; None: it is taken, by a bot at work maybe."""
    host, port = address
    try:
        async with asyncio.timeout(patience_seconds):
            sockets = await asyncio.to_thread(bind, address)
    except TimeoutError:
        return False, f"{host} was not found in {patience_seconds:.0f} seconds"
    except CannotListenError as error:
        if error.errno == errno.EADDRINUSE and await _a_bot_is_at_work(settings):
            return None, f"port {port} of {host} is taken, by the bot at work or somebody else"
        return False, f"port {port} of {host} can't be listened on: {error.strerror}"
    for each in sockets:
        each.close()
    return True, f"port {port} of {host} is free"


async def unknown_host(url: str, *, patience_seconds: float) -> str | None:
    """Say why an address's host can't be found; None: it is, or a proxy has to find it."""
    host = urlsplit(url).hostname or ""
    if proxy_for(url) is not None:
        return None
    try:
        async with asyncio.timeout(patience_seconds):
            await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        said = getattr(error, "strerror", None) or "no answer of any name server"
        return f"{host} can't be found: {said}"
    return None


async def _a_bot_is_at_work(settings: Settings) -> bool:
    try:
        database = Database(settings.database_url.get_secret_value())
        lead = leader_lock(database)
        is_free = await lead.take()
        await lead.give_back()
        await database.close()
    except (DatabaseUnavailableError, OSError):
        return False
    return not is_free

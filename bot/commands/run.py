"""`paperboy run`: the bot itself."""

import asyncio
import signal

import structlog

from bot.commands.errors import telegram_errors, token_of
from bot.container import open_container, telegram_bot
from bot.runtime.memory import share_one_arena
from bot.runtime.serve import serve
from bot.runtime.threads import stay_on_one_core, switch_often
from bot.settings.model import Settings

LOOK_SECONDS = 1.0
"""How long the start may wait for the look at the database; a backup is checked whole."""

_log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Run the bot until it is told to stop."""
    token = token_of(settings)
    stay_on_one_core()
    switch_often()
    share_one_arena()
    async with open_container(settings) as opened, telegram_errors(settings):
        if not await opened.database.look_for_damage(seconds=LOOK_SECONDS):
            _log.info("the database is large, the first part of it is whole")
        await serve(opened, telegram_bot(settings, token=token), stop=stop_signal())
    _log.info("Paperboy has stopped")


def stop_signal() -> asyncio.Event:
    """Graceful shutdown: the event that the first SIGINT, SIGTERM or SIGHUP sets; the second kills.

    SIGHUP is that the terminal has gone; under `nohup` it is nothing.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signals.append(signal.SIGHUP)

    def told() -> None:
        stop.set()
        for name in signals:
            loop.remove_signal_handler(name)

    for name in signals:
        loop.add_signal_handler(name, told)
    return stop

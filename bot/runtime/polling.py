"""Long polling of Telegram's updates, with backoff, and retreat on Conflict (another poller)."""

import asyncio
from contextlib import suppress

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError, TimedOut

from bot.conversation.context import App

WANTED = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.INLINE_QUERY,
]
"""What the bot wants to hear of."""

LONG_POLL_SECONDS = 10
ASIDE_SECONDS = 60.0
"""How long somebody else with the same token is left alone before the next look."""

CONFLICTS = 3
"""So often in a row, and it is somebody else; once is what a copy that was killed left behind."""

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_CONFIRM_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Polling:
    """Long polling: gives an application the updates that Telegram has for it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._offset: int | None = None
        self._patience = _Patience()

    async def listen(self) -> None:
        """Listen until cancelled.

        Raises:
            InvalidToken: Telegram knows the token no more.

        """
        # Telegram gives nobody updates by polling while it posts them elsewhere.
        webhook = True
        while True:
            try:
                if webhook:
                    await self._app.bot.delete_webhook()
                    webhook = False
                await self._take()
            except InvalidToken:
                raise
            except TelegramError as error:
                webhook = webhook or isinstance(error, Conflict)
                await asyncio.sleep(self._patience.wait_after(error))

    async def _take(self) -> None:
        updates = await self._app.bot.get_updates(
            offset=self._offset, timeout=LONG_POLL_SECONDS, allowed_updates=WANTED
        )
        self._patience.answered()
        for update in updates:
            await self._app.update_queue.put(update)
            # The next question tells Telegram that this one has arrived.
            self._offset = update.update_id + 1

    async def confirm(self) -> None:
        """Confirm the offset to Telegram, so that the next start does not answer it again."""
        if self._offset is not None:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    await self._app.bot.get_updates(offset=self._offset, timeout=0)


class _Patience:
    """Backoff: how long to wait after what went wrong, and what to log of it."""

    def __init__(self) -> None:
        self._conflicts = 0
        self._wait = 0.0

    def answered(self) -> None:
        if self._conflicts >= CONFLICTS:
            _log.info("no other copy asks any more, this one answers again")
        self._conflicts, self._wait = 0, 0.0

    def wait_after(self, error: TelegramError) -> float:
        """Return how many seconds to wait."""
        if isinstance(error, Conflict):
            return self._step_aside()
        if isinstance(error, TimedOut):
            return _FIRST_WAIT_SECONDS
        _log.warning("Telegram does not answer", error=type(error).__name__)
        self._wait = min(max(_FIRST_WAIT_SECONDS, 2 * self._wait), _LONGEST_WAIT_SECONDS)
        return self._wait

    def _step_aside(self) -> float:
        self._conflicts += 1
        if self._conflicts < CONFLICTS:
            return _FIRST_WAIT_SECONDS
        # Said once and not every minute: it may last for as long as nobody looks.
        if self._conflicts == CONFLICTS:
            _log.error(
                "another copy of this bot is running with the same token;"
                " this one answers nobody meanwhile, and looks again every minute"
            )
        return ASIDE_SECONDS

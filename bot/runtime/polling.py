"""Long polling of Telegram's updates, with backoff, and retreat on Conflict (another poller)."""

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, TelegramError, TimedOut
from telegram.ext import ExtBot

from bot.conversation.context import App
from bot.runtime.intake import Intake
from bot.runtime.pulse import Pulse
from bot.runtime.update_fields import number_of
from bot.telegram.rate_limiter import Priority
from bot.telegram.raw_answers import raw_answer

WANTED = [
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.INLINE_QUERY,
]
"""What the bot wants to hear of."""

LONG_POLL_SECONDS = 10
ANSWER_SECONDS = 20.0
"""How long an answer may take beyond that."""

PAUSE_SECONDS = 0.02
"""At most so long between two questions while updates are under way: the next ones wait for it."""

REFUSALS = 3
"""So often in a row the token must be unknown before that is believed: proxies answer 404, too."""

ASIDE_SECONDS = 60.0
"""How long somebody else with the same token is left alone before the next look."""

CONFLICTS = 3
"""So often in a row, and it is somebody else; once is what a copy that was killed left behind."""

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_CONFIRM_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Polling:
    """Long polling: hands an application's intake the updates that Telegram has for it.

    Telegram forgets all updates before the `offset` of a question. So while some are under way it
    is asked from the oldest of these on, and tells them again each time, at once. What takes longer
    than the pause between two such questions the intake keeps: then the next one can wait for news,
    and tells nothing again.
    """

    def __init__(self, app: App, intake: Intake, pulse: Pulse) -> None:
        self._app, self._intake, self._pulse = app, intake, pulse
        self._newest: int | None = None
        self._unconfirmed: dict[int, asyncio.Future[None]] = {}
        self._patience = _Patience()

    async def listen(self) -> None:
        """Listen until cancelled.

        Raises:
            InvalidToken: Telegram knows the token no more.

        """
        # Telegram gives nobody updates by polling while it posts them elsewhere.
        webhook = True
        self._pulse.expect("updates", every=3 * ASIDE_SECONDS)
        while True:
            try:
                if webhook:
                    await self._app.bot.delete_webhook()
                    webhook = False
                await self._take()
                self._pulse.beat("updates")
            except TelegramError as error:
                is_taken = isinstance(error, Conflict)
                webhook = webhook or is_taken
                if not is_taken:  # a Telegram that is down is no trouble of this bot's
                    self._pulse.beat("updates")
                await asyncio.sleep(self._patience.wait_after(error))
            except Exception:  # noqa: BLE001 - whatever came, the next may be an answer
                _log.exception("asking for updates failed")
                await asyncio.sleep(_LONGEST_WAIT_SECONDS)

    async def _take(self) -> None:
        offset, waits = self._offset(), bool(self._unconfirmed)
        updates = await _raw_updates(
            self._app.bot, offset=offset, seconds=0 if waits else LONG_POLL_SECONDS
        )
        self._patience.answered()
        for number, update in updates.items():
            confirmed = self._intake.take(number, update)
            self._newest = number
            if not confirmed.done() or confirmed.cancelled():
                self._unconfirmed[number] = confirmed
        if self._unconfirmed:
            await self._pause()
        while self._intake.is_full:  # noqa: ASYNC110 - a count calls nobody
            await asyncio.sleep(PAUSE_SECONDS)

    async def _pause(self) -> None:
        """Wait until all that is under way is handled, and Telegram can wait for the next."""
        going_on = [one for one in self._unconfirmed.values() if not one.done()]
        if going_on:
            _handled, rest = await asyncio.wait(going_on, timeout=PAUSE_SECONDS)
            if rest:
                # What is kept need not be told again with the next question. A stuck disk is not
                # waited for.
                await asyncio.wait({self._intake.keep_soon()}, timeout=PAUSE_SECONDS)
        else:  # cut short, and to come again
            await asyncio.sleep(PAUSE_SECONDS)

    def _offset(self) -> int | None:
        """Return from which update on Telegram is to tell them."""
        self._unconfirmed = {
            number: confirmed
            for number, confirmed in self._unconfirmed.items()
            if not confirmed.done() or confirmed.cancelled()
        }
        if self._unconfirmed:
            return min(self._unconfirmed)
        return None if self._newest is None else self._newest + 1

    async def confirm(self) -> None:
        """Confirm to Telegram what was handled or kept: the next start does not do it again."""
        offset = self._offset()
        if offset is not None:
            with suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(_CONFIRM_SECONDS):
                    await _raw_updates(self._app.bot, offset=offset, seconds=0)


async def _raw_updates(
    bot: ExtBot[Priority], *, offset: int | None, seconds: int
) -> dict[int, dict[str, Any]]:
    """Ask for updates (getUpdates), as JSON by their numbers.

    The library's own method reads all of them or none, and logs what people say in one that it
    can't read.
    """
    wanted = {"offset": offset, "timeout": seconds, "allowed_updates": WANTED}
    found = await raw_answer(bot, "getUpdates", wanted, seconds=seconds + ANSWER_SECONDS)
    updates = found if isinstance(found, list) else []
    return {number: one for one in updates if (number := number_of(one)) is not None}


class _Patience:
    """Backoff: how long to wait after what went wrong, and what to log of it."""

    def __init__(self) -> None:
        self._conflicts = 0
        self._refusals = 0
        self._wait = 0.0

    def answered(self) -> None:
        if self._conflicts >= CONFLICTS:
            _log.info("no other copy asks any more, this one answers again")
        self._conflicts, self._refusals, self._wait = 0, 0, 0.0

    def wait_after(self, error: TelegramError) -> float:
        """Return how many seconds to wait.

        Raises:
            InvalidToken: Telegram said so again and again.

        """
        self._refusals = self._refusals + 1 if isinstance(error, InvalidToken) else 0
        if self._refusals >= REFUSALS:
            raise error
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

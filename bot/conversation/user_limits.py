"""Per-user rate limit: a token bucket of 60, refilled at 2 a second; one refusal is answered.

Nobody may keep the bot so busy that others wait.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from telegram import Update
from telegram.ext import ApplicationHandlerStop

from bot.conversation.context import Context
from bot.telegram.replies import refuse

AT_ONCE = 60
"""Taps and messages that somebody may make without a pause."""

A_SECOND = 2.0
"""And so many more every second."""

_PEOPLE = 10_000


class UserRateLimit:
    """A token bucket a person; what finds it empty is turned away."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._people: OrderedDict[tuple[int, bool], tuple[float, float, bool]] = OrderedDict()
        """What is left to each, typing behind the bot's name apart; since when; if they were told.
        """

    async def check(self, update: Update, context: Context) -> None:
        """Let an update pass, or end it here; the first that is too much is answered.

        What Telegram tells by itself, such as who is a member, is nobody's doing and passes. Every
        pause in typing behind the bot's name is a query, so these have an allowance of their own.
        """
        user = update.effective_user
        if user is None or user.id in context.services.settings.admins:
            return
        if update.my_chat_member is not None or update.chat_member is not None:
            return
        passes, tell = self.take(user.id, inline=update.inline_query is not None)
        if passes:
            return
        if tell and (update.callback_query is not None or update.message is not None):
            await refuse(
                update,
                context.texts.plain("That was a lot at once. Give me a few seconds, please."),
            )
        raise ApplicationHandlerStop

    def take(self, user_id: int, *, inline: bool = False) -> tuple[bool, bool]:
        """Count one; return whether it passes, and if not whether to say so."""
        now = self._clock()
        whose = (user_id, inline)
        left, since, told = self._people.pop(whose, (float(AT_ONCE), now, False))
        left = min(float(AT_ONCE), left + (now - since) * A_SECOND)
        # What trickles through meanwhile is no end of it: only who paused is told again.
        told = told and left < AT_ONCE
        passes = left >= 1
        self._people[whose] = (left - 1 if passes else left, now, told or not passes)
        while len(self._people) > _PEOPLE:
            self._people.popitem(last=False)
        return passes, not passes and not told

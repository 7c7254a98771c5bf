"""Per-user rate limit: a token bucket of 60, refilled at 2 a second; one refusal is answered.

Nobody may keep the bot so busy that others wait.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection

from telegram import Update
from telegram.constants import ChatID

AT_ONCE = 60
"""Taps and messages that somebody may make without a pause."""

A_SECOND = 2.0
"""And so many more every second."""

_PEOPLE = 10_000
_NOBODY = frozenset({ChatID.ANONYMOUS_ADMIN, ChatID.FAKE_CHANNEL, ChatID.SERVICE_CHAT})


class UserRateLimit:
    """A token bucket a person; what finds it empty is turned away."""

    def __init__(
        self, *, admins: Collection[int] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._admins, self._clock = admins, clock
        self._people: OrderedDict[tuple[int, str], tuple[float, float, bool]] = OrderedDict()
        """What is left to each, of each kind; since when; if they were told."""

    def admits(self, update: Update) -> tuple[bool, bool]:
        """Count an update; return whether it passes, and if not whether to say so.

        Every pause in typing behind the bot's name is a query, so these have an allowance of their
        own; so has adding and removing the bot, which nobody does by the dozen.
        """
        sender = whose(update)
        if sender is None or sender in self._admins:
            return True, False
        if update.my_chat_member or update.chat_member:
            return self.take(sender, kind="membership")
        return self.take(sender, kind="typing" if update.inline_query else "words")

    def take(self, user_id: int, *, kind: str = "words") -> tuple[bool, bool]:
        """Count one of a kind; return whether it passes, and if not whether to say so."""
        now = self._clock()
        whose = (user_id, kind)
        left, since, told = self._people.pop(whose, (float(AT_ONCE), now, False))
        left = min(float(AT_ONCE), left + (now - since) * A_SECOND)
        # What trickles through meanwhile is no end of it: only who paused is told again.
        told = told and left < AT_ONCE
        passes = left >= 1
        self._people[whose] = (left - 1 if passes else left, now, told or not passes)
        while len(self._people) > _PEOPLE:
            self._people.popitem(last=False)
        return passes, not passes and not told


def whose(update: Update) -> int | None:
    """Return whose allowance an update takes: a person's, or the chat's where there is none.

    Anonymous admins, and channels that write in groups, are one user each for all of Telegram:
    https://core.telegram.org/bots/api#message, `from`.
    """
    user, chat = update.effective_user, update.effective_chat
    if user is not None and user.id not in _NOBODY:
        return user.id
    return chat.id if chat else None

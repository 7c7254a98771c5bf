"""Rate limits of the fake Telegram: how fast a bot may write before it answers 429.

About 30 messages a second over all chats, one a second in a chat (a short burst is let through),
20 a minute in a group or channel: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits.
The exact limits are unpublished; these are what the fake server enforces.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

OVERALL: Final = 30
OVERALL_SECONDS: Final = 1.0
GROUP: Final = 20
GROUP_SECONDS: Final = 60.0
CHAT_SECONDS: Final = 1.0


@dataclass(slots=True)
class _Bucket:
    """Tokens that refill one a second up to the burst."""

    tokens: float
    at: float


@dataclass(slots=True)
class RateLimits:
    """Counts messages; `burst` is how many a chat may get at once after a silence."""

    burst: int = 5
    clock: Callable[[], float] = time.monotonic
    _overall: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _chats: dict[int, _Bucket] = field(default_factory=dict)

    def admit(self, chat_id: int, *, shared: bool) -> int | None:
        """Count a message, or return after how many seconds it may be tried again.

        `shared` chats are groups and channels, which have a limit a minute as well.
        """
        now = self.clock()
        group = self._groups.setdefault(chat_id, deque()) if shared else None
        bucket = self._chats.setdefault(chat_id, _Bucket(float(self.burst), now))
        tokens = min(float(self.burst), bucket.tokens + (now - bucket.at) / CHAT_SECONDS)
        waits = [
            _wait(self._overall, now, OVERALL, OVERALL_SECONDS),
            0.0 if group is None else _wait(group, now, GROUP, GROUP_SECONDS),
            max(0.0, (1.0 - tokens) * CHAT_SECONDS),
        ]
        bucket.tokens, bucket.at = tokens, now
        if (wait := max(waits)) > 0:
            return max(1, math.ceil(wait))
        bucket.tokens -= 1.0
        self._overall.append(now)
        if group is not None:
            group.append(now)
        return None


def _wait(times: deque[float], now: float, most: int, seconds: float) -> float:
    while times and times[0] <= now - seconds:
        times.popleft()
    return times[0] + seconds - now if len(times) >= most else 0.0

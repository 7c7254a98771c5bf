"""Link limit: how often a group is told of papers that its people link to."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

A_MINUTE = 5
"""Lines that a group gets in a minute at most."""

AGAIN_SECONDS = 3600.0
"""So long a paper is not told of again in the same group."""

_MINUTE = 60.0
_GROUPS, _PAPERS = 1_000, 10_000


class LinkLimit:
    """A sliding window a group, and a note of each paper that it was told of."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lately: OrderedDict[int, deque[float]] = OrderedDict()
        self._told: OrderedDict[tuple[int, str], float] = OrderedDict()

    def take(self, chat_id: int, paper_id: str) -> bool:
        """Count a line on a paper; return whether the group may have it."""
        now, key = self._clock(), (chat_id, paper_id)
        if key in self._told and now - self._told[key] < AGAIN_SECONDS:
            return False
        lately = self._lately.pop(chat_id, deque(maxlen=A_MINUTE))
        self._lately[chat_id] = lately
        if len(self._lately) > _GROUPS:
            self._lately.popitem(last=False)
        if len(lately) == A_MINUTE and now - lately[0] < _MINUTE:
            return False
        lately.append(now)
        self._told.pop(key, None)
        self._told[key] = now
        if len(self._told) > _PAPERS:
            self._told.popitem(last=False)
        return True

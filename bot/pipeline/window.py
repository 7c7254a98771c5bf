"""Which stretches of time a sweep looks at, found from the diary of the sweeps before it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from storage.models import Sweep

__all__ = ["DEEP", "DEEP_EVERY", "STEP", "WINDOW", "Stretch", "deep_look", "stretches"]

WINDOW = timedelta(days=7)
"""arXiv announces late, on weekdays only, and holds papers back: a week is always looked at."""

STEP = timedelta(days=21)
"""A gap is caught up in steps of so much, each stored before the next one is asked for."""

DEEP = timedelta(days=30)
"""How far back the deep look goes, for papers that moderation held for weeks."""

DEEP_EVERY = timedelta(days=7)


class Stretch(NamedTuple):
    """A stretch of time to look at."""

    start: datetime
    end: datetime
    late: datetime
    """What was submitted before this should have been seen by an earlier sweep."""


def stretches(
    *, now: datetime, since: datetime | None, window: timedelta = WINDOW
) -> list[Stretch]:
    """Return what to look at, oldest first: a window before `since`, and all that came after it.

    since: how far the newest good sweep reached; None before the first.
    """
    reached = now if since is None else min(since, now)
    found = []
    while True:
        start, reached = reached - window, min(reached + STEP, now)
        found.append(Stretch(start, reached, late=start))
        if reached == now:
            return found


def deep_look(
    *, now: datetime, beginning: datetime | None, recent: Sequence[Sweep]
) -> Stretch | None:
    """Return the stretch of a deep look where one is due, None where it is not.

    beginning: how far back anything was ever looked at; before that nothing is late. recent: the
    good sweeps of the last DEEP_EVERY.
    """
    if beginning is None or any(
        sweep.window_from <= max(sweep.window_to - DEEP, beginning) for sweep in recent
    ):
        return None
    return Stretch(max(now - DEEP, beginning), now, late=now - WINDOW)

"""Time windows of a sweep, from the log of earlier sweeps: the cursor, gaps, the deep look."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from storage.models import Sweep
from storage.sweeps import HELD

WINDOW = timedelta(days=7)
"""arXiv announces late, on weekdays only, and holds papers back: a week is always looked at."""

_REST = timedelta(days=3)
"""So little beyond a window is no step of its own: a sweep a day, or none on a weekend."""

DEEP = timedelta(days=30)
"""How far back the deep look goes, for papers that moderation held for weeks."""

DEEP_EVERY = timedelta(days=7)

FILL_STEP = timedelta(days=1)
"""One request, as a rule, and so few papers that nobody waits for their being stored."""

NEWS = timedelta(days=60)
"""What is older when it is found, after a long downtime, is in the digest but is not pushed."""


class Horizon(NamedTuple):
    """How far back what is found counts."""

    news: datetime
    """What was submitted before this is pushed to nobody."""
    held: datetime
    """What was submitted before this is kept only where a topic finds it."""


def horizon(*, now: datetime, window: timedelta = WINDOW) -> Horizon:
    """Return how far back what a sweep finds counts; the window itself always does."""
    return Horizon(news=now - max(NEWS, window), held=now - max(HELD, window))


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

    Where that is long it is cut into windows, each to be stored before the next one is asked for:
    all of arXiv's papers of a month are hundreds of megabytes.

    since: how far the newest good sweep reached; None before the first.
    """
    start = (now if since is None else min(since, now)) - window
    found = []
    while now - start > window + _REST:
        found.append(Stretch(start, start + window, late=start))
        start += window
    found.append(Stretch(start, now, late=start))
    return found


def deep_look(
    *, now: datetime, beginning: datetime | None, recent: Sequence[Sweep]
) -> list[Stretch]:
    """Return the stretches of a deep look, newest first, where one is due, and none where not.

    beginning: how far back anything was ever looked at; before that nothing is late. recent: the
    good sweeps of the last DEEP_EVERY. The oldest stretch comes last, and is what tells that all
    of them were looked at.
    """
    if beginning is None or any(
        sweep.window_from <= max(sweep.started_at - DEEP, beginning) for sweep in recent
    ):
        return []
    return _backwards(now, max(now - DEEP, beginning), step=WINDOW, late=now - WINDOW)


def fill(*, now: datetime, since: datetime | None) -> list[Stretch]:
    """Return what is still to be looked at until all of HELD is in the store, newest first.

    since: from when on it is complete; None before the first good sweep, which comes first.
    """
    if since is None:
        return []
    return _backwards(since, now - HELD, step=FILL_STEP, late=now - WINDOW)


def _backwards(
    end: datetime, oldest: datetime, *, step: timedelta, late: datetime
) -> list[Stretch]:
    found = []
    while end > oldest:
        start = max(end - step, oldest)
        found.append(Stretch(start, end, late))
        end = start
    return found

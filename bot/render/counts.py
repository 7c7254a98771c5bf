"""Counts of papers in words, each with the time of which it is known to be the whole truth."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.i18n import Texts

MONTH = timedelta(days=30)
WEEK = timedelta(days=7)

_OUT_OF_DATE = timedelta(hours=36)
"""arXiv is looked at every day: a store that was last filled before this lacks a day."""


@dataclass(frozen=True, slots=True)
class Span:
    """A time up to now of which the own store holds all papers."""

    since: datetime
    days: int | None
    """It is the last so many days; None: fewer than were wanted, from the beginning of a day on."""
    read_at: datetime | None = None
    """When arXiv was last read, where that was so long ago that new papers are missing."""


def known_span(
    since: datetime | None, *, read_at: datetime | None, now: datetime, most: timedelta = MONTH
) -> Span | None:
    """Return how much of the last month, or of `most`, is known; None: less than a day of it.

    since: from when on the store holds everything. read_at: up to when it does.
    """
    if since is None or read_at is None:
        return None
    late = read_at if read_at < now - _OUT_OF_DATE else None
    if since <= now - most:
        return Span(now - most, most.days, late)
    start = first_whole_day(since)
    return Span(start, None, late) if start <= now else None


def first_whole_day(since: datetime) -> datetime:
    """Return the beginning of the first day, by arXiv's clock, that is not known in part only."""
    midnight = datetime.combine(since.astimezone(UTC), time.min, UTC)
    return since if since == midnight else midnight + timedelta(days=1)


def counted(count: int, span: Span, _: Texts) -> str:
    """Return how many papers there are in a span, as HTML."""
    if span.days is None:
        day = _.date(span.since)
        if not count:
            return _("No papers since {date}", date=day)
        return _.plural("{n} paper since {date}", "{n} papers since {date}", count, date=day)
    if not count:
        return _("No papers in the last {days} days", days=span.days)
    return _.plural(
        "{n} paper in the last {days} days", "{n} papers in the last {days} days", count,
        days=span.days,
    )  # fmt: skip


def reservations(span: Span, _: Texts) -> list[str]:
    """Return what is to be known about the counts of a span, a line (HTML) each."""
    lines = []
    if span.days is None:
        lines.append(_("⏳ I'm still reading older papers."))
    if span.read_at is not None:
        day = _.date(span.read_at)
        lines.append(_("⚠️ I last reached arXiv on {date}: newer papers are missing.", date=day))
    return lines

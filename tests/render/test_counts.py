"""Counts of papers say of which time they are the whole truth, and of no more."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.i18n import texts
from bot.render.counts import MONTH, WEEK, Span, counted, known_span, reservations

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def known(since: datetime | None, *, most: timedelta = MONTH) -> Span | None:
    return known_span(since, read_at=NOW, now=NOW, most=most)


@pytest.mark.parametrize("days_ago", [30, 35])
def test_a_month_is_claimed_where_the_store_reaches_back_a_month(days_ago: int) -> None:
    assert known(NOW - days_ago * DAY) == Span(NOW - 30 * DAY, days=30)


@pytest.mark.parametrize(
    ("since", "told"),
    [
        (NOW - timedelta(days=29, hours=23), datetime(2026, 10, 30, tzinfo=UTC)),
        (datetime(2026, 11, 3, 0, 0, 1, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)),
        (datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 3, tzinfo=UTC)),
        (datetime(2026, 11, 27, 23, 59, tzinfo=UTC), datetime(2026, 11, 28, tzinfo=UTC)),
    ],
)
def test_less_than_a_month_is_told_from_the_first_whole_day_on(
    since: datetime, told: datetime
) -> None:
    assert known(since) == Span(told, days=None)


def test_of_less_than_a_day_nothing_is_claimed() -> None:
    assert known(datetime(2026, 11, 28, 1, 0, tzinfo=UTC)) is None
    assert known(None) is None
    assert known_span(NOW - 35 * DAY, read_at=None, now=NOW) is None


def test_a_shorter_time_can_be_asked_for() -> None:
    assert known(NOW - 8 * DAY, most=WEEK) == Span(NOW - 7 * DAY, days=7)


@pytest.mark.parametrize(
    ("count", "days", "english", "chinese"),
    [
        (0, 30, "No papers in the last 30 days", "最近 30 天没有论文"),
        (1, 30, "1 paper in the last 30 days", "最近 30 天有 1 篇论文"),
        (1_234, 7, "1,234 papers in the last 7 days", "最近 7 天有 1,234 篇论文"),
        (0, None, "No papers since Nov 3, 2026", "2026年11月3日以来没有论文"),
        (12, None, "12 papers since Nov 3, 2026", "2026年11月3日以来有 12 篇论文"),
    ],
)
def test_a_count_names_its_time(count: int, days: int | None, english: str, chinese: str) -> None:
    span = Span(datetime(2026, 11, 3, tzinfo=UTC), days)
    assert counted(count, span, texts("en")) == english
    assert counted(count, span, texts("zh_CN")) == chinese


def test_a_store_that_is_still_filling_says_so() -> None:
    assert reservations(Span(NOW, None), texts("en")) == ["⏳ I'm still reading older papers."]
    assert reservations(Span(NOW, 30), texts("en")) == []


@pytest.mark.parametrize(("hours_ago", "lines"), [(35, 0), (37, 1)])
def test_a_store_without_the_last_day_says_what_it_lacks(hours_ago: int, lines: int) -> None:
    read_at = NOW - timedelta(hours=hours_ago)
    span = known_span(NOW - 35 * DAY, read_at=read_at, now=NOW)
    assert span is not None
    told = reservations(span, texts("en"))
    missing = "⚠️ I last reached arXiv on Nov 26, 2026: newer papers are missing."
    assert told == [missing] * lines

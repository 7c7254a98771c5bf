"""arXiv announces from Sunday to Thursday at 20:00 US Eastern."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arxiv.calendar import announced_weeks, is_quiet, next_announcement


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24 04:00", "2026-11-25 01:00"),  # Monday evening there: Tuesday's
        ("2026-11-25 00:59", "2026-11-25 01:00"),
        ("2026-11-25 01:00", "2026-11-26 01:00"),
        ("2026-11-27 02:00", "2026-11-30 01:00"),  # after Thursday's: Sunday's
        ("2026-11-28 12:00", "2026-11-30 01:00"),
        ("2026-07-06 12:00", "2026-07-07 00:00"),  # in summer an hour earlier
    ],
)
def test_the_next_announcement(now: str, expected: str) -> None:
    assert next_announcement(utc(now)) == utc(expected)


@pytest.mark.parametrize(
    ("now", "quiet"),
    [
        ("2026-11-27 01:05", False),  # Thursday's came just now
        ("2026-11-28 01:00", False),  # Friday, 20:00 there: not a day ago yet
        ("2026-11-28 01:05", True),
        ("2026-11-29 12:00", True),
        ("2026-11-30 00:59", True),
        ("2026-11-30 01:00", False),  # Sunday's
        ("2026-03-08 23:00", True),  # the night in which the clocks there change
    ],
)
def test_quiet_is_from_friday_evening_to_sunday_evening(now: str, *, quiet: bool) -> None:
    assert is_quiet(utc(now)) is quiet


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_an_announcement_is_never_further_than_a_long_weekend(now: datetime) -> None:
    assert timedelta() < next_announcement(now) - now <= timedelta(days=3, hours=1)


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-11-27 02:00", "2026-11-19 19:00", "2026-11-26 19:00"),  # just after Thursday's
        ("2026-11-27 00:30", "2026-11-12 19:00", "2026-11-19 19:00"),  # just before it
        ("2026-11-29 18:00", "2026-11-19 19:00", "2026-11-26 19:00"),
        ("2026-12-03 12:00", "2026-11-19 19:00", "2026-11-26 19:00"),
        ("2026-11-06 12:00", "2026-10-29 18:00", "2026-11-05 19:00"),  # the clocks change in it
    ],
)
def test_the_last_whole_week_ends_with_what_thursday_announces(
    now: str, start: str, end: str
) -> None:
    assert announced_weeks(utc(now), count=1) == [(utc(start), utc(end))]


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_weeks_follow_each_other_and_the_newest_is_over(now: datetime) -> None:
    weeks = announced_weeks(now, count=9)
    assert len(weeks) == 9
    assert all(later[0] == earlier[1] for later, earlier in pairwise(weeks))
    assert timedelta() < now - weeks[0][1] <= timedelta(days=7, hours=7)

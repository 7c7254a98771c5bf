from datetime import UTC, datetime

import pytest

from bot.playground.arxiv.calendar import announced_at, ready_at


@pytest.mark.parametrize(
    ("submitted", "announced"),
    [  # November 2026: Sunday is the 22nd, and US Eastern is five hours behind UTC.
        ("2026-11-23T18:59", "2026-11-24T01:00"),  # Monday before 14:00: Monday evening
        ("2026-11-23T19:00", "2026-11-25T01:00"),  # Monday after: Tuesday evening
        ("2026-11-26T18:59", "2026-11-27T01:00"),  # Thursday before: Thursday evening
        ("2026-11-26T19:00", "2026-11-30T01:00"),  # Thursday after: Sunday evening
        ("2026-11-27T18:59", "2026-11-30T01:00"),  # Friday before: Sunday evening
        ("2026-11-27T19:00", "2026-12-01T01:00"),  # Friday after: Monday evening
        ("2026-11-28T12:00", "2026-12-01T01:00"),  # Saturday
        ("2026-11-29T12:00", "2026-12-01T01:00"),  # Sunday
        ("2026-07-06T17:59", "2026-07-07T00:00"),  # in summer four hours
    ],
)
def test_submissions_are_announced_as_arxiv_says(submitted: str, announced: str) -> None:
    moment = datetime.fromisoformat(submitted).replace(tzinfo=UTC)
    assert announced_at(moment) == datetime.fromisoformat(announced).replace(tzinfo=UTC)


def test_records_are_ready_two_and_a_half_hours_later() -> None:
    monday = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert ready_at(monday) == datetime(2026, 11, 24, 3, 30, tzinfo=UTC)

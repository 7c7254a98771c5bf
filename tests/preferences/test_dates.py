"""Dates to come: read as people write them, never one of the past."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.preferences.dates import MOST, dates

WEDNESDAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("10 Jan", ["2027-01-10"]),
        ("until January 10th, 2027", ["2027-01-10"]),
        ("the 10th of January", ["2027-01-10"]),
        ("Sept 1", ["2027-09-01"]),
        ("hasta el 10 de enero", ["2027-01-10"]),
        ("15 de marzo de 2027", ["2027-03-15"]),
        ("15 ene", ["2027-01-15"]),
        ("到1月10号", ["2027-01-10"]),
        ("2027年1月10日", ["2027-01-10"]),
        ("明年1月", ["2027-01-01"]),
        ("12月25日之后", ["2026-12-25"]),
        ("2027-01-10", ["2027-01-10"]),
        ("2027/1/10", ["2027-01-10"]),
        ("10.1.", ["2027-01-10"]),
        ("10/1", ["2027-01-10", "2027-10-01"]),
        ("15/1/27", ["2027-01-15"]),
        ("January", ["2027-01-01"]),
        ("el 31", ["2026-12-31"]),
        ("the 30th", ["2026-11-30"]),
        ("for 3 weeks", ["2026-12-16"]),
        ("a month", ["2026-12-25"]),
        ("2 semanas", ["2026-12-09"]),
        ("dos meses", ["2027-01-25"]),
        ("两周", ["2026-12-09"]),
        ("三个月", ["2027-02-25"]),
        ("三月", ["2027-03-01"]),
        ("半年", ["2027-05-25"]),
        ("a year", ["2027-11-25"]),
        ("tomorrow", ["2026-11-26"]),
        ("mañana", ["2026-11-26"]),
        ("Monday", ["2026-11-30"]),
        ("next Friday", ["2026-11-27", "2026-12-04"]),
        ("下周一", ["2026-11-30"]),
        ("el próximo lunes", ["2026-11-30"]),
        ("next week", ["2026-11-30"]),
        ("下个月", ["2026-12-01"]),
        ("la semana que viene", ["2026-11-30"]),
    ],
)
def test_days_are_read_as_people_write_them(words: str, days: list[str]) -> None:
    assert [one.isoformat() for one in dates(words, WEDNESDAY)] == days


@pytest.mark.parametrize(
    "words",
    [
        "",
        "15",
        "-1 days",
        "in −3 weeks",
        "for ever",
        "31 Feb",
        "1 Dec 2025",
        "0000-00-00",
        "today",
        "x" * 99,
    ],
)
def test_what_is_no_day_to_come_is_none(words: str) -> None:
    assert dates(words, WEDNESDAY) == []


@given(st.text(max_size=70), st.dates(date(2026, 1, 1), date(2050, 1, 1)))
def test_nothing_means_the_past_or_many_days(words: str, today: date) -> None:
    found = dates(words, today)
    assert len(found) <= MOST
    assert all(one > today for one in found)


@given(st.dates(date(2026, 1, 1), date(2050, 1, 1)), st.integers(1, 365))
def test_a_day_is_read_back_from_its_iso_form(today: date, ahead: int) -> None:
    day = today + timedelta(days=ahead)
    assert dates(day.isoformat(), today) == [day]

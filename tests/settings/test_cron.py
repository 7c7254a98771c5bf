"""Cron expressions mean what cron means by them."""

from datetime import UTC, datetime

import pytest

from bot.settings.cron import cron_trigger


@pytest.mark.parametrize(
    ("expression", "weekdays"),
    [
        ("0 0 * * 0", "Sun"),
        ("0 0 * * 7", "Sun"),
        ("0 0 * * 1-5", "Mon Tue Wed Thu Fri"),
        ("0 0 * * 0-4", "Mon Tue Wed Thu Sun"),
        ("0 0 * * sun-thu", "Mon Tue Wed Thu Sun"),
        ("0 0 * * 6,0", "Sat Sun"),
        ("0 0 * * *", "Mon Tue Wed Thu Fri Sat Sun"),
    ],
)
def test_weekdays_count_the_way_cron_counts_them(expression: str, weekdays: str) -> None:
    trigger = cron_trigger(expression)
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    fires = set()
    for day in range(7):
        start = monday.replace(day=23 + day)
        fires.add(trigger.get_next_fire_time(None, start).strftime("%a"))
    assert fires == set(weekdays.split())

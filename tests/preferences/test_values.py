"""Values of settings, as people write them."""

from datetime import time

import pytest

from bot.preferences.values import clock_in


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("15:40", time(15, 40)),
        ("it's 15:40 here", time(15, 40)),
        ("15.40", time(15, 40)),
        ("3:40 pm", time(15, 40)),
        ("12am", time(0)),
        ("3 in the afternoon", time(15)),
        ("9 in the morning", time(9)),
        ("it's 9 o'clock", time(9)),
        ("son las 3:30 de la tarde", time(15, 30)),
        ("下午3点", time(15)),
        ("下午3点半", time(15, 30)),
        ("现在15点20分", time(15, 20)),
        ("下午15点", time(15)),
        ("99:99", None),
        ("25:00 or 7:15", time(7, 15)),
        ("at 8", None),
        ("noon", None),
        ("", None),
    ],
)
def test_the_first_time_of_day_in_a_text_is_read(text: str, told: time | None) -> None:
    assert clock_in(text) == told

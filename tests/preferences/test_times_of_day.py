"""Times of day, as people write them in three languages."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.preferences import times_of_day
from bot.preferences.times_of_day import Told
from bot.query.orders import simplified


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("07:30", time(7, 30)), ("7.30", time(7, 30)), ("7:30 pm", time(19, 30)),
        ("7:30 p.m.", time(19, 30)), ("8am", time(8)), ("12 am", time(0)), ("12 p.m.", time(12)),
        ("8点", time(8)), ("8点半", time(8, 30)), ("8点30分", time(8, 30)), ("20h15", time(20, 15)),
        ("8", None), ("25:00", None), ("13 pm", None), ("7:60", None),
        ("at 8:00", None), ("", None),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read(words: str, moment: time | None) -> None:
    assert times_of_day.read(words) == moment


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("it's 15:40 here", 15, 40), ("it's 8:08 p.m.", 20, 8), ("son las 3:40 p.m.", 15, 40),
        ("3 in the afternoon", 15, 0), ("3 o'clock in the afternoon", 15, 0),
        ("9 in the morning", 9, 0), ("Son las 9 de la mañana", 9, 0), ("0:30", 0, 30),
        ("son las 3:30 de la tarde", 15, 30), ("son las 12 de la noche", 0, 0),
        ("a las 9:30 por las noches", 21, 30), ("send papers at 9:30 at night", 21, 30),
        ("下午3点", 15, 0), ("下午三点半", 15, 30), ("现在15点20分", 15, 20), ("下午15点", 15, 0),
        ("下午3點40分", 15, 40), ("十二点半，中午", 12, 30), ("晚上12点半", 0, 30),
        ("晚上1点", 1, 0),
        ("中午1点", 13, 0), ("夜里11点", 23, 0), ("每晚8点半推送", 20, 30), ("凌晨两点", 2, 0),
        ("change from evening to 8 am", 8, 0), ("8 am, not in the evening", 8, 0),
        ("from 8 am to 7 pm", 19, 0), ("从早上8点改到早上9点", 9, 0),
        ("25:00, I mean 17:15", 17, 15),
        ("noon", 12, 0), ("mediodía", 12, 0), ("midnight", 0, 0), ("半夜", 0, 0),
    ],
)  # fmt: skip
def test_the_last_time_of_day_in_a_text_is_told(text: str, hour: int, minute: int) -> None:
    assert times_of_day.told(simplified(text)) == Told(time(hour, minute), either_half=False)


@pytest.mark.parametrize(
    "text", ["it's 3:40", "son las 3:40", "más tarde, a las 3:40", "三点四十, or 3:40"]
)
def test_where_nothing_says_so_it_may_be_before_noon_or_after(text: str) -> None:
    assert times_of_day.told(simplified(text)) == Told(time(3, 40), either_half=True)


def test_a_mere_number_is_an_hour_where_it_is_said_to_be() -> None:
    assert times_of_day.told("it's 4") is None
    assert times_of_day.told("it's 4", bare=True) == Told(time(4), either_half=True)
    assert times_of_day.told("it's 16", bare=True) == Told(time(16), either_half=False)
    assert times_of_day.told("papers at 8") == Told(time(8), either_half=True)
    assert times_of_day.told("cambia la hora a las 8") == Told(time(8), either_half=True)


@pytest.mark.parametrize("text", ["99:99", "gate 8", "24:00", "gpt 4.5", "", "10:105"])
def test_what_tells_no_time_tells_none(text: str) -> None:
    assert times_of_day.told(text) is None


@given(st.text(alphabet="0123456789:.apm点半时下晚早三十 h", max_size=20))
def test_whatever_is_written_is_a_time_or_none(text: str) -> None:
    for bare in (True, False):
        told = times_of_day.told(simplified(text), bare=bare)
        assert told is None or isinstance(told.at, time)

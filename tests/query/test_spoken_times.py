"""Times as people say them are read like those in digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.query.spoken_times import in_digits


@pytest.mark.parametrize(
    ("said", "in_digits_it_is"),
    [
        ("half past three", "3:30"),
        ("it's half past 3 here", "it's 3:30 here"),
        ("a quarter to four", "3:45"),
        ("quarter past twelve", "12:15"),
        ("quarter to one", "12:45"),
        ("ten minutes past nine pm", "9:10 pm"),
        ("20 past 3", "3:20"),
        ("seven in the evening", "7 in the evening"),
        ("eleven o'clock", "11 o'clock"),
        ("son las tres y media", "son las 3:30"),
        ("son las 3 y cuarto", "son las 3:15"),
        ("es la una menos veinte", "es la 12:40"),
        ("a las ocho de la noche", "a las 8 de la noche"),
        ("三点一刻", "三点15分"),
        ("下午3点三刻", "下午3点45分"),
    ],
)
def test_a_spoken_time_is_written_in_digits(said: str, in_digits_it_is: str) -> None:
    assert in_digits(said) == in_digits_it_is


@pytest.mark.parametrize(
    "said",
    [
        "half past humans",
        "75 past 3",
        "10 to 12",
        "son las 3 y 75",
        "one shot learning",
        "seven sins of deep learning",
        "three-body problem",
        "leyes y medias",
        "时刻",
        "一刻",
        "3:30",
    ],
)
def test_what_is_no_time_stays_as_it_is(said: str) -> None:
    assert in_digits(said) == said


_PIECES = (
    "half quarter ten 9 75 past to one twelve o'clock pm la las una tres y menos media 点 一刻"
)


@given(st.lists(st.sampled_from([*_PIECES.split(), " ", ""])).map(" ".join))
def test_digits_stay_digits_whatever_is_said(text: str) -> None:
    once = in_digits(text)
    assert in_digits(in_digits(once)) == in_digits(once)

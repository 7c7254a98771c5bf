"""The words after /digest, in any order."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.request import EVERYTHING, UnclearWishError, Wish, read
from tests.hostile import hostile_text

LABELS = {1: "NeRF", 2: "3DGS", 3: "de novo design", 4: "3D human pose", 5: "7d", 6: "目标检测"}
LANGUAGES = ["en", "zh-CN", "de"]


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("", Wish()),
        ("7d", Wish(5)),  # a topic of this name is meant
        ("30d", Wish(days=30)),
        ("3d", Wish(days=3)),
        ("2026-11-20", Wish(day=date(2026, 11, 20))),
        ("en", Wish(language="en")),
        ("ZH-cn", Wish(language="zh-CN")),
        ("nerf", Wish(1)),
        ("gs", Wish(2)),
        ("检测", Wish(6)),
        ("3d human  POSE", Wish(4)),
        ("de novo design", Wish(3)),
        ("design de", Wish(3, language="de")),
        ("de nerf", Wish(1, language="de")),
        ("30D en nerf", Wish(1, days=30, language="en")),
        ("nerf en 30d", Wish(1, days=30, language="en")),
        ("Authors", Wish(detailed=True)),
        ("nerf authors 30d en", Wish(1, days=30, language="en", detailed=True)),
        ("en 2026-11-20 3d human pose", Wish(4, day=date(2026, 11, 20), language="en")),
    ],
)
def test_words_mean_the_same_in_any_order(words: str, wish: Wish) -> None:
    assert read(words.split(), labels=LABELS, languages=LANGUAGES) == wish


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        ("slam", "slam"),
        ("30d 7d 14d", "7d 14d"),
        ("0d", "0d"),
        ("2026-13-01", "2026-13-01"),
        ("en zh-CN", "zh-CN"),
        ("n", "n"),
    ],
)
def test_words_that_mean_nothing_or_too_much_are_named(words: str, unclear: str) -> None:
    with pytest.raises(UnclearWishError) as raised:
        read(words.split(), labels=LABELS, languages=LANGUAGES)
    assert raised.value.words == unclear


def test_a_period_ends_now_or_is_one_day_of_arxiv_s() -> None:
    now = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    assert Wish().period(now) is None
    assert Wish(days=7).period(now) == (datetime(2026, 11, 18, 9, 30, tzinfo=UTC), now)
    first, last = Wish(day=date(2026, 11, 20)).period(now) or (now, now)
    assert (first.isoformat(), last.date()) == ("2026-11-20T00:00:00+00:00", date(2026, 11, 20))


@given(
    st.builds(
        Wish,
        st.none() | st.integers(1, 10**9 - 1),
        days=st.none() | st.integers(1, 366),
        language=st.sampled_from([None, "en", "zh-CN"]),
        detailed=st.booleans(),
    )
    | st.builds(Wish, day=st.dates())
)
def test_a_button_carries_a_whole_wish(wish: Wish) -> None:
    assert len(wish.packed().encode()) <= 40
    assert Wish.unpacked(wish.packed()) == wish


@given(hostile_text(6))
def test_a_forged_button_means_something_or_nothing(text: str) -> None:
    assert isinstance(Wish.unpacked(text), type(EVERYTHING))

"""The words after /digest, in any order."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.request import EVERYTHING, DigestRequest, UnclearRequestError, read
from tests.hostile import hostile_text

LABELS = {1: "NeRF", 2: "3DGS", 3: "de novo design", 4: "3D human pose", 5: "7d", 6: "目标检测"}
LANGUAGES = ["en", "zh-CN", "de"]


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("", DigestRequest()),
        ("7d", DigestRequest(5)),  # a topic of this name is meant
        ("30d", DigestRequest(days=30)),
        ("3d", DigestRequest(days=3)),
        ("2026-11-20", DigestRequest(day=date(2026, 11, 20))),
        ("en", DigestRequest(language="en")),
        ("ZH-cn", DigestRequest(language="zh-CN")),
        ("nerf", DigestRequest(1)),
        ("gs", DigestRequest(2)),
        ("检测", DigestRequest(6)),
        ("3d human  POSE", DigestRequest(4)),
        ("de novo design", DigestRequest(3)),
        ("design de", DigestRequest(3, language="de")),
        ("de nerf", DigestRequest(1, language="de")),
        ("30D en nerf", DigestRequest(1, days=30, language="en")),
        ("nerf en 30d", DigestRequest(1, days=30, language="en")),
        ("Authors", DigestRequest(detailed=True)),
        ("nerf authors 30d en", DigestRequest(1, days=30, language="en", detailed=True)),
        ("last 2 weeks", DigestRequest(days=14)),
        ("7天", DigestRequest(days=7)),
        ("NeRF 最近三天 英文", DigestRequest(1, days=3, language="en")),
        ("últimos 30 días", DigestRequest(days=30)),
        ("nerf this week in Chinese", DigestRequest(1, days=7, language="zh-CN")),
        ("nerf en inglés", DigestRequest(1, language="en")),
        ("今天", DigestRequest(days=1)),
        ("everything", DigestRequest()),
        ("en 2026-11-20 3d human pose", DigestRequest(4, day=date(2026, 11, 20), language="en")),
    ],
)
def test_words_mean_the_same_in_any_order(words: str, wish: DigestRequest) -> None:
    assert read(words.split(), labels=LABELS, languages=LANGUAGES) == wish


@pytest.mark.parametrize(
    ("words", "unclear"),
    [
        ("slam", "slam"),
        ("slam 7 days", "slam 7 days"),
        ("400 days", "400 days"),
        ("30d 7d 14d", "7d 14d"),
        ("0d", "0d"),
        ("2026-13-01", "2026-13-01"),
        ("en zh-CN", "zh-CN"),
        ("n", "n"),
    ],
)
def test_words_that_mean_nothing_or_too_much_are_named(words: str, unclear: str) -> None:
    with pytest.raises(UnclearRequestError) as raised:
        read(words.split(), labels=LABELS, languages=LANGUAGES)
    assert raised.value.words == unclear


def test_a_period_ends_now_or_is_one_day_of_arxiv_s() -> None:
    now = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    assert DigestRequest().period(now) is None
    assert DigestRequest(days=7).period(now) == (datetime(2026, 11, 18, 9, 30, tzinfo=UTC), now)
    first, last = DigestRequest(day=date(2026, 11, 20)).period(now) or (now, now)
    assert (first.isoformat(), last.date()) == ("2026-11-20T00:00:00+00:00", date(2026, 11, 20))


@given(
    st.builds(
        DigestRequest,
        st.none() | st.integers(1, 10**9 - 1),
        days=st.none() | st.integers(1, 366),
        language=st.sampled_from([None, "en", "zh-CN"]),
        detailed=st.booleans(),
    )
    | st.builds(DigestRequest, day=st.dates())
)
def test_a_button_carries_a_whole_wish(wish: DigestRequest) -> None:
    assert len(wish.packed().encode()) <= 40
    assert DigestRequest.unpacked(wish.packed()) == wish


@given(hostile_text(6))
def test_a_forged_button_means_something_or_nothing(text: str) -> None:
    assert isinstance(DigestRequest.unpacked(text), type(EVERYTHING))

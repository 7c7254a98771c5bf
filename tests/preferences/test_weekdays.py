"""Days of the week: read as people write them, named as a language does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import catalogues, texts
from bot.preferences.weekdays import name, read
from storage.models import EVERY_DAY

MON, TUE, WED, THU, FRI, SAT, SUN = (1 << day for day in range(7))


@pytest.mark.parametrize(
    ("words", "mask"),
    [
        ("Mon-Fri", MON | TUE | WED | THU | FRI),
        ("mon – fri", MON | TUE | WED | THU | FRI),
        ("Monday to Wednesday", MON | TUE | WED),
        ("Tue, Thu", TUE | THU),
        ("Mon and Wed", MON | WED),
        ("Fri-Mon", FRI | SAT | SUN | MON),
        ("sun", SUN),
        ("weekdays", MON | TUE | WED | THU | FRI),
        ("Weekend", SAT | SUN),
        ("every  day", 0b1111111),
        ("周一至周五", MON | TUE | WED | THU | FRI),
        ("周一到周三、周六", MON | TUE | WED | SAT),
        ("星期天", SUN),
        ("工作日", MON | TUE | WED | THU | FRI),
        ("每天", 0b1111111),
    ],
)
def test_days_are_read_as_people_write_them(words: str, mask: int) -> None:
    assert read(words) == mask


@pytest.mark.parametrize("words", ["", "Tokyo", "7", "07:30", "Mon-", "-", "一", "m", "x" * 1000])
def test_what_names_no_days_is_none(words: str) -> None:
    assert read(words) is None


@given(st.text(max_size=80))
def test_whatever_is_written_gives_days_or_none(words: str) -> None:
    assert read(words) in {None, *range(1, EVERY_DAY + 1)}


@pytest.mark.parametrize(
    ("mask", "english", "chinese"),
    [
        (0b1111111, "every day", "每天"),
        (MON | TUE | WED | THU | FRI, "Mon–Fri", "周一至周五"),
        (MON | TUE | SAT, "Mon, Tue, Sat", "周一、周二、周六"),
        (SUN, "Sun", "周日"),
    ],
)
def test_days_have_short_names(mask: int, english: str, chinese: str) -> None:
    assert name(mask, texts("en")) == english
    assert name(mask, texts("zh_CN")) == chinese


@pytest.mark.parametrize("language", catalogues())
@given(mask=st.integers(1, EVERY_DAY))
def test_what_days_are_called_can_be_written(language: str, mask: int) -> None:
    assert read(name(mask, texts(language))) == mask

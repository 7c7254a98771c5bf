"""What is remembered of queries has a bound in bytes."""

from bot.query import parser
from bot.query.remembered import Remembered


def test_the_least_lately_asked_leave_where_it_becomes_too_much() -> None:
    made: list[str] = []

    def make(text: str) -> int:
        made.append(text)
        return len(text)

    remembered = Remembered(make, most_characters=10)
    for text in ("aaaa", "bbbb", "aaaa", "cc", "dddd", "aaaa", "bbbb"):
        assert remembered(text) == len(text)
        assert remembered.characters <= 10
    assert made == ["aaaa", "bbbb", "cc", "dddd", "bbbb"]
    assert remembered("x" * 11) == 11
    assert remembered.characters <= 10


def test_a_hundred_thousand_topics_are_remembered_but_not_if_all_are_long() -> None:
    assert parser._REMEMBERED == 4_000_000

"""A function of long texts remembers what it returned, and not the texts."""

from bot.hashed_cache import hashed_cache


def test_the_last_few_are_remembered_and_the_least_lately_asked_leave_first() -> None:
    asked = []

    @hashed_cache(2)
    def shout(text: str) -> str:
        asked.append(text)
        return text.upper()

    for text in ("a", "b", "a", "c", "a", "b"):
        assert shout(text) == text.upper()
    assert asked == ["a", "b", "c", "b"]


def test_what_is_raised_is_not_remembered() -> None:
    fails = [True, False]

    @hashed_cache(2)
    def once(text: str) -> str:
        if fails.pop(0):
            raise ValueError(text)
        return text

    for expected in (None, "a"):
        try:
            assert once("a") == expected
        except ValueError:
            assert expected is None
    assert not fails

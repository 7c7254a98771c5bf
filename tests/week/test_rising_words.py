"""Which words of a week's titles are told to be on the rise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.week.rising_words import rising_words

QUIET = ["A study of nets", "Graphs and trees", "On learning", "Vision for robots"] * 10
BEFORE = [QUIET] * 8


def words(titles: list[str], before: list[list[str]] = BEFORE) -> list[str]:
    return [rising.word for rising in rising_words(titles, before)]


def test_a_word_of_six_titles_that_hardly_stood_in_any_before_is_told_with_its_numbers() -> None:
    week = [*QUIET, *(f"Diffusion models {letter}" for letter in "abcdef")]
    [rising] = rising_words(week, [[*QUIET, "Diffusion models"], *BEFORE[1:]])
    assert (rising.word, rising.papers, rising.usual) == ("diffusion models", 6, 1 / 8)


@pytest.mark.parametrize(
    ("titles", "why"),
    [
        ([*QUIET, *["Mamba"] * 4], "four titles are chance"),
        (QUIET * 3, "three times as many papers on everything"),
        ([*QUIET, *["The of and with 2026"] * 9], "stop words and numbers"),
    ],
)
def test_nothing_is_told_of(titles: list[str], why: str) -> None:
    assert words(titles) == [], why


def test_nothing_is_known_to_rise_without_weeks_before() -> None:
    assert words(["Mamba"] * 20, []) == []
    assert words(["Mamba"] * 20, [[], []]) == []


def test_forms_of_a_word_are_one_and_the_most_frequent_is_shown() -> None:
    week = [*QUIET, *["Agents at work"] * 4, *["An agent at work"] * 3]
    assert "agents" in words(week)
    assert "agent" not in words(week)


def test_acronyms_keep_their_capitals_and_tex_is_looked_through() -> None:
    assert words([*QUIET, *[r"For \textbf{LLM}"] * 7]) == ["LLM"]


def test_three_are_told_and_none_that_is_part_of_another() -> None:
    week = [
        *QUIET,
        *["Flow matching"] * 9,
        *["Mamba"] * 8,
        *["Splatting"] * 7,
        *["Quantum"] * 6,
    ]
    assert words(week) == ["flow matching", "mamba", "splatting"]


@given(st.lists(st.text(max_size=40), max_size=30), st.lists(st.text(max_size=40), max_size=30))
def test_any_titles_are_counted(titles: list[str], before: list[str]) -> None:
    for rising in rising_words(titles * 3, [before, before]):
        assert 5 <= rising.papers <= len(titles) * 3
        assert rising.word.strip()

"""What the key sentence is: taken whole from the abstract, by rules, never made up."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.translation.key_sentence import key_sentence, shown
from tests.material import shared_data

BACKGROUND = "Robots fall on stairs. Other controllers need a map of the stairs."
RESULTS = "Experiments show that it outperforms all baselines. Code is available at https://x.org."


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("We propose a controller that climbs stairs.", "A controller that climbs stairs."),
        ("In this paper, we present a controller of long stairs.", "A controller of long stairs."),
        ("Thus, in this work, we introduce a new gait for stairs.", "A new gait for stairs."),
        ("To address this gap, we introduce a map-free gait.", "We introduce a map-free gait."),
        ("This paper introduces a controller without a map.", "A controller without a map."),
        ("We propose Stairs, a controller that needs no map.", "A controller that needs no map."),
        ("We propose Stairs, a gait for robots.", "Stairs, a gait for robots."),
        ("We propose Stairs, a gait.", None),
        ("To climb stairs without a map, we propose a gait.", None),
        ("We show that a map is not needed.", None),
        ("We study when robots fall on stairs.", None),
        ("Stairs is a controller that climbs without a map.", None),
        ("We investigate gaits on stairs and propose a controller.", None),
        ("We propose to climb stairs sideways.", None),
        ("We address the falls of robots on stairs with a new gait.", None),
        ("A controller for robots on stairs is proposed.", None),
    ],
)
def test_the_sentence_of_what_is_new_is_found_and_shortened_in_front_only(
    sentence: str, expected: str | None
) -> None:
    title = "Stairs: A Controller That Climbs"
    abstract = f"{BACKGROUND} {sentence} {RESULTS}"
    key = key_sentence(title, abstract)
    assert key is not None
    assert abstract[key.start : key.end] == sentence
    assert shown(title, abstract) == (sentence if expected is None else expected)


@pytest.mark.parametrize(
    "abstract",
    [
        "",
        BACKGROUND,
        RESULTS,
        "We release the code at https://x.org.",
        "Experiments show that we outperform all of them.",
        "天气很好。",
    ],
)
def test_where_no_sentence_says_it_clearly_none_is_taken(abstract: str) -> None:
    assert key_sentence("Stairs", abstract) is None
    assert shown("Stairs", abstract) == ""


def test_the_second_step_is_not_the_contribution() -> None:
    abstract = "We propose a gait for tired robots. Furthermore, we propose a benchmark of gaits."
    assert shown("A Gait for Robots", abstract) == "A gait for tired robots."


def test_70_of_75_real_abstracts_show_what_a_researcher_wants_first() -> None:
    lines = shared_data("key_sentence/gold.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found = [key_sentence(row["title"], row["abstract"]) for row in rows]
    right = sum(
        key is not None and key.start in row["starts"] for key, row in zip(found, rows, strict=True)
    )
    assert len(rows) == 75
    assert right >= 70


@given(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(["We propose", "this work", "a", "shows", ",", ".", "$x$", "\n", "é"])
    ),
)
def test_what_is_shown_is_the_end_of_one_sentence_word_for_word(
    title: str, words: list[str]
) -> None:
    abstract = " ".join(words)
    key = key_sentence(title, abstract)
    if key is not None:
        assert 0 <= key.start <= key.shown_from < key.end <= len(abstract)
        said, whole = shown(title, abstract).split(), abstract[key.start : key.end].split()
        assert [word.lower() for word in said] == [word.lower() for word in whole[-len(said) :]]


@pytest.mark.parametrize(
    "hostile",
    [
        "we ",
        "this study ",
        "a-",
        "(",
        "we x and ",
        "in this ",
        ". ",
        "to address ",
        "results ",
        "é",
    ],
)
def test_60_000_hostile_characters_take_less_than_a_tenth_of_a_second(hostile: str) -> None:
    abstract = (hostile * 60_000)[:60_000]
    began = time.process_time()
    key_sentence(f"{abstract[:100]}: x", abstract)
    assert time.process_time() - began < 0.1

"""The picture of a week, as a decoder of PNG sees it."""

import io

import pytest
from PIL import Image

from bot.week.picture import TopicWeeks, draw


def opened(*topics: TopicWeeks) -> Image.Image:
    return Image.open(io.BytesIO(draw(topics))).convert("RGB")


@pytest.mark.parametrize("count", [1, 5, 10])
def test_it_is_as_wide_as_a_phone_twice_and_grows_by_topics(count: int) -> None:
    made = opened(*[TopicWeeks("A", (1, 2, 3, 4, 5, 6, 7, 8, 9))] * count)
    assert made.width == 780
    assert made.height == pytest.approx(48 + 100 * count, abs=2)


def test_it_has_a_ground_of_its_own_and_the_last_week_stands_out() -> None:
    made = opened(TopicWeeks("A", (4, 4, 4, 4, 4, 4, 4, 4, 4)))
    counted = {colour: n for n, colour in made.getcolors(made.width * made.height) or []}
    assert made.getpixel((0, 0)) == (255, 253, 248)
    before, now = counted[(185, 203, 224)], counted[(24, 102, 176)]
    assert before == pytest.approx(8 * now, rel=0.1)


def test_topics_without_papers_and_with_thousands_are_drawn() -> None:
    opened(TopicWeeks("none", (0,) * 9), TopicWeeks("many", (9_999,) * 9))

"""Browsing arXiv's fields, from the keyboard of ready-made topics to a subscription and back."""

import pytest

from bot.query.categories import ARCHIVES, CATEGORIES, FIELDS, TREE
from bot.query.parser import normalise, parse
from bot.query.presets import offered, whole_field
from tests.bot_under_test import House

TAPPABLE = [*CATEGORIES, *ARCHIVES]


@pytest.mark.parametrize(
    ("person", "path", "category", "follow"),
    [
        (
            "ada",
            ("🗂 Browse arXiv's fields", "Computer Science ›"),
            "cs.CV · Computer Vision and Pattern Recognition",
            "✅ Follow",
        ),
        (
            "lin",
            ("🗂 浏览 arXiv 的学科分类", "计算机科学 ›"),
            "cs.CV · 计算机视觉与模式识别",
            "✅ 订阅",
        ),
    ],
)
async def test_a_category_is_found_by_taps_and_followed(
    house: House, person: str, path: tuple[str, ...], category: str, follow: str
) -> None:
    who = getattr(house, person)
    await house.say(who, "/subscribe")
    for step in path:
        await house.tap(who, step)
    preview = await house.tap(who, category)
    assert preview.text.startswith(f"{category}\n")
    assert preview.text.count("•") == 3
    await house.tap(who, follow)
    assert await house.labels(who) == [category]
    (entry,) = await house.followed(who)
    assert entry.topic.query == "cat:cs.CV"
    assert len(house.shown(who)) == 1


async def test_there_is_a_way_back_at_each_step(house: House) -> None:
    first = await house.say(house.ada, "/subscribe")
    top = await house.tap(house.ada, "🗂 Browse arXiv's fields")
    physics = await house.tap(house.ada, "Physics ›")
    matter = await house.tap(house.ada, "Condensed Matter ›")
    await house.tap(house.ada, "cond-mat.soft · Soft Condensed Matter")
    assert (await house.tap(house.ada, "‹ Other topics")).buttons == matter.buttons
    assert (await house.tap(house.ada, "‹ Back")).buttons == physics.buttons
    assert (await house.tap(house.ada, "‹ Back")).buttons == top.buttons
    assert (await house.tap(house.ada, "‹ Back")).buttons == first.buttons
    assert len(house.shown(house.ada)) == 1


async def test_the_way_back_leads_to_the_page_one_came_from(house: House) -> None:
    await house.say(house.ada, "/subscribe")
    await house.tap(house.ada, "🗂 Browse arXiv's fields")
    first = await house.tap(house.ada, "Computer Science ›")
    assert first.buttons[0] == "All of Computer Science"
    assert first.buttons[-2:] == ["›", "‹ Back"]
    second = await house.tap(house.ada, "›")
    assert second.buttons[-3:] == ["‹", "›", "‹ Back"]
    await house.tap(house.ada, "cs.DS · Data Structures and Algorithms")
    assert (await house.tap(house.ada, "‹ Other topics")).buttons == second.buttons


async def test_all_of_an_archive_can_be_followed(house: House) -> None:
    await house.say(house.ada, "/subscribe")
    await house.tap(house.ada, "🗂 Browse arXiv's fields")
    await house.tap(house.ada, "Statistics ›")
    await house.tap(house.ada, "All of Statistics")
    await house.tap(house.ada, "✅ Follow")
    assert await house.labels(house.ada) == ["stat.* · Statistics"]


async def test_what_is_followed_has_a_tick(house: House) -> None:
    await house.follow(house.ada, "cs.AI")
    await house.say(house.ada, "/subscribe")
    await house.tap(house.ada, "🗂 Browse arXiv's fields")
    shown = await house.tap(house.ada, "Computer Science ›")
    assert "✓ cs.AI · Artificial Intelligence" in shown.buttons
    assert "cs.AR · Hardware Architecture" in shown.buttons


@pytest.mark.parametrize("data", ["field:nowhere:0", "field::99", "pick:cat.cs.XX"])
async def test_a_forged_field_shows_nothing(house: House, data: str) -> None:
    message = await house.say(house.ada, "/subscribe")
    assert await house.forge(house.ada, message, data) == "This button is too old. Try /help."


def test_every_category_stands_in_the_tree_once() -> None:
    reached = [field for fields in TREE.values() for field in fields]
    assert len(reached) == len(set(reached))
    assert set(reached) == set(FIELDS)


@pytest.mark.parametrize("field", TAPPABLE)
def test_every_field_is_a_topic_with_names_and_fits_a_button(field: str) -> None:
    topic = whole_field(field)
    assert normalise(parse(topic.query)) == topic.query
    assert offered(topic.key) == topic
    assert len(f"follow:999999999:{topic.key}".encode()) <= 64
    assert all(len(name) <= 60 for name in topic.names.values())
    assert set(topic.names) >= {"en", "zh_CN", "es"}
    assert any("一" <= char <= "鿿" for char in topic.names["zh_CN"])

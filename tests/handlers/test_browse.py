"""Browsing arXiv's fields, from the keyboard of ready-made topics to a subscription and back."""

import pytest

from bot.query.categories import FIELDS, TREE
from bot.query.names import ARCHIVES, CATEGORIES
from bot.query.parser import normalise, parse
from bot.query.presets import offered, whole_field
from tests.bot_under_test import BotUnderTest

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
    app: BotUnderTest, person: str, path: tuple[str, ...], category: str, follow: str
) -> None:
    who = getattr(app, person)
    await app.say(who, "/subscribe")
    for step in path:
        await app.tap(who, step)
    preview = await app.tap(who, category)
    assert preview.text.startswith(f"{category}\n")
    assert preview.text.count("•") == 3
    await app.tap(who, follow)
    assert await app.labels(who) == [category]
    (entry,) = await app.followed(who)
    assert entry.topic.query == "cat:cs.CV"
    assert len(app.shown(who)) == 1


async def test_there_is_a_way_back_at_each_step(app: BotUnderTest) -> None:
    first = await app.say(app.ada, "/subscribe")
    top = await app.tap(app.ada, "🗂 Browse arXiv's fields")
    physics = await app.tap(app.ada, "Physics ›")
    matter = await app.tap(app.ada, "Condensed Matter ›")
    await app.tap(app.ada, "cond-mat.soft · Soft Condensed Matter")
    assert (await app.tap(app.ada, "‹ Other topics")).buttons == matter.buttons
    assert (await app.tap(app.ada, "‹ Back")).buttons == physics.buttons
    assert (await app.tap(app.ada, "‹ Back")).buttons == top.buttons
    assert (await app.tap(app.ada, "‹ Back")).buttons == first.buttons
    assert len(app.shown(app.ada)) == 1


async def test_the_way_back_leads_to_the_page_one_came_from(app: BotUnderTest) -> None:
    await app.say(app.ada, "/subscribe")
    await app.tap(app.ada, "🗂 Browse arXiv's fields")
    first = await app.tap(app.ada, "Computer Science ›")
    assert first.buttons[0] == "All of Computer Science"
    assert first.buttons[-2:] == ["›", "‹ Back"]
    second = await app.tap(app.ada, "›")
    assert second.buttons[-3:] == ["‹", "›", "‹ Back"]
    await app.tap(app.ada, "cs.DS · Data Structures and Algorithms")
    assert (await app.tap(app.ada, "‹ Other topics")).buttons == second.buttons


async def test_all_of_an_archive_can_be_followed(app: BotUnderTest) -> None:
    await app.say(app.ada, "/subscribe")
    await app.tap(app.ada, "🗂 Browse arXiv's fields")
    await app.tap(app.ada, "Statistics ›")
    await app.tap(app.ada, "All of Statistics")
    await app.tap(app.ada, "✅ Follow")
    assert await app.labels(app.ada) == ["stat.* · Statistics"]


async def test_what_is_followed_has_a_tick(app: BotUnderTest) -> None:
    await app.follow(app.ada, "cs.AI")
    await app.say(app.ada, "/subscribe")
    await app.tap(app.ada, "🗂 Browse arXiv's fields")
    shown = await app.tap(app.ada, "Computer Science ›")
    assert "✓ cs.AI · Artificial Intelligence" in shown.buttons
    assert "cs.AR · Hardware Architecture" in shown.buttons


@pytest.mark.parametrize("data", ["field:nowhere:0", "field::99", "pick:cat.cs.XX"])
async def test_a_forged_field_shows_nothing(app: BotUnderTest, data: str) -> None:
    message = await app.say(app.ada, "/subscribe")
    assert await app.forge(app.ada, message, data) == "This button is too old. Try /help."


def test_every_category_stands_in_the_tree_once() -> None:
    reached = [field for fields in TREE.values() for field in fields]
    assert len(reached) == len(set(reached))
    assert set(reached) == set(FIELDS)


def test_every_field_is_a_topic_with_names_and_fits_a_button() -> None:
    for field in TAPPABLE:
        topic = whole_field(field)
        assert normalise(parse(topic.query)) == topic.query
        assert offered(topic.key) == topic
        assert len(f"follow:999999999:{topic.key}".encode()) <= 64
        assert all(len(name) <= 60 for name in topic.labels().values()), field
        assert set(topic.labels()) >= {"en", "zh_CN", "es"}, field
        assert any("一" <= char <= "鿿" for char in topic.labels()["zh_CN"]), field


async def test_what_is_offered_leads_back_to_where_it_was_offered(app: BotUnderTest) -> None:
    preview = await app.say(app.ada, "robotics")
    before = preview.text
    field = await app.tap(app.ada, "➕ cs.RO · Robotics", message=preview)
    assert field.text != before
    back = await app.tap(app.ada, "‹ Back", message=field)
    assert back.text == before
    await app.follow(app.ada, "cs.CL")
    await app.say(app.ada, "/topics")
    card = await app.tap(app.ada, "cs.CL")
    before = card.text
    (beside,) = [one for one in card.buttons if one.startswith("➕")]
    shown = await app.tap(app.ada, beside, message=card)
    assert (await app.tap(app.ada, "‹ Back", message=shown)).text == before


async def test_a_code_that_looks_like_an_address_is_no_link_and_stays_in_the_name(
    app: BotUnderTest,
) -> None:
    """Telegram makes links of `cs.RO` and `cs.CV`; the label is read from the heading."""
    preview = await app.say(app.ada, "computer vision and pattern recognition")
    kinds = [entity.as_json()["type"] for entity in preview.formatted.entities[:2]]
    assert kinds == ["code", "bold"]
    await app.tap(app.ada, "✅ Follow", message=preview)
    assert await app.labels(app.ada) == ["cs.CV · Computer Vision and Pattern Recognition"]

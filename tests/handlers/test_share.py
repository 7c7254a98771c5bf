"""A topic's link: a friend follows the same with two taps, and nobody can guess one."""

import re

import pytest

from storage import topics
from tests.bot_under_test import BotUnderTest


async def link(app: BotUnderTest, query: str = "transformer") -> str:
    """Let Ada share a topic, and return what its link carries."""
    await app.follow(app.ada, query)
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, query)
    shown = await app.tap(app.ada, "🔗 Share")
    found = re.search(r"https://t\.me/paperboy_playground_bot\?start=([\w-]{1,64})", shown.text)
    assert found
    assert found[1] in shown.button("📤 Send to a friend")["url"]
    return found[1]


@pytest.mark.parametrize(
    ("person", "hello", "follow"),
    [("ada", "Every morning I bring you", "✅ Follow"), ("lin", "每天早上，我为你送来", "✅ 订阅")],
)
async def test_a_friend_follows_with_two_taps(
    app: BotUnderTest, person: str, hello: str, follow: str
) -> None:
    payload = await link(app)
    language = "en" if person == "ada" else "zh-hans"
    friend = app.telegram.world.add_person("Friend", language)
    preview = await app.say(friend, f"/start {payload}")
    assert hello in preview.text
    assert "CaloHadronic" in preview.text
    confirmed = await app.tap(friend, follow)
    assert "transformer" in confirmed.text
    assert await app.labels(friend) == ["transformer"]


async def test_a_topic_of_a_class_that_arxiv_tells_no_longer_is_still_previewed(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "transformer")
    (entry,) = await app.followed(app.ada)
    async with app.database.transaction() as session:
        stored = await topics.get(session=session, topic_id=entry.topic.id)
        assert stored is not None
        stored.query = "cat:68T50"
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "transformer")
    shown = await app.tap(app.ada, "🔗 Share")
    payload = shown.text.rpartition("start=")[2]
    preview = await app.say(app.lin, f"/start {payload}")
    assert "cat:68T50\n最近 30 天没有论文" in preview.text


async def test_a_ready_made_topic_has_its_name_in_the_friend_s_language(app: BotUnderTest) -> None:
    await app.say(app.ada, "/subscribe")
    await app.tap(app.ada, "Large language models")
    await app.tap(app.ada, "✅ Follow")
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "Large language models")
    shown = await app.tap(app.ada, "🔗 Share")
    payload = shown.text.rpartition("start=")[2]
    await app.say(app.lin, f"/start {payload}")
    await app.tap(app.lin, "✅ 订阅")
    assert await app.labels(app.lin) == ["LLM"]


async def test_who_follows_it_already_is_led_to_it(app: BotUnderTest) -> None:
    payload = await link(app)
    assert "✓ You follow this" in (await app.say(app.ada, f"/start {payload}")).buttons


@pytest.mark.parametrize("payload", ["t1-AAAAAAAA", "t999999-AAAAAAAA", "t1-", "t1-%%"])
async def test_a_link_that_was_guessed_shows_nothing_of_a_topic(
    app: BotUnderTest, payload: str
) -> None:
    await link(app)
    answer = await app.say(app.lin, f"/start {payload}")
    assert "transformer" not in answer.text
    assert answer.buttons
    assert await app.labels(app.lin) == []


async def test_the_way_back_from_a_link_leads_to_the_topic(app: BotUnderTest) -> None:
    await link(app)
    assert (await app.tap(app.ada, "‹ Back")).text.startswith("transformer\n")

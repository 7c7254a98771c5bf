"""A topic's link: a friend follows the same with two taps, and nobody can guess one."""

import re

import pytest

from tests.bot_under_test import House


async def link(house: House, query: str = "transformer") -> str:
    """Let Ada share a topic, and return what its link carries."""
    await house.follow(house.ada, query)
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, query)
    shown = await house.tap(house.ada, "🔗 Share")
    found = re.search(r"https://t\.me/paperboy_playground_bot\?start=([\w-]{1,64})", shown.text)
    assert found
    assert found[1] in shown.button("📤 Send to somebody")["url"]
    return found[1]


@pytest.mark.parametrize(
    ("person", "hello", "follow"),
    [("ada", "Every morning I bring you", "✅ Follow"), ("lin", "每天早上，我为您送来", "✅ 订阅")],
)
async def test_a_friend_follows_with_two_taps(
    house: House, person: str, hello: str, follow: str
) -> None:
    payload = await link(house)
    language = "en" if person == "ada" else "zh-hans"
    friend = house.telegram.world.add_person("Friend", language)
    preview = await house.say(friend, f"/start {payload}")
    assert hello in preview.text
    assert "CaloHadronic" in preview.text
    confirmed = await house.tap(friend, follow)
    assert "transformer" in confirmed.text
    assert await house.labels(friend) == ["transformer"]


async def test_a_ready_made_topic_has_its_name_in_the_friend_s_language(house: House) -> None:
    await house.say(house.ada, "/subscribe")
    await house.tap(house.ada, "Large language models")
    await house.tap(house.ada, "✅ Follow")
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, "Large language models")
    shown = await house.tap(house.ada, "🔗 Share")
    payload = shown.text.rpartition("start=")[2]
    await house.say(house.lin, f"/start {payload}")
    await house.tap(house.lin, "✅ 订阅")
    assert await house.labels(house.lin) == ["LLM"]


async def test_who_follows_it_already_is_led_to_it(house: House) -> None:
    payload = await link(house)
    assert "✓ You follow this" in (await house.say(house.ada, f"/start {payload}")).buttons


@pytest.mark.parametrize("payload", ["t1-AAAAAAAA", "t999999-AAAAAAAA", "t1-", "t1-%%"])
async def test_a_link_that_was_guessed_shows_nothing_of_a_topic(house: House, payload: str) -> None:
    await link(house)
    answer = await house.say(house.lin, f"/start {payload}")
    assert "transformer" not in answer.text
    assert answer.buttons
    assert await house.labels(house.lin) == []


async def test_the_way_back_from_a_link_leads_to_the_topic(house: House) -> None:
    await link(house)
    assert (await house.tap(house.ada, "‹ Back")).text.startswith("transformer\n")

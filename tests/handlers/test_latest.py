"""/latest: the newest papers on a chat's topics, right now."""

import pytest

from bot.playground.translator.stand_in import Fault
from tests.bot_under_test import House


async def test_topics_without_papers_are_told_from_no_topics(house: House) -> None:
    await house.follow(house.ada, "zyzzyva")
    answer = await house.say(house.ada, "/latest")
    assert answer.text == (
        "I have found no papers on your topics yet. New ones come with the next push."
    )


@pytest.mark.parametrize(("person", "abstract"), [("ada", "Abstract"), ("lin", "摘要")])
async def test_the_newest_come_with_their_topics(house: House, person: str, abstract: str) -> None:
    who = getattr(house, person)
    await house.follow(who, "transformer")
    answer = await house.say(who, "/latest 3")
    assert len(house.papers(who)) == 3
    assert abstract in answer.text
    assert answer.text.count("transformer") >= 3, "each under its topic"


async def test_without_a_number_as_many_come_as_in_a_push(house: House) -> None:
    await house.say(house.ada, "/settings 5")
    await house.follow(house.ada, "cs.CV")
    await house.say(house.ada, "/latest")
    assert len(house.papers(house.ada)) == 5


async def test_a_number_that_is_none_is_answered_with_an_example(house: House) -> None:
    for number in ("0", "31", "-1", "all", "2.5", "00300", "999999999999", "٣١"):
        answer = await house.say(house.ada, f"/latest {number}")
        assert answer.text == "How many? A number from 1 to 30: /latest 5", number
    answer = await house.say(house.lin, "/latest 0")
    assert answer.text == "要多少篇？请输入 1 到 30 之间的数字：/latest 5"


async def test_what_latest_showed_is_not_pushed_again(house: House) -> None:
    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "/latest 2")
    shown = house.papers(house.ada)
    await house.all_sent(house.ada, 2)
    stored = await house.chat(house.ada)
    assert await house.push(now=stored.next_push_at) == 2, "four of this week, less two"
    assert len(set(house.papers(house.ada))) == 4
    assert shown == house.papers(house.ada)[:2]


async def test_latest_shows_again_what_was_pushed(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.push(now=(await house.chat(house.ada)).next_push_at)
    await house.say(house.ada, "/latest 2")
    first, second, *again = house.papers(house.ada)
    assert [first, second] == again


async def test_a_translator_that_is_down_leaves_the_original_with_a_note(house: House) -> None:
    house.libre.fault = Fault.SERVER_ERROR
    await house.follow(house.lin, "transformer")
    answer = await house.say(house.lin, "/latest 2")
    assert "部分摘要暂以英文显示：翻译服务没有响应。" in answer.text

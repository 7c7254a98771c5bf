"""/latest: the newest papers on a chat's topics, right now."""

import pytest

from bot.playground.translator.stand_in import TranslatorFault
from tests.bot_under_test import BotUnderTest


async def test_topics_without_papers_are_told_from_no_topics(app: BotUnderTest) -> None:
    await app.follow(app.ada, "zyzzyva")
    answer = await app.say(app.ada, "/latest")
    assert answer.text == ("No papers on your topics yet. New ones will come.")


@pytest.mark.parametrize(("person", "abstract"), [("ada", "Abstract"), ("lin", "摘要")])
async def test_the_newest_come_with_their_topics(
    app: BotUnderTest, person: str, abstract: str
) -> None:
    who = getattr(app, person)
    await app.follow(who, "transformer")
    answer = await app.say(who, "/latest 3")
    assert len(app.papers(who)) == 3
    assert abstract in answer.text
    assert answer.text.count("transformer") >= 3, "each under its topic"


async def test_without_a_number_as_many_come_as_in_a_push(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings 5")
    await app.follow(app.ada, "cs.CV")
    await app.say(app.ada, "/latest")
    await app.all_sent(app.ada, 5)
    assert len(app.papers(app.ada)) == 5


async def test_a_number_that_is_none_is_answered_with_an_example(app: BotUnderTest) -> None:
    for number in ("0", "31", "-1", "all", "2.5", "00300", "999999999999", "٣١"):
        answer = await app.say(app.ada, f"/latest {number}")
        assert answer.text == "How many? A number from 1 to 30: /latest 5", number
    answer = await app.say(app.lin, "/latest 0")
    assert answer.text == "要多少篇？请输入 1 到 30 之间的数字：/latest 5"


async def test_what_latest_showed_is_not_pushed_again(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/latest 2")
    shown = app.papers(app.ada)
    await app.all_sent(app.ada, 2)
    stored = await app.chat(app.ada)
    assert await app.push(now=stored.next_push_at) == 2, "four of this week, less two"
    assert len(set(app.papers(app.ada))) == 4
    assert shown == app.papers(app.ada)[:2]


async def test_latest_shows_again_what_was_pushed(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.push(now=(await app.chat(app.ada)).next_push_at)
    await app.say(app.ada, "/latest 2")
    first, second, *again = app.papers(app.ada)
    assert [first, second] == again


async def test_a_translator_that_is_down_leaves_the_original_with_a_note(app: BotUnderTest) -> None:
    app.libre.fault = TranslatorFault.SERVER_ERROR
    await app.follow(app.lin, "transformer")
    answer = await app.say(app.lin, "/latest 2")
    assert "部分摘要暂以英文显示：翻译服务没有响应。" in answer.text


async def test_what_a_member_of_a_group_saw_comes_to_the_group_all_the_same(
    app: BotUnderTest,
) -> None:
    await app.join(app.ada, app.group)
    await app.follow(app.ada, "cat:cs.*", chat=app.group)
    await app.say(app.lin, "/latest 30", chat=app.group)
    await app.until(lambda: len(app.papers(app.group)) == 30)
    assert await app.sent(app.group) == set()
    # Lin's are over as soon as the bot has read that Telegram took the last one.
    while (await app.say(app.ada, "/latest 30", chat=app.group)).text == "On their way.":
        pass
    await app.all_sent(app.group, 30)

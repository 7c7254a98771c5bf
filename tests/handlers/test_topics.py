"""/topics and /unsubscribe: what a chat follows, and how it stops."""

import pytest

from bot.playground.telegram.world import ChatRef
from bot.query.parser import normalise, parse
from storage import topics
from tests.bot_under_test import House


async def give(house: House, chat: ChatRef, *labels: str) -> None:
    """Let a chat follow topics without a word."""
    stored = await house.chat(chat)
    async with house.database.transaction() as session:
        for label in labels:
            topic = await topics.register(session=session, query=normalise(parse(label)))
            await topics.subscribe(
                session=session, chat_id=stored.id, topic_id=topic.id, label=label
            )


@pytest.mark.parametrize(
    ("person", "nothing", "question"),
    [
        ("ada", "You don't follow anything yet.", "What do you want to follow?"),
        ("lin", "您还没有订阅任何主题。", "您想关注什么？"),
    ],
)
async def test_who_follows_nothing_is_shown_the_way_to_a_first_topic(
    house: House, person: str, nothing: str, question: str
) -> None:
    who = getattr(house, person)
    for command in ("/topics", "/unsubscribe", "/unsubscribe nerf", "/latest"):
        answer = await house.say(who, command)
        assert answer.text == nothing, command
        assert question in (await house.tap(who, answer.buttons[0])).text, command


@pytest.mark.parametrize(
    ("person", "count", "week"),
    [
        ("ada", "You follow 1 topic\n", "papers this week"),
        ("lin", "您订阅了 1 个主题\n", "本周"),
    ],
)
async def test_one_topic_is_listed_with_its_week(
    house: House, person: str, count: str, week: str
) -> None:
    who = getattr(house, person)
    await house.follow(who, "transformer")
    listed = await house.say(who, "/topics")
    assert listed.text.startswith(count)
    assert f"• transformer – {'' if person == 'ada' else week}" in listed.text
    assert week in listed.text
    assert listed.buttons[0] == "transformer"


async def test_twelve_topics_have_two_pages(house: House) -> None:
    await house.say(house.ada, "/start")
    await give(house, house.ada, *(f"topic{n}" for n in range(12)))
    first = await house.say(house.ada, "/topics")
    assert "You follow 12 topics" in first.text
    assert first.buttons == [*(f"topic{n}" for n in range(10)), "›", "➕ Follow a topic"]
    second = await house.tap(house.ada, "›")
    assert second.buttons == ["topic10", "topic11", "‹", "➕ Follow a topic"]
    assert "• topic11" in second.text
    assert "• topic9 " not in second.text
    assert "• topic0 " in (await house.tap(house.ada, "‹")).text


async def test_a_page_that_is_gone_shows_the_last_there_is(house: House) -> None:
    await house.say(house.ada, "/start")
    await give(house, house.ada, *(f"topic{n}" for n in range(11)))
    await house.say(house.ada, "/topics")
    (last,) = (await house.followed(house.ada))[10:]
    stored = await house.chat(house.ada)
    async with house.database.transaction() as session:
        await topics.unsubscribe(session=session, chat_id=stored.id, topic_id=last.topic.id)
    assert "You follow 10 topics" in (await house.tap(house.ada, "›")).text


async def test_a_topic_opens_with_its_query_its_week_and_its_beginning(house: House) -> None:
    await house.follow(house.ada, "Transformer -survey")
    await house.say(house.ada, "/topics")
    opened = await house.tap(house.ada, "Transformer -survey")
    (entry,) = await house.followed(house.ada)
    assert opened.text.startswith(f"Transformer -survey\n{entry.topic.query}\n")
    assert "papers in the last 7 days" in opened.text
    assert "You have followed it since" in opened.text
    assert (await house.tap(house.ada, "‹ My topics")).text.startswith("You follow 1 topic")


async def test_a_topic_can_be_left_and_taken_back_under_its_own_name(house: House) -> None:
    await house.follow(house.ada, "Transformer")
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, "Transformer")
    left = await house.tap(house.ada, "🗑 Unsubscribe")
    assert left.text == "You no longer follow Transformer."
    assert await house.labels(house.ada) == []
    back = await house.tap(house.ada, "↩️ Undo")
    assert "• Transformer" in back.text
    assert await house.labels(house.ada) == ["Transformer"]


async def test_what_is_not_followed_any_more_is_not_pushed(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.say(house.ada, "/unsubscribe transformer")
    stored = await house.chat(house.ada)
    assert await house.push(now=stored.next_push_at) == 0


async def test_an_undone_unsubscription_keeps_what_was_owed(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.say(house.ada, "/unsubscribe transformer")
    await house.tap(house.ada, "↩️ Undo")
    stored = await house.chat(house.ada)
    assert await house.push(now=stored.next_push_at) > 0


async def test_unsubscribe_takes_the_name_of_a_topic(house: House) -> None:
    await house.follow(house.ada, "transformer")
    for words in ("Large language models", "large  Language models", "LARGE LANGUAGE MODELS"):
        await house.follow(house.ada, "Large  language models")
        answer = await house.say(house.ada, f"/unsubscribe {words}")
        assert answer.text == "You no longer follow Large language models."
        assert await house.labels(house.ada) == ["transformer"]


@pytest.mark.parametrize(
    ("person", "unknown", "question"),
    [
        ("ada", "You follow nothing called “<nerf>”.", "Which topic do you want to stop"),
        ("lin", "您没有订阅名为“<nerf>”的主题。", "您想取消哪个主题？"),
    ],
)
async def test_an_unknown_name_is_answered_with_the_names_there_are(
    house: House, person: str, unknown: str, question: str
) -> None:
    who = getattr(house, person)
    await house.follow(who, "transformer")
    answer = await house.say(who, "/unsubscribe <nerf>")
    assert unknown in answer.text
    assert question in answer.text
    assert answer.buttons[0] == "🗑 transformer"
    await house.tap(who, "🗑 transformer")
    assert await house.labels(who) == []


async def test_unsubscribe_alone_asks_which(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.follow(house.ada, "nerf")
    answer = await house.say(house.ada, "/unsubscribe")
    assert answer.buttons == ["🗑 transformer", "🗑 nerf", "‹ My topics"]
    assert "called" not in answer.text


async def test_two_topics_of_one_name_are_not_guessed_between(house: House) -> None:
    await house.follow(house.ada, "OCR")
    await house.say(house.ada, "/subscribe")
    await house.tap(house.ada, "OCR")
    await house.tap(house.ada, "✅ Follow")
    assert await house.labels(house.ada) == ["OCR", "OCR"]
    answer = await house.say(house.ada, "/unsubscribe ocr")
    assert answer.buttons == ["🗑 OCR", "🗑 OCR", "‹ My topics"]
    assert "You follow nothing called" not in answer.text


@pytest.mark.parametrize("way", ["🗑 Unsubscribe", "open"])
async def test_a_button_of_a_topic_that_is_followed_no_more_says_so(house: House, way: str) -> None:
    await house.follow(house.ada, "transformer")
    listed = await house.say(house.ada, "/topics")
    if way != "open":
        await house.tap(house.ada, "transformer")
    stale = house.last(house.ada)
    await house.say(house.ada, "/unsubscribe transformer")
    button = way if way != "open" else "transformer"
    said = await house.alert(house.ada, button, message=stale)
    assert said == "You don't follow this topic any more."
    assert listed.id == stale.id

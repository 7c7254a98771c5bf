"""/topics and /unsubscribe: what a chat follows, and how it stops."""

import pytest

from bot.playground.telegram.world import ChatRef
from bot.query.parser import normalise, parse
from storage import topics
from tests.bot_under_test import BotUnderTest


async def give(app: BotUnderTest, chat: ChatRef, *labels: str) -> None:
    """Let a chat follow topics without a word."""
    stored = await app.chat(chat)
    async with app.database.transaction() as session:
        for label in labels:
            topic = await topics.register(session=session, query=normalise(parse(label)))
            await topics.subscribe(
                session=session, chat_id=stored.id, topic_id=topic.id, label=label
            )


@pytest.mark.parametrize(
    ("person", "nothing", "question"),
    [
        ("ada", "You don't follow anything yet.", "What do you want to follow?"),
        ("lin", "你还没有订阅任何主题。", "你想关注什么？"),
    ],
)
async def test_who_follows_nothing_is_shown_the_way_to_a_first_topic(
    app: BotUnderTest, person: str, nothing: str, question: str
) -> None:
    who = getattr(app, person)
    for command in ("/topics", "/unsubscribe", "/unsubscribe nerf", "/latest"):
        answer = await app.say(who, command)
        assert answer.text == nothing, command
        assert question in (await app.tap(who, answer.buttons[0])).text, command


@pytest.mark.parametrize(
    ("person", "count", "week"),
    [
        ("ada", "You follow 1 topic\n", "papers this week"),
        ("lin", "你订阅了 1 个主题\n", "本周"),
    ],
)
async def test_one_topic_is_listed_with_its_week(
    app: BotUnderTest, person: str, count: str, week: str
) -> None:
    who = getattr(app, person)
    await app.follow(who, "transformer")
    listed = await app.say(who, "/topics")
    assert listed.text.startswith(count)
    assert f"• transformer – {'' if person == 'ada' else week}" in listed.text
    assert week in listed.text
    assert listed.buttons[0] == "transformer"


async def test_twelve_topics_have_two_pages(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    await give(app, app.ada, *(f"topic{n}" for n in range(12)))
    first = await app.say(app.ada, "/topics")
    assert "You follow 12 topics" in first.text
    assert first.buttons == [*(f"topic{n}" for n in range(10)), "›", "➕ Follow a topic"]
    second = await app.tap(app.ada, "›")
    assert second.buttons == ["topic10", "topic11", "‹", "➕ Follow a topic"]
    assert "• topic11" in second.text
    assert "• topic9 " not in second.text
    assert "• topic0 " in (await app.tap(app.ada, "‹")).text


async def test_a_page_that_is_gone_shows_the_last_there_is(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    await give(app, app.ada, *(f"topic{n}" for n in range(11)))
    await app.say(app.ada, "/topics")
    (last,) = (await app.followed(app.ada))[10:]
    stored = await app.chat(app.ada)
    async with app.database.transaction() as session:
        await topics.unsubscribe(session=session, chat_id=stored.id, topic_id=last.topic.id)
    assert "You follow 10 topics" in (await app.tap(app.ada, "›")).text


async def test_a_topic_opens_with_its_query_its_week_and_its_beginning(app: BotUnderTest) -> None:
    await app.follow(app.ada, "Transformer -survey")
    await app.say(app.ada, "/topics")
    opened = await app.tap(app.ada, "Transformer -survey")
    (entry,) = await app.followed(app.ada)
    assert opened.text.startswith(f"Transformer -survey\n{entry.topic.query}\n")
    assert "papers in the last 7 days" in opened.text
    assert "Followed since" in opened.text
    assert (await app.tap(app.ada, "‹ My topics")).text.startswith("You follow 1 topic")


async def test_a_topic_can_be_left_and_taken_back_under_its_own_name(app: BotUnderTest) -> None:
    await app.follow(app.ada, "Transformer")
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "Transformer")
    left = await app.tap(app.ada, "🗑 Unsubscribe")
    assert left.text == "You no longer follow Transformer."
    assert await app.labels(app.ada) == []
    back = await app.tap(app.ada, "↩️ Undo")
    assert "• Transformer" in back.text
    assert await app.labels(app.ada) == ["Transformer"]


async def test_what_is_not_followed_any_more_is_not_pushed(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.say(app.ada, "/unsubscribe transformer")
    stored = await app.chat(app.ada)
    assert await app.push(now=stored.next_push_at) == 0


async def test_an_undone_unsubscription_keeps_what_was_owed(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.say(app.ada, "/unsubscribe transformer")
    await app.tap(app.ada, "↩️ Undo")
    stored = await app.chat(app.ada)
    assert await app.push(now=stored.next_push_at) > 0


async def test_unsubscribe_takes_the_name_of_a_topic(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    for words in ("Large language models", "large  Language models", "LARGE LANGUAGE MODELS"):
        await app.follow(app.ada, "Large  language models")
        answer = await app.say(app.ada, f"/unsubscribe {words}")
        assert answer.text == "You no longer follow Large language models."
        assert await app.labels(app.ada) == ["transformer"]


@pytest.mark.parametrize(
    ("person", "unknown", "question"),
    [
        ("ada", "You follow nothing called “<nerf>”.", "Which topic do you want to stop"),
        ("lin", "你没有订阅名为“<nerf>”的主题。", "你想取消哪个主题？"),
    ],
)
async def test_an_unknown_name_is_answered_with_the_names_there_are(
    app: BotUnderTest, person: str, unknown: str, question: str
) -> None:
    who = getattr(app, person)
    await app.follow(who, "transformer")
    answer = await app.say(who, "/unsubscribe <nerf>")
    assert unknown in answer.text
    assert question in answer.text
    assert answer.buttons[0] == "🗑 transformer"
    await app.tap(who, "🗑 transformer")
    assert await app.labels(who) == []


async def test_unsubscribe_alone_asks_which(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.follow(app.ada, "nerf")
    answer = await app.say(app.ada, "/unsubscribe")
    assert answer.buttons == ["🗑 transformer", "🗑 nerf", "‹ My topics"]
    assert "called" not in answer.text


async def test_two_topics_of_one_name_are_not_guessed_between(app: BotUnderTest) -> None:
    await app.follow(app.ada, "OCR")
    await app.say(app.ada, "/subscribe")
    await app.tap(app.ada, "OCR")
    await app.tap(app.ada, "✅ Follow")
    assert await app.labels(app.ada) == ["OCR", "OCR"]
    answer = await app.say(app.ada, "/unsubscribe ocr")
    assert answer.buttons == ["🗑 OCR", "🗑 OCR", "‹ My topics"]
    assert "You follow nothing called" not in answer.text


@pytest.mark.parametrize("way", ["🗑 Unsubscribe", "open"])
async def test_a_button_of_a_topic_that_is_followed_no_more_says_so(
    app: BotUnderTest, way: str
) -> None:
    await app.follow(app.ada, "transformer")
    listed = await app.say(app.ada, "/topics")
    if way != "open":
        await app.tap(app.ada, "transformer")
    stale = app.last(app.ada)
    await app.say(app.ada, "/unsubscribe transformer")
    button = way if way != "open" else "transformer"
    said = await app.alert(app.ada, button, message=stale)
    assert said == "You don't follow this topic any more."
    assert listed.id == stale.id

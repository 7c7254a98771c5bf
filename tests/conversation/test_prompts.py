"""Questions that are answered in words: whose words count, and what ends a question."""

from bot.playground.telegram.world import Message
from tests.bot_under_test import BotUnderTest

QUESTION = "What should I call nerf?"


async def ask(app: BotUnderTest) -> Message:
    """Let Ada be asked for a topic's new name, in private."""
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "nerf")
    return await app.tap(app.ada, "✏️ Rename")


async def test_the_next_words_are_the_answer_and_those_after_are_a_query(app: BotUnderTest) -> None:
    assert (await ask(app)).text == QUESTION
    card = await app.say(app.ada, "Radiance  fields")
    assert card.text.startswith("Radiance fields\n")
    assert await app.labels(app.ada) == ["Radiance fields"]
    assert "✅ Follow" in (await app.say(app.ada, "gaussian splatting")).buttons


async def test_a_question_outlives_a_restart(app: BotUnderTest) -> None:
    await ask(app)
    await app.close()
    await app.open()
    await app.say(app.ada, "Fields")
    assert await app.labels(app.ada) == ["Fields"]


async def test_the_way_back_ends_a_question(app: BotUnderTest) -> None:
    await ask(app)
    assert (await app.tap(app.ada, "‹ Back")).text.startswith("nerf\n")
    assert "✅ Follow" in (await app.say(app.ada, "gaussian splatting")).buttons
    assert await app.labels(app.ada) == ["nerf"]


async def test_any_command_ends_a_question(app: BotUnderTest) -> None:
    await ask(app)
    await app.say(app.ada, "/help")
    assert "✅ Follow" in (await app.say(app.ada, "gaussian splatting")).buttons
    assert await app.labels(app.ada) == ["nerf"]


async def test_cancel_says_whether_there_was_anything_to_end(app: BotUnderTest) -> None:
    await ask(app)
    answer = await app.say(app.ada, "/cancel")
    assert answer.text == "OK, cancelled."
    assert (await app.say(app.ada, "/cancel")).text == "Nothing to cancel."
    await app.say(app.ada, "gaussian splatting")
    assert await app.labels(app.ada) == ["nerf"]


async def test_what_is_asked_of_a_topic_that_is_gone_is_answered(app: BotUnderTest) -> None:
    await app.say(app.ada, "/help")
    await app.change(app.ada, expecting=f"{app.ada.id} 1 rename:1")
    answer = await app.say(app.ada, "Fields")
    assert answer.text == "You don't follow this topic any more."


async def test_what_an_older_version_asked_is_no_answer_to_anything(app: BotUnderTest) -> None:
    await app.say(app.ada, "/help")
    await app.change(app.ada, expecting=f"{app.ada.id} 1 forgotten:1")
    assert "✅ Follow" in (await app.say(app.ada, "gaussian splatting")).buttons
    assert (await app.chat(app.ada)).expecting is None


async def test_in_a_group_only_the_reply_of_who_was_asked_counts(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    app.telegram.promote(app.ada, group, app.lin)
    app.telegram.promote(app.ada, group)
    await app.follow(app.ada, "nerf", chat=group)
    await app.say(app.ada, "/topics", chat=group)
    await app.tap(app.ada, "nerf", message=app.last(group))
    question = await app.tap(app.ada, "✏️ Rename", message=app.last(group))
    assert question.text == f"Ada: {QUESTION}"
    assert (question.markup or {})["force_reply"]
    app.telegram.send_text(app.ada, group, "no reply")
    app.telegram.send_text(app.lin, group, "Lin's name", reply_to=question)
    await app.say(app.lin, "/help", chat=group)
    assert await app.labels(group) == ["nerf"]
    seen = app.mark()
    app.telegram.send_text(app.ada, group, "Fields", reply_to=question)
    assert (await app.answer(group, since=seen)).text.startswith("Fields\n")
    assert await app.labels(group) == ["Fields"]

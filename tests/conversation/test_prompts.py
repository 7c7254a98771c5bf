"""Questions that are answered in words: whose words count, and what ends a question."""

from bot.playground.telegram.world import Message
from tests.bot_under_test import House

QUESTION = "What should I call nerf?"


async def ask(house: House) -> Message:
    """Let Ada be asked for a topic's new name, in private."""
    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, "nerf")
    return await house.tap(house.ada, "✏️ Rename")


async def test_the_next_words_are_the_answer_and_those_after_are_a_query(house: House) -> None:
    assert (await ask(house)).text == QUESTION
    card = await house.say(house.ada, "Radiance  fields")
    assert card.text.startswith("Radiance fields\n")
    assert await house.labels(house.ada) == ["Radiance fields"]
    assert "✅ Follow" in (await house.say(house.ada, "gaussian splatting")).buttons


async def test_a_question_outlives_a_restart(house: House) -> None:
    await ask(house)
    await house.close()
    await house.open()
    await house.say(house.ada, "Fields")
    assert await house.labels(house.ada) == ["Fields"]


async def test_the_way_back_ends_a_question(house: House) -> None:
    await ask(house)
    assert (await house.tap(house.ada, "‹ Back")).text.startswith("nerf\n")
    assert "✅ Follow" in (await house.say(house.ada, "gaussian splatting")).buttons
    assert await house.labels(house.ada) == ["nerf"]


async def test_any_command_ends_a_question(house: House) -> None:
    await ask(house)
    await house.say(house.ada, "/help")
    assert "✅ Follow" in (await house.say(house.ada, "gaussian splatting")).buttons
    assert await house.labels(house.ada) == ["nerf"]


async def test_cancel_says_whether_there_was_anything_to_end(house: House) -> None:
    await ask(house)
    answer = await house.say(house.ada, "/cancel")
    assert answer.text == "All right, I no longer wait for an answer."
    assert (await house.say(house.ada, "/cancel")).text == "There is nothing to cancel."
    await house.say(house.ada, "gaussian splatting")
    assert await house.labels(house.ada) == ["nerf"]


async def test_what_is_asked_of_a_topic_that_is_gone_is_answered(house: House) -> None:
    await house.say(house.ada, "/help")
    await house.change(house.ada, expecting=f"{house.ada.id} 1 rename:1")
    answer = await house.say(house.ada, "Fields")
    assert answer.text == "You don't follow this topic any more."


async def test_what_an_older_version_asked_is_no_answer_to_anything(house: House) -> None:
    await house.say(house.ada, "/help")
    await house.change(house.ada, expecting=f"{house.ada.id} 1 forgotten:1")
    assert "✅ Follow" in (await house.say(house.ada, "gaussian splatting")).buttons
    assert (await house.chat(house.ada)).expecting is None


async def test_in_a_group_only_the_reply_of_who_was_asked_counts(house: House) -> None:
    group = await house.join(house.ada, house.group)
    house.telegram.promote(house.ada, group, house.lin)
    house.telegram.promote(house.ada, group)
    await house.follow(house.ada, "nerf", chat=group)
    await house.say(house.ada, "/topics", chat=group)
    await house.tap(house.ada, "nerf", message=house.last(group))
    question = await house.tap(house.ada, "✏️ Rename", message=house.last(group))
    assert question.text == f"Ada: {QUESTION}"
    assert (question.markup or {})["force_reply"]
    house.telegram.send_text(house.ada, group, "no reply")
    house.telegram.send_text(house.lin, group, "Lin's name", reply_to=question)
    await house.say(house.lin, "/help", chat=group)
    assert await house.labels(group) == ["nerf"]
    seen = house.mark()
    house.telegram.send_text(house.ada, group, "Fields", reply_to=question)
    assert (await house.answer(group, since=seen)).text.startswith("Fields\n")
    assert await house.labels(group) == ["Fields"]

"""A forum's topics are chats of their own: what is said in one stays in it."""

import pytest

from bot.playground.telegram.account import Tap
from bot.playground.telegram.world import Chat
from storage.models import ChatState
from tests.bot_under_test import House

NERF, LLM = 2, 3


@pytest.fixture
async def forum(house: House) -> Chat:
    """Return a forum with two topics that Ada rules and the bot is in."""
    made = house.telegram.world.add_supergroup(
        "Forum", [house.lin], admins=[house.ada], topics={NERF: "NeRF", LLM: "LLM"}
    )
    return await house.join(house.ada, made)


async def follow(house: House, forum: Chat, query: str, thread: int) -> None:
    preview = await house.say(house.ada, f"/subscribe {query}", chat=forum, thread=thread)
    await house.tap(house.ada, "✅ Follow", message=preview)


async def test_answers_go_into_the_thread_that_asked(house: House, forum: Chat) -> None:
    for command in ("/start", "/help", "/subscribe", "/subscribe nerf", "/topics", "/settings"):
        for thread in (NERF, LLM):
            answer = await house.say(house.ada, command, chat=forum, thread=thread)
            assert answer.thread == thread, command
    general = await house.say(house.ada, "/topics", chat=forum)
    assert general.thread is None


async def test_each_thread_follows_its_own(house: House, forum: Chat) -> None:
    await follow(house, forum, "nerf", NERF)
    await follow(house, forum, "LLM", LLM)
    assert await house.labels(forum, thread=NERF) == ["nerf"]
    assert await house.labels(forum, thread=LLM) == ["LLM"]
    assert await house.labels(forum) == []
    await house.say(house.ada, "/settings 07:30", chat=forum, thread=LLM)
    assert f"{(await house.chat(forum, thread=LLM)).push_time:%H:%M}" == "07:30"
    assert f"{(await house.chat(forum, thread=NERF)).push_time:%H:%M}" == "09:00"


async def test_papers_documents_and_what_is_sent_now_stay_in_the_thread(
    house: House, forum: Chat
) -> None:
    await follow(house, forum, "transformer", NERF)
    shown = len(house.shown(forum))
    for command in ("/latest 2", "/digest"):
        await house.say(house.ada, command, chat=forum, thread=NERF)
    await follow(house, forum, "nerf", NERF)
    await house.push(now=(await house.chat(forum, thread=NERF)).next_push_at)
    new = house.shown(forum)[shown:]
    assert any(message.document for message in new)
    assert len(new) >= 4
    assert {message.thread for message in new} == {NERF}
    actions = house.telegram.calls_to("sendChatAction")
    assert {call.params.get("message_thread_id") for call in actions} == {NERF}


async def test_a_question_is_asked_and_answered_in_its_thread(house: House, forum: Chat) -> None:
    await follow(house, forum, "nerf", NERF)
    await follow(house, forum, "nerf", LLM)
    await house.say(house.ada, "/topics", chat=forum, thread=NERF)
    await house.tap(house.ada, "nerf", message=house.last(forum))
    question = await house.tap(house.ada, "✏️ Rename", message=house.last(forum))
    assert question.thread == NERF
    seen = house.mark()
    house.telegram.send_text(house.ada, forum, "Fields", reply_to=question, thread=NERF)
    assert (await house.answer(forum, since=seen)).text.startswith("Fields\n")
    assert await house.labels(forum, thread=NERF) == ["Fields"]
    assert await house.labels(forum, thread=LLM) == ["nerf"]


async def test_the_whole_forum_goes_and_comes_with_the_bot(house: House, forum: Chat) -> None:
    await follow(house, forum, "transformer", NERF)
    house.telegram.remove_bot(house.ada, forum)
    for thread in (0, NERF):
        await house.becomes(forum, ChatState.BLOCKED, thread=thread)
    await house.join(house.ada, forum)
    for thread in (0, NERF):
        assert (await house.chat(forum, thread=thread)).state is ChatState.ACTIVE


async def test_a_tap_on_a_message_that_telegram_shows_no_more_changes_no_thread(
    house: House, forum: Chat
) -> None:
    await follow(house, forum, "nerf", NERF)
    await house.say(house.ada, "/settings", chat=forum)
    seen = house.mark()
    account = house.telegram.account
    account.updates.push(
        "callback_query",
        {
            "id": account.tapped(Tap(house.ada, forum, house.telegram.world.clock())),
            "from": {"id": house.ada.id, "is_bot": False, "first_name": "Ada"},
            "message": {
                "message_id": 1,
                "date": 0,
                "chat": {"id": forum.id, "type": "supergroup", "title": "Forum"},
            },
            "chat_instance": "1",
            "data": "put:papers:3",
        },
    )
    said = await house.popped_up(house.ada, since=seen)
    assert said == "This button is too old. Try /help."
    for thread in (0, NERF):
        assert (await house.chat(forum, thread=thread)).papers_per_push == 10

"""A forum's topics are chats of their own: what is said in one stays in it."""

import pytest

from bot.playground.telegram.account import Tap
from bot.playground.telegram.world import Chat
from storage.models import ChatState
from tests.bot_under_test import BotUnderTest

NERF, LLM = 2, 3


@pytest.fixture
async def forum(app: BotUnderTest) -> Chat:
    """Return a forum with two topics that Ada rules and the bot is in."""
    made = app.telegram.world.add_supergroup(
        "Forum", [app.lin], admins=[app.ada], topics={NERF: "NeRF", LLM: "LLM"}
    )
    return await app.join(app.ada, made)


async def follow(app: BotUnderTest, forum: Chat, query: str, thread: int) -> None:
    preview = await app.say(app.ada, f"/subscribe {query}", chat=forum, thread=thread)
    await app.tap(app.ada, "✅ Follow", message=preview)


async def test_answers_go_into_the_thread_that_asked(app: BotUnderTest, forum: Chat) -> None:
    for command in ("/start", "/help", "/subscribe", "/subscribe nerf", "/topics", "/settings"):
        for thread in (NERF, LLM):
            answer = await app.say(app.ada, command, chat=forum, thread=thread)
            assert answer.thread == thread, command
    general = await app.say(app.ada, "/topics", chat=forum)
    assert general.thread is None


async def test_each_thread_follows_its_own(app: BotUnderTest, forum: Chat) -> None:
    await follow(app, forum, "nerf", NERF)
    await follow(app, forum, "LLM", LLM)
    assert await app.labels(forum, thread=NERF) == ["nerf"]
    assert await app.labels(forum, thread=LLM) == ["LLM"]
    assert await app.labels(forum) == []
    await app.say(app.ada, "/settings 07:30", chat=forum, thread=LLM)
    assert f"{(await app.chat(forum, thread=LLM)).push_time:%H:%M}" == "07:30"
    assert f"{(await app.chat(forum, thread=NERF)).push_time:%H:%M}" == "09:00"


async def test_papers_documents_and_what_is_sent_now_stay_in_the_thread(
    app: BotUnderTest, forum: Chat
) -> None:
    await follow(app, forum, "transformer", NERF)
    shown = len(app.shown(forum))
    for command in ("/latest 2", "/digest"):
        await app.say(app.ada, command, chat=forum, thread=NERF)
    await follow(app, forum, "nerf", NERF)
    await app.push(now=(await app.chat(forum, thread=NERF)).next_push_at)
    new = app.shown(forum)[shown:]
    assert any(message.document for message in new)
    assert len(new) >= 4
    assert {message.thread for message in new} == {NERF}
    actions = app.telegram.calls_to("sendChatAction")
    assert {call.params.get("message_thread_id") for call in actions} == {NERF}


async def test_a_question_is_asked_and_answered_in_its_thread(
    app: BotUnderTest, forum: Chat
) -> None:
    await follow(app, forum, "nerf", NERF)
    await follow(app, forum, "nerf", LLM)
    await app.say(app.ada, "/topics", chat=forum, thread=NERF)
    await app.tap(app.ada, "nerf", message=app.last(forum))
    question = await app.tap(app.ada, "✏️ Rename", message=app.last(forum))
    assert question.thread == NERF
    seen = app.mark()
    app.telegram.send_text(app.ada, forum, "Fields", reply_to=question, thread=NERF)
    assert (await app.answer(forum, since=seen)).text.startswith("Fields\n")
    assert await app.labels(forum, thread=NERF) == ["Fields"]
    assert await app.labels(forum, thread=LLM) == ["nerf"]


async def test_the_whole_forum_goes_and_comes_with_the_bot(app: BotUnderTest, forum: Chat) -> None:
    await follow(app, forum, "transformer", NERF)
    app.telegram.remove_bot(app.ada, forum)
    for thread in (0, NERF):
        await app.becomes(forum, ChatState.BLOCKED, thread=thread)
    await app.join(app.ada, forum)
    for thread in (0, NERF):
        assert (await app.chat(forum, thread=thread)).state is ChatState.ACTIVE


async def test_a_tap_on_a_message_that_telegram_shows_no_more_changes_no_thread(
    app: BotUnderTest, forum: Chat
) -> None:
    await follow(app, forum, "nerf", NERF)
    await app.say(app.ada, "/settings", chat=forum)
    seen = app.mark()
    account = app.telegram.account
    account.updates.push(
        "callback_query",
        {
            "id": account.tapped(Tap(app.ada, forum, app.telegram.world.clock())),
            "from": {"id": app.ada.id, "is_bot": False, "first_name": "Ada"},
            "message": {
                "message_id": 1,
                "date": 0,
                "chat": {"id": forum.id, "type": "supergroup", "title": "Forum"},
            },
            "chat_instance": "1",
            "data": "put:papers:3",
        },
    )
    said = await app.popped_up(app.ada, since=seen)
    assert said == "This button is too old. Try /help."
    for thread in (0, NERF):
        assert (await app.chat(forum, thread=thread)).papers_per_push == 10

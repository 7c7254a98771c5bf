"""Groups: everybody reads, admins decide, and the bot comes, goes and moves with the group."""

import pytest

from bot.playground.telegram.objects import chat_object, message_object
from bot.playground.telegram.world import Chat
from storage.models import ChatKind, ChatState
from tests.bot_under_test import BotUnderTest

REFUSED = "Only this group's admins can change that."
VERBOTEN = "只有本群管理员可以更改。"


async def test_the_bot_greets_the_group_that_it_is_added_to(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    assert app.last(group).text == (
        "👋 Hello! I bring new arXiv papers to this group. Its admins choose the topics: /subscribe"
    )
    await app.say(app.ada, "/topics", chat=group)
    assert len([m for m in app.shown(group) if "Hello" in m.text]) == 1
    assert (await app.chat(group)).kind is ChatKind.GROUP


async def test_it_greets_in_the_language_of_who_added_it(app: BotUnderTest) -> None:
    theirs = app.telegram.world.add_group("实验室", [app.ada], admins=[app.lin])
    await app.join(app.lin, theirs)
    assert "大家好！" in app.last(theirs).text


async def test_being_made_an_admin_is_no_reason_to_greet_again(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    app.telegram.promote(app.ada, group)
    await app.say(app.ada, "/topics", chat=group)
    assert sum("Hello" in message.text for message in app.shown(group)) == 1


async def test_who_is_no_admin_is_told_so_and_changes_nothing(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    before = await app.chat(group)
    for command in ("/subscribe nerf", "/subscribe", "/unsubscribe", "/settings 07:30"):
        assert (await app.say(app.lin, command, chat=group)).text == REFUSED, command
    assert await app.labels(group) == []
    assert await app.chat(group) == before


async def test_everybody_may_look(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    for command in ("/topics", "/help", "/settings", "/digest", "/latest"):
        assert (await app.say(app.lin, command, chat=group)).text != REFUSED, command


async def test_a_tap_of_who_is_no_admin_pops_up_a_refusal(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    offered = await app.say(app.ada, "/subscribe", chat=group)
    assert await app.alert(app.lin, "OCR", message=offered) == REFUSED
    await app.tap(app.ada, "OCR", message=offered)
    assert await app.alert(app.lin, "✅ Follow", message=app.last(group)) == REFUSED
    assert await app.labels(group) == []
    await app.tap(app.ada, "✅ Follow", message=app.last(group))
    assert await app.labels(group) == ["OCR"]
    card = await app.say(app.lin, "/settings", chat=group)
    assert await app.alert(app.lin, "⏸ Pause", message=card) == REFUSED
    assert (await app.chat(group)).state is ChatState.ACTIVE


async def test_the_refusal_speaks_the_group_s_language(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    await app.change(group, ui_language="zh_CN")
    assert (await app.say(app.lin, "/subscribe nerf", chat=group)).text == VERBOTEN


async def test_an_admin_who_was_just_made_one_may_change_things(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    app.telegram.promote(app.ada, group, app.lin)
    preview = await app.say(app.lin, "/subscribe nerf", chat=group)
    await app.tap(app.lin, "✅ Follow", message=preview)
    assert await app.labels(group) == ["nerf"]
    app.telegram.demote(app.ada, group, app.lin)
    assert (await app.say(app.lin, "/unsubscribe nerf", chat=group)).text == REFUSED


async def test_an_admin_who_stays_anonymous_may_change_things(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    seen = app.mark()
    said = app.telegram.send_text(app.ada, group, "/subscribe nerf")
    app.telegram.updates.drop()
    described = {
        "message_id": said.id,
        "date": said.date,
        "chat": {"id": group.id, "type": "group", "title": group.title},
        "sender_chat": {"id": group.id, "type": "group", "title": group.title},
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
        "text": said.text,
        "entities": [{"type": "bot_command", "offset": 0, "length": 10}],
    }
    app.telegram.updates.push("message", described)
    assert "✅ Follow" in (await app.answer(group, since=seen)).buttons


async def test_a_stranger_to_the_group_who_resumes_it_needs_to_be_an_admin(
    app: BotUnderTest,
) -> None:
    group = await app.join(app.ada, app.group)
    await app.change(group, state=ChatState.PAUSED)
    answer = await app.say(app.lin, "/start", chat=group)
    assert "paused" not in answer.text
    assert (await app.chat(group)).state is ChatState.PAUSED
    assert "Resumed: papers come again." in (await app.say(app.ada, "/start", chat=group)).text
    assert (await app.chat(group)).state is ChatState.ACTIVE


@pytest.mark.parametrize("command", ["/topics@paperboy_playground_bot", "/TOPICS"])
async def test_a_command_with_the_bot_s_name_is_the_bot_s(app: BotUnderTest, command: str) -> None:
    group = await app.join(app.ada, app.group)
    assert (
        "This group doesn't follow anything yet."
        in (await app.say(app.ada, command, chat=group)).text
    )


async def test_in_a_group_words_need_the_command_and_the_bot_says_so(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    await app.say(app.ada, "/start", chat=group)
    question = await app.tap(app.ada, "✓ English", message=app.last(group))
    assert "write what this group works on after the command" in question.text
    assert "/subscribe gaussian splatting -survey" in question.text
    private = await app.say(app.ada, "/start")
    private = await app.tap(app.ada, "✓ English", message=private)
    assert "tell me what you work on" in private.text


async def test_what_people_say_to_each_other_is_none_of_the_bot_s_business(
    app: BotUnderTest,
) -> None:
    group = await app.join(app.ada, app.group)
    app.telegram.promote(app.ada, group)
    for words in ("gaussian splatting", "/unknown", "@somebody hello"):
        app.telegram.send_text(app.lin, group, words)
    shown = len(app.shown(group))
    await app.say(app.lin, "/help", chat=group)
    assert len(app.shown(group)) == shown + 1


async def test_an_answer_to_a_message_that_was_deleted_comes_all_the_same(
    app: BotUnderTest,
) -> None:
    group = await app.join(app.ada, app.group)
    app.libre.may_answer.clear()
    await app.change(group, language="zh-CN")
    await app.follow(app.ada, "transformer", chat=group)
    asked = app.telegram.send_text(app.ada, group, "/digest")
    await app.until(lambda: app.libre.calls)
    app.telegram.world.delete(asked)
    app.libre.may_answer.set()
    await app.until(lambda: app.telegram.documents)


async def test_papers_of_the_group_s_topics_go_to_the_group(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    await app.follow(app.ada, "transformer", chat=group)
    assert await app.push(now=(await app.chat(group)).next_push_at) == 2
    assert len(app.papers(group)) == 2
    assert app.papers(app.ada) == []


async def test_a_group_that_threw_the_bot_out_is_owed_nothing_until_it_is_back(
    app: BotUnderTest,
) -> None:
    group = await app.join(app.ada, app.group)
    await app.follow(app.ada, "transformer", chat=group)
    app.telegram.remove_bot(app.ada, group)
    stored = await app.becomes(group, ChatState.BLOCKED)
    assert stored.state_reason == "kicked"
    assert await app.push(now=stored.next_push_at) == 0
    await app.join(app.ada, app.group)
    stored = await app.becomes(group, ChatState.ACTIVE)
    assert stored.state_reason is None
    assert await app.labels(group) == ["transformer"]
    assert await app.push(now=stored.next_push_at) == 2


async def test_the_notice_of_being_thrown_out_does_not_count_as_a_word(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    greeting = app.last(group)
    app.telegram.remove_bot(app.ada, group)
    await app.becomes(group, ChatState.BLOCKED)
    notice = next(
        m for m in app.telegram.messages(group) if "left_chat_member" in (m.service or {})
    )
    app.telegram.updates.push(
        "message",
        {
            "message_id": notice.id,
            "date": notice.date,
            "chat": {"id": group.id, "type": "group", "title": group.title},
            "from": {"id": app.ada.id, "is_bot": False, "first_name": "Ada"},
            **(notice.service or {}),
        },
    )
    await app.forge(app.ada, greeting, "handled in turn")
    assert (await app.chat(group)).state is ChatState.BLOCKED


async def test_who_blocks_the_bot_gets_nothing_and_keeps_everything(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    app.telegram.block(app.ada)
    stored = await app.becomes(app.ada, ChatState.BLOCKED)
    assert await app.push(now=stored.next_push_at) == 0
    app.telegram.unblock(app.ada)
    stored = await app.becomes(app.ada, ChatState.ACTIVE)
    assert await app.labels(app.ada) == ["transformer"]
    assert await app.push(now=stored.next_push_at) == 2


async def test_who_writes_again_is_served_again(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    await app.change(app.ada, state=ChatState.BLOCKED, state_reason="Forbidden")
    await app.say(app.ada, "/topics")
    assert (await app.chat(app.ada)).state is ChatState.ACTIVE


async def test_a_group_that_becomes_a_supergroup_takes_its_topics_along(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    await app.follow(app.ada, "transformer", chat=group)
    await app.say(app.ada, "/settings 07:30", chat=group)
    successor = app.telegram.people.upgrade(app.ada, group)

    async def moved_on() -> bool:
        return await app.known(group) is None

    await app.eventually(moved_on)
    listed = await app.say(app.ada, "/topics", chat=successor)
    assert "• transformer" in listed.text
    moved = await app.chat(successor)
    assert moved.kind is ChatKind.SUPERGROUP
    assert f"{moved.push_time:%H:%M}" == "07:30"
    assert await app.push(now=moved.next_push_at) == 2
    assert len(app.papers(successor)) == 2


async def test_a_group_without_rights_to_write_harms_nobody_else(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    app.telegram.faults.afflict(group, "no_rights")
    app.telegram.send_text(app.ada, group, "/topics")
    assert "What I can do" in (await app.say(app.ada, "/help")).text


async def test_a_group_that_forbids_the_bot_to_write_waits_until_it_may(app: BotUnderTest) -> None:
    team = app.telegram.world.add_supergroup("Team", [app.lin], admins=[app.ada])
    await app.join(app.ada, team)
    await app.follow(app.ada, "transformer", chat=team)
    app.telegram.people.restrict(app.ada, team, restricted=True)
    stored = await app.becomes(team, ChatState.BLOCKED)
    assert stored.state_reason == "restricted"
    assert await app.push(now=stored.next_push_at) == 0
    shown = len(app.shown(team))
    app.telegram.people.restrict(app.ada, team, restricted=False)
    stored = await app.becomes(team, ChatState.ACTIVE)
    assert await app.push(now=stored.next_push_at) == 2
    assert "Hello" not in app.shown(team)[shown].text, "it was there all the time"


async def test_the_welcome_leads_an_admin_to_the_first_topic(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    welcome = app.last(group)
    assert welcome.buttons == ["➕ Follow a topic", "⚙️ Settings"]
    assert await app.alert(app.lin, "➕ Follow a topic", message=welcome) == REFUSED
    await app.tap(app.ada, "➕ Follow a topic", message=welcome)
    await app.tap(app.ada, "OCR", message=app.last(group))
    await app.tap(app.ada, "✅ Follow", message=app.last(group))
    assert await app.labels(group) == ["OCR"]


async def test_the_bot_s_own_rank_is_no_hindrance_to_know_the_admins(app: BotUnderTest) -> None:
    team = app.telegram.world.add_supergroup("Team", [app.lin], admins=[app.ada])
    await app.join(app.ada, team)
    assert (await app.say(app.lin, "/subscribe", chat=team)).text == REFUSED
    assert "OCR" in (await app.say(app.ada, "/subscribe", chat=team)).buttons
    assert not app.telegram.calls_to("getChatMember"), "told for sure to admins only"


async def test_a_group_s_menu_offers_its_admins_more_than_its_members(app: BotUnderTest) -> None:
    account, group = app.telegram.account, await app.join(app.ada, app.group)
    await app.until(lambda: account.menu(group, app.ada) != account.menu(group, app.lin))
    admins = {command["command"] for command in account.menu(group, app.ada)}
    members = {command["command"] for command in account.menu(group, app.lin)}
    assert {"subscribe", "settings", "forget"} <= admins - members
    assert members == {"topics", "latest", "digest", "search", "saved", "week", "status", "help"}


async def check_that_nothing_was_answered(app: BotUnderTest, group: Chat) -> None:
    """See that a group has a greeting, and then only what it asks for now."""
    for _each in range(2):
        await app.say(app.ada, "/topics", chat=group)
    _greeting, first, second = app.shown(group)
    assert first.text == second.text


async def test_what_somebody_said_elsewhere_is_no_command_of_who_brings_it_here(
    app: BotUnderTest,
) -> None:
    group = await app.join(app.ada, app.group)
    elsewhere = app.telegram.world.add_group("Elsewhere", [app.lin, app.ada], admins=[app.lin])
    for command in ("/stop", "/settings 07:30", "/latest", "/help"):
        said = app.telegram.send_text(app.lin, elsewhere, command)
        app.telegram.people.forward(app.ada, said, group)
    before = await app.chat(group)
    await check_that_nothing_was_answered(app, group)
    assert await app.chat(group) == before
    assert before.state is ChatState.ACTIVE


async def test_a_post_of_a_group_s_channel_is_no_question_to_the_bot(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    channel = app.telegram.world.add_channel("News", [app.ada])
    copied = message_object(app.telegram.world, app.telegram.send_text(app.ada, group, "hello"))
    for command in ("/help", "/latest", "/stop"):
        app.telegram.updates.push(
            "message",
            {
                **copied,
                "message_id": app.telegram.world.next_message_id(group),
                "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
                "sender_chat": chat_object(channel),
                "is_automatic_forward": True,
                "text": command,
                "entities": [{"type": "bot_command", "offset": 0, "length": len(command)}],
            },
        )
    await check_that_nothing_was_answered(app, group)

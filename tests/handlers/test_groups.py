"""Groups: everybody reads, admins decide, and the bot comes, goes and moves with the group."""

import pytest

from storage.models import ChatKind, ChatState
from tests.bot_under_test import House

REFUSED = "Only this group's admins can change that."
VERBOTEN = "只有本群管理员可以更改。"


async def test_the_bot_greets_the_group_that_it_is_added_to(house: House) -> None:
    group = await house.join(house.ada, house.group)
    assert house.last(group).text == (
        "👋 Hello! I bring new arXiv papers to this group. Its admins choose the topics: /subscribe"
    )
    await house.say(house.ada, "/topics", chat=group)
    assert len([m for m in house.shown(group) if "Hello" in m.text]) == 1
    assert (await house.chat(group)).kind is ChatKind.GROUP


async def test_it_greets_in_the_language_of_who_added_it(house: House) -> None:
    theirs = house.telegram.world.add_group("实验室", [house.ada], admins=[house.lin])
    await house.join(house.lin, theirs)
    assert "大家好！" in house.last(theirs).text


async def test_being_made_an_admin_is_no_reason_to_greet_again(house: House) -> None:
    group = await house.join(house.ada, house.group)
    house.telegram.promote(house.ada, group)
    await house.say(house.ada, "/topics", chat=group)
    assert sum("Hello" in message.text for message in house.shown(group)) == 1


async def test_who_is_no_admin_is_told_so_and_changes_nothing(house: House) -> None:
    group = await house.join(house.ada, house.group)
    before = await house.chat(group)
    for command in ("/subscribe nerf", "/subscribe", "/unsubscribe", "/settings 07:30"):
        assert (await house.say(house.lin, command, chat=group)).text == REFUSED, command
    assert await house.labels(group) == []
    assert await house.chat(group) == before


async def test_everybody_may_look(house: House) -> None:
    group = await house.join(house.ada, house.group)
    for command in ("/topics", "/help", "/settings", "/digest", "/latest"):
        assert (await house.say(house.lin, command, chat=group)).text != REFUSED, command


async def test_a_tap_of_who_is_no_admin_pops_up_a_refusal(house: House) -> None:
    group = await house.join(house.ada, house.group)
    offered = await house.say(house.ada, "/subscribe", chat=group)
    assert await house.alert(house.lin, "OCR", message=offered) == REFUSED
    await house.tap(house.ada, "OCR", message=offered)
    assert await house.alert(house.lin, "✅ Follow", message=house.last(group)) == REFUSED
    assert await house.labels(group) == []
    await house.tap(house.ada, "✅ Follow", message=house.last(group))
    assert await house.labels(group) == ["OCR"]
    card = await house.say(house.lin, "/settings", chat=group)
    assert await house.alert(house.lin, "⏸ Pause", message=card) == REFUSED
    assert (await house.chat(group)).state is ChatState.ACTIVE


async def test_the_refusal_speaks_the_group_s_language(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await house.change(group, ui_language="zh_CN")
    assert (await house.say(house.lin, "/subscribe nerf", chat=group)).text == VERBOTEN


async def test_an_admin_who_was_just_made_one_may_change_things(house: House) -> None:
    group = await house.join(house.ada, house.group)
    house.telegram.promote(house.ada, group, house.lin)
    preview = await house.say(house.lin, "/subscribe nerf", chat=group)
    await house.tap(house.lin, "✅ Follow", message=preview)
    assert await house.labels(group) == ["nerf"]
    house.telegram.demote(house.ada, group, house.lin)
    assert (await house.say(house.lin, "/unsubscribe nerf", chat=group)).text == REFUSED


async def test_an_admin_who_stays_anonymous_may_change_things(house: House) -> None:
    group = await house.join(house.ada, house.group)
    seen = house.mark()
    said = house.telegram.send_text(house.ada, group, "/subscribe nerf")
    house.telegram.updates.drop()
    described = {
        "message_id": said.id,
        "date": said.date,
        "chat": {"id": group.id, "type": "group", "title": group.title},
        "sender_chat": {"id": group.id, "type": "group", "title": group.title},
        "from": {"id": 1087968824, "is_bot": True, "first_name": "Group"},
        "text": said.text,
        "entities": [{"type": "bot_command", "offset": 0, "length": 10}],
    }
    house.telegram.updates.push("message", described)
    assert "✅ Follow" in (await house.answer(group, since=seen)).buttons


async def test_a_stranger_to_the_group_who_resumes_it_needs_to_be_an_admin(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await house.change(group, state=ChatState.PAUSED)
    answer = await house.say(house.lin, "/start", chat=group)
    assert "paused" not in answer.text
    assert (await house.chat(group)).state is ChatState.PAUSED
    assert "You were paused." in (await house.say(house.ada, "/start", chat=group)).text
    assert (await house.chat(group)).state is ChatState.ACTIVE


@pytest.mark.parametrize("command", ["/topics@paperboy_playground_bot", "/TOPICS"])
async def test_a_command_with_the_bot_s_name_is_the_bot_s(house: House, command: str) -> None:
    group = await house.join(house.ada, house.group)
    assert (
        "You don't follow anything yet." in (await house.say(house.ada, command, chat=group)).text
    )


async def test_in_a_group_words_need_the_command_and_the_bot_says_so(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await house.say(house.ada, "/start", chat=group)
    question = await house.tap(house.ada, "✓ English", message=house.last(group))
    assert "write what you look for after the command" in question.text
    assert "/subscribe gaussian splatting -survey" in question.text
    private = await house.say(house.ada, "/start")
    private = await house.tap(house.ada, "✓ English", message=private)
    assert "simply write to me" in private.text


async def test_what_people_say_to_each_other_is_none_of_the_bot_s_business(house: House) -> None:
    group = await house.join(house.ada, house.group)
    house.telegram.promote(house.ada, group)
    for words in ("gaussian splatting", "/unknown", "@somebody hello"):
        house.telegram.send_text(house.lin, group, words)
    shown = len(house.shown(group))
    await house.say(house.lin, "/help", chat=group)
    assert len(house.shown(group)) == shown + 1


async def test_an_answer_to_a_message_that_was_deleted_comes_all_the_same(house: House) -> None:
    group = await house.join(house.ada, house.group)
    house.libre.may_answer.clear()
    await house.change(group, language="zh-CN")
    await house.follow(house.ada, "transformer", chat=group)
    asked = house.telegram.send_text(house.ada, group, "/digest")
    await house.until(lambda: house.libre.calls)
    house.telegram.world.delete(asked)
    house.libre.may_answer.set()
    await house.until(lambda: house.telegram.documents)


async def test_papers_of_the_group_s_topics_go_to_the_group(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await house.follow(house.ada, "transformer", chat=group)
    assert await house.push(now=(await house.chat(group)).next_push_at) == 2
    assert len(house.papers(group)) == 2
    assert house.papers(house.ada) == []


async def test_a_group_that_threw_the_bot_out_is_owed_nothing_until_it_is_back(
    house: House,
) -> None:
    group = await house.join(house.ada, house.group)
    await house.follow(house.ada, "transformer", chat=group)
    house.telegram.remove_bot(house.ada, group)
    stored = await house.becomes(group, ChatState.BLOCKED)
    assert stored.state_reason == "kicked"
    assert await house.push(now=stored.next_push_at) == 0
    await house.join(house.ada, house.group)
    stored = await house.becomes(group, ChatState.ACTIVE)
    assert stored.state_reason is None
    assert await house.labels(group) == ["transformer"]
    assert await house.push(now=stored.next_push_at) == 2


async def test_the_notice_of_being_thrown_out_does_not_count_as_a_word(house: House) -> None:
    group = await house.join(house.ada, house.group)
    greeting = house.last(group)
    house.telegram.remove_bot(house.ada, group)
    await house.becomes(group, ChatState.BLOCKED)
    notice = next(
        m for m in house.telegram.messages(group) if "left_chat_member" in (m.service or {})
    )
    house.telegram.updates.push(
        "message",
        {
            "message_id": notice.id,
            "date": notice.date,
            "chat": {"id": group.id, "type": "group", "title": group.title},
            "from": {"id": house.ada.id, "is_bot": False, "first_name": "Ada"},
            **(notice.service or {}),
        },
    )
    await house.forge(house.ada, greeting, "handled in turn")
    assert (await house.chat(group)).state is ChatState.BLOCKED


async def test_who_blocks_the_bot_gets_nothing_and_keeps_everything(house: House) -> None:
    await house.follow(house.ada, "transformer")
    house.telegram.block(house.ada)
    stored = await house.becomes(house.ada, ChatState.BLOCKED)
    assert await house.push(now=stored.next_push_at) == 0
    house.telegram.unblock(house.ada)
    stored = await house.becomes(house.ada, ChatState.ACTIVE)
    assert await house.labels(house.ada) == ["transformer"]
    assert await house.push(now=stored.next_push_at) == 2


async def test_who_writes_again_is_served_again(house: House) -> None:
    await house.follow(house.ada, "transformer")
    await house.change(house.ada, state=ChatState.BLOCKED, state_reason="Forbidden")
    await house.say(house.ada, "/topics")
    assert (await house.chat(house.ada)).state is ChatState.ACTIVE


async def test_a_group_that_becomes_a_supergroup_takes_its_topics_along(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await house.follow(house.ada, "transformer", chat=group)
    await house.say(house.ada, "/settings 07:30", chat=group)
    successor = house.telegram.people.upgrade(house.ada, group)

    async def moved_on() -> bool:
        return await house.known(group) is None

    await house.eventually(moved_on)
    listed = await house.say(house.ada, "/topics", chat=successor)
    assert "• transformer" in listed.text
    moved = await house.chat(successor)
    assert moved.kind is ChatKind.SUPERGROUP
    assert f"{moved.push_time:%H:%M}" == "07:30"
    assert await house.push(now=moved.next_push_at) == 2
    assert len(house.papers(successor)) == 2


async def test_a_group_without_rights_to_write_harms_nobody_else(house: House) -> None:
    group = await house.join(house.ada, house.group)
    house.telegram.faults.afflict(group, "no_rights")
    house.telegram.send_text(house.ada, group, "/topics")
    assert "What I can do" in (await house.say(house.ada, "/help")).text


async def test_a_group_that_forbids_the_bot_to_write_waits_until_it_may(house: House) -> None:
    team = house.telegram.world.add_supergroup("Team", [house.lin], admins=[house.ada])
    await house.join(house.ada, team)
    await house.follow(house.ada, "transformer", chat=team)
    house.telegram.people.restrict(house.ada, team, restricted=True)
    stored = await house.becomes(team, ChatState.BLOCKED)
    assert stored.state_reason == "restricted"
    assert await house.push(now=stored.next_push_at) == 0
    shown = len(house.shown(team))
    house.telegram.people.restrict(house.ada, team, restricted=False)
    stored = await house.becomes(team, ChatState.ACTIVE)
    assert await house.push(now=stored.next_push_at) == 2
    assert "Hello" not in house.shown(team)[shown].text, "it was there all the time"


async def test_the_welcome_leads_an_admin_to_the_first_topic(house: House) -> None:
    group = await house.join(house.ada, house.group)
    welcome = house.last(group)
    assert welcome.buttons == ["➕ Follow a topic", "⚙️ Settings"]
    assert await house.alert(house.lin, "➕ Follow a topic", message=welcome) == REFUSED
    await house.tap(house.ada, "➕ Follow a topic", message=welcome)
    await house.tap(house.ada, "OCR", message=house.last(group))
    await house.tap(house.ada, "✅ Follow", message=house.last(group))
    assert await house.labels(group) == ["OCR"]


async def test_the_bot_s_own_rank_is_no_hindrance_to_know_the_admins(house: House) -> None:
    team = house.telegram.world.add_supergroup("Team", [house.lin], admins=[house.ada])
    await house.join(house.ada, team)
    assert (await house.say(house.lin, "/subscribe", chat=team)).text == REFUSED
    assert "OCR" in (await house.say(house.ada, "/subscribe", chat=team)).buttons
    assert not house.telegram.calls_to("getChatMember"), "told for sure to admins only"


async def test_a_group_s_menu_offers_its_admins_more_than_its_members(house: House) -> None:
    account, group = house.telegram.account, await house.join(house.ada, house.group)
    await house.until(lambda: account.menu(group, house.ada) != account.menu(group, house.lin))
    admins = {command["command"] for command in account.menu(group, house.ada)}
    members = {command["command"] for command in account.menu(group, house.lin)}
    assert {"subscribe", "settings", "forget"} <= admins - members
    assert members == {"topics", "latest", "digest", "search", "saved", "status", "help"}

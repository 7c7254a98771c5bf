"""Channels: their admins choose in private what they get, and nobody else does."""

import pytest

from bot.playground.telegram.world import Chat, Message
from storage.models import ChatKind, ChatState
from tests.bot_under_test import House

HEADING = "📢 Papers of the lab\n"


@pytest.fixture
async def channel(house: House) -> Chat:
    """Return a channel of Ada's that she has just added the bot to."""
    await house.say(house.ada, "/help")
    made = house.telegram.world.add_channel("Papers of the lab", [house.ada])
    seen = house.mark()
    house.telegram.add_bot(house.ada, made)
    await house.answer(house.ada, since=seen)
    return made


async def managing(house: House) -> Message:
    """Let Ada turn to the channel."""
    return await house.tap(house.ada, "📚 Choose its topics")


async def test_who_adds_the_bot_is_shown_the_way_and_the_channel_is_left_alone(
    house: House, channel: Chat
) -> None:
    told = house.last(house.ada)
    assert told.text == (
        "📢 I am in Papers of the lab now. What it gets, and when, is chosen here, in our chat."
    )
    assert house.shown(channel) == []
    assert (await house.chat(channel)).kind is ChatKind.CHANNEL


async def test_who_never_wrote_to_the_bot_finds_the_channel_later(house: House) -> None:
    made = house.telegram.world.add_channel("Papers", [house.lin])
    house.telegram.add_bot(house.lin, made)
    await house.becomes(made, ChatState.ACTIVE)
    post = house.telegram.send_text(house.lin, made, "hello")
    await house.say(house.lin, "/help")
    house.telegram.people.forward(house.lin, post, house.lin)
    heading = "📢 Papers\n\n接下来的操作都针对这个频道"
    await house.until(lambda: any(m.text.startswith(heading) for m in house.shown(house.lin)))
    listed = await house.say(house.lin, "/channels")
    assert listed.buttons == ["✓ 📢 Papers", "➕ 把我加入频道", "↩️ 回到我自己的主题"]


async def test_topics_and_settings_are_the_channel_s_under_its_name(
    house: House, channel: Chat
) -> None:
    entered = await managing(house)
    assert entered.text.startswith(HEADING)
    assert (await house.tap(house.ada, "📚 Topics")).text.startswith(HEADING)
    preview = await house.say(house.ada, "transformer")
    assert preview.text.startswith(HEADING)
    followed = await house.tap(house.ada, "✅ Follow")
    assert followed.text.startswith(f"{HEADING}\n✅ You now follow transformer.")
    assert await house.labels(channel) == ["transformer"]
    assert await house.labels(house.ada) == []
    offered = await house.tap(house.ada, "➕ Another topic")
    assert offered.text.startswith(HEADING)
    assert offered.buttons[-2:] == ["📚 My topics", "↩️ Back to my own topics"]
    card = await house.say(house.ada, "/settings 07:30")
    assert card.text.startswith(f"{HEADING}\nSettings\n")
    assert card.buttons[-1] == "↩️ Back to my own topics"
    assert f"{(await house.chat(channel)).push_time:%H:%M}" == "07:30"
    assert f"{(await house.chat(house.ada)).push_time:%H:%M}" == "09:00"
    listed = await house.say(house.ada, "/topics")
    assert listed.text.startswith(HEADING)
    assert listed.buttons[-1] == "↩️ Back to my own topics"
    chat = await house.chat(channel)
    assert await house.push(now=chat.next_push_at) == 2
    assert len(house.papers(channel)) == 2


async def test_a_topic_of_a_channel_is_renamed_in_private(house: House, channel: Chat) -> None:
    await managing(house)
    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, "nerf")
    await house.tap(house.ada, "✏️ Rename")
    card = await house.say(house.ada, "Fields")
    assert card.text.startswith(f"{HEADING}\nFields\n")
    assert await house.labels(channel) == ["Fields"]


@pytest.mark.parametrize("way", ["button", "/start"])
async def test_the_way_back_leads_to_one_s_own_topics(
    house: House, channel: Chat, way: str
) -> None:
    await managing(house)
    if way == "button":
        back = await house.tap(house.ada, "↩️ Back to my own topics")
        assert back.text == "From here on it is about your own topics again."
    else:
        assert "Hello, I am Paperboy" in (await house.say(house.ada, "/start")).text
    await house.follow(house.ada, "nerf")
    assert await house.labels(house.ada) == ["nerf"]
    assert await house.labels(channel) == []


async def test_who_is_no_admin_any_more_changes_nothing(house: House, channel: Chat) -> None:
    entered = await managing(house)
    house.telegram.demote(house.ada, channel, house.ada)
    said = await house.say(house.ada, "/subscribe nerf")
    assert said.text == (
        "You can't manage Papers of the lab any more."
        " From here on it is about your own topics again."
    )
    assert await house.labels(channel) == []
    assert await house.labels(house.ada) == []
    assert (await house.say(house.ada, "/topics")).text == "You don't follow anything yet."
    refused = await house.forge(house.ada, entered, "topics")
    assert refused == ""
    assert "📢 Papers of the lab" not in (await house.say(house.ada, "/channels")).buttons


async def test_a_stranger_manages_nothing(house: House, channel: Chat) -> None:
    post = house.telegram.send_text(house.ada, channel, "nerf")
    await house.say(house.lin, "/help")
    seen = house.mark()
    house.telegram.people.forward(house.lin, post, house.lin)
    answer = await house.answer(house.lin, since=seen)
    assert "📢" not in answer.text
    assert (await house.chat(house.lin)).managing_id is None
    listed = await house.say(house.ada, "/channels")
    number = next(
        b["callback_data"] for row in listed.keyboard for b in row if "callback_data" in b
    )
    assert number == f"manage:{(await house.chat(channel)).id}"
    own = await house.say(house.lin, "/channels")
    assert all("📢" not in text for text in own.buttons)


async def test_a_list_that_is_old_is_checked_again(house: House, channel: Chat) -> None:
    listed = await house.say(house.ada, "/channels")
    house.telegram.demote(house.ada, channel, house.ada)
    said = await house.alert(house.ada, "📢 Papers of the lab", message=listed)
    assert said == "You can only manage a channel whose admin you are, and that I am in."
    assert (await house.chat(house.ada)).managing_id is None


async def test_a_channel_where_the_bot_may_not_post_waits_until_it_may(
    house: House, channel: Chat
) -> None:
    await managing(house)
    await house.follow(house.ada, "transformer")
    seen = house.mark()
    house.telegram.people.allow_posts(house.ada, channel, allowed=False)
    told = await house.answer(house.ada, since=seen)
    assert "I may not post there" in told.text
    stored = await house.becomes(channel, ChatState.BLOCKED)
    assert await house.push(now=stored.next_push_at) == 0
    seen = house.mark()
    house.telegram.people.allow_posts(house.ada, channel, allowed=True)
    assert "I am in Papers of the lab now" in (await house.answer(house.ada, since=seen)).text
    stored = await house.becomes(channel, ChatState.ACTIVE)
    assert await house.push(now=stored.next_push_at) == 2


async def test_a_channel_that_threw_the_bot_out_keeps_its_topics(
    house: House, channel: Chat
) -> None:
    await managing(house)
    await house.follow(house.ada, "transformer")
    house.telegram.remove_bot(house.ada, channel)
    await house.becomes(channel, ChatState.BLOCKED)
    said = await house.say(house.ada, "/topics")
    assert "You can't manage" in said.text
    seen = house.mark()
    house.telegram.add_bot(house.ada, channel)
    await house.answer(house.ada, since=seen)
    await managing(house)
    assert "• transformer" in (await house.say(house.ada, "/topics")).text


async def test_in_a_group_channels_are_not_managed(house: House) -> None:
    group = await house.join(house.ada, house.group)
    answer = await house.say(house.ada, "/channels", chat=group)
    assert answer.text == "Channels are managed in private: write /channels to me there."


async def test_what_is_asked_while_managing_a_channel_is_about_the_channel(
    house: House, channel: Chat
) -> None:
    await managing(house)
    await house.follow(house.ada, "nerf")
    owed = await house.say(house.ada, "/status")
    assert owed.text.startswith(HEADING)
    assert "wait for it" in owed.text
    before = len(house.shown(house.ada))
    house.telegram.send_text(house.ada, house.ada, "/latest 1")
    await house.until(lambda: len(house.shown(house.ada)) == before + 2)
    assert house.shown(house.ada)[before].text == HEADING.strip()
    assert (await house.say(house.ada, "/status")).text == owed.text, "what she saw is owed still"
    house.telegram.send_text(house.ada, house.ada, "/digest")
    await house.until(lambda: house.telegram.documents)
    (caption,) = [shown.text for shown in house.shown(house.ada) if shown.document]
    assert caption.startswith(HEADING)
    assert house.shown(channel) == []

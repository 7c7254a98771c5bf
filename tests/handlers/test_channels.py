"""Channels: their admins choose in private what they get, and nobody else does."""

import pytest

from bot.playground.telegram.world import Chat, Message
from storage.models import ChatKind, ChatState
from tests.bot_under_test import BotUnderTest

HEADING = "📢 Papers of the lab\n"


@pytest.fixture
async def channel(app: BotUnderTest) -> Chat:
    """Return a channel of Ada's that she has just added the bot to."""
    await app.say(app.ada, "/help")
    made = app.telegram.world.add_channel("Papers of the lab", [app.ada])
    seen = app.mark()
    app.telegram.add_bot(app.ada, made)
    await app.answer(app.ada, since=seen)
    return made


async def managing(app: BotUnderTest) -> Message:
    """Let Ada turn to the channel."""
    return await app.tap(app.ada, "📚 Choose its topics")


async def test_who_adds_the_bot_is_shown_the_way_and_the_channel_is_left_alone(
    app: BotUnderTest, channel: Chat
) -> None:
    told = app.last(app.ada)
    assert told.text == ("📢 I'm in Papers of the lab now. Choose here what it gets, and when.")
    assert app.shown(channel) == []
    assert (await app.chat(channel)).kind is ChatKind.CHANNEL


async def test_who_never_wrote_to_the_bot_finds_the_channel_later(app: BotUnderTest) -> None:
    made = app.telegram.world.add_channel("Papers", [app.lin])
    app.telegram.add_bot(app.lin, made)
    await app.becomes(made, ChatState.ACTIVE)
    post = app.telegram.send_text(app.lin, made, "hello")
    await app.say(app.lin, "/help")
    app.telegram.people.forward(app.lin, post, app.lin)
    heading = "📢 Papers\n\n现在编辑的是这个频道"
    await app.until(lambda: any(m.text.startswith(heading) for m in app.shown(app.lin)))
    listed = await app.say(app.lin, "/channels")
    assert listed.buttons == ["✓ 📢 Papers", "➕ 把我加入频道", "↩️ 回到我自己的主题"]


async def test_topics_and_settings_are_the_channel_s_under_its_name(
    app: BotUnderTest, channel: Chat
) -> None:
    entered = await managing(app)
    assert entered.text.startswith(HEADING)
    assert (await app.tap(app.ada, "📚 Topics")).text.startswith(HEADING)
    preview = await app.say(app.ada, "transformer")
    assert preview.text.startswith(HEADING)
    followed = await app.tap(app.ada, "✅ Follow")
    assert followed.text.startswith(f"{HEADING}\n✅ This channel now follows transformer.")
    assert await app.labels(channel) == ["transformer"]
    assert await app.labels(app.ada) == []
    offered = await app.tap(app.ada, "➕ Another topic")
    assert offered.text.startswith(HEADING)
    assert offered.buttons[-2:] == ["📚 This channel's topics", "↩️ Back to my own topics"]
    card = await app.say(app.ada, "/settings 07:30")
    assert card.text.startswith(f"{HEADING}\n✅ ⏰ Papers come at: 07:30\n\nSettings\n")
    assert card.buttons[-1] == "↩️ Back to my own topics"
    assert f"{(await app.chat(channel)).push_time:%H:%M}" == "07:30"
    assert f"{(await app.chat(app.ada)).push_time:%H:%M}" == "09:00"
    listed = await app.say(app.ada, "/topics")
    assert listed.text.startswith(HEADING)
    assert listed.buttons[-1] == "↩️ Back to my own topics"
    chat = await app.chat(channel)
    assert await app.push(now=chat.next_push_at) == 2
    assert len(app.papers(channel)) == 2


@pytest.mark.usefixtures("channel")
async def test_what_is_wanted_in_plain_words_is_for_the_channel_as_well(app: BotUnderTest) -> None:
    await managing(app)
    answer = await app.say(app.ada, "stop sending papers")
    assert answer.text.startswith("📢 ")
    assert "/settings" in answer.text
    assert "/stop" not in answer.text  # it would be about the admin's own topics


async def test_a_topic_of_a_channel_is_renamed_in_private(app: BotUnderTest, channel: Chat) -> None:
    await managing(app)
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "nerf")
    await app.tap(app.ada, "✏️ Rename")
    card = await app.say(app.ada, "Fields")
    assert card.text.startswith(f"{HEADING}\nFields\n")
    assert await app.labels(channel) == ["Fields"]


@pytest.mark.parametrize("way", ["button", "/start"])
async def test_the_way_back_leads_to_one_s_own_topics(
    app: BotUnderTest, channel: Chat, way: str
) -> None:
    await managing(app)
    if way == "button":
        back = await app.tap(app.ada, "↩️ Back to my own topics")
        assert back.text == "Back to your own topics."
    else:
        assert "Hello, I am Paperboy" in (await app.say(app.ada, "/start")).text
    await app.follow(app.ada, "nerf")
    assert await app.labels(app.ada) == ["nerf"]
    assert await app.labels(channel) == []


async def test_who_is_no_admin_any_more_changes_nothing(app: BotUnderTest, channel: Chat) -> None:
    entered = await managing(app)
    app.telegram.demote(app.ada, channel, app.ada)
    said = await app.say(app.ada, "/subscribe nerf")
    assert said.text == ("You can't manage Papers of the lab any more. Back to your own topics.")
    assert await app.labels(channel) == []
    assert await app.labels(app.ada) == []
    assert (await app.say(app.ada, "/topics")).text == "You don't follow anything yet."
    refused = await app.forge(app.ada, entered, "topics")
    assert refused == ""
    assert "📢 Papers of the lab" not in (await app.say(app.ada, "/channels")).buttons


async def test_a_stranger_manages_nothing(app: BotUnderTest, channel: Chat) -> None:
    post = app.telegram.send_text(app.ada, channel, "nerf")
    await app.say(app.lin, "/help")
    seen = app.mark()
    app.telegram.people.forward(app.lin, post, app.lin)
    answer = await app.answer(app.lin, since=seen)
    assert "📢" not in answer.text
    assert (await app.chat(app.lin)).managing_id is None
    listed = await app.say(app.ada, "/channels")
    number = next(
        b["callback_data"] for row in listed.keyboard for b in row if "callback_data" in b
    )
    assert number == f"manage:{(await app.chat(channel)).id}"
    own = await app.say(app.lin, "/channels")
    assert all("📢" not in text for text in own.buttons)


async def test_a_list_that_is_old_is_checked_again(app: BotUnderTest, channel: Chat) -> None:
    listed = await app.say(app.ada, "/channels")
    app.telegram.demote(app.ada, channel, app.ada)
    said = await app.alert(app.ada, "📢 Papers of the lab", message=listed)
    assert said == "You need to be an admin of the channel, and I need to be in it."
    assert (await app.chat(app.ada)).managing_id is None


async def test_a_channel_where_the_bot_may_not_post_waits_until_it_may(
    app: BotUnderTest, channel: Chat
) -> None:
    await managing(app)
    await app.follow(app.ada, "transformer")
    seen = app.mark()
    app.telegram.people.allow_posts(app.ada, channel, allowed=False)
    told = await app.answer(app.ada, since=seen)
    assert "I can't post there" in told.text
    stored = await app.becomes(channel, ChatState.BLOCKED)
    assert await app.push(now=stored.next_push_at) == 0
    seen = app.mark()
    app.telegram.people.allow_posts(app.ada, channel, allowed=True)
    assert "I'm in Papers of the lab now" in (await app.answer(app.ada, since=seen)).text
    stored = await app.becomes(channel, ChatState.ACTIVE)
    assert await app.push(now=stored.next_push_at) == 2


async def test_a_channel_that_threw_the_bot_out_keeps_its_topics(
    app: BotUnderTest, channel: Chat
) -> None:
    await managing(app)
    await app.follow(app.ada, "transformer")
    app.telegram.remove_bot(app.ada, channel)
    await app.becomes(channel, ChatState.BLOCKED)
    said = await app.say(app.ada, "/topics")
    assert "You can't manage" in said.text
    seen = app.mark()
    app.telegram.add_bot(app.ada, channel)
    await app.answer(app.ada, since=seen)
    await managing(app)
    assert "• transformer" in (await app.say(app.ada, "/topics")).text


async def test_in_a_group_channels_are_not_managed(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    answer = await app.say(app.ada, "/channels", chat=group)
    assert answer.text == "Channels are managed in private: send me /channels there."


async def test_what_is_asked_while_managing_a_channel_is_about_the_channel(
    app: BotUnderTest, channel: Chat
) -> None:
    await managing(app)
    await app.follow(app.ada, "nerf")
    owed = await app.say(app.ada, "/status")
    assert owed.text.startswith(HEADING)
    assert "waiting" in owed.text
    before = len(app.shown(app.ada))
    app.telegram.send_text(app.ada, app.ada, "/latest 1")
    await app.until(lambda: len(app.shown(app.ada)) == before + 2)
    assert app.shown(app.ada)[before].text == HEADING.strip()
    assert (await app.say(app.ada, "/status")).text == owed.text, "what she saw is owed still"
    app.telegram.send_text(app.ada, app.ada, "/digest")
    await app.until(lambda: app.telegram.documents)
    (caption,) = [shown.text for shown in app.shown(app.ada) if shown.document]
    assert caption.startswith(HEADING)
    assert app.shown(channel) == []

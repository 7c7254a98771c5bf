"""One topic: everything about it can be changed, by taps and by words."""

import pytest

from bot.playground.telegram.world import Message
from storage import topics
from storage.models import Subscription
from tests.bot_under_test import House
from tests.handlers.test_topics import give


async def opened(house: House, *labels: str) -> Message:
    """Follow topics, and open the first."""
    await house.say(house.ada, "/help")
    await give(house, house.ada, *labels)
    await house.say(house.ada, "/topics")
    return await house.tap(house.ada, labels[0])


async def stored(house: House, place: int = 0) -> Subscription:
    return (await house.followed(house.ada))[place].subscription


async def test_a_card_offers_everything_and_the_way_back(house: House) -> None:
    card = await opened(house, "nerf", "diffusion")
    assert card.buttons == [
        "✏️ Rename",
        "🔍 Edit the query",
        "🔢 Papers per push",
        "🔕 Mute",
        "⏸ Pause",
        "🔗 Share",
        "⬇️ Move down",
        "🗑 Unsubscribe",
        "‹ My topics",
    ]


async def test_a_cap_is_two_taps(house: House) -> None:
    await opened(house, "nerf")
    choices = await house.tap(house.ada, "🔢 Papers per push")
    assert choices.buttons == ["1", "2", "3", "5", "10", "✓ No limit", "‹ Back"]
    card = await house.tap(house.ada, "3")
    assert "🔢 At most 3 papers a push" in card.text
    assert (await stored(house)).cap == 3
    await house.tap(house.ada, "🔢 Papers per push")
    assert "At most" not in (await house.tap(house.ada, "No limit")).text
    assert (await stored(house)).cap is None


@pytest.mark.parametrize(
    ("on", "off", "told"),
    [
        ("🔕 Mute", "🔔 Unmute", "🔕 Comes without a sound"),
        ("⏸ Pause", "▶️ Resume", "⏸ Paused: papers are collected and not pushed"),
    ],
)
async def test_a_topic_is_muted_and_paused_with_a_tap(
    house: House, on: str, off: str, told: str
) -> None:
    await opened(house, "nerf")
    assert told in (await house.tap(house.ada, on)).text
    chosen = await stored(house)
    assert chosen.muted is ("Mute" in on)
    assert chosen.paused is ("Pause" in on)
    assert (await house.tap(house.ada, "‹ My topics")).text.endswith(told[0])
    await house.tap(house.ada, "nerf")
    assert told not in (await house.tap(house.ada, off)).text
    chosen = await stored(house)
    assert not chosen.muted
    assert not chosen.paused


async def test_status_says_that_a_topic_is_paused(house: House) -> None:
    await house.follow(house.ada, "transformer")
    assert "2 papers wait for it" in (await house.say(house.ada, "/status")).text
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, "transformer")
    await house.tap(house.ada, "⏸ Pause")
    told = (await house.say(house.ada, "/status")).text
    assert "📭 No papers wait for it\n⏸ 1 topic is paused: /topics" in told


async def test_topics_are_moved_up_and_down(house: House) -> None:
    card = await opened(house, "ants", "bees", "cats")
    assert "⬆️ Move up" not in card.buttons
    assert "⬆️ Move up" in (await house.tap(house.ada, "⬇️ Move down")).buttons
    assert await house.labels(house.ada) == ["bees", "ants", "cats"]
    assert "⬇️ Move down" not in (await house.tap(house.ada, "⬇️ Move down")).buttons
    assert await house.labels(house.ada) == ["bees", "cats", "ants"]
    await house.tap(house.ada, "⬆️ Move up")
    assert await house.labels(house.ada) == ["bees", "ants", "cats"]


async def test_a_query_is_edited_after_a_preview(house: House) -> None:
    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "/topics")
    await house.tap(house.ada, "nerf")
    question = await house.tap(house.ada, "🔍 Edit the query")
    assert question.text == "What should nerf look for? Now it is: nerf"
    wrong = await house.say(house.ada, '"radiance fields')
    assert "This quotation mark has no partner." in wrong.text
    assert question.text in wrong.text
    preview = await house.say(house.ada, "transformer")
    assert "papers in the last 30 days" in preview.text
    assert preview.buttons == ["✅ Look for this instead", "‹ Back"]
    assert (await house.followed(house.ada))[0].topic.query == "nerf"
    card = await house.tap(house.ada, "✅ Look for this instead")
    assert card.text.startswith("transformer\ntransformer\n")
    chat = await house.chat(house.ada)
    assert await house.push(now=chat.next_push_at) == 2


async def test_a_chosen_name_survives_another_query(house: House) -> None:
    await opened(house, "nerf")
    await house.tap(house.ada, "✏️ Rename")
    await house.say(house.ada, "My field")
    await house.tap(house.ada, "🔍 Edit the query")
    await house.say(house.ada, "transformer")
    await house.tap(house.ada, "✅ Look for this instead")
    assert await house.labels(house.ada) == ["My field"]


async def test_a_query_that_is_followed_already_is_opened_instead(house: House) -> None:
    await opened(house, "nerf", "transformer")
    await house.tap(house.ada, "🔍 Edit the query")
    preview = await house.say(house.ada, "Transformer")
    assert preview.buttons[0] == "✓ You follow this"
    assert (await house.tap(house.ada, "✓ You follow this")).text.startswith("transformer\n")
    assert await house.labels(house.ada) == ["nerf", "transformer"]


async def test_undo_brings_back_name_place_and_choices(house: House) -> None:
    await opened(house, "ants", "bees")
    await house.tap(house.ada, "🔕 Mute")
    await house.tap(house.ada, "🔢 Papers per push")
    await house.tap(house.ada, "5")
    await house.tap(house.ada, "🗑 Unsubscribe")
    await house.tap(house.ada, "↩️ Undo")
    assert await house.labels(house.ada) == ["ants", "bees"]
    back = await stored(house)
    assert (back.cap, back.muted, back.paused) == (5, True, False)


async def test_a_field_where_the_papers_are_as_well_is_one_tap_away(house: House) -> None:
    await house.follow(house.ada, "cs.CL")
    await house.say(house.ada, "/topics")
    card = await house.tap(house.ada, "cs.CL")
    assert "💡 Papers here are often also in Artificial Intelligence." in card.text
    preview = await house.tap(house.ada, "➕ cs.AI · Artificial Intelligence")
    assert "✅ Follow" in preview.buttons


@pytest.mark.parametrize(
    "button", ["✏️ Rename", "🔍 Edit the query", "🔢 Papers per push", "🔕 Mute", "🔗 Share"]
)
async def test_a_card_of_a_topic_that_is_gone_says_so(house: House, button: str) -> None:
    card = await opened(house, "nerf", "diffusion")
    chat = await house.chat(house.ada)
    [entry, _other] = await house.followed(house.ada)
    async with house.database.transaction() as session:
        await topics.unsubscribe(session=session, chat_id=chat.id, topic_id=entry.topic.id)
    said = await house.alert(house.ada, button, message=card)
    assert said == "You don't follow this topic any more."


async def test_in_a_group_only_admins_change_a_topic(house: House) -> None:
    group = await house.join(house.ada, house.group)
    await give(house, group, "nerf")
    await house.say(house.lin, "/topics", chat=group)
    card = await house.tap(house.lin, "nerf", message=house.last(group))
    for button in ("✏️ Rename", "🔍 Edit the query", "🔢 Papers per push", "🔕 Mute", "⏸ Pause"):
        said = await house.alert(house.lin, button, message=card)
        assert said == "Only this group's admins can change that.", button

"""One topic: everything about it can be changed, by taps and by words."""

import pytest

from bot.playground.telegram.world import Message
from storage import topics
from storage.models import Subscription
from tests.bot_under_test import BotUnderTest
from tests.handlers.test_topics import give
from tests.seldom import seldom


async def opened(app: BotUnderTest, *labels: str) -> Message:
    """Follow topics, and open the first."""
    await app.say(app.ada, "/help")
    await give(app, app.ada, *labels)
    await app.say(app.ada, "/topics")
    return await app.tap(app.ada, labels[0])


async def stored(app: BotUnderTest, place: int = 0) -> Subscription:
    return (await app.followed(app.ada))[place].subscription


async def test_a_card_offers_everything_and_the_way_back(app: BotUnderTest) -> None:
    card = await opened(app, "nerf", "diffusion")
    assert card.buttons == [
        "✏️ Rename",
        "🔍 Edit the query",
        "🔢 Papers at a time",
        "🔕 Mute",
        "⏸ Pause",
        "🔗 Share",
        "⬇️ Move down",
        "🗑 Unsubscribe",
        "‹ My topics",
    ]


async def test_a_cap_is_two_taps(app: BotUnderTest) -> None:
    await opened(app, "nerf")
    choices = await app.tap(app.ada, "🔢 Papers at a time")
    assert choices.buttons == ["1", "2", "3", "5", "10", "✓ No limit", "‹ Back"]
    card = await app.tap(app.ada, "3")
    assert "🔢 At most 3 papers at a time" in card.text
    assert (await stored(app)).cap == 3
    await app.tap(app.ada, "🔢 Papers at a time")
    assert "At most" not in (await app.tap(app.ada, "No limit")).text
    assert (await stored(app)).cap is None


@pytest.mark.parametrize(
    ("on", "off", "told"),
    [
        ("🔕 Mute", "🔔 Unmute", "🔕 Silent"),
        ("⏸ Pause", "▶️ Resume", "⏸ Paused: papers are collected, not sent"),
    ],
)
async def test_a_topic_is_muted_and_paused_with_a_tap(
    app: BotUnderTest, on: str, off: str, told: str
) -> None:
    await opened(app, "nerf")
    assert told in (await app.tap(app.ada, on)).text
    chosen = await stored(app)
    assert chosen.muted is ("Mute" in on)
    assert chosen.paused is ("Pause" in on)
    assert (await app.tap(app.ada, "‹ My topics")).text.endswith(told[0])
    await app.tap(app.ada, "nerf")
    assert told not in (await app.tap(app.ada, off)).text
    chosen = await stored(app)
    assert not chosen.muted
    assert not chosen.paused


async def test_status_says_that_a_topic_is_paused(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    assert "2 papers waiting" in (await app.say(app.ada, "/status")).text
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "transformer")
    await app.tap(app.ada, "⏸ Pause")
    told = (await app.say(app.ada, "/status")).text
    assert "📭 No papers waiting\n⏸ 1 topic is paused: /topics" in told


async def test_topics_are_moved_up_and_down(app: BotUnderTest) -> None:
    card = await opened(app, "ants", "bees", "cats")
    assert "⬆️ Move up" not in card.buttons
    assert "⬆️ Move up" in (await app.tap(app.ada, "⬇️ Move down")).buttons
    assert await app.labels(app.ada) == ["bees", "ants", "cats"]
    assert "⬇️ Move down" not in (await app.tap(app.ada, "⬇️ Move down")).buttons
    assert await app.labels(app.ada) == ["bees", "cats", "ants"]
    await app.tap(app.ada, "⬆️ Move up")
    assert await app.labels(app.ada) == ["bees", "ants", "cats"]


async def test_a_query_is_edited_after_a_preview(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/topics")
    await app.tap(app.ada, "nerf")
    question = await app.tap(app.ada, "🔍 Edit the query")
    assert question.text == "Send the new query for nerf. Now: nerf"
    wrong = await app.say(app.ada, '"radiance fields')
    assert "This quote is never closed." in wrong.text
    assert question.text in wrong.text
    preview = await app.say(app.ada, "transformer")
    assert "papers in the last 30 days" in preview.text
    assert preview.buttons == ["✅ Use this query", "‹ Back"]
    assert (await app.followed(app.ada))[0].topic.query == "nerf"
    card = await app.tap(app.ada, "✅ Use this query")
    assert card.text.startswith("transformer\ntransformer\n")
    chat = await app.chat(app.ada)
    assert await app.push(now=chat.next_push_at) == 2


@pytest.mark.parametrize("in_group", [False, True])
async def test_what_a_wrong_query_may_mean_is_a_button(app: BotUnderTest, in_group: bool) -> None:  # noqa: FBT001
    """A question in a group is replied to, and has no room for buttons: they come above it."""
    where = await app.join(app.ada, app.group) if in_group else None
    chat = where or app.ada
    await app.follow(app.ada, "nerf", chat=where)
    await app.say(app.ada, "/topics", chat=where)
    await app.tap(app.ada, "nerf", message=app.last(chat))
    question = await app.tap(app.ada, "🔍 Edit the query", message=app.last(chat))
    app.telegram.send_text(app.ada, chat, '"radiance fields', reply_to=question)
    offered = await app.until(
        lambda: [m for m in app.shown(chat) if '"radiance fields"' in m.buttons]
    )
    await app.until(lambda: "This quote is never closed." in app.last(chat).text)
    await app.tap(app.ada, '"radiance fields"', message=offered[-1])
    [mine] = await app.followed(chat)
    assert mine.topic.query == '"radiance fields"'
    assert mine.subscription.label == '"radiance fields"'


async def test_a_chosen_name_survives_another_query(app: BotUnderTest) -> None:
    await opened(app, "nerf")
    await app.tap(app.ada, "✏️ Rename")
    await app.say(app.ada, "My field")
    await app.tap(app.ada, "🔍 Edit the query")
    await app.say(app.ada, "transformer")
    await app.tap(app.ada, "✅ Use this query")
    assert await app.labels(app.ada) == ["My field"]


async def test_a_query_that_is_followed_already_is_opened_instead(app: BotUnderTest) -> None:
    await opened(app, "nerf", "transformer")
    await app.tap(app.ada, "🔍 Edit the query")
    preview = await app.say(app.ada, "Transformer")
    assert preview.buttons[0] == "✓ You follow this"
    assert (await app.tap(app.ada, "✓ You follow this")).text.startswith("transformer\n")
    assert await app.labels(app.ada) == ["nerf", "transformer"]


async def test_undo_brings_back_name_place_and_choices(app: BotUnderTest) -> None:
    await opened(app, "ants", "bees")
    await app.tap(app.ada, "🔕 Mute")
    await app.tap(app.ada, "🔢 Papers at a time")
    await app.tap(app.ada, "5")
    await app.tap(app.ada, "🗑 Unsubscribe")
    await app.tap(app.ada, "↩️ Undo")
    assert await app.labels(app.ada) == ["ants", "bees"]
    back = await stored(app)
    assert (back.cap, back.muted, back.paused) == (5, True, False)


async def test_a_field_where_the_papers_are_as_well_is_one_tap_away(app: BotUnderTest) -> None:
    await app.follow(app.ada, "cs.CL")
    await app.say(app.ada, "/topics")
    card = await app.tap(app.ada, "cs.CL")
    assert "💡 Papers here are often also in Artificial Intelligence." in card.text
    preview = await app.tap(app.ada, "➕ cs.AI · Artificial Intelligence")
    assert "✅ Follow" in preview.buttons


@pytest.mark.parametrize(
    "button",
    seldom(["✏️ Rename", "🔍 Edit the query", "🔢 Papers at a time", "🔕 Mute", "🔗 Share"]),
)
async def test_a_card_of_a_topic_that_is_gone_says_so(app: BotUnderTest, button: str) -> None:
    card = await opened(app, "nerf", "diffusion")
    chat = await app.chat(app.ada)
    [entry, _other] = await app.followed(app.ada)
    async with app.database.transaction() as session:
        await topics.unsubscribe(session=session, chat_id=chat.id, topic_id=entry.topic.id)
    said = await app.alert(app.ada, button, message=card)
    assert said == "You don't follow this topic any more."


async def test_in_a_group_only_admins_change_a_topic(app: BotUnderTest) -> None:
    group = await app.join(app.ada, app.group)
    await give(app, group, "nerf")
    await app.say(app.lin, "/topics", chat=group)
    card = await app.tap(app.lin, "nerf", message=app.last(group))
    for button in ("✏️ Rename", "🔍 Edit the query", "🔢 Papers at a time", "🔕 Mute", "⏸ Pause"):
        said = await app.alert(app.lin, button, message=card)
        assert said == "Only this group's admins can change that.", button


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("ada", "⚠️ arXiv no longer lists MSC and ACM classes, so 68T07 finds nothing new."),
        ("lin", "⚠️ arXiv 不再提供 MSC 和 ACM 分类，68T07 找不到新论文。"),
    ],
)
async def test_a_topic_of_a_class_that_arxiv_no_longer_tells_says_so(
    app: BotUnderTest, person: str, said: str
) -> None:
    who = getattr(app, person)
    await app.say(who, "/help")
    chat = await app.chat(who)
    async with app.database.transaction() as session:
        for query, label in (("cat:68T07", "Old"), ("nerf", "New")):
            topic = await topics.register(session=session, query=query)
            await topics.subscribe(session=session, chat_id=chat.id, topic_id=topic.id, label=label)
    await app.say(who, "/topics")
    assert said in (await app.tap(who, "Old")).text
    await app.say(who, "/topics")
    assert "⚠️" not in (await app.tap(who, "New")).text


async def test_a_class_that_arxiv_no_longer_tells_is_refused_with_the_reason(
    app: BotUnderTest,
) -> None:
    for who, said in (
        (app.ada, "arXiv no longer lists MSC and ACM classes such as 68t07."),
        (app.lin, "arXiv 不再提供 68t07 这样的 MSC 和 ACM 分类"),
    ):
        assert said in (await app.say(who, "/subscribe cat:68t07")).text


async def test_a_topic_with_a_category_may_leave_cross_lists_out(app: BotUnderTest) -> None:
    await opened(app, "transformer", "cs.CV")
    await app.say(app.ada, "/topics")
    card = await app.tap(app.ada, "cs.CV")
    assert "🔀 No cross-lists" in card.buttons
    card = await app.tap(app.ada, "🔀 No cross-lists")
    assert card.text.startswith("primary:cs.CV\nprimary:cs.CV\n")
    assert await app.labels(app.ada) == ["transformer", "primary:cs.CV"]
    card = await app.tap(app.ada, "🔀 With cross-lists")
    assert card.text.startswith("cat:cs.CV\ncat:cs.CV\n")

"""Stale and forged buttons: nothing raises, and no other chat is touched."""

from datetime import timedelta

from bot.playground.telegram.account import TAP_SECONDS
from storage import topics
from storage.columns import utc_now
from tests.bot_under_test import BotUnderTest
from tests.on_connection import remove_unfollowed

HUGE = "9" * 30
FORGED = [
    "",
    " ",
    "start:",
    "start:xx",
    "start:" + "z" * 50,
    "languages",
    "pick",
    "pick:no-such-topic",
    "pick:../../etc",
    f"follow:{HUGE}:",
    "follow:1:",
    "follow:1:nerf",
    "follow:-1:",
    "follow::",
    "follow:1",
    "now",
    f"topics:{HUGE}",
    "topics:-1",
    "topic:1",
    f"topic:{HUGE}",
    "topic:٣",
    "drop:1",
    f"drop:{HUGE}",
    "undo:1",
    f"undo:{HUGE}",
    "set:nothing",
    "set:" + "x" * 60,
    "put:papers:0",
    "put:papers:999999",
    "put:time:99:99",
    "put:zone:../../etc/passwd",
    "put:state:blocked",
    "put:telegram_id:1",
    "put:ui:../../x",
    "put:language:xx",
    "put::",
    "\u202e\U0001f99c",
    "x' OR 1=1 --",
]


PLANNED = {"next_week_at"}
"""A job sets it by the clock, whatever is tapped."""


async def story(app: BotUnderTest) -> tuple[object, ...]:
    """Return all that Lin has."""
    chat = await app.chat(app.lin)
    followed = [(e.topic.id, e.subscription.label) for e in await app.followed(app.lin)]
    return (*chat.model_dump(exclude=PLANNED).values(), *followed)


async def test_data_that_no_button_has_changes_nothing(app: BotUnderTest) -> None:
    await app.follow(app.lin, "transformer")
    card = await app.say(app.ada, "/settings")
    mine, theirs = (await app.chat(app.ada)).model_dump(exclude=PLANNED), await story(app)
    for data in FORGED:
        said = await app.forge(app.ada, card, data)
        assert said == "This button is too old. Try /help.", data
    assert (await app.chat(app.ada)).model_dump(exclude=PLANNED) == mine
    assert await app.labels(app.ada) == []
    assert await story(app) == theirs
    assert len(app.shown(app.ada)) == 1
    assert app.shown(app.ada)[0].text == card.text


async def test_another_chat_s_topic_can_neither_be_read_nor_left_nor_followed(
    app: BotUnderTest,
) -> None:
    await app.follow(app.lin, "secret project transformer")
    (entry,) = await app.followed(app.lin)
    theirs = await story(app)
    card = await app.say(app.ada, "/topics")
    for verb in ("topic:{}", "drop:{}", "undo:{}", "follow:{}:"):
        said = await app.forge(app.ada, card, verb.format(entry.topic.id))
        assert "secret" not in said
    assert not any("secret" in message.text for message in app.shown(app.ada))
    assert await app.labels(app.ada) == []
    assert await story(app) == theirs


async def test_a_tap_that_waited_too_long_is_done_all_the_same(app: BotUnderTest) -> None:
    """As after a restart: Telegram takes no answer to the tap any more."""
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, "⏰ Time")
    real = app.telegram.world.clock
    account = app.telegram.account
    seen = app.mark()
    tap = app.telegram.tap(app.ada, app.last(app.ada), "07:00")
    assert tap is not None
    account.taps[tap].at = real() - TAP_SECONDS - 1
    card = await app.answer(app.ada, since=seen)
    assert "⏰ Papers come at: 07:00" in card.text


async def test_a_topic_that_was_forgotten_meanwhile_can_t_be_followed_blindly(
    app: BotUnderTest,
) -> None:
    preview = await app.say(app.ada, "nerf")
    async with app.database.transaction() as session:
        removed = await remove_unfollowed(session, now=utc_now(), age=timedelta())
    assert removed == 1
    said = await app.alert(app.ada, "✅ Follow", message=preview)
    assert said == "That has expired. Please send the topic again."
    assert await app.labels(app.ada) == []


async def test_an_undo_after_the_topic_was_forgotten_says_so(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/unsubscribe nerf")
    async with app.database.transaction() as session:
        await remove_unfollowed(session, now=utc_now(), age=timedelta())
    said = await app.alert(app.ada, "↩️ Undo")
    assert said == "That has expired. Please send the topic again."


async def test_two_quick_taps_are_one_subscription(app: BotUnderTest) -> None:
    preview = await app.say(app.ada, "transformer")
    seen = app.mark()
    app.telegram.tap(app.ada, preview, "✅ Follow")
    app.telegram.tap(app.ada, preview, "✅ Follow")
    await app.answer(app.ada, since=seen)
    await app.say(app.ada, "/topics")
    assert await app.labels(app.ada) == ["transformer"]
    assert not any("Sorry" in message.text for message in app.shown(app.ada))


async def other_query(app: BotUnderTest, topic_id: int) -> None:
    """Let a topic's id mean another query, as after an older database was put in place by hand."""
    async with app.database.transaction() as session:
        topic = await topics.get(session=session, topic_id=topic_id)
        assert topic is not None
        topic.query = "a private matter of somebody"


async def test_an_old_button_follows_no_query_but_the_one_that_it_was_made_for(
    app: BotUnderTest,
) -> None:
    preview = await app.say(app.ada, "nerf")
    await other_query(app, 1)
    assert await app.alert(app.ada, "✅ Follow", message=preview) == (
        "That has expired. Please send the topic again."
    )
    assert await app.labels(app.ada) == []


async def test_an_undo_follows_no_query_but_the_one_that_was_dropped(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/unsubscribe nerf")
    await other_query(app, 1)
    assert await app.alert(app.ada, "↩️ Undo") == ("That has expired. Please send the topic again.")
    assert await app.labels(app.ada) == []

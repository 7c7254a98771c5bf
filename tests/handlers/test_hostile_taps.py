"""Stale and forged buttons: nothing raises, and no other chat is touched."""

from datetime import timedelta

from bot.playground.telegram.account import TAP_SECONDS
from storage import topics
from storage.columns import utc_now
from tests.bot_under_test import House

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


async def story(house: House) -> tuple[object, ...]:
    """Return all that Lin has."""
    chat = await house.chat(house.lin)
    followed = [(e.topic.id, e.subscription.label) for e in await house.followed(house.lin)]
    return (*chat.model_dump().values(), *followed)


async def test_data_that_no_button_has_changes_nothing(house: House) -> None:
    await house.follow(house.lin, "transformer")
    card = await house.say(house.ada, "/settings")
    mine, theirs = (await house.chat(house.ada)).model_dump(), await story(house)
    for data in FORGED:
        said = await house.forge(house.ada, card, data)
        assert said == "This button is too old. Try /help.", data
    assert (await house.chat(house.ada)).model_dump() == mine
    assert await house.labels(house.ada) == []
    assert await story(house) == theirs
    assert len(house.shown(house.ada)) == 1
    assert house.shown(house.ada)[0].text == card.text


async def test_another_chat_s_topic_can_neither_be_read_nor_left_nor_followed(
    house: House,
) -> None:
    await house.follow(house.lin, "secret project transformer")
    (entry,) = await house.followed(house.lin)
    theirs = await story(house)
    card = await house.say(house.ada, "/topics")
    for verb in ("topic:{}", "drop:{}", "undo:{}", "follow:{}:"):
        said = await house.forge(house.ada, card, verb.format(entry.topic.id))
        assert "secret" not in said
    assert not any("secret" in message.text for message in house.shown(house.ada))
    assert await house.labels(house.ada) == []
    assert await story(house) == theirs


async def test_a_tap_that_waited_too_long_is_done_all_the_same(house: House) -> None:
    """As after a restart: Telegram takes no answer to the tap any more."""
    await house.say(house.ada, "/settings")
    await house.tap(house.ada, "⏰ Time")
    real = house.telegram.world.clock
    account = house.telegram.account
    seen = house.mark()
    tap = house.telegram.tap(house.ada, house.last(house.ada), "07:00")
    assert tap is not None
    account.taps[tap].at = real() - TAP_SECONDS - 1
    card = await house.answer(house.ada, since=seen)
    assert "⏰ Daily push: 07:00" in card.text


async def test_a_topic_that_was_forgotten_meanwhile_can_t_be_followed_blindly(
    house: House,
) -> None:
    preview = await house.say(house.ada, "nerf")
    await house.say(house.ada, "transformer")
    async with house.database.transaction() as session:
        removed = await topics.remove_unfollowed(session=session, now=utc_now(), age=timedelta())
    assert removed == 1
    said = await house.alert(house.ada, "✅ Follow", message=preview)
    assert said == "That was too long ago. Please send the topic again."
    assert await house.labels(house.ada) == []


async def test_an_undo_after_the_topic_was_forgotten_says_so(house: House) -> None:
    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "transformer")
    await house.say(house.ada, "/unsubscribe nerf")
    async with house.database.transaction() as session:
        await topics.remove_unfollowed(session=session, now=utc_now(), age=timedelta())
    said = await house.alert(house.ada, "↩️ Undo")
    assert said == "That was too long ago. Please send the topic again."


async def test_two_quick_taps_are_one_subscription(house: House) -> None:
    preview = await house.say(house.ada, "transformer")
    seen = house.mark()
    house.telegram.tap(house.ada, preview, "✅ Follow")
    house.telegram.tap(house.ada, preview, "✅ Follow")
    await house.answer(house.ada, since=seen)
    await house.say(house.ada, "/topics")
    assert await house.labels(house.ada) == ["transformer"]
    assert not any("Sorry" in message.text for message in house.shown(house.ada))

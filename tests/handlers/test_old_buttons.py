"""Buttons below messages so old that Telegram shows them no more: they do what they say."""

from bot.playground.telegram.world import Message
from storage.models import PushStyle
from tests.bot_under_test import BotUnderTest


async def tap_old(app: BotUnderTest, message: Message, button: str) -> Message:
    """Tap a button of an old message, and return the new message that comes of it."""
    before, seen = message.text, app.mark()
    app.telegram.tap(app.ada, message, button, is_old=True)
    answer = await app.answer(message.chat_id, since=seen)
    assert answer.id > message.id
    assert message.text == before
    return answer


async def test_an_old_paper_is_saved_voted_noted_and_opened(app: BotUnderTest) -> None:
    card = await app.say(app.ada, "2506.21720")
    saved = await tap_old(app, card, "☆ Save")
    assert "★ Saved" in saved.buttons, "the card as it is now"
    assert "☆ Save" in (await tap_old(app, card, "👎 Less like this")).buttons
    assert (await tap_old(app, card, "✏️ Note")).text.startswith("Your note on")
    await app.say(app.ada, "for the seminar")
    assert "for the seminar" in (await app.say(app.ada, "/saved")).text


async def test_numbers_below_an_old_push_open_their_papers(app: BotUnderTest) -> None:
    await app.follow(app.ada, "cs.CV")
    count = await app.push(now=(await app.chat(app.ada)).next_push_at)
    await app.all_sent(app.ada, count)
    push = app.last(app.ada)
    number = next(text for text in push.buttons if text.isdecimal())
    assert "☆ Save" in (await tap_old(app, push, number)).buttons
    app.telegram.tap(app.ada, push, "🗞 Shorter: all in one message", is_old=True)

    async def is_brief() -> bool:
        return (await app.chat(app.ada)).push_style is PushStyle.BRIEF

    await app.eventually(is_brief)


async def test_old_menus_open_anew(app: BotUnderTest) -> None:
    menu = await app.say(app.ada, "/settings")
    assert "03:00" not in menu.text
    assert (await tap_old(app, menu, "⏰ Time")).text.startswith("When should papers come?")


async def test_what_needs_the_message_above_it_is_told_to_be_too_old(app: BotUnderTest) -> None:
    offer = await app.say(app.ada, "gaussian splatting")
    seen = app.mark()
    app.telegram.tap(app.ada, offer, "✅ Follow", is_old=True)
    said = await app.popped_up(app.ada, since=seen)
    assert said == "This button is too old. Try /help."

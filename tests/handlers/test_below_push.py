"""What is tapped below a push: its papers stay where they are, and what opens comes below."""

from bot.playground.telegram.world import Message
from storage import opinions
from storage.models import PushStyle
from tests.bot_under_test import BotUnderTest


async def pushed(app: BotUnderTest, query: str = "transformer", **settings: object) -> Message:
    """Return the last message of a chat's first push."""
    await app.follow(app.ada, query)
    await app.change(app.ada, **settings)
    count = await app.push(now=(await app.chat(app.ada)).next_push_at)
    await app.all_sent(app.ada, count)
    return app.last(app.ada)


async def test_a_paper_is_saved_noted_and_cited_in_two_taps_each(app: BotUnderTest) -> None:
    message = await pushed(app)
    before = message.text
    card = await app.tap(app.ada, "1", message=message)
    assert {"☆ Save", "✏️ Note", "📋 BibTeX", "↗️ Share", "📄 PDF"} <= set(card.buttons)
    question = await app.tap(app.ada, "✏️ Note", message=card)
    assert question.text.startswith("Your note on")
    await app.say(app.ada, "Read this")
    stored = await app.chat(app.ada)
    kept = await app.database.read(
        lambda connection: opinions.find_saved(connection, chat_id=stored.id)
    )
    assert [one.note for one in kept] == ["Read this"], "who notes something on a paper keeps it"
    assert message.text == before


async def test_the_other_style_is_one_tap_and_one_back(app: BotUnderTest) -> None:
    message = await pushed(app)
    said = await app.alert(app.ada, "🗞 Shorter: all in one message", message=message)
    assert said == "From the next time on. More styles: /settings"
    assert (await app.chat(app.ada)).push_style is PushStyle.BRIEF
    assert "1" in message.buttons
    await app.alert(app.ada, "📰 Longer: with abstracts", message=message)
    assert (await app.chat(app.ada)).push_style is PushStyle.LIST
    assert "🗞 Shorter: all in one message" in message.buttons


async def test_who_gets_too_little_or_too_much_finds_the_way_below(app: BotUnderTest) -> None:
    message = await pushed(app, "cs.CV", papers_per_push=2)
    assert "Up to 2 papers at a time" in message.text
    before = message.text
    page = await app.tap(app.ada, "➕ Show more a day", message=message)
    assert page.text.startswith("How many papers at a time, at most?")
    topic = await app.tap(app.ada, "🔎 Narrow this topic", message=message)
    assert topic.text.startswith("cs.CV")
    assert message.text == before
    again = await app.push(now=(await app.chat(app.ada)).next_push_at)
    assert again
    await app.all_sent(app.ada, 2 + again)
    assert "at a time" not in app.last(app.ada).text, "it is told once"


async def test_the_rest_is_one_tap_away_as_a_digest(app: BotUnderTest) -> None:
    message = await pushed(app, "cs.CV", papers_per_push=2)
    await app.tap(app.ada, "📄 All of them as a digest", message=message)
    await app.until(lambda: [one for one in app.shown(app.ada) if one.document])

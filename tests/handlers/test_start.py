"""/start: from hello to the first topic."""

import pytest

from storage.models import ChatState
from tests.bot_under_test import BotUnderTest


@pytest.mark.parametrize(
    ("person", "hello", "question"),
    [
        ("ada", "Hello, I am Paperboy", "Which language do you read abstracts in?"),
        ("lin", "你好，我是 Paperboy", "你想用哪种语言阅读摘要？"),
    ],
)
async def test_a_newcomer_is_greeted_in_the_language_of_their_telegram(
    app: BotUnderTest, person: str, hello: str, question: str
) -> None:
    answer = await app.say(getattr(app, person), "/start")
    assert hello in answer.text
    assert question in answer.text


@pytest.mark.parametrize(("person", "first"), [("ada", "✓ English"), ("lin", "✓ 简体中文")])
async def test_one_s_own_language_is_offered_first_and_ticked(
    app: BotUnderTest, person: str, first: str
) -> None:
    answer = await app.say(getattr(app, person), "/start")
    assert answer.buttons[0] == first
    assert len(answer.buttons) == 7, "six languages and the way to the others"


async def test_a_language_that_is_not_among_the_first_six_is_offered_first_to_its_speakers(
    app: BotUnderTest,
) -> None:
    sofia = app.telegram.world.add_person("Sofia", "it")
    answer = await app.say(sofia, "/start")
    assert answer.buttons[0] == "✓ Italiano"


async def test_choosing_chinese_turns_menus_and_abstracts_chinese_and_goes_on_to_topics(
    app: BotUnderTest,
) -> None:
    await app.say(app.ada, "/start")
    topics = await app.tap(app.ada, "简体中文")
    assert topics.text.startswith("✓ 摘要将以简体中文显示。")
    assert "你想关注什么？" in topics.text
    assert "LLM" in topics.buttons
    assert len(app.shown(app.ada)) == 1, "the question itself became the next one"
    chat = await app.chat(app.ada)
    assert (chat.language, chat.ui_language) == ("zh-CN", "zh_CN")


async def test_choosing_english_gives_the_original(app: BotUnderTest) -> None:
    await app.say(app.lin, "/start")
    topics = await app.tap(app.lin, "English")
    assert "Abstracts will come in the original English." in topics.text
    chat = await app.chat(app.lin)
    assert (chat.language, chat.ui_language) == ("en", "en")


async def test_a_language_that_the_menus_do_not_speak_leaves_the_menus_as_they_were(
    app: BotUnderTest,
) -> None:
    await app.say(app.lin, "/start")
    topics = await app.tap(app.lin, "日本語")
    assert "摘要将以日本語显示。" in topics.text
    chat = await app.chat(app.lin)
    assert (chat.language, chat.ui_language) == ("ja", "zh_CN")


@pytest.mark.parametrize(("person", "more"), [("ada", "🌐 More languages"), ("lin", "🌐 更多语言")])
async def test_more_languages_are_one_tap_away(app: BotUnderTest, person: str, more: str) -> None:
    who = getattr(app, person)
    await app.say(who, "/start")
    every = await app.tap(who, more)
    assert len(every.buttons) > 30
    assert more not in every.buttons
    topics = await app.tap(who, "한국어")
    assert "한국어" in topics.text
    assert (await app.chat(who)).language == "ko"


async def test_there_is_a_way_back_to_the_languages(app: BotUnderTest) -> None:
    few = (await app.say(app.ada, "/start")).buttons
    await app.tap(app.ada, "🌐 More languages")
    assert (await app.tap(app.ada, "‹ Back")).buttons == few
    await app.tap(app.ada, "日本語")
    again = await app.tap(app.ada, "‹ Language")
    assert again.text == "Which language do you read abstracts in?"
    assert again.buttons[0] == "✓ 日本語"


async def test_start_again_ticks_what_was_chosen_and_what_is_followed(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    await app.tap(app.ada, "Deutsch")
    await app.tap(app.ada, "OCR")
    await app.tap(app.ada, "✅ Follow")
    again = await app.say(app.ada, "/start")
    assert again.buttons[0] == "✓ Deutsch"
    topics = await app.tap(app.ada, "✓ Deutsch")
    assert "✓ OCR" in topics.buttons
    assert "📚 My topics" in topics.buttons
    assert "OCR" in (await app.tap(app.ada, "📚 My topics")).text


async def test_start_resumes_a_chat_that_was_paused_and_says_so(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    await app.change(app.ada, state=ChatState.PAUSED)
    answer = await app.say(app.ada, "/start")
    assert "Resumed: papers come again." in answer.text
    assert (await app.chat(app.ada)).state is ChatState.ACTIVE
    assert "paused" not in (await app.say(app.ada, "/start")).text


async def test_start_with_the_payload_of_a_link_is_a_start(app: BotUnderTest) -> None:
    assert "Hello" in (await app.say(app.ada, "/start some-link")).text

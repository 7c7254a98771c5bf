"""Chats side by side, but each in its own order."""

from bot.playground.telegram.faults import flood
from tests.bot_under_test import BotUnderTest


async def test_one_chat_s_trouble_keeps_nobody_else_waiting(app: BotUnderTest) -> None:
    app.telegram.faults.next(flood(1), method="sendMessage", chat=app.ada)
    seen = app.mark()
    app.telegram.send_text(app.ada, app.ada, "/topics")
    assert "您还没有订阅" in (await app.say(app.lin, "/topics")).text
    assert app.shown(app.ada) == []
    assert "You don't follow anything" in (await app.answer(app.ada, since=seen)).text


async def test_what_one_chat_says_is_answered_in_its_order(app: BotUnderTest) -> None:
    app.telegram.faults.next(flood(1), method="sendMessage", chat=app.ada)
    for words in ("/settings 1", "/settings 2", "/settings 3", "/help"):
        app.telegram.send_text(app.ada, app.ada, words)
    await app.until(lambda: len(app.shown(app.ada)) == 4)
    told = [message.text for message in app.shown(app.ada)]
    assert [f"up to {n}" in text for n, text in enumerate(told, 1)] == [True, True, True, False]
    assert (await app.chat(app.ada)).papers_per_push == 3


async def test_thirty_people_at_once_are_all_answered(app: BotUnderTest) -> None:
    crowd = [app.telegram.world.add_person(f"P{n}") for n in range(30)]
    for person in crowd:
        app.telegram.send_text(person, person, "/start")
        app.telegram.send_text(person, person, "/topics")
    await app.until(lambda: all(len(app.shown(person)) == 2 for person in crowd))
    assert all("Hello" in app.shown(person)[0].text for person in crowd)

"""Chats side by side, but each in its own order."""

from bot.playground.telegram.faults import flood
from tests.bot_under_test import House


async def test_one_chat_s_trouble_keeps_nobody_else_waiting(house: House) -> None:
    house.telegram.faults.next(flood(1), method="sendMessage", chat=house.ada)
    seen = house.mark()
    house.telegram.send_text(house.ada, house.ada, "/topics")
    assert "您还没有订阅" in (await house.say(house.lin, "/topics")).text
    assert house.shown(house.ada) == []
    assert "You don't follow anything" in (await house.answer(house.ada, since=seen)).text


async def test_what_one_chat_says_is_answered_in_its_order(house: House) -> None:
    house.telegram.faults.next(flood(1), method="sendMessage", chat=house.ada)
    for words in ("/settings 1", "/settings 2", "/settings 3", "/help"):
        house.telegram.send_text(house.ada, house.ada, words)
    await house.until(lambda: len(house.shown(house.ada)) == 4)
    told = [message.text for message in house.shown(house.ada)]
    assert [f"up to {n}" in text for n, text in enumerate(told, 1)] == [True, True, True, False]
    assert (await house.chat(house.ada)).papers_per_push == 3


async def test_thirty_people_at_once_are_all_answered(house: House) -> None:
    crowd = [house.telegram.world.add_person(f"P{n}") for n in range(30)]
    for person in crowd:
        house.telegram.send_text(person, person, "/start")
        house.telegram.send_text(person, person, "/topics")
    await house.until(lambda: all(len(house.shown(person)) == 2 for person in crowd))
    assert all("Hello" in house.shown(person)[0].text for person in crowd)

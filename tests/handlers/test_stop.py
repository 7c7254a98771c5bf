"""/stop and /forget, and the limit a person."""

import pytest
from sqlmodel import select

from bot.conversation.user_limits import A_SECOND, AT_ONCE, Limits
from bot.playground.telegram.world import Message, Person
from storage import opinions
from storage.models import Chat, ChatState, Delivery, Subscription
from tests.bot_under_test import House


async def test_stop_pauses_and_says_how_to_go_on(house: House) -> None:
    await house.follow(house.ada, "nerf")
    stopped = await house.say(house.ada, "/stop")
    assert stopped.text.startswith("⏸ I stop writing.")
    await house.becomes(house.ada, ChatState.PAUSED)
    await house.tap(house.ada, "▶️ Go on", message=stopped)
    await house.becomes(house.ada, ChatState.ACTIVE)


async def test_forget_asks_once_and_leaves_nothing_of_the_chat_and_all_of_others(
    house: House,
) -> None:
    await house.follow(house.ada, "nerf")
    await house.follow(house.lin, "nerf")
    theirs = (await house.chat(house.lin)).model_dump()
    asked = await house.say(house.ada, "/forget")
    kept = await house.tap(house.ada, "‹ Keep it", message=asked)
    assert kept.text == "Nothing was deleted."
    assert await house.labels(house.ada) == ["nerf"]
    chat_id = (await house.chat(house.ada)).id
    asked = await house.say(house.ada, "/forget")
    gone = await house.tap(house.ada, "🗑 Delete everything", message=asked)
    assert gone.text == "Done: I know nothing of this chat any more. /start begins anew."
    async with house.database.reading() as session:
        for query in (
            select(Chat.id).where(Chat.id == chat_id),
            select(Subscription.id).where(Subscription.chat_id == chat_id),
            select(Delivery.id).where(Delivery.chat_id == chat_id),
        ):
            assert (await session.exec(query)).all() == []
    assert (await house.chat(house.lin)).model_dump() == theirs
    assert await house.labels(house.lin) == ["nerf"]


async def test_a_note_that_was_let_go_is_forgotten_too_and_nobody_else_ever_sees_it(
    house: House,
) -> None:
    async def card_of(person: Person, paper_id: str) -> Message:
        await house.say(person, "/start")
        return await house.say(person, paper_id)

    await house.follow(house.ada, "nerf")
    await house.say(house.ada, "/latest 1")
    paper_id = house.papers(house.ada)[-1]
    card = await card_of(house.ada, paper_id)
    await house.tap(house.ada, "☆ Save", message=card)
    await house.tap(house.ada, "✏️ Note", message=card)
    await house.say(house.ada, "for my eyes only")
    await house.until(lambda: "✏️ for my eyes only" in house.last(house.ada).text)
    await house.tap(house.ada, "★ Saved", message=house.last(house.ada))
    number = (await house.chat(house.ada)).id
    asked = await house.say(house.ada, "/forget")
    await house.tap(house.ada, "🗑 Delete everything", message=asked)

    card = await card_of(house.lin, paper_id)
    assert (await house.chat(house.lin)).id == number, "SQLite gives the number again"
    await house.tap(house.lin, "☆ 收藏", message=card)
    async with house.database.reading() as session:
        kept = await opinions.saved_of(session=session, chat_id=number, paper_ids=[paper_id])
    assert kept == {paper_id: None}


async def test_members_of_a_group_can_neither_stop_nor_forget_it(house: House) -> None:
    await house.join(house.ada, house.group)
    for command in ("/stop", "/forget"):
        refused = await house.say(house.lin, command, chat=house.group)
        assert refused.buttons == []
    assert (await house.chat(house.group)).state is ChatState.ACTIVE


def test_a_limit_lets_people_tap_and_stops_machines() -> None:
    now = 0.0
    limits = Limits(clock=lambda: now)
    answers = [limits.take(1) for _each in range(AT_ONCE + 5)]
    assert answers[:AT_ONCE] == [(True, False)] * AT_ONCE
    assert answers[AT_ONCE] == (False, True), "told once"
    assert set(answers[AT_ONCE + 1 :]) == {(False, False)}
    assert limits.take(2) == (True, False), "others are not held up"
    assert limits.take(1, inline=True) == (True, False), "typing behind its name is counted apart"
    now += 1
    assert [limits.take(1)[0] for _each in range(int(A_SECOND) + 1)] == [True] * int(A_SECOND) + [
        False
    ]


@pytest.mark.parametrize("a_second", [3, 10, 50])
def test_who_goes_on_and_on_is_told_once_and_again_only_after_a_pause(a_second: int) -> None:
    now = 0.0
    limits = Limits(clock=lambda: now)

    def told_in_a_minute() -> int:
        nonlocal now
        told = 0
        for _each in range(60 * a_second):
            now += 1 / a_second
            told += limits.take(1)[1]
        return told

    assert told_in_a_minute() == 1
    now += AT_ONCE / A_SECOND
    assert told_in_a_minute() == 1


@pytest.mark.parametrize("count", [2 * AT_ONCE])
async def test_who_floods_the_bot_is_told_once(house: House, count: int) -> None:
    for _each in range(count):
        house.telegram.send_text(house.ada, house.ada, "/nothing")
    await house.until(lambda: any("a lot at once" in m.text for m in house.shown(house.ada)))
    assert (await house.say(house.lin, "/help")).text.startswith("我能做什么")
    told = [m for m in house.shown(house.ada) if "a lot at once" in m.text]
    assert len(told) == 1

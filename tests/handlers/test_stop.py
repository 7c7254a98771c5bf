"""/stop and /forget, and the limit a person."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from bot.conversation.user_limits import UserRateLimit
from bot.playground.telegram.world import Message, Person
from bot.runtime.clock import reckon_stored_times_anew
from storage import opinions
from storage.columns import utc_now
from storage.models import Chat, ChatState, Delivery, Subscription, Topic
from tests.bot_under_test import BotUnderTest
from tests.seldom import seldom


async def test_stop_pauses_and_says_how_to_go_on(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    stopped = await app.say(app.ada, "/stop")
    assert stopped.text.startswith("⏸ Paused. I'll hold new papers")
    await app.becomes(app.ada, ChatState.PAUSED)
    await app.tap(app.ada, "▶️ Resume", message=stopped)
    await app.becomes(app.ada, ChatState.ACTIVE)


async def test_forget_asks_once_and_leaves_nothing_of_the_chat_and_all_of_others(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "nerf")
    await app.follow(app.ada, "gaussian splatting")
    await app.follow(app.lin, "nerf")
    planned = {"next_week_at"}  # by the bot's own clock, sooner or later
    theirs = (await app.chat(app.lin)).model_dump(exclude=planned)
    asked = await app.say(app.ada, "/forget")
    kept = await app.tap(app.ada, "‹ Keep it", message=asked)
    assert kept.text == "Nothing was deleted."
    assert await app.labels(app.ada) == ["nerf", "gaussian splatting"]
    chat_id = (await app.chat(app.ada)).id
    asked = await app.say(app.ada, "/forget")
    gone = await app.tap(app.ada, "🗑 Delete everything", message=asked)
    assert gone.text == "Done, everything is deleted. /start starts over."
    async with app.database.reading() as session:
        for query in (
            select(Chat.id).where(Chat.id == chat_id),
            select(Subscription.id).where(Subscription.chat_id == chat_id),
            select(Delivery.id).where(Delivery.chat_id == chat_id),
        ):
            assert (await session.exec(query)).all() == []
        # The query of a topic that nobody else follows is the chat's own words.
        assert (await session.exec(select(Topic.query))).all() == ["nerf"]
    assert (await app.chat(app.lin)).model_dump(exclude=planned) == theirs
    assert await app.labels(app.lin) == ["nerf"]


async def test_a_note_that_was_let_go_is_forgotten_too_and_nobody_else_ever_sees_it(
    app: BotUnderTest,
) -> None:
    async def card_of(person: Person, paper_id: str) -> Message:
        await app.say(person, "/start")
        return await app.say(person, paper_id)

    await app.follow(app.ada, "nerf")
    await app.say(app.ada, "/latest 1")
    paper_id = app.papers(app.ada)[-1]
    card = await card_of(app.ada, paper_id)
    await app.tap(app.ada, "☆ Save", message=card)
    await app.tap(app.ada, "✏️ Note", message=card)
    await app.say(app.ada, "for my eyes only")
    await app.until(lambda: "✏️ for my eyes only" in app.last(app.ada).text)
    await app.tap(app.ada, "★ Saved", message=app.last(app.ada))
    number = (await app.chat(app.ada)).id
    asked = await app.say(app.ada, "/forget")
    await app.tap(app.ada, "🗑 Delete everything", message=asked)

    card = await card_of(app.lin, paper_id)
    newcomer = (await app.chat(app.lin)).id
    assert newcomer != number, "no number is given again"
    await app.tap(app.lin, "☆ 收藏", message=card)
    async with app.database.reading() as session:
        kept = await opinions.saved_of(session=session, chat_id=newcomer, paper_ids=[paper_id])
    assert kept == {paper_id: None}


async def test_members_of_a_group_can_neither_stop_nor_forget_it(app: BotUnderTest) -> None:
    await app.join(app.ada, app.group)
    for command in ("/stop", "/forget"):
        refused = await app.say(app.lin, command, chat=app.group)
        assert refused.buttons == []
    assert (await app.chat(app.group)).state is ChatState.ACTIVE


def test_a_limit_lets_people_tap_and_stops_machines() -> None:
    now = 0.0
    limits = UserRateLimit(clock=lambda: now)
    answers = [limits.take(1) for _each in range(65)]
    assert answers[:60] == [(True, False)] * 60
    assert answers[60] == (False, True), "told once"
    assert set(answers[61:]) == {(False, False)}
    assert limits.take(2) == (True, False), "others are not held up"
    assert limits.take(1, kind="typing") == (True, False), "typing behind its name is counted apart"
    now += 1
    assert [limits.take(1)[0] for _each in range(3)] == [True, True, False]


@pytest.mark.parametrize("a_second", [3, 10, 50])
def test_who_goes_on_and_on_is_told_once_and_again_only_after_a_pause(a_second: int) -> None:
    now = 0.0
    limits = UserRateLimit(clock=lambda: now)

    def told_in_a_minute() -> int:
        nonlocal now
        told = 0
        for _each in range(60 * a_second):
            now += 1 / a_second
            told += limits.take(1)[1]
        return told

    assert told_in_a_minute() == 1
    now += 30
    assert told_in_a_minute() == 1


@pytest.mark.parametrize("count", [120])
async def test_who_floods_the_bot_is_told_once(app: BotUnderTest, count: int) -> None:
    for _each in range(count):
        app.telegram.send_text(app.ada, app.ada, "/nothing")
    await app.until(lambda: any("Too fast" in m.text for m in app.shown(app.ada)))
    assert (await app.say(app.lin, "/help")).text.startswith("我能做什么")
    told = [m for m in app.shown(app.ada) if "Too fast" in m.text]
    assert len(told) == 1


async def test_a_pause_until_a_date_ends_by_itself(app: BotUnderTest) -> None:
    await app.follow(app.ada, "transformer")
    stopped = await app.say(app.ada, "/stop")
    assert stopped.buttons[0] == "▶️ Resume"
    assert all(one.startswith("Until ") for one in stopped.buttons[1:])
    told = await app.tap(app.ada, stopped.buttons[2])
    assert told.text.startswith("⏸ Paused. Papers come again on ")
    chat = await app.chat(app.ada)
    assert chat.state is ChatState.ACTIVE
    assert timedelta(days=13) < chat.next_push_at - utc_now() <= timedelta(days=15)
    assert await app.push(now=utc_now() + timedelta(days=1)) == 0
    await app.tap(app.ada, "▶️ Resume")
    assert (await app.chat(app.ada)).next_push_at - utc_now() <= timedelta(days=1)


async def test_a_sabbatical_lasts_whatever_happens_meanwhile(app: BotUnderTest) -> None:
    """The settings change, papers are asked for, times are reckoned anew as after a jump."""
    await app.follow(app.ada, "transformer")
    back = utc_now().date() + timedelta(days=300)
    told = await app.say(app.ada, f"/stop until {back.isoformat()}")
    assert "with the last 30 days' worth" in told.text

    async def planned() -> datetime:
        chat = await app.chat(app.ada)
        assert chat.next_push_at == chat.paused_until
        return chat.next_push_at

    assert await planned() == datetime.combine(back, time(9), tzinfo=UTC)
    assert "⏸ Paused until " in (await app.say(app.ada, "/status")).text
    await app.say(app.ada, "/settings 07:30")
    await reckon_stored_times_anew(app.database)
    assert await planned() == datetime.combine(back, time(7, 30), tzinfo=UTC)
    await app.say(app.ada, "/settings Tokyo")
    assert await planned() == datetime.combine(back, time(7, 30), tzinfo=ZoneInfo("Asia/Tokyo"))
    settings = await app.say(app.ada, "/settings")
    assert "⏸ Paused until " in settings.text
    await app.follow(app.ada, "nerf")
    await app.tap(app.ada, "📬 Send them now")
    await app.until(lambda: app.papers(app.ada))
    await app.all_sent(app.ada, 1)
    assert await planned() == datetime.combine(back, time(7, 30), tzinfo=ZoneInfo("Asia/Tokyo"))
    await app.tap(app.ada, "▶️ Resume", message=settings)  # papers may still come meanwhile
    resumed = await app.becomes(app.ada, ChatState.ACTIVE)
    assert resumed.paused_until is None
    assert resumed.next_push_at - utc_now() <= timedelta(days=1)


@pytest.mark.parametrize("words", seldom(["until I feel like it", "31 Feb", "for 2 years", "15"]))
async def test_a_day_that_is_none_is_asked_for_and_pauses_nothing(
    app: BotUnderTest, words: str
) -> None:
    await app.follow(app.ada, "transformer")
    asked = await app.say(app.ada, f"/stop {words}")
    assert "/stop 10 Jan" in asked.text
    assert asked.buttons[0] == "⏸ Pause"
    assert all(one.startswith("Until ") for one in asked.buttons[1:])
    chat = await app.chat(app.ada)
    assert (chat.state, chat.paused_until) == (ChatState.ACTIVE, None)
    await app.tap(app.ada, "⏸ Pause")
    assert (await app.chat(app.ada)).state is ChatState.PAUSED


@pytest.mark.parametrize("words", seldom(["please", "it now", "sending me papers", "推送"]))
async def test_words_that_only_ask_for_it_stop_at_once(app: BotUnderTest, words: str) -> None:
    await app.follow(app.ada, "transformer")
    assert (await app.say(app.ada, f"/stop {words}")).text.startswith("⏸ Paused.")
    assert (await app.chat(app.ada)).state is ChatState.PAUSED


async def test_a_day_that_may_be_another_is_asked_back(app: BotUnderTest) -> None:
    asked = await app.say(app.ada, "/stop 2/3")
    assert asked.text == "Until which day?"
    assert len(asked.buttons) == 2
    await app.tap(app.ada, asked.buttons[1])
    back = (await app.chat(app.ada)).paused_until
    assert back is not None
    assert (back.month, back.day) == (2, 3)


@pytest.mark.parametrize(
    ("language", "example"), [("zh-hans", "/stop 1月10日"), ("es", "/stop 10 ene")]
)
async def test_the_example_of_a_day_is_in_the_reader_s_language_and_works(
    app: BotUnderTest, language: str, example: str
) -> None:
    reader = app.telegram.world.add_person("Reader", language)
    assert example in (await app.say(reader, "/stop")).text
    await app.say(reader, example)
    assert (await app.chat(reader)).paused_until is not None

"""/week, its page of /settings, and the way to switch it off, in a conversation."""

import sys
from datetime import timedelta

import pytest

from bot.arxiv.calendar import announced_weeks
from bot.container import telegram_bot
from bot.week.notes import send_weeks
from bot.week.picture import TopicWeeks, draw
from storage.columns import utc_now
from storage.models import NO_DAY, Chat, DeliveryState
from storage.week_models import WeekNote
from tests.bot_under_test import BotUnderTest


async def test_a_week_is_shown_at_any_time_as_a_picture_with_words(app: BotUnderTest) -> None:
    await app.follow(app.ada, "nerf")
    shown = await app.say(app.ada, "/week")
    assert shown.photo is not None
    assert shown.text.startswith("Your week · ")
    assert "1. nerf: " in shown.text
    page = await app.tap(app.ada, "⚙️ When it comes", message=shown)
    assert "On which evening" in page.text


async def test_where_no_picture_can_be_drawn_the_words_come_alone(
    app: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    await app.follow(app.ada, "nerf")
    shown = await app.say(app.ada, "/week")
    assert shown.photo is None
    assert "1. nerf: " in shown.text
    assert shown.buttons == ["⚙️ When it comes"]


async def test_without_topics_there_is_one_to_follow(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "/week")
    assert answer.buttons == ["➕ Follow a topic"]


@pytest.mark.parametrize(
    ("button", "column", "value", "back"),
    [
        ("Wed", "week_day", 2, "Sun"),
        ("No look back", "week_day", NO_DAY, "Sun"),
        ("🔕 No news of saved papers", "watches_saved", False, "🔖 Tell me what becomes of"),
    ],
)
async def test_the_evening_is_chosen_and_switched_off_in_one_tap_and_back(
    app: BotUnderTest, button: str, column: str, value: object, back: str
) -> None:
    await app.say(app.ada, "/settings")
    before = await app.tap(app.ada, "📈 Your week")
    await app.tap(app.ada, button, message=before)
    assert getattr(await app.chat(app.ada), column) == value
    [way_back] = [one for one in app.last(app.ada).buttons if one.startswith(back)]
    await app.tap(app.ada, way_back)
    assert getattr(await app.chat(app.ada), column) != value


async def test_a_button_below_the_picture_switches_it_off_and_leaves_the_picture(
    app: BotUnderTest,
) -> None:
    await app.follow(app.ada, "nerf")
    async with app.database.transaction() as session:
        chat = await session.get_one(Chat, (await app.chat(app.ada)).id)
        chat.next_week_at = utc_now() + timedelta(days=3)
        session.add(
            WeekNote(
                chat_id=chat.id,
                week=1,
                html="<b>Your week</b>",
                picture=draw([TopicWeeks("nerf", (1,) * 9)]),
            )
        )
    async with telegram_bot(app.parts.settings, token=app.telegram.token) as bot:
        await send_weeks(database=app.database, bot=bot, personal=None)
    shown = app.last(app.ada)
    await app.tap(app.ada, "🔕 No weekly look back", message=shown)
    assert (await app.chat(app.ada)).week_day == NO_DAY
    assert "No look back" in " ".join(app.last(app.ada).buttons)
    assert shown.photo is not None
    assert shown.text == "Your week"


@pytest.mark.parametrize(("week_day", "told"), [(6, ["Missed"]), (NO_DAY, ["Your week", "Missed"])])
async def test_a_week_of_which_nobody_knows_whether_it_arrived_is_there_when_asked_for(
    app: BotUnderTest, week_day: int, told: list[str]
) -> None:
    """It has news of saved papers, which are told once."""
    await app.follow(app.ada, "nerf")
    [week] = announced_weeks(utc_now(), count=1)
    async with app.database.transaction() as session:
        chat = await session.get_one(Chat, (await app.chat(app.ada)).id)
        chat.week_day = week_day
        session.add(
            WeekNote(
                chat_id=chat.id,
                week=week[1].date().toordinal(),
                html="<b>Missed</b>",
                state=DeliveryState.DEAD,
            )
        )
    before = len(app.telegram.from_bot(app.ada))
    await app.say(app.ada, "/week")
    await app.until(lambda: len(app.telegram.from_bot(app.ada)) == before + len(told))
    shown = [one.text.split(" · ")[0] for one in app.telegram.from_bot(app.ada)[before:]]
    assert shown == told

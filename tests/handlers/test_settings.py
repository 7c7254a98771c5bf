"""/settings: each choice by a tap and in words."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from storage.models import ChatState, utc_now
from tests.house import House


@pytest.mark.parametrize(
    ("person", "lines"),
    [
        (
            "ada",
            [
                "🌐 Abstracts: original (English)",
                "💬 Menus: English",
                "⏰ Daily push: 09:00",
                "🌍 Time zone: UTC (now ",
                "📄 Papers per push: up to 10",
            ],
        ),
        (
            "lin",
            [
                "🌐 摘要语言：简体中文",
                "🔤 标题：原文",
                "💬 界面语言：中文",
                "⏰ 每日推送：09:00",
                "🌍 时区：UTC（现在 ",
                "📄 每次推送：最多 10 篇",
            ],
        ),
    ],
)
async def test_one_card_shows_everything(house: House, person: str, lines: list[str]) -> None:
    card = await house.say(getattr(house, person), "/settings")
    for line in lines:
        assert line in card.text
    # Nobody who reads the original has titles to choose.
    assert len(card.buttons) == {"ada": 6, "lin": 7}[person]


@pytest.mark.parametrize(
    ("choice", "value", "shown", "stored"),
    [
        ("🌐 Abstracts", "Español", "🌐 Abstracts: Español", ("language", "es")),
        ("💬 Menus", "中文", "💬 界面语言：中文", ("ui_language", "zh_CN")),
        ("⏰ Time", "21:00", "⏰ Daily push: 21:00", ("push_time", time(21))),
        ("⏰ Time", "00:00", "⏰ Daily push: 00:00", ("push_time", time(0))),
        ("📄 Papers per push", "30", "Papers per push: up to 30", ("papers_per_push", 30)),
    ],
)
async def test_a_choice_is_two_taps_in_place(
    house: House, choice: str, value: str, shown: str, stored: tuple[str, object]
) -> None:
    await house.say(house.ada, "/settings")
    await house.tap(house.ada, choice)
    card = await house.tap(house.ada, value)
    assert shown in card.text
    assert len(house.shown(house.ada)) == 1
    assert getattr(await house.chat(house.ada), stored[0]) == stored[1]


async def test_titles_are_translated_or_not_by_one_tap(house: House) -> None:
    await house.say(house.lin, "/settings")
    card = await house.tap(house.lin, "🔤 翻译标题")
    assert "🔤 标题：译文" in card.text
    assert (await house.chat(house.lin)).translate_titles
    card = await house.tap(house.lin, "🔤 显示原文标题")
    assert "🔤 标题：原文" in card.text
    assert not (await house.chat(house.lin)).translate_titles


async def test_a_tap_says_saved(house: House) -> None:
    await house.say(house.ada, "/settings")
    await house.tap(house.ada, "⏰ Time")
    assert await house.alert(house.ada, "07:00") == "Saved"


@pytest.mark.parametrize("choice", ["🌐 Abstracts", "💬 Menus", "⏰ Time", "🌍 Time zone"])
async def test_every_choice_has_a_way_back_and_ticks_what_is_chosen(
    house: House, choice: str
) -> None:
    card = await house.say(house.ada, "/settings")
    before = card.text
    asked = await house.tap(house.ada, choice)
    assert sum(button.startswith("✓ ") for button in asked.buttons) == 1
    assert (await house.tap(house.ada, "‹ Back")).text == before


async def test_a_city_is_chosen_with_its_distance_from_utc(house: House) -> None:
    await house.say(house.lin, "/settings")
    cities = await house.tap(house.lin, "🌍 时区")
    assert "上海 +8" in cities.buttons
    card = await house.tap(house.lin, "上海 +8")
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    assert f"🌍 时区：上海（现在 {now:%H}:" in card.text
    assert (await house.chat(house.lin)).timezone == "Asia/Shanghai"


TIMES = {
    "07:30": time(7, 30),
    "7:30": time(7, 30),
    "7.30": time(7, 30),
    "7：30": time(7, 30),
    "7:30 pm": time(19, 30),
    "8am": time(8),
    "12am": time(0),
    "12:15PM": time(12, 15),
    "8点": time(8),
    "8点半": time(8, 30),
    "20点15分": time(20, 15),
    "00:00": time(0),
    "23:59": time(23, 59),
}
CITIES = {
    "Tokyo": "Asia/Tokyo",
    "new york": "America/New_York",
    "Europe/Zurich": "Europe/Zurich",
    "北京": "Asia/Shanghai",
    "香港": "Asia/Hong_Kong",
    "旧金山": "America/Los_Angeles",
}
NONSENSE = (
    "0",
    "51",
    "100000000000",
    "25:00",
    "7:60",
    "13pm",
    "nowhere at all",
    "<b>",
    "-5",
    "²",
    "x" * 300,
)


async def test_a_time_can_be_written_as_people_write_it(house: House) -> None:
    for words, moment in TIMES.items():
        card = await house.say(house.ada, f"/settings {words}")
        assert f"⏰ Daily push: {moment:%H:%M}" in card.text, words
        assert (await house.chat(house.ada)).push_time == moment, words


async def test_a_city_can_be_written_in_two_languages(house: House) -> None:
    for words, zone in CITIES.items():
        await house.say(house.ada, f"/settings {words}")
        assert (await house.chat(house.ada)).timezone == zone, words


async def test_a_number_is_papers_per_push(house: House) -> None:
    for words, papers in {"1": 1, "15": 15, "50": 50, "１２": 12}.items():
        card = await house.say(house.ada, f"/settings {words}")
        assert f"Papers per push: up to {papers}" in card.text, words
        assert (await house.chat(house.ada)).papers_per_push == papers, words


@pytest.mark.parametrize(
    ("person", "lines"),
    [
        (
            "ada",
            [
                "I don't understand “{words}”. You can write:",
                "/settings 07:30 – the time of the daily push",
                "/settings Tokyo – your city or time zone",
                "/settings 15 – papers per push, up to 50",
            ],
        ),
        ("lin", ["我不明白“{words}”。您可以这样写：", "/settings 07:30 – 每日推送的时间"]),
    ],
)
async def test_nonsense_is_answered_with_examples_and_changes_nothing(
    house: House, person: str, lines: list[str]
) -> None:
    who = getattr(house, person)
    await house.say(who, "/start")
    before = (await house.chat(who)).model_dump()
    for words in NONSENSE:
        answer = await house.say(who, f"/settings {words}")
        for line in lines:
            assert line.format(words=words[:100]) in answer.text, words
        assert (await house.chat(who)).model_dump() == before, words


async def test_the_next_push_follows_the_new_time_and_zone(house: House) -> None:
    await house.say(house.ada, "/settings Tokyo")
    await house.say(house.ada, "/settings 07:30")
    due = (await house.chat(house.ada)).next_push_at
    assert due.astimezone(ZoneInfo("Asia/Tokyo")).time() == time(7, 30)
    assert utc_now() < due <= utc_now() + timedelta(days=1)


async def test_never_two_pushes_on_one_date_though_the_time_was_changed(house: House) -> None:
    await house.say(house.ada, "/start")
    today = datetime.now(UTC).date()
    await house.change(house.ada, last_push_on=today)
    await house.say(house.ada, "/settings 23:59")
    assert (await house.chat(house.ada)).next_push_at.date() == today + timedelta(days=1)


@pytest.mark.parametrize(
    ("person", "pause", "resume", "paused"),
    [
        ("ada", "⏸ Pause", "▶️ Resume", "⏸ Paused: no pushes come until you resume them."),
        ("lin", "⏸ 暂停", "▶️ 恢复", "⏸ 已暂停：恢复之前不会推送。"),
    ],
)
async def test_pause_holds_pushes_back_and_resume_brings_them_all(
    house: House, person: str, pause: str, resume: str, paused: str
) -> None:
    who = getattr(house, person)
    await house.follow(who, "transformer")
    await house.say(who, "/settings")
    assert paused in (await house.tap(who, pause)).text
    stored = await house.chat(who)
    assert stored.state is ChatState.PAUSED
    assert await house.push(now=stored.next_push_at) == 0
    assert paused not in (await house.tap(who, resume)).text
    assert await house.push(now=(await house.chat(who)).next_push_at) == 2


async def test_a_language_that_the_engines_lost_is_still_called_by_its_name(house: House) -> None:
    await house.say(house.ada, "/start")
    await house.change(house.ada, language="be")
    assert "Abstracts: Беларуская" in (await house.say(house.ada, "/settings")).text

"""/settings: each choice by a tap and in words."""

import re
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from telegram import Chat, Message

from bot.handlers.location import REFUSAL
from bot.i18n import catalogues, texts
from bot.playground.telegram import faults
from bot.playground.telegram.stand_in import FakeTelegram
from bot.translation.languages import LANGUAGES
from storage.columns import utc_now
from storage.models import ChatState, PaperOrder, PushStyle
from tests.bot_under_test import BotUnderTest, open_bot
from tests.seldom import seldom


@pytest.mark.parametrize(
    ("person", "lines"),
    [
        (
            "ada",
            [
                "🌐 Abstracts: original (English)",
                "💬 Menus: English",
                "⏰ Papers come at: 09:00",
                "🌍 Time zone: UTC (now ",
                "🗓 Days: every day",
                "📄 Papers at a time: up to 10",
                "🎨 Style: list",
                "↕️ Order: newest first",
                "🔕 When nothing is new: silence",
                "🖼 Link previews: off",
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
                "🗓 推送日：每天",
                "📄 每次推送：最多 10 篇",
                "🎨 样式：列表",
                "↕️ 排序：最新在前",
                "🔕 没有新论文时：不打扰",
                "🖼 链接预览：关",
            ],
        ),
    ],
)
async def test_one_card_shows_everything(app: BotUnderTest, person: str, lines: list[str]) -> None:
    card = await app.say(getattr(app, person), "/settings")
    for line in lines:
        assert line in card.text
    assert len(card.buttons) == 9
    assert len(card.text.splitlines()) <= 16


@pytest.mark.parametrize(
    ("choice", "value", "shown", "stored"),
    seldom(
        [
            ("🌐 Abstracts", "Español", "🌐 Abstracts: Español", ("language", "es")),
            ("💬 Menus", "中文", "💬 界面语言：中文", ("ui_language", "zh_CN")),
            ("⏰ Time", "21:00", "⏰ Papers come at: 21:00", ("push_time", time(21))),
            ("⏰ Time", "00:00", "⏰ Papers come at: 00:00", ("push_time", time(0))),
            ("📄 Papers at a time", "30", "Papers at a time: up to 30", ("papers_per_push", 30)),
        ]
    ),
)
async def test_a_choice_is_two_taps_in_place(
    app: BotUnderTest, choice: str, value: str, shown: str, stored: tuple[str, object]
) -> None:
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, choice)
    card = await app.tap(app.ada, value)
    assert shown in card.text
    assert len(app.shown(app.ada)) == 1
    assert getattr(await app.chat(app.ada), stored[0]) == stored[1]


async def test_only_languages_that_the_engines_can_do_are_listed(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    shown = (await app.tap(app.ada, "🌐 Abstracts")).buttons[:-1]
    possible = app.parts.translator.languages()
    assert [name.removeprefix("✓ ") for name in shown] == [LANGUAGES[c].name for c in possible]
    assert 30 <= len(shown) < len(LANGUAGES)


async def test_titles_are_translated_or_not_by_one_tap(app: BotUnderTest) -> None:
    await app.say(app.lin, "/settings")
    await app.tap(app.lin, "🎨 样式与排序")
    card = await app.tap(app.lin, "🔤 翻译标题")
    assert "🔤 标题：译文" in card.text
    assert (await app.chat(app.lin)).translate_titles
    card = await app.tap(app.lin, "🔤 显示原文标题")
    assert "🔤 标题：原文" in card.text
    assert not (await app.chat(app.lin)).translate_titles


async def test_who_reads_the_original_has_no_titles_to_choose(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    look = await app.tap(app.ada, "🎨 Look and order")
    assert not [button for button in look.buttons if "titles" in button]


@pytest.mark.parametrize(
    ("way", "shown", "stored"),
    seldom(
        [
            (["🎨 Style", "Cards"], "🎨 Style: cards", ("push_style", PushStyle.CARDS)),
            (["↕️ Order", "Topic by topic"], "↕️ Order: topic", ("paper_order", PaperOrder.TOPIC)),
            (["↕️ Order", "Personal"], "↕️ Order: personal", ("paper_order", PaperOrder.PERSONAL)),
            (
                ["🔔 Tell me when nothing is new"],
                "a line that says why",
                ("tells_nothing_new", True),
            ),
            (["🖼 Show link previews"], "🖼 Link previews: on", ("shows_previews", True)),
            (["📱 Digest also as a page"], "📱 Digest: Markdown and a page", ("sends_pages", True)),
        ]
    ),
)
async def test_the_look_is_chosen_on_a_page_of_its_own_which_stays_open(
    app: BotUnderTest, way: list[str], shown: str, stored: tuple[str, object]
) -> None:
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, "🎨 Look and order")
    for button in way:
        page = await app.tap(app.ada, button)
    assert shown in page.text
    assert "Look and order" in page.text
    assert getattr(await app.chat(app.ada), stored[0]) == stored[1]
    assert shown in (await app.tap(app.ada, "‹ Back")).text


@pytest.mark.parametrize(("answer", "style"), [("Looks right", "rich"), ("No", "list")])
async def test_rich_messages_come_only_after_a_reader_saw_a_sample(
    app: BotUnderTest, answer: str, style: str
) -> None:
    await app.say(app.ada, "/settings")
    for way in ("🎨 Look and order", "🎨 Style"):
        await app.tap(app.ada, way)
    shown = await app.tap(app.ada, "Rich")
    assert shown.rich is not None
    assert (await app.chat(app.ada)).push_style is PushStyle.LIST
    question = (await app.until(lambda: [m for m in app.shown(app.ada) if answer in m.buttons]))[0]
    page = await app.tap(app.ada, answer, message=question)
    assert (await app.chat(app.ada)).push_style == style
    assert "style" in page.text.lower() or "look" in page.text.lower()


async def test_where_telegram_takes_no_rich_message_the_list_stays(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    for way in ("🎨 Look and order", "🎨 Style"):
        await app.tap(app.ada, way)
    app.telegram.faults.next(
        faults.refuse(400, "Bad Request: RICH_MESSAGE_DISABLED"), method="sendRichMessage"
    )
    said = await app.tap(app.ada, "Rich")
    assert "doesn't accept rich messages" in said.text
    assert "How should papers look?" in (await app.tap(app.ada, "‹ Back", message=said)).text


async def test_a_personal_order_says_what_it_still_needs(app: BotUnderTest) -> None:
    await app.say(app.lin, "/settings")
    await app.tap(app.lin, "🎨 样式与排序")
    page = await app.tap(app.lin, "↕️ 排序")
    assert "再收藏 5 篇论文我就能开始" in page.text


@pytest.mark.parametrize("admins", ["700000001", ""])
async def test_without_the_package_no_personal_order_is_offered_and_its_operator_is_told_why(
    telegram: FakeTelegram,
    tmp_path: Path,
    empty_database: Path,
    monkeypatch: pytest.MonkeyPatch,
    admins: str,
) -> None:
    # As it is where the extra was not installed: nobody finds the package.
    monkeypatch.setitem(sys.modules, "sklearn", None)
    async with open_bot(telegram, folder=tmp_path, empty=empty_database, admins=admins) as app:
        assert app.ada.id == 700_000_001
        await app.say(app.ada, "/settings")
        await app.tap(app.ada, "🎨 Look and order")
        page = await app.tap(app.ada, "↕️ Order")
        assert page.buttons == ["✓ Newest first", "Topic by topic", "‹ Back"]
        assert ("pip install 'paperboy-bot[ranking]'" in page.text) is bool(admins)


async def test_days_are_tapped_on_and_off_and_the_page_stays_open(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    page = await app.tap(app.ada, "🗓 Days")
    assert page.buttons[:9] == [
        *(f"✓ {day}" for day in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
        "✓ Every day",
        "Mon–Fri",
    ]
    page = await app.tap(app.ada, "Mon–Fri")
    assert page.buttons[5:9] == ["Sat", "Sun", "Every day", "✓ Mon–Fri"]
    page = await app.tap(app.ada, "✓ Wed")
    assert (await app.chat(app.ada)).weekdays == 0b0011011
    assert "🗓 Days: Mon, Tue, Thu, Fri" in (await app.tap(app.ada, "‹ Back")).text


async def test_one_day_has_to_stay(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings Sunday")
    assert (await app.chat(app.ada)).next_push_at.weekday() == 6
    page = await app.tap(app.ada, "🗓 Days")
    assert "Keep at least one day" in await app.alert(app.ada, "✓ Sun", message=page)
    assert (await app.chat(app.ada)).weekdays == 0b1000000


async def test_choosing_what_is_chosen_is_no_error(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    page = await app.tap(app.ada, "🗓 Days")
    assert await app.alert(app.ada, "✓ Every day", message=page) == "Saved"


async def test_a_location_is_a_time_zone_and_is_not_kept(app: BotUnderTest) -> None:
    await app.say(app.lin, "/settings")
    await app.tap(app.lin, "🌍 时区")
    asked = await app.tap(app.lin, "📍 使用我的位置")
    assert asked.markup is not None
    assert asked.markup["keyboard"][0][0]["request_location"] is True
    seen = app.mark()
    app.telegram.send_location(app.lin, app.lin, latitude=35.68, longitude=139.76)
    answer = await app.answer(app.lin, since=seen)
    assert answer.text == "🌍 你的时区现在是东京。"
    assert answer.markup is not None
    assert answer.markup["remove_keyboard"] is True
    assert (await app.chat(app.lin)).timezone == "Asia/Tokyo"


async def test_who_would_rather_not_say_where_they_are_keeps_their_zone(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings Tokyo")
    await app.tap(app.ada, "🌍 Time zone")
    await app.tap(app.ada, "📍 Use my location")
    answer = await app.say(app.ada, "✖️ Keep my time zone")
    assert answer.markup is not None
    assert answer.markup["remove_keyboard"] is True
    assert (await app.chat(app.ada)).timezone == "Asia/Tokyo"
    led_on = await app.until(lambda: [m for m in app.shown(app.ada) if m.buttons == ["⚙️ Settings"]])
    assert "Settings" in (await app.tap(app.ada, "⚙️ Settings", message=led_on[0])).text


@pytest.mark.parametrize("language", catalogues())
def test_whoever_would_rather_not_say_it_is_understood_in_each_language(language: str) -> None:
    said = texts(language).plain("✖️ Keep my time zone")
    for text, is_one in ((said, True), (f"{said} x", False), (said[1:], False), (None, False)):
        chat = Chat(1, Chat.PRIVATE)
        message = Message(1, datetime.now(UTC), chat, text=text)
        assert REFUSAL.filter(message) is is_one, text


async def test_a_tap_says_saved(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, "⏰ Time")
    assert await app.alert(app.ada, "07:00") == "Saved"


def without_clock(text: str) -> str:
    return re.sub(r"\(now \d\d:\d\d\)", "", text)


@pytest.mark.parametrize(
    "choice", seldom(["🌐 Abstracts", "💬 Menus", "⏰ Time", "🌍 Time zone", "📄 Papers at a time"])
)
async def test_every_choice_has_a_way_back_and_ticks_what_is_chosen(
    app: BotUnderTest, choice: str
) -> None:
    card = await app.say(app.ada, "/settings")
    before = without_clock(card.text)
    asked = await app.tap(app.ada, choice)
    assert sum(button.startswith("✓ ") for button in asked.buttons) == 1
    back = await app.tap(app.ada, "‹ Back")
    assert without_clock(back.text) == before


async def test_the_page_of_the_time_leads_to_the_time_zone(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    await app.tap(app.ada, "⏰ Time")
    assert "What time is it where you are?" in (await app.tap(app.ada, "🌍 Time zone")).text


async def test_where_people_of_one_s_language_live_is_offered_first(app: BotUnderTest) -> None:
    await app.say(app.lin, "/settings")
    assert (await app.tap(app.lin, "🌍 时区")).buttons[0].endswith(" · 上海")


async def test_a_place_of_several_clocks_or_misspelt_is_asked_back(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings")
    for words, offered in {"Australia": "Sydney +1", "Lodnon": "London +"}.items():
        answer = await app.say(app.ada, f"/settings {words}")
        assert answer.text == "Which one do you mean?"
        assert answer.buttons[0].startswith(offered), words
        assert (await app.chat(app.ada)).timezone == "UTC"


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ("Tokyo", "✅ 🌍 Time zone: Tokyo (now "),
        ("07:30", "✅ ⏰ Papers come at: 07:30"),
        ("Mon-Fri", "✅ 🗓 Days: Mon–Fri"),
        ("15", "✅ 📄 Papers at a time: up to 15"),
    ],
)
async def test_after_typing_the_card_says_first_what_changed(
    app: BotUnderTest, words: str, changed: str
) -> None:
    assert (await app.say(app.ada, f"/settings {words}")).text.startswith(changed)
    assert not (await app.say(app.ada, f"/settings {words}")).text.startswith("✅")


async def test_a_name_with_and_without_its_accent_is_asked_once(app: BotUnderTest) -> None:
    answer = await app.say(app.ada, "/settings Zurch")
    assert [one.partition(" +")[0] for one in answer.buttons] == ["Zürich", "‹ Back"]


async def test_an_offset_has_the_sign_that_people_mean(app: BotUnderTest) -> None:
    card = await app.say(app.ada, "/settings UTC+10")
    assert "🌍 Time zone: UTC+10 (now " in card.text
    now = datetime.now(ZoneInfo((await app.chat(app.ada)).timezone))
    assert now.utcoffset() == timedelta(hours=10)


async def test_a_city_is_chosen_by_what_its_clocks_show(app: BotUnderTest) -> None:
    await app.say(app.lin, "/settings")
    cities = await app.tap(app.lin, "🌍 时区")
    (shanghai,) = (one for one in cities.buttons if one.endswith(" · 上海"))
    assert re.match(r"\d\d:\d\d · ", shanghai)
    card = await app.tap(app.lin, shanghai)
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    hours = {f"{moment:%H}" for moment in (now, now - timedelta(minutes=5))}
    assert re.findall(r"🌍 时区：上海（现在 (\d\d):\d\d）", card.text)[0] in hours
    assert (await app.chat(app.lin)).timezone == "Asia/Shanghai"


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
DAYS = {"Mon-Fri": 0b0011111, "周一、周三": 0b0000101, "every day": 0b1111111}
NONSENSE = (
    "0",
    "51",
    "100000000000",
    "25:00",
    "7:60",
    "13pm",
    "nowhere at all",
    "<b>",
    "²",
    "x" * 300,
)


async def test_a_time_can_be_written_as_people_write_it(app: BotUnderTest) -> None:
    for words, moment in TIMES.items():
        card = await app.say(app.ada, f"/settings {words}")
        assert f"⏰ Papers come at: {moment:%H:%M}" in card.text, words
        assert (await app.chat(app.ada)).push_time == moment, words


async def test_a_city_can_be_written_in_two_languages(app: BotUnderTest) -> None:
    for words, zone in CITIES.items():
        await app.say(app.ada, f"/settings {words}")
        assert (await app.chat(app.ada)).timezone == zone, words


async def test_days_can_be_written_in_two_languages(app: BotUnderTest) -> None:
    for words, mask in DAYS.items():
        await app.say(app.ada, f"/settings {words}")
        assert (await app.chat(app.ada)).weekdays == mask, words


async def test_a_number_is_papers_per_push(app: BotUnderTest) -> None:
    for words, papers in {"1": 1, "15": 15, "50": 50, "１２": 12}.items():
        card = await app.say(app.ada, f"/settings {words}")
        assert f"Papers at a time: up to {papers}" in card.text, words
        assert (await app.chat(app.ada)).papers_per_push == papers, words


@pytest.mark.parametrize(
    ("person", "lines"),
    [
        (
            "ada",
            [
                "I don't understand “{words}”. You can write:",
                "/settings 07:30 – when papers come",
                "/settings Mon-Fri – on which days",
                "/settings Tokyo – your city or time zone",
                "/settings 15 – papers at a time, up to 50",
            ],
        ),
        ("lin", ["我不明白“{words}”。你可以这样写：", "/settings 07:30 – 每日推送的时间"]),
    ],
)
async def test_nonsense_is_answered_with_examples_and_changes_nothing(
    app: BotUnderTest, person: str, lines: list[str]
) -> None:
    who = getattr(app, person)
    await app.say(who, "/start")
    planned = {"next_week_at"}  # by the bot's own clock, sooner or later
    before = (await app.chat(who)).model_dump(exclude=planned)
    for words in NONSENSE:
        answer = await app.say(who, f"/settings {words}")
        for line in lines:
            assert line.format(words=words[:100]) in answer.text, words
        assert (await app.chat(who)).model_dump(exclude=planned) == before, words


async def test_the_next_push_follows_the_new_time_and_zone(app: BotUnderTest) -> None:
    await app.say(app.ada, "/settings Tokyo")
    await app.say(app.ada, "/settings 07:30")
    due = (await app.chat(app.ada)).next_push_at
    assert due.astimezone(ZoneInfo("Asia/Tokyo")).time() == time(7, 30)
    assert utc_now() < due <= utc_now() + timedelta(days=1)


async def test_never_two_pushes_on_one_date_though_the_time_was_changed(app: BotUnderTest) -> None:
    await app.say(app.ada, "/start")
    today = datetime.now(UTC).date()
    await app.change(app.ada, last_push_on=today)
    await app.say(app.ada, "/settings 23:59")
    assert (await app.chat(app.ada)).next_push_at.date() == today + timedelta(days=1)


@pytest.mark.parametrize(
    ("person", "pause", "resume", "paused"),
    [
        ("ada", "⏸ Pause", "▶️ Resume", "⏸ Paused. Nothing is sent until you resume."),
        ("lin", "⏸ 暂停", "▶️ 恢复", "⏸ 已暂停，恢复之前不会推送。"),
    ],
)
async def test_pause_holds_pushes_back_and_resume_brings_them_all(
    app: BotUnderTest, person: str, pause: str, resume: str, paused: str
) -> None:
    who = getattr(app, person)
    await app.follow(who, "transformer")
    await app.say(who, "/settings")
    assert paused in (await app.tap(who, pause)).text
    stored = await app.chat(who)
    assert stored.state is ChatState.PAUSED
    assert await app.push(now=stored.next_push_at) == 0
    assert paused not in (await app.tap(who, resume)).text
    assert await app.push(now=(await app.chat(who)).next_push_at) == 2


async def test_a_language_that_the_engines_lost_is_still_called_by_its_name(
    app: BotUnderTest,
) -> None:
    await app.say(app.ada, "/start")
    await app.change(app.ada, language="be")
    assert "Abstracts: Беларуская" in (await app.say(app.ada, "/settings")).text

"""The application's callback routes: what they send never changes, and each tap has one handler."""

import re
from collections import Counter
from datetime import date
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from telegram.ext import CallbackQueryHandler

import bot.handlers
from bot.container import telegram_bot
from bot.conversation import topic_card
from bot.digest.request import DigestRequest
from bot.handlers import (
    admin,
    digest,
    saved,
    search,
    settings_menu,
    similar,
    start,
    stop,
    subscribe,
    taste,
    topic,
    topics,
    transfer,
)
from bot.playground.telegram.stand_in import FakeTelegram
from bot.playground.telegram.world import Message
from bot.query.categories import FIELDS, TREE
from bot.query.presets import PRESETS, whole_field
from bot.runtime.application import application
from bot.settings.model import load
from bot.telegram import routes
from bot.telegram.callback_data import Route
from bot.telegram.keyboards import field_place
from bot.telegram.topic_mark import TopicMark
from tests.bot_under_test import BotUnderTest, open_bot

ADA = 700_000_001
OLD = "hep-th/9901001"
CHOICES = {"position": 3, "cap": 5, "muted": True, "paused": False}
OLDER, MARK = TopicMark(7, ""), TopicMark(7, "a_b-c_d-")
NOTHING = {"position": 0, "cap": None, "muted": False, "paused": True}

SENT: list[tuple[Route[*tuple[Any, ...]], tuple[Any, ...], str]] = [
    (routes.PICK, (), "pick"),
    (routes.PICK_PRESET, ("nerf",), "pick:nerf"),
    (routes.PICK_PRESET, ("cat.cs.CV",), "pick:cat.cs.CV"),
    (routes.FIELD, ("", 0), "field::0"),
    (routes.FIELD, ("cond-mat", 1), "field:cond-mat:1"),
    (routes.FOLLOW, (OLDER, ""), "follow:7:"),
    (routes.FOLLOW, (OLDER, "nerf"), "follow:7:nerf"),
    (routes.FOLLOW, (MARK, "nerf"), "follow:7-a_b-c_d-:nerf"),
    (routes.TOPICS, (), "topics"),
    (routes.TOPICS_PAGE, (2,), "topics:2"),
    (routes.TOPIC, (7,), "topic:7"),
    (routes.SHARE, (7,), "share:7"),
    (routes.DROP, (7,), "drop:7"),
    (routes.SETTINGS, ("",), "set:"),
    (routes.SETTINGS, ("time",), "set:time"),
    (routes.LOCATION, (), "set:where"),
    (routes.MORE_LIKE, (OLD,), "paper:more:hep-th/9901001"),
    (routes.AUTHORS, (OLD,), "paper:authors:hep-th/9901001"),
    (similar.AUTHOR, (OLD, 3), "author:hep-th/9901001:3"),
    (routes.LOOK, (MARK,), "look:7-a_b-c_d-"),
    (routes.ELSEWHERE, (), "set:elsewhere"),
    (subscribe.HERE, ("Etc/GMT-8",), "here:Etc/GMT-8"),
    (subscribe.HERE, ("America/Argentina/Buenos_Aires",), "here:America/Argentina/Buenos_Aires"),
    (routes.PUT, ("time", "07:30"), "put:time:07:30"),
    (routes.PUT, ("zone", "America/New_York"), "put:zone:America/New_York"),
    (routes.MANAGE, (0,), "manage:0"),
    (routes.SHOW_PAPER, ("2406.11840",), "show:2406.11840"),
    (routes.SHOW_PAPER, (OLD,), "show:hep-th/9901001"),
    (routes.SWITCH_PAPER, ("original", OLD), "paper:original:hep-th/9901001"),
    (routes.SWITCH_PAPER, ("translated", OLD), "paper:translated:hep-th/9901001"),
    (routes.MARK_PAPER, ("save", OLD), "paper:save:hep-th/9901001"),
    (routes.MARK_PAPER, ("unsave", OLD), "paper:unsave:hep-th/9901001"),
    (routes.MARK_PAPER, ("less", OLD), "paper:less:hep-th/9901001"),
    (routes.MARK_PAPER, ("undo", OLD), "paper:undo:hep-th/9901001"),
    (routes.NOTE_PAPER, (OLD,), "paper:note:hep-th/9901001"),
    (routes.CITE_PAPER, (OLD,), "paper:cite:hep-th/9901001"),
    (routes.STYLE, ("brief",), "style:brief"),
    (routes.SETTINGS_BELOW, ("papers",), "below:set:papers"),
    (routes.TOPIC_BELOW, (7,), "below:topic:7"),
    (routes.DIGEST_BELOW, (), "below:digest"),
    (routes.SUMMARY_PAPER, (OLD,), "paper:ai:hep-th/9901001"),
    (admin.RELEASE, (0,), "admin:release:0"),
    (admin.SEND, (4,), "admin:send:4"),
    (admin.DISCARD, (4,), "admin:discard:4"),
    (digest.AGAIN, (DigestRequest(),), "digest:0::"),
    (
        digest.AGAIN,
        (DigestRequest(7, days=30, language="zh-CN", detailed=True),),
        "digest:7:30d:zh-CN:+",
    ),
    (digest.AGAIN, (DigestRequest(day=date(2026, 11, 20)),), "digest:0:2026-11-20:"),
    (digest.CHOOSE, ("topics", DigestRequest(days=7)), "digestby:topics:0:7d:"),
    (digest.CHOOSE, ("languages", DigestRequest()), "digestby:languages:0::"),
    (digest.CHOOSE, ("back", DigestRequest(detailed=True)), "digestby:back:0:::+"),
    (digest.PAGE, (DigestRequest(7, 1),), "page:7:1d:"),
    (digest.CANCEL, (), "undigest"),
    (saved.TURN, (0, ""), "kept:0:"),
    (saved.TURN, (5, "object pose: 3D"), "kept:5:object pose: 3D"),
    (saved.EXPORT, ("bib",), "kept:bib"),
    (saved.EXPORT, ("ris",), "kept:ris"),
    (saved.EXPORT_FOUND, ("bib", "object pose"), "kept:bib:object pose"),
    (stop.AWAY, (14,), "away:14"),
    (stop.BACK, ("2027-01-10",), "back:2027-01-10"),
    (saved.EXPORT, ("md",), "kept:md"),
    (search.CANCEL, (), "unsearch"),
    (search.AGAIN, (MARK,), "again:7-a_b-c_d-"),
    (search.TURN, (OLDER, 5), "found:7:5"),
    (routes.TASTE, (), "taste"),
    (taste.TELL, (), "taste:tell"),
    (taste.CHOOSE, (2,), "taste:choose:2"),
    (taste.LIKE, ("2406.11840",), "taste:like:2406.11840"),
    (taste.UNLIKE, ("2406.11840",), "taste:unlike:2406.11840"),
    (taste.FORGET, (), "taste:forget"),
    (routes.LEARN_LIST, ("0123456789abcdef",), "learnlist:0123456789abcdef"),
    (routes.PICK_BESIDE, (7, "cat.cs.CV"), "beside:7:cat.cs.CV"),
    (routes.PICK_INSTEAD, (MARK, "cat.cs.CV"), "instead:7-a_b-c_d-:cat.cs.CV"),
    (search.RANKED, (MARK, 5), "ranked:7-a_b-c_d-:5"),
    (saved.RANKED, (5, "object pose"), "keptby:5:object pose"),
    (search.TURN, (MARK, 5), "found:7-a_b-c_d-:5"),
    (settings_menu.SAMPLE, (), "set:rich"),
    (start.CHOOSE, ("zh-CN",), "start:zh-CN"),
    (start.LANGUAGE, (), "language"),
    (start.MORE_LANGUAGES, (), "languages"),
    (routes.FORGET, (), "forget"),
    (routes.KEEP, (), "unforget"),
    (routes.SEND_NOW, (), "now"),
    (topic_card.RENAME, (7,), "rename:7"),
    (topic_card.EDIT, (7,), "edit:7"),
    (topic.REPLACE, (8, OLDER), "swap:8:7"),
    (topic.REPLACE, (8, MARK), "swap:8:7-a_b-c_d-"),
    (topic_card.CHOOSE_CAP, (7,), "cap:7"),
    (topic.CAP, (7, 10), "cap:7:10"),
    (topic_card.SWITCH, (7,), "crosslists:7"),
    (topic_card.MUTE, (7, True), "mute:7:1"),
    (topic_card.PAUSE, (7, False), "hold:7:0"),
    (topic_card.MOVE, (7, "up"), "move:7:up"),
    (topic_card.MOVE, (7, "down"), "move:7:down"),
    (topics.UNDO, (OLDER, CHOICES), "undo:7:3:5:1"),
    (topics.UNDO, (MARK, NOTHING), "undo:7-a_b-c_d-:0:0:2"),
    (topics.UNDO_PLAIN, (7,), "undo:7"),
    (transfer.APPLY, ("0123456789abcdef",), "import:0123456789abcdef"),
    (transfer.APPLY_UNSEEN, (), "import"),
    (routes.CANCEL_FILE, (), "leave"),
    (routes.KEEP_LIST, ("0123456789abcdef",), "keeplist:0123456789abcdef"),
]
"""What stands in the buttons of people's chats, and will be tapped there for years."""

FORGED = [
    "", " ", "x", "pick:", "pick:../../etc", "pick:" + "x" * 33, "field:cs", "field:cs:100",
    "follow:7", "follow:7-abc:", "follow:7-:",
    "follow:-1:", "follow::", "follow:٣:", "topic:" + "9" * 10, "topic:7\n", " topic:7",
    "set:nothing", "set:rich:", "put::", "put:papers:", "put:zone:" + "x" * 51, "manage:",
    "show:2406.11840v1 ", "show:../../etc", "paper:burn:2406.11840", "paper:save:", "kept:0",
    "kept:exe", "kept:0:" + "x" * 41, "digest:", "digest:7", "digestby:all:0::", "found:7",
    "start:", "start:" + "z" * 11, "cap:7:100", "mute:7:2", "hold:7", "move:7:left",
    "undo:7:3:5:4", "undo:7:3", "admin", "admin:release", "admin:drop:1", "forget:yes",
]  # fmt: skip


def declared() -> list[Route[*tuple[Any, ...]]]:
    """Return every route of the bot, each once."""
    names = [f"bot.handlers.{module.name}" for module in iter_modules(bot.handlers.__path__)]
    places = [routes, topic_card, *map(import_module, names)]
    found = [one for place in places for one in vars(place).values() if isinstance(one, Route)]
    return list({route.pattern: route for route in found}.values())


def patterns() -> list[re.Pattern[str]]:
    """Return what the application's handlers of taps take, in their order."""
    offline = telegram_bot(load(None), token="1:a")
    taps = [
        handler
        for handler in application(offline).handlers[0]
        if isinstance(handler, CallbackQueryHandler)
    ]
    *taken, the_rest = [tap.pattern for tap in taps]
    assert the_rest is None, "what nobody knows is answered last"
    return [pattern for pattern in taken if isinstance(pattern, re.Pattern)]


PATTERNS = patterns()


@pytest.mark.parametrize(("route", "values", "data"), SENT, ids=[data for *_, data in SENT])
def test_what_a_button_sends_never_changes(
    route: Route[*tuple[Any, ...]], values: tuple[Any, ...], data: str
) -> None:
    assert route.data(*values) == data
    assert route.parse(data) == values


def test_every_route_is_taken_by_one_handler_and_held_to_what_it_sends() -> None:
    every = {route.pattern for route in declared()}
    assert {route.pattern for route, *_rest in SENT} == every
    assert sorted(map(str, PATTERNS)) == sorted(map(str, every))


def handlers_of(data: str) -> int:
    return sum(pattern.match(data) is not None for pattern in PATTERNS)


def test_a_tap_has_one_handler() -> None:
    assert [data for *_, data in SENT if handlers_of(data) != 1] == []


def test_forged_data_has_no_handler() -> None:
    assert [data for data in FORGED if handlers_of(data)] == []


def test_every_topic_and_field_that_is_offered_fits_a_button() -> None:
    for key in [*(preset.key for preset in PRESETS), *(whole_field(f).key for f in FIELDS)]:
        assert routes.FOLLOW.data(TopicMark(10**9 - 1, "a_b-c_d-"), key).endswith(f":{key}")
        assert routes.PICK_PRESET.data(key) == f"pick:{key}"
    for field in TREE:
        assert field_place(field) if field else field_place()


@given(st.data())
def test_what_a_button_means_is_what_it_was_made_of(data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(declared()))
    sent = data.draw(st.from_regex(route.pattern, fullmatch=True))
    assume(len(sent.encode()) <= 64)
    values = route.parse(sent)
    assert route.parse(route.data(*values)) == values
    assert [pattern for pattern in PATTERNS if pattern.match(sent)] == [route.pattern]


SAID = (
    "/saved", "/topics", "/start", "transformer", "/subscribe", "/search nerf", "/latest 3",
    "/saved words", "/search", "/digest", "/settings", "/status", "/channels", "/unsubscribe",
    "/stop", "/forget", "/admin broadcast Hello", "transformer zyzzyva",
    "/search transformer zyzzyva",
)  # fmt: skip
TAPS_OF_A_KIND = 4
UNDER_WAY = ("🔎", "⏳")
UNREACHED = {
    "admin:release:0": "what was given up; see test_admin",
    "below:digest": "a push by the clock; see test_below_push",
    "below:set:papers": "a push by the clock; see test_below_push",
    "below:topic:7": "a push by the clock; see test_below_push",
    "style:brief": "a push by the clock; see test_below_push",
    "crosslists:7": "a topic with a category; see test_topic",
    "import": "no button is made so any more",
    "import:0123456789abcdef": "a file; see test_transfer",
    "keeplist:0123456789abcdef": "a file; see test_reading_list",
    "learnlist:0123456789abcdef": "a file; see test_reading_list",
    "leave": "a file; see test_transfer",
    "taste:forget": "what was learned; see test_taste",
    "away:14": "no button is made so any more",
    "swap:8:7": "no button is made so any more",
    "swap:8:7-a_b-c_d-": "what is typed in answer to a question; see test_topic",
    "keptby:5:object pose": "what was searched among what is kept; see test_papers",
    "kept:bib:object pose": "what was searched among what is kept; see test_papers",
    "undigest": "a slow digest; see test_digest",
    "undo:7": "no button is made so any more",
    "paper:ai:hep-th/9901001": "there are no summaries unless LLM_SUMMARY is on",
}


@pytest.mark.slow
async def test_every_button_of_every_screen_has_one_handler(
    telegram: FakeTelegram, tmp_path: Path, empty_database: Path
) -> None:
    """Ada, who runs the bot and so is not told to slow down, says and taps whatever there is."""
    taps: Counter[str] = Counter()
    async with open_bot(telegram, folder=tmp_path, empty=empty_database, admins=str(ADA)) as app:
        await app.say(app.ada, "/start")
        await app.tap(app.ada, "✓ English")
        await app.follow(app.ada, "transformer")
        await app.follow(app.ada, "nerf")
        await app.say(app.ada, "/topics")
        await app.tap(app.ada, "nerf")
        await app.tap(app.ada, "🔢 Papers at a time")
        await app.say(app.ada, "/latest 1")
        (paper_id,) = app.papers(app.ada)
        await app.say(app.ada, paper_id)
        await app.tap(app.ada, "☆ Save")
        telegram.add_bot(app.ada, telegram.world.add_channel("Papers of the lab", [app.ada]))
        for words in (paper_id, *SAID):
            await app.change(app.ada, language="zh-CN", managing_id=None)
            telegram.send_text(app.ada, app.ada, words)
            await all_is_answered(app)
            while offered := buttons_of(app.shown(app.ada)):
                taps.update({kind_of(data): 0 for _message, data in offered})
                message, data = min(offered, key=lambda button: taps[kind_of(button[1])])
                if taps[kind_of(data)] == TAPS_OF_A_KIND:
                    break
                taps[kind_of(data)] += 1
                telegram.tap(app.ada, message, data)
                await all_is_answered(app)
        assert not any("Sorry" in message.text for message in app.shown(app.ada))
    assert {data for *_rest, data in SENT if kind_of(data) not in taps} == set(UNREACHED)


def buttons_of(messages: list[Message]) -> list[tuple[Message, str]]:
    """Return the buttons of messages, the newest first."""
    return [
        (message, button["callback_data"])
        for message in reversed(messages)
        for row in message.keyboard
        for button in row
        if "callback_data" in button
    ]


def kind_of(data: str) -> str:
    """Return of which kind a button is: of its one route; each page of /settings is a kind."""
    (pattern,) = [pattern for pattern in PATTERNS if pattern.match(data)]
    return data if pattern == routes.SETTINGS.pattern else pattern.pattern


async def all_is_answered(app: BotUnderTest) -> None:
    """Wait for an answer, as a chat's words are handled in their order, and for what is under way.

    Whatever takes long is shown as such.
    """
    before = len(app.shown(app.ada))
    app.telegram.send_text(app.ada, app.ada, "/help")
    await app.until(lambda: any("/unsubscribe" in m.text for m in app.shown(app.ada)[before:]))
    await app.until(
        lambda: (
            not any(
                line.startswith(UNDER_WAY)
                for m in app.shown(app.ada)
                for line in m.text.split("\n")
            )
        )
    )
